#include <fmt/format.h>

#include "report/comparison.h"
#include "report/format.h"
#include "report/markdown.h"

namespace assay::report {
namespace {

using results::Comparison;

std::string codes_text(const std::vector<std::string>& codes) {
  std::string text;
  for (const std::string& code : codes) text += (text.empty() ? " <sub>" : ", ") + markdown_text(code);
  return text.empty() ? text : text + "</sub>";
}

std::string table(const std::vector<ComparisonRow>& rows) {
  std::string out, group;
  for (const ComparisonRow& row : rows) {
    if (row.group != group) {
      group = row.group;
      out += fmt::format("\n| {} | before | now | change | |\n|---|--:|--:|--:|---|\n", markdown_text(group));
    }
    out += fmt::format("| {} | {} | {} | {} | {}{} |\n", markdown_text(row.name), markdown_text(row.before),
                       markdown_text(row.now), markdown_text(row.change), markdown_text(row.word),
                       codes_text(row.codes));
  }
  return out;
}

std::string folded(const std::string& title, const std::string& body) {
  return body.empty() ? "" : fmt::format("\n<details><summary>{}</summary>\n{}\n</details>\n", title, body);
}

std::vector<ComparisonRow> that_decide(const Comparison& comparison) {
  std::vector<ComparisonRow> rows = figure_rows(comparison), chosen;
  for (size_t i = 0; i < rows.size(); ++i)
    if (comparison.figures[i].held) chosen.push_back(rows[i]);
  for (const ComparisonRow& row : class_rows(comparison))
    if (row.word != results::word::kIdentical) chosen.push_back(row);
  return chosen;
}

std::string flips(const Comparison& comparison) {
  constexpr size_t kMost = 50;
  if (!comparison.paired || comparison.paired->changed.empty()) return "";
  std::string out = "\n| sample | truth | before | now | |\n|---|--:|--:|--:|---|\n";
  const auto& changed = comparison.paired->changed;
  for (size_t i = 0; i < changed.size() && i < kMost; ++i)
    out += fmt::format("| {} | {} | {} | {} | {} |\n", markdown_text(changed[i].id), changed[i].truth,
                       changed[i].before, changed[i].now, changed[i].kind);
  if (changed.size() > kMost) out += fmt::format("\nand {} more\n", changed.size() - kMost);
  return out;
}

}  // namespace

std::string comparison_markdown(const Comparison& c) {
  std::string out = fmt::format("**{}**\n\n{} on {}: {} against {}\n", markdown_text(typeset(c.sentence)),
                                markdown_text(c.now.identity.profile), markdown_text(c.now.identity.board),
                                markdown_text(c.now.name), markdown_text(c.before.name));
  const auto subject = subject_lines(c);
  if (!subject.empty()) out += "\nChanged in the subject:\n\n";
  for (const std::string& line : subject) out += "- " + markdown_text(line) + "\n";
  std::string samples;
  for (const std::string& line : sample_lines(c)) samples += "- " + markdown_text(line) + "\n";
  if (!samples.empty()) out += "\nSamples:\n\n" + samples;
  out += table(that_decide(c));
  out += folded("Every figure", table(figure_rows(c)));
  out += folded("Operators that differ", table(operator_rows(c)));
  out += folded("Samples that changed", flips(c));
  std::string codes;
  for (const auto& issue : c.comparability)
    codes += fmt::format("\n- `{}`: {}", issue.code, markdown_text(issue.message));
  return out + folded("What the codes mean", codes);
}

}  // namespace assay::report
