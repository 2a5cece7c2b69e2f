#include "metric/tensor_pairs.h"

#include <fmt/format.h>

#include <algorithm>

#include "metric/statistics.h"
#include "metric/tensor_compare.h"

namespace assay::metric {
namespace {

const TensorRows* side(const Observations& o, std::string_view level) {
  if (level == "R0") return o.r0;
  if (level == "R1") return o.r1.empty() ? nullptr : o.r1[0].outputs;
  return level == "R2" ? o.r2 : o.device;
}

struct PairRow {
  const char *a, *b;
};
constexpr PairRow kPairs[] = {{"R0", "R1"}, {"R1", "R2"}, {"R2", "D"}, {"R0", "D"}};

struct SpreadRow {
  const char* metric;
  std::optional<double> ErrorFigures::*value;
  bool high_is_bad;
};
constexpr SpreadRow kSpreads[] = {
    {"mae", &ErrorFigures::mae, true},         {"rmse", &ErrorFigures::rmse, true},
    {"max_abs", &ErrorFigures::max_abs, true}, {"l2r_ref", &ErrorFigures::l2r_ref, true},
    {"l2r_dev", &ErrorFigures::l2r_dev, true}, {"sqnr_db", &ErrorFigures::sqnr_db, false},
    {"nse", &ErrorFigures::nse, false},        {"cosine", &ErrorFigures::cosine, false},
};

std::string id_of(const Observations& o, int64_t row) {
  const auto at = static_cast<size_t>(row);
  return at < o.ids.size() ? o.ids[at] : std::to_string(row);
}

std::optional<results::SampleSpread> spread_of(const Observations& o, const std::vector<RowFigures>& rows,
                                               const SpreadRow& spread) {
  std::vector<double> values;
  values.reserve(rows.size());
  int64_t worst_row = -1;
  double worst = 0;
  for (const RowFigures& row : rows) {
    const std::optional<double>& value = row.figures.*spread.value;
    if (!value) continue;
    values.push_back(*value);
    if (worst_row < 0 || (spread.high_is_bad ? *value > worst : *value < worst)) {
      worst = *value, worst_row = row.row;
    }
  }
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  return results::SampleSpread{.metric = spread.metric,
                               .n = static_cast<int64_t>(values.size()),
                               .p50 = quantile(values, 0.5),
                               .p95 = quantile(values, spread.high_is_bad ? 0.95 : 0.05),
                               .worst = worst,
                               .worst_sample = id_of(o, worst_row)};
}

void fill(const Observations& o, const TensorMetrics& m, results::TensorPair& pair) {
  pair.elements = m.elements;
  pair.mae = m.mae, pair.bias = m.bias, pair.deviation = m.deviation, pair.rmse = m.rmse;
  pair.max_abs = m.max_abs;
  if (m.max_abs) {
    pair.max_abs_sample = id_of(o, m.max_abs_sample);
    pair.max_abs_index = m.max_abs_sample, pair.max_abs_element = m.max_abs_element;
  }
  pair.exact = m.exact;
  pair.l2r_ref = m.l2r_ref, pair.l2r_dev = m.l2r_dev;
  pair.sqnr_db = m.sqnr_db, pair.nse = m.nse, pair.cosine = m.cosine;
  pair.nan_a = m.nan_reference, pair.nan_b = m.nan_device;
  pair.inf_a = m.inf_reference, pair.inf_b = m.inf_device;
  pair.nonfinite_disagreements = m.nonfinite_disagreements;
}

}  // namespace

Result<std::vector<results::TensorPair>> tensor_pairs(const Observations& observed) {
  std::vector<results::TensorPair> pairs;
  for (const PairRow& row : kPairs) {
    const TensorRows *a = side(observed, row.a), *b = side(observed, row.b);
    if (!a || !b) continue;
    std::vector<RowFigures> rows;
    rows.reserve(a->rows());
    ASSAY_TRY(const TensorMetrics m, compare_tensors(*a, *b, &rows));
    results::TensorPair pair{.a = row.a, .b = row.b, .samples = static_cast<int64_t>(a->rows())};
    fill(observed, m, pair);
    pair.saturation_a = saturation_rate(*a), pair.saturation_b = saturation_rate(*b);
    for (const SpreadRow& spread : kSpreads) {
      if (auto found = spread_of(observed, rows, spread)) pair.per_sample.push_back(std::move(*found));
    }
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

std::vector<results::Issue> nonfinite_findings(const std::vector<results::TensorPair>& pairs) {
  std::vector<results::Issue> issues;
  for (const results::TensorPair& pair : pairs) {
    if (pair.nonfinite_disagreements == 0) continue;
    const bool port = pair.a == "R2" && pair.b == "D";
    issues.push_back(
        {"metric.nonfinite_disagreement", "error",
         fmt::format("{} and {} disagree on NaN or infinity in {} of {} output elements ({} NaN "
                     "and {} infinite in {}, {} and {} in {}){}",
                     pair.a, pair.b, pair.nonfinite_disagreements, pair.elements, pair.nan_a, pair.inf_a,
                     pair.a, pair.nan_b, pair.inf_b, pair.b, port ? ": the port owns this" : "")});
  }
  return issues;
}

}  // namespace assay::metric
