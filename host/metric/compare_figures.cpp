#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "metric/compare_parts.h"

namespace assay::metric {
namespace {

using results::Area;
using results::Better;
using results::ComparedFigure;
using results::Figure;
using results::NamedFigure;
using results::PairedSamples;
namespace word = results::word;

constexpr int64_t kEnoughRepeats = 3;
constexpr double kSignificant = 0.05;

Touched touched_by(Area area) { return static_cast<Touched>(area); }
static_assert(static_cast<int>(Touched::kLink) == static_cast<int>(Area::kLink));

const NamedFigure* find(const std::vector<NamedFigure>& figures, const std::string& name) {
  const auto found = std::find_if(figures.begin(), figures.end(),
                                  [&](const NamedFigure& figure) { return figure.name == name; });
  return found == figures.end() ? nullptr : &*found;
}

// Values that went through text or a sum of floats are equal when nine digits are.
bool equal(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max(1.0, std::max(std::abs(a), std::abs(b)));
}

const char* direction(Better better, double delta) {
  if (better == Better::kNeither) return word::kChanged;
  return (delta > 0) == (better == Better::kHigher) ? word::kBetter : word::kWorse;
}

class FigureComparison {
 public:
  FigureComparison(const Side& before, const Side& now, const Differences& differences,
                   const std::optional<PairedSamples>& paired, const CompareOptions& options)
      : before_(before), now_(now), differences_(differences), paired_(paired), options_(options) {}

  ComparedFigure compare(const NamedFigure* before, const NamedFigure* now) const {
    const NamedFigure& some = now ? *now : *before;
    ComparedFigure row{.name = some.name, .area = some.area, .held = some.held};
    if (before) row.before = before->figure;
    if (now) row.now = now->figure;
    row.codes = differences_.codes(touched_by(some.area));
    if (const char* obstacle = obstacle_of(row)) {
      row.word = obstacle;
      return row;
    }
    row.delta = row.now->value - row.before->value;
    if (row.before->validity == "degraded" || row.now->validity == "degraded")
      row.codes.push_back("compare.degraded");
    if (some.area == Area::kAccuracy)
      decide_accuracy(some, row);
    else if (before->exact && now->exact)
      decide_exact(some, row);
    else
      decide_noisy(some, row);
    return row;
  }

 private:
  // The word where nothing can be compared, or nullptr; the reason joins the codes.
  const char* obstacle_of(ComparedFigure& row) const {
    if (differences_.blocked(touched_by(row.area))) return word::kNotComparable;
    if (!row.before || !row.now) return row.codes.push_back("compare.absent"), word::kNoEvidence;
    const bool kinds =
        row.area == Area::kAccuracy || row.area == Area::kAttribution || row.before->kind == row.now->kind;
    if (row.before->unit != row.now->unit || !kinds)
      return row.codes.push_back("compare.other_unit"), word::kNotComparable;
    if (row.before->validity == "invalid" || row.now->validity == "invalid" ||
        !std::isfinite(row.before->value) || !std::isfinite(row.now->value))
      return row.codes.push_back("compare.invalid"), word::kNoEvidence;
    if (row.now->unit == "instructions" && now_.identity.mode == "realtime")
      return row.codes.push_back("compare.realtime_counts"), word::kNoEvidence;
    return differences_.incomplete() ? word::kNoEvidence : nullptr;
  }

  static void decide_exact(const NamedFigure& figure, ComparedFigure& row) {
    row.word =
        equal(row.before->value, row.now->value) ? word::kIdentical : direction(figure.better, *row.delta);
  }

  void decide_accuracy(const NamedFigure& figure, ComparedFigure& row) const {
    if (figure.name != "accuracy.top1") {
      // Derived from answers that are judged below, or of the desktop.
      row.word = equal(row.before->value, row.now->value) ? word::kIdentical : word::kChanged;
    } else if (paired_ && paired_->labelled && !differences_.same_model()) {
      decide_by_pairs(figure, row);
    } else if (paired_ && paired_->broken + paired_->fixed > 0 && paired_->broken == paired_->fixed) {
      row.word = word::kChanged;
      row.note = fmt::format("{} broken and as many fixed", paired_->broken);
    } else if (!differences_.same_model() && !equal(row.before->value, row.now->value)) {
      decide_by_intervals(figure, row);
    } else {
      decide_exact(figure, row);
    }
  }

  void decide_by_pairs(const NamedFigure& figure, ComparedFigure& row) const {
    const double lower = *paired_->delta->lo * 100;
    if (paired_->changed.empty()) {
      row.word = word::kIdentical;
    } else if (*paired_->mcnemar_p < kSignificant) {
      row.word = direction(figure.better, *row.delta);
    } else {
      const bool within = lower >= -options_.margin_pp;
      row.word = within ? word::kWithin : word::kNoEvidence;
      row.codes.push_back("compare.few_samples");
    }
    row.note = paired_->sentence;
  }

  static void decide_by_intervals(const NamedFigure& figure, ComparedFigure& row) {
    const Figure &a = *row.before, &b = *row.now;
    const bool apart = a.lo && a.hi && b.lo && b.hi && (*a.hi < *b.lo || *b.hi < *a.lo);
    row.word = apart ? direction(figure.better, *row.delta) : word::kNoEvidence;
    if (!apart) row.codes.push_back("compare.few_samples");
  }

  // Outside of the tolerance is evidence only where enough repeats tell how far the figure scatters.
  void decide_noisy(const NamedFigure& figure, ComparedFigure& row) const {
    const double a = row.before->value, b = row.now->value;
    if (equal(a, b)) {
      row.word = word::kIdentical;
      return;
    }
    const Tolerance tolerance = tolerance_of(figure);
    const double allowed = std::max(tolerance.relative * std::abs(a), tolerance.absolute);
    const bool repeated = before_.repeats >= kEnoughRepeats && row.before->lo && row.before->hi;
    const double low = repeated ? std::min(a, *row.before->lo) : a,
                 high = repeated ? std::max(a, *row.before->hi) : a;
    if (b >= low - allowed && b <= high + allowed) {
      row.word = word::kWithin;
    } else if (row.now->kind == "host") {
      row.word = word::kNoEvidence;
      row.codes.push_back("compare.host_clock");
    } else if (before_.from == "baseline" && !repeated) {
      row.word = word::kNoEvidence;
      row.codes.push_back("compare.few_repeats");
    } else {
      row.word = direction(figure.better, *row.delta);
    }
    row.note = fmt::format("tolerance {:.6g} {}", allowed, row.now->unit);
  }

  Tolerance tolerance_of(const NamedFigure& figure) const {
    for (const Tolerance& tolerance : options_.tolerances)
      if (tolerance.figure == figure.name) return tolerance;
    return {.figure = figure.name, .relative = options_.relative, .absolute = figure.scatter};
  }

  const Side& before_;
  const Side& now_;
  const Differences& differences_;
  const std::optional<PairedSamples>& paired_;
  const CompareOptions& options_;
};

}  // namespace

bool is_kept_in_baseline(const NamedFigure& figure) {
  const bool host_time = figure.area == Area::kLatency && figure.figure.kind == "host";
  return figure.area != Area::kLink && !host_time;
}

std::vector<ComparedFigure> compare_figures(const Side& before, const Side& now,
                                            const Differences& differences,
                                            const std::optional<PairedSamples>& paired,
                                            const CompareOptions& options) {
  const FigureComparison comparison(before, now, differences, paired, options);
  std::vector<ComparedFigure> rows;
  for (const NamedFigure& figure : now.figures) {
    const NamedFigure* other = find(before.figures, figure.name);
    // What no baseline keeps is not missed in one.
    if (other || before.from != "baseline" || is_kept_in_baseline(figure))
      rows.push_back(comparison.compare(other, &figure));
  }
  for (const NamedFigure& figure : before.figures)
    if (!find(now.figures, figure.name)) rows.push_back(comparison.compare(&figure, nullptr));
  // A baseline is sorted by name; people read accuracy first.
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.area < b.area; });
  return rows;
}

}  // namespace assay::metric
