// Ways out: variants of the model that were really run on the desktop, against the same gate.
#include <fmt/format.h>

#include "report/format.h"
#include "report/sections.h"
#include "report/svg.h"

namespace assay::report {
namespace {

using results::Variant;

constexpr std::string_view kDesktopOnly =
    "<p class=\"cap\">Run on the desktop only: what a change would cost in time and memory needs a run on "
    "the board.</p>";

std::string interval_cell(const results::Figure* top1, std::optional<double> gate) {
  std::string body =
      svg_line(0, 0, 0, 25, "grid") + svg_line(50, 0, 50, 25, "grid") + svg_line(100, 0, 100, 25, "grid");
  if (gate) body += svg_line(*gate, 0, *gate, 25, "gatedash");
  if (top1) {
    if (top1->lo && top1->hi) body += svg_line(*top1->lo * 100, 13, *top1->hi * 100, 13, "ci0");
    body += svg_mark(Mark::kR1, top1->value * 100, 13);
  }
  return "<td class=\"plot\">" + svg_figure(25, "accuracy", "", body) + "</td>";
}

std::string gate_cell(const std::optional<bool>& pass) {
  if (!pass) return "<td>\u2014 no gate</td>";
  return *pass ? "<td class=\"ok\">" + mark_inline(Mark::kCheck) + "would pass</td>"
               : "<td class=\"own\">" + mark_inline(Mark::kCross) + "fails</td>";
}

std::string variant_row(const Variant& v, std::optional<double> gate, bool deployed) {
  const std::string worst =
      v.worst_delta ? escape(v.worst_class) + " " + fixed(*v.worst_delta * 100, 1) : std::string(kAbsent);
  return fmt::format(
      "<tr class=\"{}\"><td>{}{}</td><td class=\"second sub\">{}{}</td><td class=\"n b\">{}</td>{}<td "
      "class=\"n second\">{}</td><td class=\"n second worst\">{}</td><td class=\"n second\">{}</td>{}</tr>",
      deployed ? "asis" : "", escape(v.name),
      v.note.empty() ? "" : " <span class=\"sub\">" + escape(v.note) + "</span>",
      mark_inline(v.run.empty() ? Mark::kHost : Mark::kDevice), escape(v.where),
      v.top1 ? fixed(v.top1->value * 100, 2) : std::string(kAbsent),
      interval_cell(v.top1 ? &*v.top1 : nullptr, gate), count(v.broken) + " / " + count(v.fixed), worst,
      v.model_bytes ? fixed(static_cast<double>(v.model_bytes) / 1024, 1) : std::string(kAbsent),
      gate_cell(v.would_pass));
}

}  // namespace

std::string variants_section(const View& view) {
  const auto& s = view.summary;
  if (s.variants.empty()) return "";
  const auto gate = accuracy_gate_percent(s);
  Variant deployed;
  deployed.name = "as deployed";
  deployed.where = "desktop";
  std::string rows;
  if (s.accuracy && s.accuracy->r1 && s.attribution) {
    deployed.top1 = s.accuracy->r1;
    deployed.broken = s.attribution->compression_broken.value_or(s.accuracy->broken);
    deployed.fixed = s.attribution->compression_fixed.value_or(s.accuracy->fixed);
    if (s.accuracy->worst_class) {
      const auto& worst = s.accuracy->classes.at(static_cast<size_t>(*s.accuracy->worst_class));
      deployed.worst_class = worst.name, deployed.worst_delta = worst.delta;
    }
    deployed.model_bytes = s.subject.model_bytes;
    if (gate) deployed.would_pass = s.accuracy->r1->value * 100 >= *gate;
    rows += variant_row(deployed, gate, true);
  }
  for (const Variant& v : s.variants) rows += variant_row(v, gate, false);
  const std::string costs = variant_costs(view);
  const std::string axis =
      svg_figure(16, "0 to 100 percent", "",
                 svg_text(0, 12, "middle", "sub", "0") + svg_text(50, 12, "middle", "sub second", "50") +
                     svg_text(100, 12, "end", "sub", "100 %"));
  return fmt::format(
      "<table class=\"variants\"><thead><tr><th class=\"name\">variant</th><th class=\"second "
      "where\">where</th><th "
      "class=\"n\">top-1 %</th><th class=\"plot\">{}</th>"
      "<th class=\"n second\">broken / fixed</th><th class=\"n second\">worst class, pp</th><th class=\"n "
      "second\">KiB</th><th>gate</th></tr></thead><tbody>{}</tbody></table>"
      "{}",
      axis, rows, costs.empty() ? kDesktopOnly : costs);
}

}  // namespace assay::report
