// "Since the baseline": what changed in the subject, and each figure that the baseline holds the board to.
#include <fmt/format.h>

#include <algorithm>

#include "report/comparison.h"
#include "report/format.h"
#include "report/sections.h"

namespace assay::report {
namespace {

using results::BaselineRow;

std::string value_cell(const BaselineRow& row, const std::optional<double>& value) {
  if (!value) return std::string(kAbsent);
  const bool plain = row.unit == "1" || row.unit.empty();
  return exact_text(*value, row.unit) + (plain ? "" : " " + escape(row.unit));
}

std::string row_html(const BaselineRow& row) {
  const bool both = row.before && row.now && row.word != results::word::kNotComparable;
  std::string why = row.note;
  for (const std::string& code : row.codes) why += (why.empty() ? "" : " · ") + code;
  const char* look = row.word == results::word::kWorse       ? "own b"
                     : row.word == results::word::kIdentical ? "sub"
                                                             : "b";
  return fmt::format(
      "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
      "class=\"{}\">{}</td><td class=\"second\">{}</td></tr>",
      escape(row.figure), value_cell(row, row.before), value_cell(row, row.now),
      both ? escape(change_text(*row.before, *row.now - *row.before, row.unit)) : std::string(kAbsent), look,
      escape(row.word), escape(typeset(why)));
}

}  // namespace

std::string baseline_section(const View& view) {
  if (!view.summary.baseline) return "";
  const results::SinceBaseline& since = *view.summary.baseline;
  std::string out =
      fmt::format("<p>{} <code>{}</code></p>", escape(typeset(since.sentence)), escape(since.file));
  for (const std::string& line : since.subject) out += fmt::format("<p>changed: {}</p>", escape(line));
  std::vector<const BaselineRow*> rows;
  for (const auto& row : since.rows) rows.push_back(&row);
  std::stable_partition(rows.begin(), rows.end(),
                        [](const auto* row) { return row->word != results::word::kIdentical; });
  std::string body;
  for (const auto* row : rows) body += row_html(*row);
  if (body.empty()) return out;
  return out +
         "<table class=\"facts\"><thead><tr><th>figure</th><th class=\"n\">baseline</th><th "
         "class=\"n\">now</th><th "
         "class=\"n\">change</th><th></th><th class=\"second\">why</th></tr></thead><tbody>" +
         body + "</tbody></table>";
}

}  // namespace assay::report
