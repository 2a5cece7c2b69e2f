// Gates that look at every class or slice and report the one that decides.
//
// accuracy.class_delta, accuracy.slice_delta: non-inferiority of each. All must hold, so nothing is corrected
// for their number (an intersection-union test); the one that decides is the worst delta, or, if none is
// beyond the margin, the lowest interval.
//
// accuracy.class_flips: has any class lost answers beyond chance? Nothing about a class of 30 samples can be
// shown by comparing it with itself: three broken answers and none fixed have an exact McNemar p of 0.25.
// What can be shown is that so many do not turn wrong by a noise of at most margin_pp of the samples: the
// exact one-sided binomial test P(X >= broken - fixed), X ~ Binomial(support, margin), Holm-corrected over
// the classes with support >= 30, at a family-wise alpha. With 35 samples and a margin of 0.5 points three
// flips have p = 0.00076. Counting the fixed against the broken only makes the test more careful.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "config/profile.pb.h"
#include "metric/classification.h"
#include "metric/gate_metrics.h"
#include "metric/statistics.h"

namespace assay::metric {
namespace {

using results::Figure;
using results::Summary;

// A class or a slice.
struct Candidate {
  std::string subject;
  int64_t support = 0;
  std::optional<double> delta, lo, hi;
  int64_t broken = 0, fixed = 0;
};

Observed decide_among(const std::vector<Candidate>& candidates, const config::Gate& gate,
                      std::string missing) {
  const Candidate *worst = nullptr, *lowest = nullptr;
  for (const Candidate& one : candidates) {
    if (!one.delta || one.support < kSufficientSupport) continue;
    if (!worst || *one.delta < *worst->delta) worst = &one;
    if (!lowest || one.lo.value_or(*one.delta) < lowest->lo.value_or(*lowest->delta)) lowest = &one;
  }
  if (!worst) return {std::nullopt, std::move(missing)};
  const bool beyond = !gate.has_margin_pp() || below(*worst->delta * 100, -gate.margin_pp());
  const Candidate& chosen = beyond ? *worst : *lowest;
  Figure figure{.value = *chosen.delta * 100, .unit = "pp", .n = chosen.support};
  if (chosen.lo && chosen.hi) figure.lo = *chosen.lo * 100, figure.hi = *chosen.hi * 100;
  return {figure, "", chosen.subject};
}

// The classes of the gate; an error sentence when the one it names is not there.
std::vector<Candidate> classes_of(const Summary& s, const config::Gate& gate, std::string& missing) {
  std::vector<Candidate> candidates;
  if (!s.accuracy) {
    missing = "there are no labels";
    return candidates;
  }
  missing = "no class has 30 samples and a reference";
  for (const results::ClassRow& row : s.accuracy->classes) {
    if (!gate.class_().empty() && row.name != gate.class_()) continue;
    candidates.push_back(
        {"class " + row.name, row.support, row.delta, row.delta_lo, row.delta_hi, row.broken, row.fixed});
  }
  if (gate.class_().empty()) return candidates;
  missing = candidates.empty() ? fmt::format("there is no class '{}'", gate.class_())
                               : fmt::format("class {} has {} samples: below 30 it is not judged",
                                             gate.class_(), candidates[0].support);
  return candidates;
}

}  // namespace

Observed take_class_delta(const Summary& s, const config::Gate& gate) {
  std::string missing;
  const auto candidates = classes_of(s, gate, missing);
  return decide_among(candidates, gate, std::move(missing));
}

Observed take_slice_delta(const Summary& s, const config::Gate& gate) {
  std::vector<Candidate> candidates;
  std::string missing = s.slices.empty()
                            ? "the dataset has no slices, or no labels and reference to compare them by"
                            : "no slice has 30 samples";
  for (const results::SliceRow& row : s.slices) {
    const std::string name = row.column.empty() ? row.value : row.column + "=" + row.value;
    if (!gate.slice().empty() && name != gate.slice()) continue;
    candidates.push_back(
        {"slice " + name, row.support, row.delta, row.delta_lo, row.delta_hi, row.broken, row.fixed});
  }
  if (!gate.slice().empty() && !s.slices.empty()) {
    missing = candidates.empty() ? fmt::format("there is no slice '{}'", gate.slice())
                                 : fmt::format("slice {} has {} samples: below 30 it is not judged",
                                               gate.slice(), candidates[0].support);
  }
  return decide_among(candidates, gate, std::move(missing));
}

Observed take_class_flips(const Summary& s, const config::Gate& gate) {
  std::string missing;
  const auto all = classes_of(s, gate, missing);
  std::vector<const Candidate*> judged;
  std::vector<double> p;
  for (const Candidate& one : all) {
    if (!one.delta || one.support < kSufficientSupport) continue;
    judged.push_back(&one);
    p.push_back(binomial_tail(one.broken - one.fixed, one.support, gate.margin_pp() / 100));
  }
  if (judged.empty()) return {std::nullopt, std::move(missing)};
  const std::vector<double> corrected = holm(p);
  const auto least = static_cast<size_t>(std::min_element(p.begin(), p.end()) - p.begin());
  const Candidate& one = *judged[least];
  const double alpha = gate.has_alpha() ? gate.alpha() : kDefaultAlpha;
  Observed observed{
      Figure{.value = static_cast<double>(one.broken - one.fixed), .unit = "flips", .n = one.support}, "",
      one.subject, "pass", ""};
  if (corrected[least] < alpha) {
    observed.verdict = "fail";
    observed.reason = fmt::format(
        "{} lost {} of {} answers ({} broken, {} fixed), more than a noise of {} % explains: p {:.2g} over "
        "{} "
        "classes, alpha {}",
        one.subject, one.broken - one.fixed, one.support, one.broken, one.fixed, gate.margin_pp(),
        corrected[least], judged.size(), alpha);
  }
  return observed;
}

}  // namespace assay::metric
