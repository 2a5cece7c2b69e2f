#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/comparison.h"
#include "report/format.h"

namespace assay::report {
namespace {

using results::ComparedFigure;
using results::Comparison;

constexpr const char* kThin = "\u202f";

std::string signed_text(double value, const std::string& text) { return value > 0 ? "+" + text : text; }

std::string group_of(const ComparedFigure& row) {
  const results::Figure& figure = row.now ? *row.now : *row.before;
  std::string group(results::area_name(row.area));
  const std::string unit = figure.unit == "1" ? "" : figure.unit == "B" ? "bytes" : unit_text(figure);
  return unit.empty() ? group : group + ", " + unit;
}

std::string side_text(const std::string& name, const std::optional<results::Figure>& figure) {
  if (!figure) return std::string(kAbsent);
  return is_difference(name) ? points(figure->value, 2) : exact_text(figure->value, figure->unit);
}

std::string recall_text(int64_t right, int64_t support) { return count(right) + " of " + count(support); }

std::string median_text(const std::optional<double>& value) {
  return value ? grouped(*value) : std::string(kAbsent);
}

std::string which_operator(const results::ComparedOperator& row) {
  const int index = row.index_now >= 0 ? row.index_now : row.index_before;
  return fmt::format("#{} {}{}", index, row.op, row.output_shape.empty() ? "" : " " + row.output_shape);
}

}  // namespace

std::string exact_text(double value, const std::string& unit) {
  if (unit == "1") return percent(value, 2);
  if (value == std::floor(value)) return fixed(value, 0);
  return fixed(value, std::abs(value) < 10 ? 3 : 1);
}

std::string change_text(double before, double delta, const std::string& unit) {
  if (delta == 0) return "0";
  if (unit == "1") return signed_text(delta, points(delta, 2));
  if (unit == "B" || unit == "bits" || unit == "flips" || before == 0)
    return signed_text(delta, fixed(delta, 0) + kThin + unit);
  const double share = delta / std::abs(before);
  return std::abs(share) < 0.0005 ? signed_text(delta, grouped(delta))
                                  : signed_text(share, percent(share, 1));
}

std::vector<ComparisonRow> figure_rows(const Comparison& comparison) {
  std::vector<ComparisonRow> rows;
  for (const ComparedFigure& row : comparison.figures) {
    const std::string unit = row.now ? row.now->unit : row.before->unit;
    rows.push_back(
        {.group = group_of(row),
         .name = row.name.substr(row.name.find('.') + 1),
         .before = side_text(row.name, row.before),
         .now = side_text(row.name, row.now),
         .change = row.delta ? change_text(row.before->value, *row.delta, unit) : std::string(kAbsent),
         .word = row.word,
         .codes = row.codes});
  }
  return rows;
}

std::vector<ComparisonRow> class_rows(const Comparison& comparison) {
  std::vector<ComparisonRow> rows;
  for (const auto& row : comparison.classes) {
    const bool compared = row.word != results::word::kNotComparable;
    std::string change(kAbsent);
    if (compared && row.broken) {
      change = *row.broken + *row.fixed == 0 ? "0" : fmt::format("\u2212{} +{}", *row.broken, *row.fixed);
    } else if (compared) {
      change = row.now == row.before
                   ? "0"
                   : signed_text(static_cast<double>(row.now - row.before), count(row.now - row.before));
    }
    rows.push_back({.group = "classes, right answers",
                    .name = spoken_class(row.name),
                    .before = recall_text(row.before, row.support),
                    .now = recall_text(row.now, row.support),
                    .change = change,
                    .word = row.word,
                    .codes = row.codes});
  }
  return rows;
}

std::vector<ComparisonRow> operator_rows(const Comparison& comparison) {
  std::vector<const results::ComparedOperator*> changed;
  for (const auto& row : comparison.operators)
    if (row.word != results::word::kIdentical || row.kernel_before != row.kernel_now) changed.push_back(&row);
  std::stable_sort(changed.begin(), changed.end(), [](const auto* a, const auto* b) {
    return std::abs(a->delta.value_or(0)) > std::abs(b->delta.value_or(0));
  });
  std::vector<ComparisonRow> rows;
  for (const auto* row : changed) {
    std::string word = row->word;
    const bool both = row->index_before >= 0 && row->index_now >= 0;
    if (both && row->kernel_before != row->kernel_now)
      word += ", kernel " + row->kernel_before + " \u2192 " + row->kernel_now;
    rows.push_back({.group = "operators, " + comparison.clock,
                    .name = which_operator(*row),
                    .before = median_text(row->before),
                    .now = median_text(row->now),
                    .change = row->delta ? change_text(*row->before, *row->delta, "") : std::string(kAbsent),
                    .word = word});
  }
  return rows;
}

std::vector<std::string> subject_lines(const Comparison& comparison) {
  std::vector<std::string> lines;
  for (const auto& change : comparison.subject)
    lines.push_back(fmt::format("{} {} \u2192 {}", change.what, change.before, change.now));
  return lines;
}

std::vector<std::string> sample_lines(const Comparison& comparison) {
  std::vector<std::string> lines;
  if (!comparison.paired) return lines;
  const auto& paired = *comparison.paired;
  std::string first = plural(paired.n, "sample") + " on both sides";
  if (paired.only_before + paired.only_now > 0)
    first += fmt::format(" ({} only before, {} only now)", count(paired.only_before), count(paired.only_now));
  lines.push_back(first);
  if (!paired.labelled) {
    lines.push_back(fmt::format("{} answered otherwise; there are no labels",
                                count(static_cast<int64_t>(paired.changed.size()))));
    return lines;
  }
  lines.push_back(fmt::format("{} broken, {} fixed, {} wrong in another way{}", count(paired.broken),
                              count(paired.fixed), count(paired.both_wrong),
                              paired.mcnemar_p ? "; McNemar p " + p_value(*paired.mcnemar_p) : ""));
  lines.push_back(typeset(paired.sentence));
  if (comparison.outputs_equal)
    lines.push_back(*comparison.outputs_equal ? "outputs equal to the last bit"
                                              : "outputs differ in some bits");
  return lines;
}

}  // namespace assay::report
