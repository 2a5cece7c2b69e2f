#include "reference/check_outputs.h"

#include <fmt/format.h>

#include <cmath>

namespace assay::reference {

Status check_expected(const TensorInfo& info, const Job& job) {
  const bool type_ok = !job.output_type || info.type == *job.output_type;
  if (type_ok && (job.output_elements == 0 || info.elements() == job.output_elements)) return {};
  return fail("reference.shape",
              fmt::format("{} returned {} {} for each sample, the model gives {} elements{}", job.runtime,
                          info.shape(), element_name(info.type), job.output_elements,
                          job.output_type ? fmt::format(" of {}", element_name(*job.output_type)) : ""),
              job.model.string());
}

Status check_finite(const TensorRows& rows, const Job& job) {
  if (rows.info.type != ElementType::kFloat32 && rows.info.type != ElementType::kFloat64) return {};
  const size_t size = element_size(rows.info.type), each = static_cast<size_t>(rows.info.elements());
  for (size_t i = 0; i < rows.data.size() / size; ++i) {
    const double value = stored_value(rows.info.type, &rows.data[i * size]);
    if (std::isfinite(value)) continue;
    return fail(
        "reference.nonfinite",
        fmt::format("{} gives {} for sample {}", job.id, std::isnan(value) ? "NaN" : "infinity", i / each),
        job.model.string());
  }
  return {};
}

}  // namespace assay::reference
