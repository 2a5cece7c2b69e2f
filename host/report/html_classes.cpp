// Recall by class: dumbbells of the first screen, the full table with intervals.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "report/format.h"
#include "report/sections.h"
#include "report/svg.h"

namespace assay::report {
namespace {

using results::ClassRow;
using results::Summary;

constexpr size_t kFirstScreenClasses = 7;
constexpr size_t kTableClasses = 20;

// Worst change first; classes without enough samples last.
std::vector<const ClassRow*> by_delta(const Summary& s) {
  std::vector<const ClassRow*> rows;
  for (const ClassRow& row : s.accuracy->classes) rows.push_back(&row);
  const auto key = [](const ClassRow* r) { return (r->sufficient ? 0.0 : 10.0) + r->delta.value_or(5); };
  std::stable_sort(rows.begin(), rows.end(), [&](auto* a, auto* b) { return key(a) < key(b); });
  return rows;
}

std::string delta_cell(const ClassRow& row) {
  if (!row.delta) return "<td class=\"n\">\u2014</td>";
  if (!row.sufficient)
    return fmt::format(
        "<td class=\"n sub\" data-v=\"{:.6f}\" title=\"fewer than 30 samples\">insufficient</td>",
        *row.delta);
  const bool same = std::abs(*row.delta) < 0.0005;
  const char* word = same             ? "same"
                     : *row.delta < 0 ? "\u25bc<span class=\"second\"> worse</span>"
                                      : "\u25b2<span class=\"second\"> better</span>";
  return fmt::format("<td class=\"n {}\" data-v=\"{:.6f}\">{} {}</td>",
                     same             ? "sub"
                     : *row.delta < 0 ? "worse"
                                      : "better",
                     *row.delta, fixed(*row.delta * 100, 1), word);
}

std::string interval_plot(const ClassRow& row) {
  std::string body =
      svg_line(0, 0, 0, 25, "grid") + svg_line(50, 0, 50, 25, "grid") + svg_line(100, 0, 100, 25, "grid");
  if (row.recall_reference)
    body += svg_line(row.reference_lo * 100, 9, row.reference_hi * 100, 9, "ci0") +
            svg_mark(Mark::kR0, *row.recall_reference * 100, 9);
  if (row.recall_device)
    body += svg_line(row.device_lo * 100, 18, row.device_hi * 100, 18, "ciD") +
            svg_mark(Mark::kDevice, *row.recall_device * 100, 18);
  return "<td class=\"plot\">" + svg_figure(25, row.name + " intervals", "", body) + "</td>";
}

std::string share_cell(const std::optional<double>& share, const char* cls) {
  return share ? fmt::format("<td class=\"n {}\" data-v=\"{:.6f}\">{}</td>", cls, *share,
                             fixed(*share * 100, 1))
               : fmt::format("<td class=\"n {}\">\u2014</td>", cls);
}

std::string recall_dumbbell(const ClassRow& row) {
  std::string body =
      svg_line(0, 0, 0, 24, "grid") + svg_line(50, 0, 50, 24, "grid") + svg_line(100, 0, 100, 24, "grid");
  if (row.recall_reference && row.recall_device) {
    const double a = std::min(*row.recall_reference, *row.recall_device) * 100,
                 b = std::max(*row.recall_reference, *row.recall_device) * 100;
    body += svg_line(a, 12, b, 12, *row.recall_device < *row.recall_reference ? "fell" : "rose");
  }
  if (row.recall_reference) body += svg_mark(Mark::kR0, *row.recall_reference * 100, 12);
  if (row.recall_device) body += svg_mark(Mark::kDevice, *row.recall_device * 100, 12);
  return fmt::format(
      "<tr><td title=\"{0}\"><b>{0}</b></td><td class=\"n sub\">{1}</td><td class=\"plot\">{2}</td><td "
      "class=\"n\"><b>{3}</b></td></tr>",
      escape(row.name), count(row.support), svg_figure(24, row.name + " recall", "", body),
      !row.delta       ? std::string(kAbsent)
      : row.sufficient ? fixed(*row.delta * 100, 1)
                       : "n < 30");
}

std::string channels_in_short(const Summary& s) {
  std::vector<std::string> lost;
  for (const auto& channel : s.input_channels)
    if (channel.zero_share >= 0.99) lost.push_back(channel.name);
  if (lost.empty() || s.input_channels.empty()) return "";
  std::string names;
  for (size_t i = 0; i < lost.size() && i < 6; ++i) names += (i ? ", " : "") + lost[i];
  return fmt::format(
      "<p class=\"cap\">Where it enters</p><p class=\"say\">The input tensor: {} of {} channels ({}) round "
      "to 0 before the first operator.</p>",
      count(static_cast<int64_t>(lost.size())), count(static_cast<int64_t>(s.input_channels.size())),
      escape(names));
}

std::string variants_in_short(const Summary& s) {
  std::string rows;
  for (const auto& variant : s.variants) {
    if (!variant.would_pass || !*variant.would_pass || !variant.top1) continue;
    rows += fmt::format(
        "<tr><td>{}</td><td class=\"n\"><b>{}</b> <span class=\"sub\">{}</span></td><td class=\"n "
        "ok\">{}would pass</td></tr>",
        escape(variant.name), value_text(*variant.top1), interval_text(*variant.top1),
        mark_inline(Mark::kCheck));
  }
  if (rows.empty()) return "";
  return fmt::format(
      "<p class=\"cap\">Ways out {} run on the desktop; top-1 %</p><table "
      "class=\"short\"><tbody>{}</tbody></table>",
      mark_inline(Mark::kHost), rows);
}

}  // namespace

std::string class_dumbbells(const View& view) {
  const Summary& s = view.summary;
  std::string out;
  if (s.accuracy && !s.accuracy->classes.empty()) {
    const auto rows = by_delta(s);
    out += fmt::format(
        "<p class=\"cap\">Recall by class, change in pp &nbsp;{}{} &nbsp;{}device D</p><table "
        "class=\"bells\"><tbody>",
        mark_inline(Mark::kR0), reference_name(s), mark_inline(Mark::kDevice));
    for (size_t i = 0; i < rows.size() && i < kFirstScreenClasses; ++i) out += recall_dumbbell(*rows[i]);
    out += "</tbody></table>";
    if (rows.size() > kFirstScreenClasses)
      out += fmt::format("<p class=\"cap\">the worst {} of {} classes</p>", kFirstScreenClasses, rows.size());
  } else {
    out +=
        "<p class=\"cap\">Recall by class</p><p class=\"abs\">\u2014 not computed: no labels or no "
        "comparison</p>";
  }
  if (s.accuracy)
    out += fmt::format(
        "<p class=\"cap\">Broken <b>{}</b>, fixed <b>{}</b>, both wrong but different <b>{}</b>, <span "
        "class=\"nw\">n {}.</span></p>",
        count(s.accuracy->broken), count(s.accuracy->fixed), count(s.accuracy->both_wrong),
        count(s.samples_done));
  return out + channels_in_short(s) + variants_in_short(s);
}

std::string classes_section(const View& view) {
  const Summary& s = view.summary;
  if (!s.accuracy || s.accuracy->classes.empty()) return "";
  const auto rows = by_delta(s);
  std::string body;
  double balanced_reference = 0, balanced_device = 0, with_support = 0;
  for (const ClassRow* row : rows)
    if (row->recall_reference && row->recall_device)
      balanced_reference += *row->recall_reference, balanced_device += *row->recall_device, with_support += 1;
  for (size_t i = 0; i < rows.size() && i < kTableClasses; ++i) {
    const ClassRow& row = *rows[i];
    body += fmt::format(
        "<tr><td><b>{}</b></td><td class=\"n\" data-v=\"{}\">{}</td>{}{}{}{}<td class=\"n second\">{} / "
        "{}</td><td class=\"n second\">{}</td></tr>",
        escape(row.name), row.support, count(row.support), share_cell(row.recall_reference, ""),
        share_cell(row.recall_device, "b"), interval_plot(row), delta_cell(row), count(row.broken),
        count(row.fixed), row.p_holm ? escape(p_value(*row.p_holm)) : std::string(kAbsent));
  }
  const std::string axis =
      svg_figure(16, "0 to 100 percent", "",
                 svg_text(0, 12, "middle", "sub", "0") + svg_text(50, 12, "middle", "sub second", "50") +
                     svg_text(100, 12, "end", "sub", "100 %"));
  std::string note = "Bars: 95 % Wilson intervals.";
  if (with_support > 0)
    note += fmt::format(" Balanced accuracy {} {}, {} device.", percent(balanced_reference / with_support),
                        reference_name(s), percent(balanced_device / with_support));
  if (s.accuracy->mcnemar_p)
    note += fmt::format(" McNemar b {}, c {}: p {}{}.", count(s.accuracy->broken), count(s.accuracy->fixed),
                        *s.accuracy->mcnemar_p < 0.001 ? "" : "= ", p_value(*s.accuracy->mcnemar_p));
  if (s.accuracy->argmax_ties)
    note += fmt::format(" {} went to the lowest index.", plural(s.accuracy->argmax_ties, "tie"));
  if (rows.size() > kTableClasses)
    note += fmt::format(" The worst {} of {} classes are shown; all are in summary.json.", kTableClasses,
                        rows.size());
  return fmt::format(
      "<table class=\"sort classes\"><thead><tr><th>class</th><th class=\"n\">n</th><th "
      "class=\"n\">{}{}</th><th class=\"n\">{}device</th>"
      "<th class=\"plot nosort\">{}</th><th class=\"n\">Δ recall, pp</th><th class=\"n second "
      "nosort\">broken / fixed</th><th class=\"n second\">p (Holm)</th>"
      "</tr></thead><tbody>{}</tbody></table><p class=\"cap\">{}</p>",
      mark_inline(Mark::kR0), s.accuracy->baseline_level == "R0" ? "float" : "ref.",
      mark_inline(Mark::kDevice), axis, body, escape(note));
}

}  // namespace assay::report
