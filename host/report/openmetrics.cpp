#include "report/openmetrics.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <vector>

#include "report/format.h"
#include "results/figures.h"

namespace assay::report {
namespace {

// How a unit ends the name of a metric.
struct Unit {
  std::string_view unit, suffix;
};
constexpr Unit kUnits[] = {{"1", "ratio"},        {"share", "ratio"},     {"B", "bytes"},
                           {"ns", "nanoseconds"}, {"us", "microseconds"}, {"instructions", "instructions"},
                           {"cycles", "cycles"},  {"ticks", "ticks"},     {"bits", "bits"},
                           {"flips", "flips"}};

std::string suffix_of(const std::string& unit) {
  for (const Unit& known : kUnits)
    if (known.unit == unit) return std::string(known.suffix);
  return "";
}

// Repaired UTF-8; the format escapes these three.
std::string label_text(std::string_view text) {
  std::string out;
  for (const char c : valid_utf8(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? "\\n" : std::string(1, c);
  }
  return out;
}

std::string metric_name(std::string name) {
  for (char& c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) c = '_';
  return "assay_" + name;
}

struct Sample {
  std::string labels;
  double value;
};

std::string labels_of(const results::Summary& s, const std::string& kind, const std::string& more = {}) {
  std::string labels =
      fmt::format("profile=\"{}\",board=\"{}\"", label_text(s.profile), label_text(s.target.board));
  if (!kind.empty()) labels += fmt::format(",kind=\"{}\"", label_text(kind));
  return labels + more;
}

std::string family(const std::string& base, const std::string& unit, const std::string& help,
                   const std::vector<Sample>& samples) {
  const std::string suffix = suffix_of(unit);
  const std::string name = metric_name(base) + (suffix.empty() ? "" : "_" + suffix);
  std::string out = fmt::format("# TYPE {} gauge\n", name);
  if (!suffix.empty()) out += fmt::format("# UNIT {} {}\n", name, suffix);
  out += fmt::format("# HELP {} {}\n", name, help);
  for (const Sample& sample : samples) out += fmt::format("{}{{{}}} {}\n", name, sample.labels, sample.value);
  return out;
}

std::string recalls(const results::Summary& s) {
  if (!s.accuracy) return "";
  const std::string kind = s.accuracy->device ? s.accuracy->device->kind : "";
  std::vector<Sample> samples;
  for (size_t i = 0; i < s.accuracy->classes.size(); ++i) {
    const auto& row = s.accuracy->classes[i];
    if (!row.recall_device || !std::isfinite(*row.recall_device)) continue;
    // Two classes may have one name; labels must differ.
    const std::string more = fmt::format(",class=\"{}\",index=\"{}\"", label_text(row.name), i);
    samples.push_back({labels_of(s, kind, more), *row.recall_device});
  }
  return samples.empty() ? "" : family("class.recall", "1", "Recall of a class on the device.", samples);
}

std::string gates(const results::Summary& s) {
  int64_t passed = 0, failed = 0, undecided = 0;
  for (const auto& gate : s.gates)
    ++(gate.verdict == "pass" ? passed : gate.verdict == "fail" ? failed : undecided);
  std::vector<Sample> samples;
  const auto add = [&](const char* verdict, int64_t count) {
    samples.push_back(
        {labels_of(s, "", fmt::format(",verdict=\"{}\"", verdict)), static_cast<double>(count)});
  };
  add("pass", passed), add("fail", failed), add("inconclusive", undecided);
  return family("gates", "", "Gates by verdict.", samples);
}

}  // namespace

std::string openmetrics(const View& view) {
  const results::Summary& s = view.summary;
  std::string out = family("exit_code", "", "Exit code of the run: 0 pass, 1 gate failed, 5 inconclusive.",
                           {{labels_of(s, ""), static_cast<double>(s.exit_code)}});
  out +=
      family("samples", "", "Samples that ran.", {{labels_of(s, ""), static_cast<double>(s.samples_done)}});
  out += gates(s);
  for (const auto& named : results::figures_of(s)) {
    const results::Figure& figure = named.figure;
    if (figure.validity == "invalid" || !std::isfinite(figure.value)) continue;
    const std::string more =
        figure.validity == "valid" ? "" : ",validity=\"" + label_text(figure.validity) + "\"";
    out += family(named.name, figure.unit, "Figure " + named.name + ".",
                  {{labels_of(s, figure.kind, more), figure.value}});
  }
  return out + recalls(s) + "# EOF\n";
}

}  // namespace assay::report
