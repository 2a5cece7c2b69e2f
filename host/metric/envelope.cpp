#include "metric/envelope.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::metric {
namespace {

Status check_same(const TensorInfo& a, size_t a_bytes, const TensorInfo& b, size_t b_bytes) {
  const bool same = a.type == b.type && a.elements() == b.elements() && a.scale == b.scale &&
                    a.zero_point == b.zero_point && a_bytes == b_bytes;
  if (same) return {};
  return fail("metric.not_comparable",
              fmt::format("output {} {} scale {} ({} bytes) differs from {} {} scale {} ({} bytes)",
                          element_name(a.type), a.shape(), a.scale, a_bytes, element_name(b.type), b.shape(),
                          b.scale, b_bytes));
}

}  // namespace

std::optional<int> Envelope::max_lsb() const {
  if (info.scale == 0) return std::nullopt;
  double widest = 0;
  for (size_t i = 0; i < lo.size(); ++i) widest = std::max(widest, hi[i] - lo[i]);
  return static_cast<int>(widest);
}

Result<Envelope> envelope_of(std::span<const TensorRows* const> members) {
  if (members.empty()) return fail("metric.not_comparable", "an envelope needs at least one desktop runtime");
  const TensorRows& first = *members[0];
  Envelope envelope{.info = first.info};
  const size_t size = element_size(first.info.type), count = first.data.size() / size;
  for (size_t i = 0; i < count; ++i)
    envelope.lo.push_back(stored_value(first.info.type, &first.data[i * size]));
  envelope.hi = envelope.lo;
  for (const TensorRows* member : members) {
    ASSAY_CHECK(check_same(first.info, first.data.size(), member->info, member->data.size()));
    for (size_t i = 0; i < count; ++i) {
      const double value = stored_value(member->info.type, &member->data[i * size]);
      envelope.lo[i] = std::min(envelope.lo[i], value);
      envelope.hi[i] = std::max(envelope.hi[i], value);
    }
  }
  return envelope;
}

Result<std::vector<uint8_t>> samples_outside(const Envelope& envelope, const TensorRows& rows) {
  const size_t size = element_size(rows.info.type);
  ASSAY_CHECK(check_same(envelope.info, envelope.lo.size() * element_size(envelope.info.type), rows.info,
                         rows.data.size()));
  std::vector<uint8_t> outside(rows.rows(), 0);
  const size_t elements = static_cast<size_t>(rows.info.elements());
  for (size_t i = 0; i < envelope.lo.size(); ++i) {
    const double value = stored_value(rows.info.type, &rows.data[i * size]);
    if (!(value >= envelope.lo[i] && value <= envelope.hi[i])) outside[i / elements] = 1;
  }
  return outside;
}

}  // namespace assay::metric
