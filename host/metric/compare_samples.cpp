#include <fmt/format.h>

#include <map>

#include "metric/classification.h"
#include "metric/compare_parts.h"
#include "metric/statistics.h"

namespace assay::metric {
namespace {

using results::ClassCount;
using results::ComparedClass;
using results::PairedSamples;
namespace word = results::word;

struct Pair {
  const Answer* before;
  const Answer* now;
};

std::vector<Pair> pairs_of(const Side& before, const Side& now) {
  std::map<std::string_view, const Answer*> by_id;
  for (const Answer& answer : before.answers) by_id.emplace(answer.id, &answer);
  std::vector<Pair> pairs;
  for (const Answer& answer : now.answers) {
    const auto found = by_id.find(answer.id);
    if (found == by_id.end()) continue;
    pairs.push_back({found->second, &answer});
    by_id.erase(found);  // an id that stands there twice is paired once
  }
  return pairs;
}

bool pairable(const Side& before, const Side& now, const Differences& differences) {
  return !before.answers.empty() && !now.answers.empty() && differences.same("compare.other_dataset");
}

std::string non_inferiority(const PairedSamples& paired, double margin_pp) {
  const double lower = *paired.delta->lo * 100, upper = *paired.delta->hi * 100;
  const std::string bound = fmt::format("the difference is {:+.1f} pp, at least {:+.1f} pp (n {})",
                                        paired.delta->value * 100, lower, paired.n);
  if (lower >= -margin_pp) return fmt::format("Not inferior by more than {} pp: {}.", margin_pp, bound);
  if (upper < -margin_pp) return fmt::format("Inferior by more than {} pp: {}.", margin_pp, bound);
  return fmt::format("A loss of more than {} pp is not ruled out: {}.", margin_pp, bound);
}

void judge_pairs(PairedSamples& paired, const CompareOptions& options, const std::string& kind) {
  paired.mcnemar_p = mcnemar_p(paired.broken, paired.fixed);
  const auto n = static_cast<double>(paired.n);
  Interval interval = paired_bootstrap(paired.broken, paired.fixed, paired.n, options.seed);
  // No flip at all does not mean that there never will be one.
  if (paired.broken + paired.fixed == 0) interval = {-zero_event_bound(paired.n), zero_event_bound(paired.n)};
  paired.delta = results::Figure{.value = static_cast<double>(paired.fixed - paired.broken) / n,
                                 .unit = "1",
                                 .kind = kind,
                                 .n = paired.n,
                                 .lo = interval.lo,
                                 .hi = interval.hi};
  paired.sentence = non_inferiority(paired, options.margin_pp);
}

constexpr const char* kFlipWords[] = {"", "broken", "fixed", "both wrong"};

std::vector<bool> bits_of(const std::string& hex, int64_t count) {
  std::vector<bool> bits;
  for (int64_t i = 0; i < count; ++i) {
    const char c = hex[static_cast<size_t>(i / 4)];
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    bits.push_back((digit >> (3 - i % 4)) & 1);
  }
  return bits;
}

// How many of the same samples one side has right and the other wrong.
void count_hits(const ClassCount& before, const ClassCount& now, ComparedClass& row) {
  if (before.hits.empty() || now.hits.empty()) return;
  const auto a = bits_of(before.hits, before.support), b = bits_of(now.hits, now.support);
  row.broken = row.fixed = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    *row.broken += a[i] && !b[i];
    *row.fixed += !a[i] && b[i];
  }
}

// Same model and samples: facts. Else Holm-corrected p decides, and only where there are samples enough.
void decide(ComparedClass& row, bool exact, double p) {
  const bool same = row.broken ? *row.broken == 0 && *row.fixed == 0 : row.before == row.now;
  if (same) {
    row.word = word::kIdentical;
  } else if (exact) {
    row.word = row.now < row.before ? word::kWorse : row.now > row.before ? word::kBetter : word::kChanged;
  } else if (row.support >= kSufficientSupport && row.broken && p < 0.05) {
    row.word = row.now < row.before ? word::kWorse : word::kBetter;
  } else {
    row.word = word::kNoEvidence;
    row.codes.push_back("compare.few_samples");
  }
}

ComparedClass row_of(const ClassCount& before, const ClassCount& now) {
  ComparedClass row{.name = now.name, .support = now.support, .before = before.right, .now = now.right};
  count_hits(before, now, row);
  return row;
}

// The classes of both sides over the samples that both saw.
std::vector<std::pair<ClassCount, ClassCount>> matched(const Side& before, const Side& now,
                                                       const Differences& differences) {
  std::vector<ClassCount> a = before.classes, b = now.classes;
  if (pairable(before, now, differences)) {
    std::vector<Answer> left, right;
    for (const Pair& pair : pairs_of(before, now)) {
      // The labels of one side count: of the same dataset they are the same.
      left.push_back({pair.before->id, pair.now->truth, pair.before->top});
      right.push_back(*pair.now);
    }
    a = count_classes(left, now.class_names), b = count_classes(right, now.class_names);
  }
  std::map<std::string, ClassCount> by_name;
  for (auto& row : a) by_name.emplace(row.name, row);
  std::vector<std::pair<ClassCount, ClassCount>> rows;
  for (auto& row : b) {
    const auto found = by_name.find(row.name);
    if (found != by_name.end() && found->second.support == row.support) rows.emplace_back(found->second, row);
  }
  return rows;
}

}  // namespace

std::optional<PairedSamples> pair_samples(const Side& before, const Side& now, const Differences& differences,
                                          const CompareOptions& options) {
  if (!pairable(before, now, differences)) return std::nullopt;
  const std::vector<Pair> pairs = pairs_of(before, now);
  if (pairs.empty()) return std::nullopt;
  PairedSamples paired;
  paired.n = static_cast<int64_t>(pairs.size());
  paired.only_before = static_cast<int64_t>(before.answers.size()) - paired.n;
  paired.only_now = static_cast<int64_t>(now.answers.size()) - paired.n;
  int64_t equal = 0;
  paired.labelled = true;
  for (const Pair& pair : pairs) {
    const int truth = pair.now->truth;
    paired.labelled = paired.labelled && truth >= 0;
    equal += pair.before->top == pair.now->top;
    if (pair.before->top == pair.now->top) continue;
    const FlipKind kind = truth < 0 ? FlipKind::kNone : flip_kind(truth, pair.before->top, pair.now->top);
    paired.broken += kind == FlipKind::kBroken;
    paired.fixed += kind == FlipKind::kFixed;
    paired.both_wrong += kind == FlipKind::kBothWrong;
    const char* words = kind == FlipKind::kNone ? "changed" : kFlipWords[static_cast<size_t>(kind)];
    paired.changed.push_back({pair.now->id, truth, pair.before->top, pair.now->top, words});
  }
  paired.agreement = static_cast<double>(equal) / static_cast<double>(paired.n);
  if (paired.labelled)
    judge_pairs(paired, options, now.figures.empty() ? "measured" : now.figures[0].figure.kind);
  return paired;
}

std::vector<ComparedClass> compare_classes(const Side& before, const Side& now,
                                           const Differences& differences) {
  std::vector<ComparedClass> rows;
  const bool paired = pairable(before, now, differences);
  for (const auto& [a, b] : matched(before, now, differences)) rows.push_back(row_of(a, b));
  std::vector<double> p;
  for (const auto& row : rows) p.push_back(row.broken ? mcnemar_p(*row.broken, *row.fixed) : 1);
  const std::vector<double> corrected = holm(p);
  for (size_t i = 0; i < rows.size(); ++i) {
    auto& row = rows[i];
    row.codes = differences.codes(Touched::kAccuracy);
    // Over the samples that both saw, other samples are no obstacle.
    const bool obstacle = differences.blocked(Touched::kAccuracy) && !paired;
    if (obstacle) {
      row.word = word::kNotComparable;
    } else if (differences.incomplete()) {
      row.word = word::kNoEvidence;
    } else {
      decide(row, differences.same_model(), corrected[i]);
    }
  }
  return rows;
}

}  // namespace assay::metric
