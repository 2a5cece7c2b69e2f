#include "reference/fit_outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace assay::reference {
namespace {

using Store = void (*)(double value, uint8_t* into);
template <class T>
void store(double value, uint8_t* into) {
  T typed;
  if constexpr (std::numeric_limits<T>::is_integer) {
    typed = static_cast<T>(std::clamp(std::round(value), static_cast<double>(std::numeric_limits<T>::min()),
                                      static_cast<double>(std::numeric_limits<T>::max())));
  } else {
    typed = static_cast<T>(value);
  }
  std::memcpy(into, &typed, sizeof typed);
}

struct Target {
  ElementType type;
  Store store;
};
constexpr Target kTargets[] = {{ElementType::kFloat32, store<float>},
                               {ElementType::kInt8, store<int8_t>},
                               {ElementType::kUint8, store<uint8_t>},
                               {ElementType::kInt16, store<int16_t>},
                               {ElementType::kInt32, store<int32_t>}};

bool is_real(ElementType type) { return type == ElementType::kFloat32 || type == ElementType::kFloat64; }

TensorRows converted(const TensorRows& rows, const TensorInfo& info, const Target& target) {
  TensorRows result{info, {}};
  const size_t from = element_size(rows.info.type), to = element_size(info.type),
               count = rows.data.size() / from;
  result.data.resize(count * to);
  for (size_t i = 0; i < count; ++i) {
    double value = stored_value(rows.info.type, &rows.data[i * from]);
    if (info.scale > 0) value = value / info.scale + static_cast<double>(info.zero_point);
    target.store(value, &result.data[i * to]);
  }
  return result;
}

tl::unexpected<Error> misfit(const TensorRows& rows, const Job& job) {
  return fail("reference.shape",
              fmt::format("{} gives {} {} for each sample, the model {} {}", job.id, rows.info.shape(),
                          element_name(rows.info.type), job.deployed_output->shape(),
                          element_name(job.deployed_output->type)),
              job.model.string(),
              "A reference gives real values, or integers of the deployed model's own output type.");
}

}  // namespace

Result<TensorRows> fit_outputs(TensorRows rows, const Job& job) {
  if (!job.deployed_output) return rows;
  const TensorInfo& deployed = *job.deployed_output;
  if (rows.info.elements() != deployed.elements()) return misfit(rows, job);
  if (!is_real(rows.info.type)) {
    if (rows.info.type != deployed.type) return misfit(rows, job);
    if (rows.info.scale == 0) rows.info = deployed;
    return rows;
  }
  TensorInfo info = deployed;
  if (job.level == "R0" || deployed.scale == 0) {
    info.type = ElementType::kFloat32;
    info.scale = 0;
    info.zero_point = 0;
  }
  if (rows.info.type == info.type) {
    rows.info = info;
    return rows;
  }
  for (const Target& target : kTargets) {
    if (target.type == info.type) return converted(rows, info, target);
  }
  return misfit(rows, job);
}

}  // namespace assay::reference
