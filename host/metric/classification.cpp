#include "metric/classification.h"

#include <cmath>

#include "metric/row_values.h"
#include "metric/statistics.h"

namespace assay::metric {

Decision decide(std::span<const double> row) {
  Decision decision;
  double second = -HUGE_VAL;
  for (size_t i = 0; i < row.size(); ++i) {
    if (std::isnan(row[i])) continue;
    const double best = decision.top < 0 ? 0 : row[static_cast<size_t>(decision.top)];
    if (decision.top < 0 || row[i] > best) {
      if (decision.top >= 0) second = best;
      decision.top = static_cast<int>(i);
      decision.tie = false;
    } else {
      decision.tie = decision.tie || row[i] == best;
      second = std::max(second, row[i]);
    }
  }
  if (decision.top >= 0) {
    const double margin = row[static_cast<size_t>(decision.top)] - second;
    decision.margin = std::isfinite(margin) ? margin : 0;
  }
  return decision;
}

Decisions decide_rows(const TensorRows& outputs) {
  Decisions decisions;
  decisions.top.reserve(outputs.rows()), decisions.margin.reserve(outputs.rows());
  RowValues values(outputs);
  for (size_t i = 0; i < outputs.rows(); ++i) {
    const Decision decision = decide(values(i));
    decisions.top.push_back(decision.top);
    decisions.margin.push_back(decision.margin);
    decisions.ties += decision.tie;
  }
  return decisions;
}

int64_t hits(std::span<const int> labels, std::span<const int> top) {
  int64_t count = 0;
  for (size_t i = 0; i < labels.size(); ++i) count += labels[i] == top[i];
  return count;
}

double agreement(std::span<const int> a, std::span<const int> b) {
  return a.empty() ? 0 : static_cast<double>(hits(a, b)) / static_cast<double>(a.size());
}

results::Figure accuracy_figure(std::span<const int> labels, std::span<const int> top,
                                const std::string& kind) {
  const auto n = static_cast<int64_t>(labels.size());
  const Interval interval = wilson(hits(labels, top), n);
  return {.value = agreement(labels, top),
          .unit = "1",
          .kind = kind,
          .n = n,
          .lo = interval.lo,
          .hi = interval.hi};
}

std::vector<std::vector<int64_t>> confusion(std::span<const int> labels, std::span<const int> top,
                                            int classes) {
  const auto size = static_cast<size_t>(classes);
  std::vector<std::vector<int64_t>> counts(size, std::vector<int64_t>(size, 0));
  for (size_t i = 0; i < labels.size(); ++i) {
    const bool inside = labels[i] >= 0 && labels[i] < classes && top[i] >= 0 && top[i] < classes;
    if (inside) ++counts[static_cast<size_t>(labels[i])][static_cast<size_t>(top[i])];
  }
  return counts;
}

double balanced_accuracy(std::span<const int> labels, std::span<const int> top, int classes) {
  std::vector<int64_t> support(static_cast<size_t>(classes), 0), right(support);
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= classes) continue;
    ++support[static_cast<size_t>(labels[i])];
    right[static_cast<size_t>(labels[i])] += labels[i] == top[i];
  }
  double sum = 0;
  int present = 0;
  for (size_t c = 0; c < support.size(); ++c) {
    if (support[c] == 0) continue;
    sum += static_cast<double>(right[c]) / static_cast<double>(support[c]);
    ++present;
  }
  return present ? sum / present : 0;
}

FlipKind flip_kind(int label, int reference, int device) {
  if (reference == device) return FlipKind::kNone;
  if (reference == label) return FlipKind::kBroken;
  return device == label ? FlipKind::kFixed : FlipKind::kBothWrong;
}

FlipCounts count_flips(std::span<const int> labels, std::span<const int> reference,
                       std::span<const int> device) {
  FlipCounts counts;
  for (size_t i = 0; i < labels.size(); ++i) {
    const FlipKind kind = flip_kind(labels[i], reference[i], device[i]);
    counts.broken += kind == FlipKind::kBroken;
    counts.fixed += kind == FlipKind::kFixed;
    counts.both_wrong += kind == FlipKind::kBothWrong;
  }
  return counts;
}

namespace {

// Answers of each class; -1 and classes beyond are in none.
std::vector<int64_t> answers_of(std::span<const int> top, size_t classes) {
  std::vector<int64_t> answers(classes, 0);
  for (int answer : top) {
    if (answer >= 0 && static_cast<size_t>(answer) < classes) ++answers[static_cast<size_t>(answer)];
  }
  return answers;
}

std::optional<double> share_of(int64_t part, int64_t all) {
  return all > 0 ? std::optional(static_cast<double>(part) / static_cast<double>(all)) : std::nullopt;
}

}  // namespace

std::vector<results::ClassRow> class_rows(std::span<const int> labels, std::span<const int> reference,
                                          std::span<const int> device,
                                          const std::vector<std::string>& classes, uint64_t seed) {
  std::vector<results::ClassRow> rows(classes.size());
  std::vector<int64_t> right_reference(classes.size(), 0), right_device(classes.size(), 0);
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<size_t>(labels[i]);
    if (labels[i] < 0 || label >= rows.size()) continue;
    const FlipKind kind = flip_kind(labels[i], reference[i], device[i]);
    ++rows[label].support;
    right_reference[label] += labels[i] == reference[i];
    right_device[label] += labels[i] == device[i];
    rows[label].broken += kind == FlipKind::kBroken;
    rows[label].fixed += kind == FlipKind::kFixed;
    rows[label].both_wrong += kind == FlipKind::kBothWrong;
  }
  const auto answers_reference = answers_of(reference, rows.size()),
             answers_device = answers_of(device, rows.size());
  std::vector<double> p;
  for (size_t c = 0; c < rows.size(); ++c) {
    results::ClassRow& row = rows[c];
    row.name = classes[c];
    row.precision_reference = share_of(right_reference[c], answers_reference[c]);
    row.precision_device = share_of(right_device[c], answers_device[c]);
    row.sufficient = row.support >= kSufficientSupport;
    if (row.support == 0) continue;
    const auto support = static_cast<double>(row.support);
    row.recall_reference = static_cast<double>(right_reference[c]) / support;
    row.recall_device = static_cast<double>(right_device[c]) / support;
    row.delta = static_cast<double>(right_device[c] - right_reference[c]) / support;
    const Interval ours = wilson(right_device[c], row.support),
                   theirs = wilson(right_reference[c], row.support);
    row.reference_lo = theirs.lo, row.reference_hi = theirs.hi, row.device_lo = ours.lo,
    row.device_hi = ours.hi;
    const Interval change = delta_interval(row.broken, row.fixed, row.support, seed);
    row.delta_lo = change.lo, row.delta_hi = change.hi;
    p.push_back(mcnemar_p(row.broken, row.fixed));
  }
  const std::vector<double> corrected = holm(p);
  size_t next = 0;
  for (results::ClassRow& row : rows) {
    if (row.support > 0) row.p_holm = corrected[next++];
  }
  return rows;
}

int worst_class(const std::vector<results::ClassRow>& rows) {
  int worst = -1;
  for (size_t c = 0; c < rows.size(); ++c) {
    if (!rows[c].sufficient || !rows[c].delta) continue;
    if (worst < 0 || *rows[c].delta < *rows[static_cast<size_t>(worst)].delta) worst = static_cast<int>(c);
  }
  return worst;
}

}  // namespace assay::metric
