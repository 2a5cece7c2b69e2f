#include "model/tflite_tensor.h"

#include <fmt/format.h>

#include "engine/engine.h"
#include "tflite_generated.h"

namespace assay::model {
namespace {

constexpr int64_t kMaxElements = int64_t{1} << 28;

template <class T>
size_t size_of(const flatbuffers::Vector<T>* vector) {
  return vector ? vector->size() : 0;
}

Result<ElementType> read_type(format::TensorType type, const std::string& tensor, const std::string& where) {
  switch (type) {
    case format::TensorType_FLOAT32:
      return ElementType::kFloat32;
    case format::TensorType_INT8:
      return ElementType::kInt8;
    case format::TensorType_UINT8:
      return ElementType::kUint8;
    case format::TensorType_INT16:
      return ElementType::kInt16;
    case format::TensorType_INT32:
      return ElementType::kInt32;
    case format::TensorType_BOOL:
      return ElementType::kBool;
    case format::TensorType_INT64:
      return ElementType::kInt64;
    default:
      break;
  }
  return fail("model.unsupported_type",
              fmt::format("tensor '{}' has the element type number {}", tensor, static_cast<int>(type)),
              where);
}

Status read_shape(const format::Tensor& from, TensorInfo& info, const std::string& where) {
  const size_t rank = size_of(from.shape());
  if (rank > engine::kMaxRank) {
    return fail("model.bad_shape",
                fmt::format("tensor '{}' has rank {}, more than {}", info.name, rank, engine::kMaxRank),
                where);
  }
  int64_t elements = 1;
  for (size_t d = 0; d < rank; ++d) {
    const int64_t size = from.shape()->Get(static_cast<flatbuffers::uoffset_t>(d));
    // A signature of -1 in the batch means "any batch": the shape beside it says 1.
    const bool open = d > 0 && size_of(from.shape_signature()) == rank &&
                      from.shape_signature()->Get(static_cast<flatbuffers::uoffset_t>(d)) < 0;
    if (size == 0) {
      return fail("model.bad_shape", fmt::format("tensor '{}' is empty: its dimension {} is 0", info.name, d),
                  where);
    }
    if (size < 0 || open) {
      return fail("model.dynamic_shape",
                  fmt::format("dimension {} of tensor '{}' is not fixed", d, info.name), where);
    }
    elements *= size;
    if (elements > kMaxElements) {
      return fail("model.bad_shape",
                  fmt::format("tensor '{}' has more than {} elements", info.name, kMaxElements), where);
    }
    info.dims.push_back(size);
  }
  return {};
}

Status read_quantization(const format::Tensor& from, Tensor& tensor, const std::string& where) {
  const auto* quantization = from.quantization();
  const size_t scales = quantization ? size_of(quantization->scale()) : 0;
  // A float keeps no scale: what a converter left beside it means nothing.
  if (scales == 0 || tensor.info.type == ElementType::kFloat32) return {};
  const size_t zero_points = size_of(quantization->zero_point());
  if (zero_points > scales) {
    return fail(
        "model.bad_quantization",
        fmt::format("tensor '{}' has {} scales and {} zero points", tensor.info.name, scales, zero_points),
        where);
  }
  tensor.info.scale = static_cast<double>(quantization->scale()->Get(0));
  for (size_t i = 0; i < zero_points; ++i) {
    const int64_t zero_point = quantization->zero_point()->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (i == 0) tensor.info.zero_point = zero_point;
    if (zero_point != tensor.info.zero_point) {
      return fail("model.bad_quantization",
                  fmt::format("tensor '{}' has differing zero points", tensor.info.name), where);
    }
  }
  if (scales == 1) return {};
  tensor.channel_scales.assign(quantization->scale()->begin(), quantization->scale()->end());
  const auto axis = static_cast<size_t>(quantization->quantized_dimension());
  if (axis >= tensor.info.dims.size() || tensor.info.dims[axis] != static_cast<int64_t>(scales)) {
    return fail("model.bad_quantization",
                fmt::format("tensor '{}' of shape {} has {} scales along dimension {}", tensor.info.name,
                            tensor.info.shape(), scales, quantization->quantized_dimension()),
                where);
  }
  return {};
}

}  // namespace

Result<Tensor> read_tensor_head(const format::Tensor& from, int index, const std::string& where) {
  Tensor tensor;
  tensor.info.name = from.name() ? from.name()->str() : fmt::format("tensor{}", index);
  ASSAY_TRY(tensor.info.type, read_type(from.type(), tensor.info.name, where));
  ASSAY_CHECK(read_shape(from, tensor.info, where));
  ASSAY_CHECK(read_quantization(from, tensor, where));
  return tensor;
}

}  // namespace assay::model
