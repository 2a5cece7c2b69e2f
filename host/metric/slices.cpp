#include "metric/slices.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "metric/classification.h"
#include "metric/statistics.h"

namespace assay::metric {
namespace {

constexpr double kAlpha = 0.05;  // family-wise, over all sufficient slices

// A slice while its samples are counted.
struct Slot {
  results::SliceRow row;
  int64_t right_reference = 0, right_device = 0;
};

void count(const SliceInput& in, size_t sample, Slot& slot) {
  const int label = in.labels[sample], reference = in.reference[sample], device = in.device[sample];
  const FlipKind kind = flip_kind(label, reference, device);
  ++slot.row.support;
  slot.right_reference += label == reference;
  slot.right_device += label == device;
  slot.row.broken += kind == FlipKind::kBroken;
  slot.row.fixed += kind == FlipKind::kFixed;
  slot.row.both_wrong += kind == FlipKind::kBothWrong;
}

// One slot a value, in the order in which they occur; false when the column has too many of them.
bool count_column(const SliceInput& in, const SliceColumn& column, std::vector<Slot>& slots) {
  std::unordered_map<std::string_view, size_t> places;
  std::vector<Slot> own;
  for (size_t i = 0; i < in.labels.size(); ++i) {
    const auto [place, fresh] = places.try_emplace(column.values[i], own.size());
    if (fresh) {
      if (own.size() == kMostSlices) return false;
      own.push_back({.row = {.column = column.name, .value = column.values[i]}});
    }
    count(in, i, own[place->second]);
  }
  slots.insert(slots.end(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
  return true;
}

void finish(Slot& slot, uint64_t seed) {
  results::SliceRow& row = slot.row;
  row.sufficient = row.support >= kSufficientSupport;
  if (row.support == 0) return;
  const auto support = static_cast<double>(row.support);
  row.accuracy_reference = static_cast<double>(slot.right_reference) / support;
  row.accuracy_device = static_cast<double>(slot.right_device) / support;
  row.delta = static_cast<double>(row.fixed - row.broken) / support;
  const Interval interval = delta_interval(row.broken, row.fixed, row.support, seed);
  row.delta_lo = interval.lo, row.delta_hi = interval.hi;
  if (row.sufficient) row.p = mcnemar_exact_p(row.broken, row.fixed);
}

void correct(std::vector<Slot>& slots) {
  std::vector<double> p;
  for (const Slot& slot : slots) {
    if (slot.row.p) p.push_back(*slot.row.p);
  }
  const std::vector<double> corrected = holm(p);
  size_t next = 0;
  for (Slot& slot : slots) {
    if (!slot.row.p) continue;
    slot.row.p_holm = corrected[next++];
    slot.row.worse = *slot.row.p_holm < kAlpha && slot.row.broken > slot.row.fixed;
  }
}

bool comes_before(const results::SliceRow& a, const results::SliceRow& b) {
  if (a.worse != b.worse) return a.worse;
  if (a.worse && *a.p_holm != *b.p_holm) return *a.p_holm < *b.p_holm;
  if (a.sufficient != b.sufficient) return a.sufficient;
  return a.delta.value_or(1) < b.delta.value_or(1);
}

Status check(const SliceInput& in) {
  const size_t n = in.labels.size();
  if (n == 0) return fail("metric.bad_observations", "slices need labelled samples: there are none");
  const auto differs = [&](const std::string& what, size_t size) {
    return fail("metric.bad_observations", fmt::format("{} entries of {} for {} samples", size, what, n));
  };
  if (in.reference.size() != n) return differs("the reference", in.reference.size());
  if (in.device.size() != n) return differs("the device", in.device.size());
  for (const SliceColumn& column : in.columns) {
    if (column.values.size() != n) return differs("column " + column.name, column.values.size());
  }
  for (const NamedSlice& named : in.named) {
    if (named.member.size() != n) return differs("slice " + named.name, named.member.size());
  }
  return {};
}

}  // namespace

Result<std::vector<results::SliceRow>> slice_rows(const SliceInput& input,
                                                  std::vector<std::string>* left_out) {
  ASSAY_CHECK(check(input));
  std::vector<Slot> slots;
  for (const NamedSlice& named : input.named) {
    Slot slot{.row = {.value = named.name}};
    for (size_t i = 0; i < named.member.size(); ++i) {
      if (named.member[i]) count(input, i, slot);
    }
    slots.push_back(std::move(slot));
  }
  for (const SliceColumn& column : input.columns) {
    if (!count_column(input, column, slots) && left_out) left_out->push_back(column.name);
  }
  for (Slot& slot : slots) finish(slot, input.seed);
  correct(slots);
  std::vector<results::SliceRow> rows;
  for (Slot& slot : slots) rows.push_back(std::move(slot.row));
  std::stable_sort(rows.begin(), rows.end(), comes_before);
  return rows;
}

}  // namespace assay::metric
