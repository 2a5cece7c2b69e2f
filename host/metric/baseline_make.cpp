// baseline_of(): what several runs of one subject say together.
#include <fmt/format.h>

#include <algorithm>

#include "metric/baseline_check.h"
#include "metric/compare_parts.h"

namespace assay::metric {
namespace {

using results::NamedFigure;

// Of every run that has the figure.
std::vector<double> values_of(const std::vector<Side>& runs, const std::string& name) {
  std::vector<double> values;
  for (const Side& run : runs)
    for (const NamedFigure& figure : run.figures)
      if (figure.name == name) values.push_back(figure.figure.value);
  return values;
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// What should repeat and did not is, from now on, one that scatters.
NamedFigure joined(const NamedFigure& newest, const std::vector<double>& values) {
  NamedFigure out = newest;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  out.exact = newest.exact && *low == *high;
  if (out.exact) return out;
  out.figure.value = median_of(values);
  out.figure.lo = *low, out.figure.hi = *high, out.figure.n = static_cast<int64_t>(values.size());
  return out;
}

Status check_alike(const Side& first, const Side& other) {
  const Differences differences(first, other);
  for (const auto& change : differences.subject()) {
    return fail("baseline.unlike_runs", fmt::format("{} and {} are of different {}: {} and {}", first.name,
                                                    other.name, change.what, change.before, change.now));
  }
  if (first.classes.size() == other.classes.size() &&
      std::equal(first.classes.begin(), first.classes.end(), other.classes.begin(),
                 [](const auto& a, const auto& b) { return a.right == b.right && a.hits == b.hits; }))
    return {};
  return fail("baseline.unlike_runs",
              fmt::format("{} and {} gave different answers to the same samples", first.name, other.name));
}

}  // namespace

Result<results::Baseline> baseline_of(const std::vector<Side>& runs) {
  for (const Side& run : runs) {
    if (!run.complete)
      return fail("baseline.not_finished", fmt::format("run {} ended early ({})", run.name,
                                                       run.verdict.empty() ? "no verdict" : run.verdict));
    ASSAY_CHECK(check_alike(runs.front(), run));
  }
  const Side& newest = runs.back();
  results::Baseline out{.identity = newest.identity,
                        .run_id = newest.name,
                        .class_names = newest.class_names,
                        .outputs_sha256 = newest.outputs_sha256,
                        .repeats = static_cast<int64_t>(runs.size()),
                        .classes = newest.classes};
  for (const NamedFigure& figure : newest.figures) {
    if (!is_kept_in_baseline(figure)) continue;
    out.figures.push_back(joined(figure, values_of(runs, figure.name)));
  }
  return out;
}

}  // namespace assay::metric
