#include "reference/tensor_json.h"

#include <nlohmann/json.hpp>

namespace assay::reference {

std::optional<TensorInfo> tensor_info(const nlohmann::json& json) {
  constexpr int64_t kMaxElements = int64_t{1} << 28;
  if (!json.is_object()) return std::nullopt;
  const auto type = json.find("type"), dims = json.find("dims");
  if (type == json.end() || !type->is_string() || dims == json.end() || !dims->is_array())
    return std::nullopt;
  const auto element = element_type(type->get<std::string>());
  if (!element) return std::nullopt;
  TensorInfo info;
  info.type = *element;
  int64_t elements = 1;
  for (const auto& dim : *dims) {
    if (!dim.is_number_integer()) return std::nullopt;
    const int64_t value = dim.get<int64_t>();
    if (value < 1 || value > kMaxElements / elements) return std::nullopt;
    elements *= value;
    info.dims.push_back(value);
  }
  if (const auto name = json.find("name"); name != json.end() && name->is_string()) info.name = *name;
  if (const auto scale = json.find("scale"); scale != json.end() && scale->is_number()) info.scale = *scale;
  if (const auto zero = json.find("zero_point"); zero != json.end() && zero->is_number_integer()) {
    info.zero_point = *zero;
  }
  return info;
}

nlohmann::json to_json(const TensorInfo& info) {
  return {{"name", info.name},
          {"type", element_name(info.type)},
          {"dims", info.dims},
          {"scale", info.scale},
          {"zero_point", info.zero_point}};
}

bool adopt_info(TensorRows& rows, const TensorInfo& info) {
  if (rows.info.type != info.type || rows.info.elements() != info.elements()) return false;
  rows.info = info;
  return true;
}

}  // namespace assay::reference
