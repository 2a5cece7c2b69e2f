#include "report/junit.h"

#include <fmt/format.h>

#include <map>

#include "report/format.h"

namespace assay::report {
namespace {

using results::Figure;
using results::Summary;

std::string plain(const std::string& text) { return escape(ascii(typeset(text))); }

std::string property(std::string_view name, const std::string& value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", escape(name), escape(value));
}

// A number a script can read, then the words.
void add(std::string& out, std::string_view name, const std::optional<Figure>& figure) {
  if (!figure) return;
  out += property(name, fmt::format("{:.10g}", figure->value));
  out += property(std::string(name) + ".unit",
                  (figure->unit == "1" ? "share" : figure->unit) + " " + figure->kind);
}

std::string properties(const Summary& s) {
  std::string out = property("run_id", s.run_id) + property("verdict", s.verdict) +
                    property("board", s.target.board) + property("unit", s.target.unit) +
                    property("model_sha256", s.subject.model_sha256) +
                    property("firmware_build_id", s.subject.firmware_build_id) +
                    property("samples", fmt::format("{} of {}", s.samples_done, s.samples_asked));
  if (s.accuracy) {
    add(out, "accuracy.r0", s.accuracy->r0), add(out, "accuracy.r1", s.accuracy->r1),
        add(out, "accuracy.r2", s.accuracy->r2);
    add(out, "accuracy.device", s.accuracy->device), add(out, "accuracy.delta", s.accuracy->delta);
  }
  if (s.attribution) {
    out += property("attribution.owner", s.attribution->owner);
    if (s.attribution->port_bits)
      out += property("attribution.port_bits", std::to_string(*s.attribution->port_bits));
    if (s.attribution->rounding_flips)
      out += property("attribution.rounding_flips", std::to_string(*s.attribution->rounding_flips));
  }
  if (s.latency) add(out, "latency.median", s.latency->median), add(out, "latency.p95", s.latency->p95);
  if (s.memory) add(out, "memory.ram", s.memory->ram_total);
  if (s.flash) add(out, "memory.flash", s.flash->total);
  return "    <properties>\n" + out + "    </properties>\n";
}

struct Outcome {
  std::string element;  // failure | error | skipped | empty: passed
  std::string type, message, body;
};

// By exit code: 1 and 6 speak about model and firmware, 2 to 4 about the bench, 5 and signals decide nothing.
Outcome outcome_of_run(const Summary& s) {
  const std::string& sentence = s.sentence;
  if (s.verdict == "pass") return {};
  if (s.verdict == "fail" || s.exit_code == 1)
    return {"failure", "gate", sentence, s.attribution ? s.attribution->sentence : ""};
  if (s.exit_code == 6) return {"failure", "target_fault", sentence, ""};
  if (s.verdict == "error" || (s.exit_code >= 2 && s.exit_code <= 4))
    return {"error", "infrastructure", sentence, ""};
  return {"skipped", "", sentence, ""};
}

Outcome outcome_of_gate(const results::Gate& gate) {
  if (gate.verdict == "pass") return {};
  const std::string message =
      gate.metric + " wants " + gate.rule + (gate.observed.empty() ? "" : "; got " + gate.observed);
  const std::string body =
      gate.reason + (gate.where.empty() ? "" : (gate.reason.empty() ? "" : " ") + ("(" + gate.where + ")"));
  if (gate.verdict == "fail") return {"failure", "gate", message, body};
  return {"skipped", "", gate.reason.empty() ? message : gate.reason, ""};
}

std::string test_case(const std::string& classname, const std::string& name, double seconds,
                      const std::string& file, const Outcome& outcome) {
  std::string out = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
                                plain(classname), plain(name), seconds);
  if (!file.empty()) out += fmt::format(" file=\"{}\"", plain(file));
  if (outcome.element.empty()) return out + "/>\n";
  out += fmt::format(">\n      <{} message=\"{}\"", outcome.element, plain(outcome.message));
  if (!outcome.type.empty()) out += fmt::format(" type=\"{}\"", outcome.type);
  out += outcome.body.empty() ? "/>\n" : fmt::format(">{}</{}>\n", plain(outcome.body), outcome.element);
  return out + "    </testcase>\n";
}

// "2026-11-24 21:40 UTC" and ISO forms become what the JUnit schema wants: no zone, T in between.
std::string timestamp(std::string started) {
  if (started.size() > 10 && started[10] == ' ') started[10] = 'T';
  started = started.substr(0, started.find_first_of(" Z.+", 0));
  return started.size() == 16 ? started + ":00" : started;
}

}  // namespace

std::string junit_xml(const View& view) {
  const Summary& s = view.summary;
  const std::string classname = "assay." + s.profile + "." + s.target.board;
  std::map<std::string, int> tally{{"failure", 0}, {"error", 0}, {"skipped", 0}};
  std::string cases;
  const auto put = [&](const std::string& name, double seconds, const std::string& file,
                       const Outcome& outcome) {
    if (!outcome.element.empty()) ++tally[outcome.element];
    cases += test_case(classname, name, seconds, file, outcome);
  };
  put("run", s.provenance.duration_s, "", outcome_of_run(s));
  std::map<std::string, int> seen;
  for (const auto& gate : s.gates) {
    const int nth = ++seen[gate.metric];
    const std::string file = gate.where.substr(0, gate.where.rfind(':'));
    put(nth == 1 ? gate.metric : gate.metric + " #" + std::to_string(nth), 0, file, outcome_of_gate(gate));
  }
  const std::string totals = fmt::format(
      "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\"", s.gates.size() + 1,
      tally["failure"], tally["error"], tally["skipped"], s.provenance.duration_s);
  std::string stamp = timestamp(s.provenance.started);
  if (!stamp.empty()) stamp = " timestamp=\"" + escape(stamp) + "\"";
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"assay\" {0}>\n  <testsuite "
      "name=\"{1}\" {0}{2} hostname=\"{3}\">\n{4}{5}  </testsuite>\n</testsuites>\n",
      totals, plain(s.profile + " on " + s.target.board), stamp, escape(s.provenance.host), properties(s),
      cases);
}

}  // namespace assay::report
