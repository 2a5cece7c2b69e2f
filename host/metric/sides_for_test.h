// Output tensors of a few samples, written by eye.
#pragma once

#include <cstring>
#include <vector>

#include "base/tensor.h"

namespace assay::metric {

// int8 outputs, real = (q + 128) / 256, as after SOFTMAX.
inline TensorRows int8_rows(const std::vector<std::vector<int>>& rows, double scale = 1.0 / 256,
                            int64_t zero_point = -128) {
  TensorRows tensor;
  tensor.info = {.type = ElementType::kInt8,
                 .dims = {1, static_cast<int64_t>(rows.at(0).size())},
                 .scale = scale,
                 .zero_point = zero_point};
  for (const auto& row : rows) {
    for (int q : row) tensor.data.push_back(static_cast<uint8_t>(static_cast<int8_t>(q)));
  }
  return tensor;
}

inline TensorRows float_rows(const std::vector<std::vector<float>>& rows) {
  TensorRows tensor;
  tensor.info = {.type = ElementType::kFloat32, .dims = {1, static_cast<int64_t>(rows.at(0).size())}};
  for (const auto& row : rows) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(row.data());
    tensor.data.insert(tensor.data.end(), bytes, bytes + row.size() * sizeof(float));
  }
  return tensor;
}

// One int8 row a sample whose highest score is the given class of `classes`.
inline TensorRows answers(const std::vector<int>& tops, int classes) {
  std::vector<std::vector<int>> rows;
  for (int top : tops) {
    rows.emplace_back(static_cast<size_t>(classes), -128);
    rows.back()[static_cast<size_t>(top)] = 100;
  }
  return int8_rows(rows);
}

}  // namespace assay::metric
