#include "report/markdown.h"

#include <fmt/format.h>

#include "report/format.h"
#include "report/sections.h"
#include "results/figures.h"

namespace assay::report {
namespace {

using results::Figure;
using results::Summary;

std::string text(std::string_view raw) { return markdown_text(raw); }

constexpr std::pair<std::string_view, std::string_view> kMarks[] = {
    {"pass", "\u2705"}, {"fail", "\u274c"}, {"error", "\u26a0\ufe0f"}};

std::string mark_of(const std::string& verdict) {
  for (const auto& [word, mark] : kMarks)
    if (verdict == word) return std::string(mark);
  return "\u2754";
}

std::string with_interval(const Figure& figure) {
  std::string out = value_text(figure) + " " + unit_text(figure);
  const std::string interval = interval_text(figure);
  return interval.empty() ? out : out + " " + interval;
}

class Table {
 public:
  Table(std::string_view head, std::string_view rule) { out_ = fmt::format("\n{}\n{}\n", head, rule); }
  void row(const std::vector<std::string>& cells) {
    out_ += "|";
    for (const std::string& cell : cells) out_ += " " + text(cell) + " |";
    out_ += "\n", ++rows_;
  }
  std::string take() const { return rows_ ? out_ : ""; }

 private:
  std::string out_;
  int rows_ = 0;
};

std::string accuracy_chain(const Summary& s) {
  if (!s.accuracy || !s.accuracy->device) return "";
  std::string chain;
  if (s.accuracy->r0) chain += "float " + percent(s.accuracy->r0->value) + " \u2192 ";
  if (s.accuracy->r1) chain += "as deployed " + percent(s.accuracy->r1->value) + " \u2192 ";
  return chain + "device " + percent(s.accuracy->device->value) + " " + interval_text(*s.accuracy->device);
}

std::string worst_class_line(const Summary& s) {
  if (!s.accuracy || !s.accuracy->worst_class) return "";
  const auto index = static_cast<size_t>(*s.accuracy->worst_class);
  if (index >= s.accuracy->classes.size() || !s.accuracy->classes[index].delta) return "";
  const auto& row = s.accuracy->classes[index];
  return fmt::format("{} {} (n {})", spoken_class(row.name), points(*row.delta), count(row.support));
}

std::string first_table(const Summary& s) {
  Table table("| | |", "|---|---|");
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) table.row({name, value});
  };
  add("Accuracy", accuracy_chain(s));
  add("Worst class", worst_class_line(s));
  if (s.attribution && !s.attribution->owner.empty()) add("Owner of the loss", s.attribution->owner);
  if (s.latency && s.latency->median) add("Latency, median", with_interval(*s.latency->median));
  if (s.memory && s.memory->ram_total) add("RAM", kib(s.memory->ram_total->value));
  if (s.flash && s.flash->total) add("Flash", kib(s.flash->total->value));
  add("Samples", fmt::format("{} of {}", count(s.samples_done), count(s.samples_asked)));
  if (s.baseline) add("Since the baseline", s.baseline->sentence);
  return table.take();
}

std::string gate_table(const Summary& s, bool open) {
  Table table("| gate | wants | got | |", "|---|---|---|---|");
  for (const auto& gate : s.gates) {
    if ((gate.verdict != "pass") != open) continue;
    const std::string why = gate.verdict == "pass" ? "" : ": " + gate.reason;
    table.row({gate.metric, typeset(gate.rule), typeset(gate.observed), gate.verdict + typeset(why)});
  }
  return table.take();
}

std::string folded(std::string_view title, const std::string& body) {
  return body.empty() ? "" : fmt::format("\n<details><summary>{}</summary>\n{}\n</details>\n", title, body);
}

std::string classes(const Summary& s) {
  if (!s.accuracy) return "";
  Table table("| class | n | reference | device | change |", "|---|--:|--:|--:|--:|");
  const auto share = [](const std::optional<double>& value) {
    return value ? percent(*value) : std::string(kAbsent);
  };
  for (const auto& row : s.accuracy->classes)
    table.row({row.name, count(row.support), share(row.recall_reference), share(row.recall_device),
               row.delta ? points(*row.delta) : std::string(kAbsent)});
  return table.take();
}

std::string figures(const Summary& s) {
  Table table("| figure | value | n | validity |", "|---|--:|--:|---|");
  for (const auto& named : results::figures_of(s))
    table.row({named.name,
               is_difference(named.name) ? points(named.figure.value) + " " + interval_text(named.figure)
                                         : with_interval(named.figure),
               named.figure.n ? count(*named.figure.n) : std::string(kAbsent), named.figure.validity});
  return table.take();
}

std::string since_baseline(const Summary& s) {
  if (!s.baseline) return "";
  std::string out;
  for (const std::string& line : s.baseline->subject) out += "\n- " + text(line);
  if (!out.empty()) out += "\n";
  Table table("| figure | baseline | now | |", "|---|--:|--:|---|");
  const auto value = [](const results::BaselineRow& row, const std::optional<double>& v) {
    return v ? (row.unit == "1" ? percent(*v, 2) : grouped(*v) + " " + row.unit) : std::string(kAbsent);
  };
  for (const auto& row : s.baseline->rows)
    table.row({row.figure, value(row, row.before), value(row, row.now), row.word});
  return out + table.take();
}

std::string issues(const Summary& s) {
  std::string out;
  for (const auto& issue : s.issues)
    if (issue.severity != "note")
      out += fmt::format("\n- {}: {} ({})", text(issue.severity), text(issue.message), text(issue.code));
  return out.empty() ? out : out + "\n";
}

std::string provenance(const Summary& s) {
  Table table("| | |", "|---|---|");
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) table.row({name, value});
  };
  add("Run", s.run_id), add("Board", s.target.board_title),
      add("Model", s.subject.model_name + " " + short_id(s.subject.model_sha256));
  add("Dataset", s.dataset.name + " " + short_id(s.dataset.hash)),
      add("Firmware", s.subject.firmware_build_id);
  add("Toolchain", s.subject.toolchain), add("Repeat it with", s.provenance.command);
  return table.take();
}

}  // namespace

std::string markdown_report(const View& view) {
  const Summary& s = view.summary;
  const std::string& sentence = s.sentence;
  std::string out =
      fmt::format("### {} {}: {} on {}\n\n{}\n", mark_of(s.verdict), verdict_word(s.verdict),
                  text(s.title.empty() ? s.profile : s.title), text(s.target.board), text(typeset(sentence)));
  out += issues(s);
  out += gate_table(s, true);
  out += first_table(s);
  out += folded("Gates that hold", gate_table(s, false));
  out += folded("Change since the baseline", since_baseline(s));
  out += folded("Classes", classes(s));
  out += folded("Every figure", figures(s));
  return out + folded("Where it comes from", provenance(s));
}

}  // namespace assay::report
