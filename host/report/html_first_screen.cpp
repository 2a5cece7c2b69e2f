// Masthead, verdict with its gates, cost strip, footer: what a reader needs before any detail.
#include <fmt/format.h>

#include <algorithm>

#include "report/format.h"
#include "report/sections.h"
#include "report/svg.h"

namespace assay::report {
namespace {

using results::Figure;
using results::Summary;

struct VerdictLook {
  std::string_view verdict, word, cls;
  Mark mark;
};
constexpr VerdictLook kVerdicts[] = {
    {"pass", "PASS", "pass", Mark::kCheck},
    {"fail", "FAIL", "fail", Mark::kCross},
    {"inconclusive", "INCONCLUSIVE", "inconclusive", Mark::kUnsure},
    {"error", "ERROR", "error", Mark::kCross},
    {"interrupted", "INTERRUPTED", "inconclusive", Mark::kUnsure},
};

const VerdictLook& look_of(const std::string& verdict) {
  for (const VerdictLook& look : kVerdicts)
    if (look.verdict == verdict) return look;
  return kVerdicts[2];
}

// "Quantising lost it. The board lost none." as two lines, as the eye reads them.
std::string sentences(const std::string& text) {
  std::string out = escape(typeset(text));
  for (size_t at = out.find(". "); at != std::string::npos; at = out.find(". ", at + 2))
    out.replace(at, 2, ".<br>");
  return out;
}

// The column of figures has no room for long units; the title has all.
std::string in_short(const std::string& text) {
  std::string out = typeset(text);
  for (const std::string_view unit : {"instructions (emulated)", "instructions"})
    if (const size_t at = out.find(unit); at != std::string::npos) out.replace(at, unit.size(), "instr");
  return out;
}

// "10372 B" as "10.1 KiB", like everywhere else on the page; anything else as it is.
std::string bytes_in_short(const std::string& text) {
  const std::string plain = ascii(text);
  const size_t digits = plain.find_first_not_of("0123456789");
  return digits != std::string::npos && digits > 0 && digits < 18 && plain.substr(digits, 2) == " B" &&
                 plain.find_first_not_of(' ', digits + 2) == std::string::npos
             ? kib(std::stod(plain))
             : text;
}

// The comparison and its number; what is compared stands in the title.
std::string rule_in_short(const results::Gate& gate) {
  const auto limit = limit_of(gate);
  if (!limit) return in_short(gate.rule.substr(0, gate.rule.find(' ', gate.rule.find(' ') + 1)));
  return limit->comparison + " " + (limit->unit == "B" ? kib(limit->value) : grouped(limit->value));
}

std::string gate_rows(const Summary& summary) {
  std::vector<const results::Gate*> gates;
  for (const auto& gate : summary.gates) gates.push_back(&gate);
  const auto rank = [](const results::Gate* g) {
    return g->verdict == "fail" ? 0 : g->verdict == "pass" ? 2 : 1;
  };
  std::stable_sort(gates.begin(), gates.end(), [&](auto* a, auto* b) { return rank(a) < rank(b); });
  std::string rows;
  for (const auto* gate : gates) {
    // The interval is in the sentence; the table has room for the figure.
    const std::string observed = gate->observed.empty() ? std::string(kAbsent) : gate->observed;
    const std::string figure = observed.substr(0, observed.find_first_of("[,"));
    rows += fmt::format(
        "<tr class=\"{}\" title=\"{}\"><td>{}<span class=\"sr\">{} </span>{}</td><td "
        "class=\"n\">{}</td><td>{}</td></tr>",
        verdict_class(gate->verdict),
        escape(typeset(gate->observed + ", wants " + gate->rule +
                       (gate->reason.empty() ? "" : ": " + gate->reason))),
        mark_inline(look_of(gate->verdict).mark), look_of(gate->verdict).word, escape(gate->metric),
        escape(bytes_in_short(in_short(figure))), escape(rule_in_short(*gate)));
  }
  return rows.empty() ? "<tr><td>no gates in this profile</td></tr>" : rows;
}

// Reasons often begin with the figure; then it is said once.
std::string outcome_of(const results::Gate& gate) {
  std::string reason = gate.reason;
  while (reason.ends_with('.')) reason.pop_back();
  if (gate.observed.empty())
    return reason.empty() ? std::string(kAbsent) : std::string(kAbsent) + ". " + reason;
  if (reason.starts_with(gate.observed)) return reason;
  return reason.empty() ? gate.observed : gate.observed + ". " + reason;
}

std::string deciding_gate(const Summary& summary) {
  for (const char* wanted : {"fail", "inconclusive"})
    for (const auto& gate : summary.gates)
      if (gate.verdict == wanted)
        return fmt::format("<p>Gate <b>{}</b> wants {}; got {}. <code>{}</code></p>", escape(gate.metric),
                           escape(typeset(gate.rule)), escape(typeset(outcome_of(gate))), escape(gate.where));
  if (summary.gates.empty()) return "<p>The profile holds no gates, so nothing was decided.</p>";
  const auto n = static_cast<int64_t>(summary.gates.size());
  return n == 1 ? "<p>The one gate holds.</p>" : fmt::format("<p>All {} hold.</p>", plural(n, "gate"));
}

// One cell of the cost strip.
std::string cost(std::string_view title, const std::string& value, const std::string& bar,
                 const std::string& note) {
  return fmt::format(
      "<div class=\"cost\"><div class=\"cap\">{}</div><div class=\"big\">{}</div>{}<div "
      "class=\"cap\">{}</div></div>",
      title, value, bar, note);
}

std::string bar_to_gate(double value, std::optional<double> gate, bool emulated, std::string_view label) {
  const double full = std::max(value, gate.value_or(value)) * 1.16;
  if (full <= 0) return "";
  std::string body =
      svg_rect(0, 3, 100, 8, "rail") + svg_rect(0, 3, 100 * value / full, 8, emulated ? "dots" : "bar");
  if (gate) body += svg_line(100 * *gate / full, 0, 100 * *gate / full, 14, "gateline");
  return svg_figure(14, label, "", body);
}

std::optional<double> gate_bytes(const Summary& summary, std::string_view metric) {
  const auto* gate = find_gate(summary, metric);
  const auto limit = gate ? limit_of(*gate) : std::nullopt;
  if (!limit) return std::nullopt;
  return limit->value * (limit->unit == "KiB" ? 1024 : limit->unit == "MiB" ? 1048576 : 1);
}

std::string latency_cost(const Summary& summary) {
  const std::string title =
      mark_inline(summary.target.emulated ? Mark::kEmulated : Mark::kDevice) + "Latency, median";
  if (!summary.latency || !summary.latency->median)
    return cost(title, "<span class=\"abs\">\u2014 not measured</span>", "", "the run recorded no ticks");
  const Figure& median = *summary.latency->median;
  const auto* gate = find_gate(summary, "latency.median");
  const auto limit = gate && gate->verdict != "inconclusive" ? limit_of(*gate) : std::nullopt;
  std::string note;
  if (summary.latency->p95) note = "p95 " + grouped(summary.latency->p95->value);
  if (limit)
    note += " · gate " + grouped(limit->value);
  else if (gate)
    note += " · gate not comparable";
  return cost(title,
              fmt::format("<span title=\"{} {}\">{}</span> <small>{}</small>", grouped(median.value),
                          escape(unit_text(median)), si(median.value), escape(unit_text(median))),
              bar_to_gate(median.value, limit ? std::optional(limit->value) : std::nullopt,
                          median.kind == "emulated", "latency against its gate"),
              note);
}

std::string memory_cost(const Summary& summary, std::string_view title, const std::optional<Figure>& figure,
                        std::initializer_list<std::string_view> metrics, std::optional<int64_t> limit,
                        std::string_view part) {
  if (!figure)
    return cost(title, "<span class=\"abs\">\u2014 not measured</span>", "", "the agent reports none");
  std::optional<double> gate;
  for (const auto metric : metrics)
    if (!gate) gate = gate_bytes(summary, metric);
  const std::string of = gate ? "of " + kib(*gate) + " gate" : unit_text(*figure);
  std::string note = limit ? fmt::format("{} of the board’s {}",
                                         escape(part_of(figure->value / static_cast<double>(*limit))),
                                         kib(static_cast<double>(*limit)))
                           : std::string("the board states no limit");
  return cost(
      title,
      fmt::format("{} <small>{}{}</small>", value_text(*figure), gate ? unit_text(*figure) + " " : "", of),
      bar_to_gate(figure->value,
                  gate    ? gate
                  : limit ? std::optional(static_cast<double>(*limit))
                          : std::nullopt,
                  false, std::string(part) + " against its limit"),
      note);
}

}  // namespace

std::string verdict_word(const std::string& verdict) { return std::string(look_of(verdict).word); }
std::string verdict_class(const std::string& verdict) { return std::string(look_of(verdict).cls); }

std::string masthead(const View& view) {
  const Summary& s = view.summary;
  std::string what;
  if (!s.subject.model_name.empty()) what = s.subject.model_name + ", ";
  if (!s.dataset.classes.empty())
    what += plural(static_cast<int64_t>(s.dataset.classes.size()), "class", "classes") + ", ";
  what += plural(s.samples_done, "sample");
  if (s.samples_done != s.samples_asked) what += " of " + count(s.samples_asked) + " asked";
  const std::string chip =
      s.target.emulated ? mark_inline(Mark::kEmulated) + "emulated" : mark_inline(Mark::kDevice) + "measured";
  return fmt::format(
      "<header><div><b>Assay</b> <i>·</i> <b>{}</b> <span class=\"second\">{}</span> <span>on</span> "
      "<b>{}</b> "
      "<span class=\"chip\">{}</span></div><div class=\"cap\">run <code>{}</code>{} <button id=\"theme\" "
      "type=\"button\" "
      "hidden>dark</button></div></header>",
      escape(s.title.empty() ? s.profile : s.title), escape(typeset(what)), escape(s.target.board), chip,
      escape(s.run_id), s.provenance.started.empty() ? "" : " · " + escape(s.provenance.started));
}

std::string verdict_banner(const View& view) {
  const Summary& s = view.summary;
  const VerdictLook& look = look_of(s.verdict);
  const bool attributed = s.attribution && !s.attribution->sentence.empty();
  // What failed has said so; otherwise what was lost on the way is the news.
  const bool decided = s.verdict == "error" || s.verdict == "fail";
  const std::string& sentence = decided || !attributed ? s.sentence : s.attribution->sentence;
  return fmt::format(
      "<section class=\"verdict {}\" aria-label=\"verdict\"><div class=\"word\">{}<span>{}</span></div><div "
      "class=\"why\">"
      "<h1>{}</h1>{}</div><table class=\"gates\"><tbody>{}</tbody></table></section>",
      look.cls, mark_inline(look.mark), look.word,
      sentences(sentence.empty() ? "No sentence was recorded." : sentence), deciding_gate(s), gate_rows(s));
}

std::string cost_strip(const View& view) {
  const Summary& s = view.summary;
  const std::optional<Figure> ram = s.memory ? s.memory->ram_total : std::nullopt;
  const std::optional<Figure> flash = s.flash ? s.flash->total : std::nullopt;
  std::string speed = "<span class=\"abs\">\u2014 not recorded</span>", speed_note;
  if (s.link && s.link->samples_per_second) {
    speed = fmt::format("{} <small>samples/s</small>", fixed(s.link->samples_per_second->value, 1));
    speed_note = fmt::format("{} · {}", plural(s.link->retries, "retry", "retries"),
                             plural(s.link->crc_errors, "CRC error"));
  }
  return "<section class=\"costs\" aria-label=\"cost\">" + latency_cost(s) +
         memory_cost(s, "Peak RAM", ram, {"memory.ram", "ram.peak"}, s.target.ram_bytes, "RAM") +
         memory_cost(s, "Flash", flash, {"memory.flash", "flash.total"}, s.target.flash_bytes, "flash") +
         cost("Energy per inference", "<span class=\"abs\">\u2014 not measured</span>", "",
              s.target.emulated ? "an emulated board has no supply to meter"
                                : "no meter took part in this run") +
         cost(mark_inline(Mark::kHost) + "Throughput of the run", speed, "", speed_note) + "</section>";
}

std::string page_footer(const View& view) {
  const Summary& s = view.summary;
  const std::string evidence = s.target.mode == "process" ? "E1, simulated"
                               : s.target.emulated        ? "E2, emulated"
                                                          : "E4, a live board";
  return fmt::format(
      "<footer><span>again: <code>{}</code></span><span>open in the dashboard: <a "
      "href=\"assay://run/{}/overview\">"
      "assay://run/{}/overview</a></span><span>assay {} · evidence {}</span></footer>",
      escape(s.provenance.command.empty() ? "assay run profiles/" + s.profile + " --board " + s.target.board
                                          : s.provenance.command),
      escape(s.run_id), escape(s.run_id), escape(s.provenance.assay_version), evidence);
}

}  // namespace assay::report
