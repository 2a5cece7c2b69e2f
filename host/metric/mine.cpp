#include "metric/mine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "metric/classification.h"
#include "metric/statistics.h"

namespace assay::metric {
namespace {

using Members = std::map<std::string_view, std::vector<size_t>>;  // samples of each value

struct Pair {
  std::string columns, values, where;
  std::vector<size_t> samples;
};

Members members_of(const SliceColumn& column) {
  Members members;
  for (size_t i = 0; i < column.values.size(); ++i) members[column.values[i]].push_back(i);
  return members;
}

// The values of two columns that occur together often enough, and are not all of either.
void add_pairs(const SliceColumn& a, const SliceColumn& b, std::vector<Pair>& pairs) {
  const Members of_a = members_of(a), of_b = members_of(b);
  if (of_a.size() < 2 || of_b.size() < 2) return;
  std::map<std::pair<std::string_view, std::string_view>, std::vector<size_t>> both;
  for (size_t i = 0; i < a.values.size(); ++i) both[{a.values[i], b.values[i]}].push_back(i);
  for (auto& [values, samples] : both) {
    const bool sufficient = samples.size() >= static_cast<size_t>(kSufficientSupport);
    const bool same =
        samples.size() == of_a.at(values.first).size() || samples.size() == of_b.at(values.second).size();
    if (!sufficient || same) continue;
    pairs.push_back({fmt::format("{},{}", a.name, b.name), fmt::format("{},{}", values.first, values.second),
                     fmt::format("{}={},{}={}", a.name, values.first, b.name, values.second),
                     std::move(samples)});
  }
}

std::vector<Pair> pairs_of(const std::vector<SliceColumn>& columns, std::vector<std::string>& left_out) {
  std::vector<Pair> pairs;
  for (size_t i = 0; i < columns.size(); ++i)
    for (size_t j = i + 1; j < columns.size(); ++j) add_pairs(columns[i], columns[j], pairs);
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& a, const Pair& b) { return a.samples.size() > b.samples.size(); });
  if (pairs.size() > kMostPairs) {
    left_out.push_back(fmt::format("{} pairs beyond {}", pairs.size() - kMostPairs, kMostPairs));
    pairs.resize(kMostPairs);
  }
  return pairs;
}

// What is expected of a slice that is too small to tell.
struct Rates {
  double flips = 0, delta = 0;
};
Rates rates_of(int64_t broken, int64_t fixed, int64_t n) {
  const auto count = static_cast<double>(std::max<int64_t>(n, 1));
  return {static_cast<double>(broken + fixed) / count, static_cast<double>(fixed - broken) / count};
}

std::string verdict_of(const results::SliceRow& row, double margin) {
  if (!row.sufficient) return "few";
  if (row.worse) return "worse";
  if (row.delta_lo && *row.delta_lo >= -margin) return "holds";
  return row.delta && *row.delta <= -margin ? "lost" : "open";
}

void judge(Finding& finding, const Rates& whole, double margin) {
  const results::SliceRow& row = finding.row;
  finding.verdict = verdict_of(row, margin);
  if (finding.verdict != "open" && finding.verdict != "few") return;
  const Rates own = rates_of(row.broken, row.fixed, row.support);
  const Rates& expected = row.sufficient ? own : whole;
  finding.needed = samples_for_margin(expected.flips, expected.delta, margin);
  // The estimate may call for no more than there are, and yet the interval is what it is.
  if (finding.needed) finding.needed = std::max(*finding.needed, row.support + 1);
}

}  // namespace

std::optional<int64_t> samples_for_margin(double flips, double delta, double margin) {
  if (!(margin + delta > 0)) return std::nullopt;
  const double spread = std::max(flips - delta * delta, 0.0);
  const double paired = kZ95 * kZ95 * spread / ((margin + delta) * (margin + delta));
  return std::max({static_cast<int64_t>(std::ceil(paired)),
                   static_cast<int64_t>(std::ceil(3 / margin - 1e-9)), kSufficientSupport});
}

Result<Mined> mine(const MineInput& input) {
  Mined mined;
  SliceInput slices{input.labels, input.reference, input.device, {}, {}, input.seed};
  for (const SliceColumn& column : input.columns) {
    const size_t values = members_of(column).size();
    if (values > kMostSlices) mined.left_out.push_back(column.name);
    if (values >= 2 && values <= kMostSlices) slices.columns.push_back(column);
  }
  const std::vector<Pair> pairs = pairs_of(slices.columns, mined.left_out);
  for (size_t i = 0; i < pairs.size(); ++i) {
    // By number: named slices carry a name only.
    NamedSlice named{std::to_string(i), std::vector<uint8_t>(input.labels.size())};
    for (const size_t sample : pairs[i].samples) named.member[sample] = 1;
    slices.named.push_back(std::move(named));
  }
  ASSAY_TRY(std::vector<results::SliceRow> rows, slice_rows(slices));
  const FlipCounts all = count_flips(input.labels, input.reference, input.device);
  const Rates whole = rates_of(all.broken, all.fixed, static_cast<int64_t>(input.labels.size()));
  for (results::SliceRow& row : rows) {
    Finding finding{std::move(row)};
    finding.where = finding.row.column + "=" + finding.row.value;
    if (finding.row.column.empty()) {
      const Pair& pair = pairs[std::stoul(finding.row.value)];
      finding.row.column = pair.columns, finding.row.value = pair.values;
      finding.where = pair.where;
      finding.columns = 2;
    }
    judge(finding, whole, input.margin);
    mined.tested += finding.row.p.has_value();
    mined.findings.push_back(std::move(finding));
  }
  return mined;
}

}  // namespace assay::metric
