// Accuracy by slice: the worst first.
#include <fmt/format.h>

#include "report/format.h"
#include "report/sections.h"

namespace assay::report {
namespace {

using results::SliceRow;

constexpr size_t kMostRows = 40;

std::string share(const std::optional<double>& value) {
  return value ? fmt::format("<td class=\"n\" data-v=\"{:.6f}\">{}</td>", *value, fixed(*value * 100, 1))
               : "<td class=\"n\">\u2014</td>";
}

std::string delta_cell(const SliceRow& row) {
  if (!row.delta) return "<td class=\"n\">\u2014</td>";
  const std::string interval = row.delta_lo && row.delta_hi
                                   ? fmt::format(" <span class=\"sub\">[{}, {}]</span>",
                                                 fixed(*row.delta_lo * 100, 1), fixed(*row.delta_hi * 100, 1))
                                   : "";
  return fmt::format("<td class=\"n {}\" data-v=\"{:.6f}\">{}{}</td>",
                     row.worse        ? "worse"
                     : row.sufficient ? ""
                                      : "sub",
                     *row.delta, fixed(*row.delta * 100, 1), interval);
}

}  // namespace

std::string slices_section(const View& view) {
  const auto& slices = view.summary.slices;
  if (slices.empty()) return "";
  std::string rows;
  for (size_t i = 0; i < slices.size() && i < kMostRows; ++i) {
    const SliceRow& row = slices[i];
    rows += fmt::format(
        "<tr><td><b>{}</b></td><td class=\"n\" data-v=\"{}\">{}</td>{}{}{}<td class=\"n\">{} / {}</td><td "
        "class=\"n\">{}"
        "</td></tr>",
        escape(slice_name(row)), row.support, count(row.support), share(row.accuracy_reference),
        share(row.accuracy_device), delta_cell(row), count(row.broken), count(row.fixed),
        row.p_holm ? escape(p_value(*row.p_holm)) : "insufficient");
  }
  std::string note =
      "Intervals: paired bootstrap, 95 %; without a flip 3/n. p: exact McNemar, Holm-corrected over all "
      "slices of at "
      "least 30 samples; smaller ones are insufficient.";
  if (slices.size() > kMostRows)
    note += fmt::format(" The worst {} of {} slices are shown; all are in summary.json.", kMostRows,
                        slices.size());
  return fmt::format(
      "<table class=\"slices sort\"><thead><tr><th>slice</th><th class=\"n\">n</th><th class=\"n\">ref., "
      "%</th><th class=\"n\">device, %</th><th class=\"n\">change, pp</th><th class=\"n nosort\">broken / "
      "fixed</th><th class=\"n\">p (Holm)</th></tr></thead><tbody>{}</tbody></table><p "
      "class=\"cap\">{}</p>",
      rows, escape(note));
}

}  // namespace assay::report
