#include "dataset/quantise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace assay::dataset {
namespace {

std::vector<int64_t> without_ones(const std::vector<int64_t>& dims) {
  std::vector<int64_t> kept;
  for (int64_t dim : dims) {
    if (dim != 1) kept.push_back(dim);
  }
  return kept;
}

// The stored tensor as the model sees it: flat rows take the model's shape, raw bytes also its type.
Result<TensorInfo> shape_stored(const Dataset& dataset, const TensorInfo& input, const TensorInfo* deployed) {
  TensorInfo stored = dataset.inputs.info;
  if (dataset.untyped) {
    // Bytes: of the model that they were stored for, or, where no type is known, unsigned.
    if (dataset.quantised) stored.type = deployed ? deployed->type : input.type;
    const auto size = static_cast<int64_t>(element_size(stored.type));
    const int64_t bytes = stored.dims.back();
    stored.dims = {1, bytes / size + (bytes % size != 0 ? 1 : 0)};
  }
  const auto have = without_ones(stored.dims), want = without_ones(input.dims);
  const bool flat = have.size() <= 1;
  if (stored.elements() != input.elements() || (!flat && have != want)) {
    return fail("dataset.shape",
                fmt::format("samples are {} {} ({} values), the model's input is {} {} ({} values)",
                            stored.shape(), element_name(stored.type), stored.elements(), input.shape(),
                            element_name(input.type), input.elements()),
                dataset.name,
                "Use the dataset that this model was made for, or set `type` in [data] for raw files.");
  }
  stored.dims = input.dims;
  return stored;
}

struct Range {
  double low, high;
};
template <class T>
Range range() {
  return {static_cast<double>(std::numeric_limits<T>::lowest()),
          static_cast<double>(std::numeric_limits<T>::max())};
}

using Store = void (*)(double value, uint8_t* into);
template <class T>
void store(double value, uint8_t* into) {
  const T typed = static_cast<T>(value);
  std::memcpy(into, &typed, sizeof typed);
}

struct Target {
  ElementType type;
  Store store;
  Range range;
  bool integer;
};
const Target kTargets[] = {
    {ElementType::kFloat32, store<float>, range<float>(), false},
    {ElementType::kInt8, store<int8_t>, range<int8_t>(), true},
    {ElementType::kUint8, store<uint8_t>, range<uint8_t>(), true},
    {ElementType::kInt16, store<int16_t>, range<int16_t>(), true},
    {ElementType::kInt32, store<int32_t>, range<int32_t>(), true},
};

Result<const Target*> target_of(const TensorInfo& input, const std::string& name) {
  for (const Target& target : kTargets) {
    if (target.type != input.type) continue;
    if (target.integer && !(input.scale > 0)) {
      return fail(
          "dataset.type",
          fmt::format("the model's {} input states no scale, so real values cannot be quantised for it",
                      element_name(input.type)),
          name, "Set `quantised = true` in [data] if the stored integers are the model's own.");
    }
    return &target;
  }
  return fail("dataset.type", fmt::format("no way to make {} inputs", element_name(input.type)), name,
              "Use a model whose input is float32, int8, uint8, int16 or int32.");
}

// One value per index of the last dimension.
struct Scaling {
  std::vector<double> scale, zero_point;
};

Result<Scaling> scaling_of(const Dataset& dataset, const TensorInfo& stored, const TensorInfo* deployed) {
  const auto channels = static_cast<size_t>(stored.dims.empty() ? 1 : stored.dims.back());
  if (dataset.quantised) {
    if (!deployed || !(deployed->scale > 0) || deployed->type != stored.type) {
      return fail(
          "dataset.type",
          fmt::format(
              "samples are stored as {} of the deployed model; without its scale they have no real values",
              element_name(stored.type)),
          dataset.name, "Name the quantised model as `file` in [model].");
    }
    return Scaling{std::vector<double>(channels, deployed->scale),
                   std::vector<double>(channels, static_cast<double>(deployed->zero_point))};
  }
  Scaling scaling{dataset.scale, dataset.zero_point};
  if (scaling.scale.empty()) scaling = {{1.0}, {0.0}};
  if (scaling.scale.size() == 1) {
    scaling.scale.assign(channels, scaling.scale[0]);
    scaling.zero_point.assign(channels, scaling.zero_point[0]);
  }
  if (scaling.scale.size() != channels) {
    return fail("dataset.type",
                fmt::format("channel_scale has {} values, the input {} has {} channels", scaling.scale.size(),
                            stored.shape(), channels),
                dataset.name, "Write one value per index of the last dimension.");
  }
  return scaling;
}

bool same_quantisation(const TensorInfo& a, const TensorInfo& b) {
  return a.type == b.type && a.scale == b.scale && a.zero_point == b.zero_point;
}

}  // namespace

Result<TensorRows> quantise_inputs(const Dataset& dataset, const TensorInfo& input,
                                   const TensorInfo* deployed) {
  ASSAY_TRY(const TensorInfo stored, shape_stored(dataset, input, deployed));
  TensorRows rows;
  rows.info = input;
  if (dataset.quantised &&
      (deployed ? same_quantisation(*deployed, input) : stored.type != ElementType::kFloat32)) {
    if (stored.type != input.type) {
      return fail("dataset.type",
                  fmt::format("samples are stored as {} of the model, whose input is {}",
                              element_name(stored.type), element_name(input.type)),
                  dataset.name,
                  "Remove `quantised` from [data] and state `scale`, or use the model that takes these.");
    }
    rows.data = dataset.inputs.data;
    return rows;
  }
  ASSAY_TRY(const Target* target, target_of(input, dataset.name));
  ASSAY_TRY(const Scaling scaling, scaling_of(dataset, stored, deployed));
  const size_t from = element_size(stored.type), to = element_size(input.type),
               channels = scaling.scale.size();
  const size_t count = dataset.inputs.data.size() / from;
  rows.data.resize(count * to);
  for (size_t i = 0; i < count; ++i) {
    const size_t channel = i % channels;
    const double value = stored_value(stored.type, dataset.inputs.data.data() + i * from);
    double out = (value - scaling.zero_point[channel]) * scaling.scale[channel];
    if (target->integer) out = std::round(out / input.scale) + static_cast<double>(input.zero_point);
    target->store(std::clamp(out, target->range.low, target->range.high), rows.data.data() + i * to);
  }
  return rows;
}

}  // namespace assay::dataset
