#include "metric/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "metric/compare_parts.h"

namespace assay::metric {
namespace {

using results::Comparison;
namespace word = results::word;

// What decides: the board's own figures and its classes. The first word that occurs is that of the whole.
constexpr const char* kWordOrder[] = {word::kWorse,         word::kBetter, word::kChanged,  word::kNoEvidence,
                                      word::kNotComparable, word::kWithin, word::kIdentical};

struct Deciding {
  std::string name, word;
};

std::vector<Deciding> deciding(const Comparison& comparison) {
  std::vector<Deciding> found;
  for (const auto& row : comparison.figures)
    if (row.held) found.push_back({row.name, row.word});
  for (const auto& row : comparison.classes) found.push_back({"class " + row.name, row.word});
  return found;
}

std::string names_with(const std::vector<Deciding>& rows, const std::string& wanted) {
  constexpr size_t kMost = 4;
  std::vector<std::string> names;
  for (const auto& row : rows)
    if (row.word == wanted) names.push_back(row.name);
  const size_t all = names.size();
  names.resize(std::min(all, kMost));
  return fmt::format("{}{}", fmt::join(names, ", "),
                     all > kMost ? fmt::format(" and {} more", all - kMost) : "");
}

void conclude(Comparison& comparison) {
  const std::vector<Deciding> rows = deciding(comparison);
  comparison.word = word::kNoEvidence;
  for (const char* candidate : kWordOrder) {
    if (std::none_of(rows.begin(), rows.end(), [&](const Deciding& row) { return row.word == candidate; }))
      continue;
    comparison.word = candidate;
    break;
  }
  if (rows.empty()) {
    comparison.sentence = "There is nothing to compare.";
  } else if (comparison.word == word::kIdentical) {
    const bool bits = comparison.outputs_equal == true;
    comparison.sentence = fmt::format("Identical{}.", bits ? ", to the last bit of the outputs" : "");
  } else {
    std::string text = comparison.word;
    text[0] = static_cast<char>(toupper(text[0]));
    comparison.sentence = fmt::format("{}: {}.", text, names_with(rows, comparison.word));
    const std::string better = comparison.word == word::kWorse ? names_with(rows, word::kBetter) : "";
    if (!better.empty()) comparison.sentence += fmt::format(" Better: {}.", better);
  }
}

// Each code that some figure carries, once, with its sentence.
std::vector<results::Issue> list_codes(const Comparison& comparison, const Differences& differences) {
  std::set<std::string> codes;
  for (const auto& row : comparison.figures) codes.insert(row.codes.begin(), row.codes.end());
  for (const auto& row : comparison.classes) codes.insert(row.codes.begin(), row.codes.end());
  for (const auto& change : differences.subject()) codes.insert(change.code);
  if (comparison.paired && !comparison.paired->labelled) codes.insert("compare.no_labels");
  std::vector<results::Issue> issues;
  for (const std::string& code : codes) issues.push_back({code, "note", code_sentence(code)});
  return issues;
}

}  // namespace

Comparison compare(const Side& before, const Side& now, const CompareOptions& options) {
  const Differences differences(before, now);
  Comparison comparison;
  comparison.before = {before.name, before.from, before.verdict, before.identity};
  comparison.now = {now.name, now.from, now.verdict, now.identity};
  comparison.subject = differences.subject();
  comparison.paired = pair_samples(before, now, differences, options);
  comparison.figures = compare_figures(before, now, differences, comparison.paired, options);
  comparison.classes = compare_classes(before, now, differences);
  comparison.operators = compare_operators(before, now, differences, options);
  comparison.clock = now.identity.clock_kind;
  if (!differences.blocked(Touched::kOutputs) && !before.outputs_sha256.empty() &&
      !now.outputs_sha256.empty())
    comparison.outputs_equal = before.outputs_sha256 == now.outputs_sha256;
  comparison.comparability = list_codes(comparison, differences);
  conclude(comparison);
  return comparison;
}

}  // namespace assay::metric
