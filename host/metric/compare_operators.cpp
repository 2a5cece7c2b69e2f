#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "metric/compare_parts.h"

namespace assay::metric {
namespace {

using results::ComparedOperator;
using results::Layer;
namespace word = results::word;

// Operators of one kind and shape are matched in their order.
using Key = std::tuple<std::string, std::string, int>;

std::vector<Key> keys_of(const std::vector<Layer>& layers) {
  std::map<std::pair<std::string, std::string>, int> seen;
  std::vector<Key> keys;
  for (const Layer& layer : layers) {
    const std::pair<std::string, std::string> kind{layer.op, layer.output_shape};
    keys.emplace_back(kind.first, kind.second, seen[kind]++);
  }
  return keys;
}

std::string word_of(const ComparedOperator& row, bool exact, double relative) {
  if (!row.delta) return word::kNoEvidence;
  if (*row.delta == 0) return word::kIdentical;
  if (!exact && std::abs(*row.delta) <= relative * std::abs(*row.before)) return word::kWithin;
  return *row.delta < 0 ? word::kBetter : word::kWorse;
}

}  // namespace

std::vector<ComparedOperator> compare_operators(const Side& before, const Side& now,
                                                const Differences& differences,
                                                const CompareOptions& options) {
  if (before.layers.empty() || now.layers.empty()) return {};  // a baseline keeps none
  const auto keys_before = keys_of(before.layers), keys_now = keys_of(now.layers);
  const bool blocked = differences.blocked(Touched::kOperators);
  const bool host = now.identity.mode == "process";
  const bool exact = now.identity.clock_kind.starts_with("instructions") && now.identity.mode == "exact";
  std::vector<ComparedOperator> rows;
  std::map<Key, size_t> row_of;
  for (size_t i = 0; i < now.layers.size(); ++i) {
    const Layer& layer = now.layers[i];
    row_of[keys_now[i]] = rows.size();
    rows.push_back({.index_now = layer.index,
                    .op = layer.op,
                    .output_shape = layer.output_shape,
                    .kernel_now = layer.kernel,
                    .now = layer.median});
  }
  for (size_t i = 0; i < before.layers.size(); ++i) {
    const Layer& layer = before.layers[i];
    const auto found = row_of.find(keys_before[i]);
    if (found == row_of.end()) {
      rows.push_back({.index_before = layer.index,
                      .op = layer.op,
                      .output_shape = layer.output_shape,
                      .kernel_before = layer.kernel,
                      .before = layer.median});
      continue;
    }
    ComparedOperator& row = rows[found->second];
    row.index_before = layer.index, row.kernel_before = layer.kernel, row.before = layer.median;
  }
  for (ComparedOperator& row : rows) {
    const bool both = row.index_before >= 0 && row.index_now >= 0;
    if (both && !blocked && row.before && row.now) row.delta = *row.now - *row.before;
    row.word = !both                                  ? (row.index_now < 0 ? "only before" : "only now")
               : blocked                              ? word::kNotComparable
               : differences.incomplete()             ? word::kNoEvidence
               : host && row.delta && *row.delta != 0 ? word::kNoEvidence
                                                      : word_of(row, exact, options.relative);
  }
  return rows;
}

}  // namespace assay::metric
