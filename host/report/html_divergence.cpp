// Operator by operator: where the device leaves its host build, and who only passes it on.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/format.h"
#include "report/sections.h"
#include "report/svg.h"

namespace assay::report {
namespace {

using results::Divergence;
using results::OperatorDivergence;

constexpr double kFullDb = 60;  // an SQNR at which a bar is empty: int8 itself has about 50 dB

// The nearer to R2, the shorter; exact is no bar at all.
std::string error_bar(const std::optional<int64_t>& differing, const std::optional<double>& db,
                      std::string_view cls) {
  if (!differing || *differing == 0) return "";
  const double share = db ? std::clamp(1 - *db / kFullDb, 0.03, 1.0) : 1.0;
  return svg_figure(12, "noise against the host build", "", svg_rect(0, 1, 100 * share, 10, cls));
}

std::string db_cell(const std::optional<int64_t>& differing, const std::optional<double>& db) {
  if (!differing) return std::string(kAbsent);
  if (*differing == 0) return "exact";
  return db ? fixed(*db, 1) : std::string(kAbsent);
}

std::string distance_cell(const std::optional<int64_t>& lsb, const std::optional<double>& real) {
  if (lsb) return count(*lsb);
  return real ? fmt::format("{:.3g}", *real) : std::string(kAbsent);
}

std::string row(const Divergence& d, const OperatorDivergence& op) {
  const bool first = d.first == op.index;
  std::string name = escape(op.op);
  if (first) name = "<b class=\"own\">" + name + "</b>";
  if (!op.captured) {
    return fmt::format(
        "<tr class=\"sub\"><td class=\"n\">{}</td><td>{}</td><td class=\"n second\">{}</td><td "
        "colspan=\"7\">{}</td></tr>",
        op.index, name, escape(typeset(op.output_shape)), escape("not captured: " + op.note));
  }
  return fmt::format(
      "<tr><td class=\"n sub\">{}</td><td>{}</td><td class=\"n second sub\">{}</td><td class=\"n\">{}</td>"
      "<td class=\"n\">{}</td><td class=\"bar\">{}</td><td class=\"n\">{}</td><td class=\"n second\">{}</td>"
      "<td class=\"bar second\">{}</td><td class=\"n second\">{}</td></tr>",
      op.index, name, escape(typeset(op.output_shape)), count(op.differing.value_or(0)),
      distance_cell(op.max_lsb, op.max_abs),
      error_bar(op.differing, op.sqnr_db, first ? "badbar" : "greybar"), db_cell(op.differing, op.sqnr_db),
      op.local_differing ? distance_cell(op.local_max_lsb, op.local_max_abs) : std::string(kAbsent),
      error_bar(op.local_differing, op.local_sqnr_db, "badbar"),
      db_cell(op.local_differing, op.local_sqnr_db));
}

std::string value_text(double real, const std::optional<int64_t>& stored) {
  return stored ? fmt::format("{:.6g} ({})", real, *stored) : fmt::format("{:.9g}", real);
}

std::string worst_text(const Divergence& d) {
  if (!d.worst) return "";
  std::string at;
  for (int64_t index : d.worst->at) at += (at.empty() ? "" : ", ") + std::to_string(index);
  std::string shapes;
  if (!d.input_shape.empty()) shapes += "input " + d.input_shape + ", ";
  if (!d.filter_shape.empty()) shapes += "filter " + d.filter_shape + ", ";
  return fmt::format(
      "<p class=\"cap\">Operator #{} {}, kernel <code>{}</code>: {}output {}. Worst element [{}] of sample "
      "{}: "
      "device {}, host build {}.</p>",
      d.first.value_or(-1), escape(d.op), escape(d.kernel), escape(typeset(shapes)),
      escape(typeset(d.output_shape)), at, escape(d.worst->sample),
      escape(typeset(value_text(d.worst->device, d.worst->device_q))),
      escape(typeset(value_text(d.worst->reference, d.worst->reference_q))));
}

std::string captured_text(const Divergence& d) {
  return fmt::format(
      "<p class=\"cap\">{} captured ({}), on {}. Accumulated: the device against the host build, each on its "
      "own "
      "inputs. Local: the device against the operator alone, run here on the device\u2019s inputs. Tapped "
      "runs are "
      "timed by nobody.</p>",
      plural(static_cast<int64_t>(d.samples.size()), "sample"), escape(d.choice),
      plural(d.plans, "tapped plan"));
}

}  // namespace

std::string divergence_section(const View& view) {
  if (!view.summary.divergence) return "";
  const Divergence& d = *view.summary.divergence;
  const bool lsb = std::any_of(d.operators.begin(), d.operators.end(),
                               [](const auto& op) { return op.max_lsb.has_value(); });
  std::string body;
  for (const OperatorDivergence& op : d.operators) body += row(d, op);
  const char* distance = lsb ? "LSB" : "worst";
  return fmt::format("<p>{}</p>", escape(typeset(d.sentence))) +
         fmt::format(
             "<table class=\"layers\"><thead><tr><th class=\"n\">#</th><th>operator</th><th class=\"n "
             "second\">output</th><th class=\"n\">differ</th><th class=\"n\">{}</th><th "
             "class=\"bar\"></th><th "
             "class=\"n\">SQNR dB</th><th class=\"n second\">local {}</th><th class=\"bar second\"></th><th "
             "class=\"n second\">SQNR dB</th></tr></thead><tbody>{}</tbody></table>",
             distance, distance, body) +
         worst_text(d) + captured_text(d);
}

}  // namespace assay::report
