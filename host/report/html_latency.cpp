// Latency histogram of the warm runs, and what the link did.
#include <fmt/format.h>

#include <algorithm>

#include "report/format.h"
#include "report/sections.h"
#include "report/svg.h"

namespace assay::report {
namespace {

using results::Latency;
using results::Summary;

std::string histogram(const Latency& latency, bool emulated) {
  if (!latency.min || !latency.max || latency.histogram.empty())
    return "<p class=\"abs\">\u2014 No histogram: too few warm runs.</p>";
  const double lo = latency.min->value, hi = latency.max->value;
  constexpr double kBase = 150, kTall = 108;
  if (!(hi > lo))
    return fmt::format("<p>All {} took exactly {} {}.</p>", plural(latency.n, "warm run"), grouped(lo),
                       escape(latency.kind));
  const auto most = static_cast<double>(
      std::max<int64_t>(1, *std::max_element(latency.histogram.begin(), latency.histogram.end())));
  const double width = 100.0 / static_cast<double>(latency.histogram.size());
  std::string body = svg_line(0, kBase, 100, kBase, "base");
  for (size_t i = 0; i < latency.histogram.size(); ++i)
    if (latency.histogram[i] > 0) {
      const double height = std::max(1.5, kTall * static_cast<double>(latency.histogram[i]) / most);
      body += svg_rect(width * static_cast<double>(i), kBase - height, width * 0.94, height,
                       emulated ? "dots" : "bar");
    }
  const auto label = [&](const std::optional<results::Figure>& figure, const char* name, double top) {
    if (!figure) return;
    const double x = 100 * (figure->value - lo) / (hi - lo);
    // The label turns to the side that has room.
    const bool right = x < 60;
    body += svg_line(x, top, x, kBase, "mark") + svg_text(x, top + 9, right ? "start" : "end", "lsub",
                                                          std::string(name) + " " + grouped(figure->value),
                                                          right ? 5 : -5);
  };
  label(latency.median, "median", 6);
  label(latency.p95, "p95", 22);
  body += svg_text(0, kBase + 16, "start", "sub", grouped(lo) + " min") +
          svg_text(100, kBase + 16, "end", "sub", grouped(hi) + " max");
  return svg_figure(kBase + 22, "latency histogram", "", body);
}

std::string latency_note(const Summary& s) {
  const Latency& latency = *s.latency;
  std::string note;
  if (latency.first) note += "First run apart: " + grouped(latency.first->value) + ". ";
  if (const auto* gate = find_gate(s, "latency.median")) {
    const auto limit = limit_of(*gate);
    if (gate->verdict == "inconclusive")
      note += "The gate is not decided: " + typeset(gate->reason) + ". ";
    else if (limit && latency.median && latency.max && limit->value > latency.max->value)
      note += "Gate " + grouped(limit->value) + " lies off the scale, " +
              percent(limit->value / latency.median->value - 1, 0) + " above the median. ";
  }
  if (latency.profiler_overhead) note += "Profiler " + percent(latency.profiler_overhead->value, 2) + ". ";
  return note.empty() ? "" : "<p class=\"cap\">" + escape(note) + "</p>";
}

std::string link_table(const Summary& s) {
  if (!s.link) return "<p class=\"abs\">\u2014 No link statistics were recorded.</p>";
  const auto& link = *s.link;
  std::string rows;
  const auto row = [&](const char* name, const std::string& value, bool host = false) {
    rows += fmt::format("<tr><td class=\"sub\">{}</td><td class=\"n\">{}</td><td class=\"sub\">{}</td></tr>",
                        name, value, host ? mark_inline(Mark::kHost) + "host" : "");
  };
  row("frames sent / received", count(link.frames_sent) + " / " + count(link.frames_received));
  row("payload", kib(static_cast<double>(link.bytes_up)) + " up · " +
                     kib(static_cast<double>(link.bytes_down)) + " down");
  row("retries", count(link.retries) + " of " + count(link.frames_sent));
  row("CRC errors", count(link.crc_errors));
  row("resets of the board", count(link.resets));
  row("events dropped", count(link.dropped_events));
  if (link.samples_per_second) row("samples per second", fixed(link.samples_per_second->value, 1), true);
  if (link.round_trip_median_us)
    row("round trip, median", fixed(link.round_trip_median_us->value / 1000, 2) + "\u202fms", true);
  return "<table class=\"facts\"><tbody>" + rows + "</tbody></table>";
}

}  // namespace

std::string latency_section(const View& view) {
  const Summary& s = view.summary;
  if (!s.latency && !s.link) return "";
  std::string left = "<p class=\"abs\">\u2014 No latency: the run recorded no ticks.</p>";
  if (s.latency)
    left = fmt::format("<p class=\"cap\">{}{} per inference, {}</p>{}{}",
                       mark_inline(s.target.emulated ? Mark::kEmulated : Mark::kDevice),
                       escape(s.latency->kind), plural(s.latency->n, "warm run"),
                       histogram(*s.latency, s.target.emulated), latency_note(s));
  return "<div class=\"pair\"><div>" + left + "</div><div>" + link_table(s) + "</div></div>";
}

}  // namespace assay::report
