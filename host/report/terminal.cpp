#include "report/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "report/format.h"
#include "report/sections.h"
#include "report/shares.h"
#include "results/comparison.h"

namespace assay::report {
namespace {

using results::Figure;
using results::Summary;

constexpr int kLabel = 11;  // columns of "  latency   "
constexpr std::string_view kGreen = "32", kRed = "31", kYellow = "33", kDim = "2", kBold = "1";

// Columns that the text takes: code points, none of what is printed here is wide.
int columns(std::string_view text) {
  return static_cast<int>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

class Block {
 public:
  explicit Block(const TerminalStyle& style) : style_(style), width_(std::max(40, style.width)) {}

  // One labelled paragraph; parts are kept together where they fit and joined by two spaces.
  void line(std::string_view label, const std::vector<std::string>& parts, std::string_view colour = {}) {
    std::string head = "  " + std::string(label);
    head.resize(std::max(static_cast<size_t>(kLabel + 2), head.size() + 1), ' ');
    wrap(head, parts, colour);
  }
  void blank() { out_ += '\n'; }
  std::string take() { return std::move(out_); }

 private:
  std::string shown(std::string_view text) const { return style_.unicode ? std::string(text) : ascii(text); }
  std::string painted(const std::string& text, std::string_view colour) const {
    return style_.colour && !colour.empty() && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", colour, text)
                                                             : text;
  }
  void wrap(const std::string& head, const std::vector<std::string>& parts, std::string_view colour) {
    const std::string indent(static_cast<size_t>(kLabel + 2), ' ');
    std::string line = head;
    const auto flush = [&] {
      const size_t lead = std::min(line.size(), static_cast<size_t>(kLabel + 2));
      out_ += painted(line.substr(0, lead), line.starts_with(indent) ? std::string_view() : kDim) +
              painted(line.substr(lead), colour) + '\n';
      line = indent;
    };
    bool fresh = true;
    for (const std::string& raw : parts) {
      const std::string part = shown(raw);
      if (part.empty()) continue;
      if (!fresh && columns(line) + 2 + columns(part) > width_) flush(), fresh = true;
      if (!fresh) line += "  ";
      // A part that is wider than the line breaks at its spaces.
      for (size_t at = 0; at < part.size();) {
        const size_t end = std::min(part.find(' ', at), part.size());
        const std::string word = part.substr(at, end - at);
        if (!fresh && at > 0 && columns(line) + 1 + columns(word) > width_) flush(), fresh = true;
        line += (at > 0 && !fresh ? " " : "") + word;
        fresh = false;
        at = end + 1;
      }
    }
    flush();
  }

  TerminalStyle style_;
  int width_;
  std::string out_;
};

std::string with_unit(const Figure& figure) { return grouped(figure.value) + " " + unit_text(figure); }

void accuracy_lines(Block& block, const Summary& s) {
  if (!s.accuracy && s.task) return;  // its own lines follow
  if (!s.accuracy)
    return block.line("accuracy", {"\u2014 not compared: no labels, or the run ended before the comparison"});
  const auto& a = *s.accuracy;
  std::string chain;
  struct Level {
    const char* name;
    const std::optional<Figure>& top1;
  };
  for (const Level& level : {Level{"float", a.r0}, Level{"as deployed", a.r1}, Level{"device", a.device}})
    if (level.top1)
      chain += (chain.empty() ? "" : " \u2192 ") + std::string(level.name) + " " + percent(level.top1->value);
  if (a.device) chain += " " + interval_text(*a.device);
  block.line("accuracy", {chain, "n\u00a0" + count(s.samples_done)});
  if (a.delta)
    block.line("", {"change " + points(a.delta->value) + (a.delta->lo ? " " + interval_text(*a.delta) : "") +
                        " against " + reference_name(s),
                    fmt::format("{} broken, {} fixed", count(a.broken), count(a.fixed))});
  std::vector<std::string> dead;
  for (const auto& row : a.classes)
    if (row.recall_device == 0.0 && row.recall_reference.value_or(0) > 0)
      dead.push_back(fmt::format("{}\u00a0{}", row.name, points(row.delta.value_or(0))));
  if (!dead.empty()) {
    std::string names;
    for (const auto& one : dead) names += (names.empty() ? "" : ", ") + one;
    block.line("", {fmt::format("never recognised: {}", names)}, kRed);
  } else if (a.worst_class) {
    const auto& worst = a.classes.at(static_cast<size_t>(*a.worst_class));
    block.line("", {fmt::format("worst: {} {} (n {})", spoken_class(worst.name),
                                points(worst.delta.value_or(0)), count(worst.support))});
  }
}

// Beside top-1, in one line: what the accuracy lines lack.
void classification_line(Block& block, const results::Task& task) {
  std::vector<std::string> parts;
  for (const auto& figure : task.figures) {
    if (!figure.device || figure.name.ends_with("agreement")) continue;
    parts.push_back(task_figure_name(figure.name) + " " + task_value(*figure.device) +
                    (figure.delta ? " (" + points(figure.delta->value) + ")" : "") +
                    (figure.device->n ? " of " + count(*figure.device->n) + " " + figure.counts : ""));
  }
  if (!parts.empty()) block.line("", parts);
}

// One line a figure.
void task_lines(Block& block, const Summary& s) {
  if (!s.task) return;
  if (s.task->kind == "classification") return classification_line(block, *s.task);
  bool first = true;
  for (const auto& figure : s.task->figures) {
    if (!figure.device) continue;
    const std::string unit = figure.device->unit == "1" ? "" : " " + figure.device->unit;
    std::string chain;
    for (const auto& side : {figure.r0, figure.r1})
      if (side) chain += task_value(*side) + " \u2192 ";
    chain += task_value(*figure.device) + unit + " " + task_interval(*figure.device);
    block.line(
        first ? s.task->kind : "",
        {task_figure_name(figure.name) + " " + chain,
         figure.delta ? "change " + task_change(*figure.delta) + " " + task_interval(*figure.delta) : "",
         figure.device->n ? "n\u00a0" + count(*figure.device->n) + " " + figure.counts : ""});
    first = false;
  }
}

void slice_lines(Block& block, const Summary& s) {
  constexpr size_t kShown = 3;
  size_t worse = 0;
  for (const auto& row : s.slices) {
    if (!row.worse || ++worse > kShown) continue;
    block.line(worse == 1 ? "slices" : "",
               {fmt::format("{} is worse: {}", slice_name(row), points(row.delta.value_or(0))),
                fmt::format("{} broken, {} fixed of n\u00a0{}", count(row.broken), count(row.fixed),
                            count(row.support)),
                fmt::format("p {}{}", *row.p_holm < 0.001 ? "" : "= ", p_value(*row.p_holm))},
               kRed);
  }
  if (worse > kShown) block.line("", {fmt::format("and {} more slices", worse - kShown)}, kRed);
}

void loss_line(Block& block, const Summary& s) {
  if (!s.attribution) return block.line("loss", {"\u2014 not attributable: references are missing"});
  const auto& a = *s.attribution;
  std::string text;
  const auto part = [&](const std::string& name, const std::string& value) {
    text += (text.empty() ? "" : " · ") + name + " " + value;
  };
  if (a.compression_flips)
    part("compression", plural(*a.compression_flips, "flip") +
                            (a.compression_pp ? " (" + fixed(*a.compression_pp, 1) + " pp)" : ""));
  part("rounding",
       a.rounding_flips
           ? plural(*a.rounding_flips, "flip") +
                 (a.envelope_flips ? " (runtimes disagree on " + count(*a.envelope_flips) + ")" : "")
           : "\u2014 no host build");
  part("port", port_text(a));
  block.line("loss", {text});
  if (!a.owner.empty() && a.owner != "none" && a.owner != "unknown") {
    const std::string innocent = a.owner == "compression" && a.port_bits == 0 && a.rounding_flips == 0
                                     ? ": runtimes and device are innocent"
                                     : "";
    block.line("", {"owner: " + a.owner + innocent}, kBold);
  }
}

// "#3 DEPTHWISE_CONV_2D (reference): 214 of 8000 elements, worst 7 LSB at [0,3,1,12]".
void divergence_line(Block& block, const Summary& s) {
  if (!s.divergence) return;
  const auto& d = *s.divergence;
  if (!d.first || static_cast<size_t>(*d.first) >= d.operators.size())
    return block.line(d.state == "agrees" ? "operators" : "diverges", {typeset(d.sentence)},
                      d.state == "agrees" ? std::string_view() : kYellow);
  const auto& op = d.operators[static_cast<size_t>(*d.first)];
  std::string at;
  for (int64_t index : d.worst ? d.worst->at : std::vector<int64_t>())
    at += (at.empty() ? "" : ",") + std::to_string(index);
  const std::string worst = op.max_lsb   ? fmt::format("worst {} LSB", *op.max_lsb)
                            : op.max_abs ? fmt::format("worst {:.3g}", *op.max_abs)
                                         : "worst not finite";
  block.line("diverges",
             {fmt::format("#{} {} ({})", *d.first, d.op, d.kernel.substr(0, d.kernel.find('/'))),
              fmt::format("{} of {} elements, {} at [{}]", op.differing.value_or(0), op.elements, worst, at),
              d.inputs_equal == true ? "inputs equal: the fault lies in it" : ""},
             kBold);
}

void input_line(Block& block, const Summary& s) {
  std::string gone;
  int64_t n = 0;
  for (const auto& channel : s.input_channels)
    if (channel.zero_share >= 0.99) gone += (n++ ? ", " : "") + channel.name;
  if (n == 0) return;
  block.line("enters at", {fmt::format("the input tensor: {} of {} channels quantise to 0 ({})", n,
                                       s.input_channels.size(), gone)});
}

void cost_lines(Block& block, const Summary& s) {
  if (s.latency && s.latency->median) {
    std::vector<std::string> parts{with_unit(*s.latency->median) + " median"};
    if (s.latency->p95 && s.latency->max)
      parts.push_back("p95 " + grouped(s.latency->p95->value) + " · max " + grouped(s.latency->max->value));
    block.line("latency", parts);
  } else {
    block.line("latency", {"\u2014 no ticks were recorded"});
  }
  if (s.memory && s.memory->ram_total) {
    std::string text = "RAM " + kib(s.memory->ram_total->value) +
                       (s.target.ram_bytes ? " of " + kib(static_cast<double>(*s.target.ram_bytes)) : "");
    std::string detail;
    const auto add = [&](const char* name, const std::optional<Figure>& figure) {
      if (figure) detail += (detail.empty() ? "" : ", ") + std::string(name) + " " + kib(figure->value);
    };
    add("arena", s.memory->arena_touched ? s.memory->arena_touched : s.memory->arena_planned),
        add("stack touched", s.memory->stack_touched), add("static", s.memory->static_ram);
    block.line("memory", {text, detail.empty() ? "" : "(" + detail + ")"});
  }
  if (s.flash && s.flash->total)
    block.line("flash",
               {kib(s.flash->total->value) +
                    (s.target.flash_bytes ? " of " + kib(static_cast<double>(*s.target.flash_bytes)) : ""),
                s.flash->model ? "(model " + kib(s.flash->model->value) + ")" : ""});
}

void operator_line(Block& block, const Summary& s) {
  const Shares shares = shares_of(s);
  std::vector<size_t> order;
  for (size_t i = 0; i < operators_of(s).size(); ++i)
    if (s.layers[i].median) order.push_back(i);
  if (order.empty()) return;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return *s.layers[a].median > *s.layers[b].median; });
  std::vector<std::string> parts;
  for (size_t i = 0; i < order.size() && i < 3; ++i)
    parts.push_back(fmt::format("#{} {} {} %", s.layers[order[i]].index, s.layers[order[i]].op,
                                fixed(shares.operators[order[i]], 1)));
  if (s.latency && s.latency->profiler_overhead)
    parts.push_back("profiler " + percent(s.latency->profiler_overhead->value, 2));
  block.line("top ops", parts);
}

void ways_out_lines(Block& block, const Summary& s) {
  bool first = true;
  for (const auto& variant : s.variants) {
    if (variant.would_pass != true || !variant.top1) continue;
    block.line(first ? "ways out" : "",
               {fmt::format("{}: {} {} would pass", variant.name, percent(variant.top1->value),
                            interval_text(*variant.top1)),
                variant.run.empty() ? "(run on the desktop)" : "(run on " + variant.where + ")"},
               kGreen);
    first = false;
  }
}

void verdict_lines(Block& block, const Summary& s) {
  struct Look {
    std::string_view verdict, sign, colour;
  };
  constexpr Look kLooks[] = {{"pass", "\u2713 ", kGreen},
                             {"fail", "\u2717 ", kRed},
                             {"inconclusive", "\u2248 ", kYellow},
                             {"error", "\u26a0 ", kRed},
                             {"interrupted", "\u2248 ", kYellow}};
  const auto look = std::find_if(std::begin(kLooks), std::end(kLooks),
                                 [&](const Look& l) { return l.verdict == s.verdict; });
  const Look& chosen = look == std::end(kLooks) ? kLooks[2] : *look;
  block.line(verdict_word(s.verdict), {typeset(s.sentence)}, chosen.colour);
  int64_t passed = 0;
  for (const auto& gate : s.gates) {
    if (gate.verdict == "pass")
      ++passed;
    else
      block.line("",
                 {fmt::format("{}{} {}",
                              chosen.sign == "\u2713 " ? "\u2248 "
                              : gate.verdict == "fail" ? "\u2717 "
                                                       : "\u2248 ",
                              gate.metric, typeset(gate.observed.empty() ? "\u2014" : gate.observed)),
                  "wants " + typeset(gate.rule), gate.where.empty() ? "" : "(" + gate.where + ")",
                  gate.verdict == "inconclusive" ? typeset(gate.reason) : ""},
                 gate.verdict == "fail" ? kRed : kYellow);
  }
  // The sentence of a pass says it already.
  if (!s.gates.empty() && (s.verdict != "pass" || passed < static_cast<int64_t>(s.gates.size())))
    block.line("",
               {fmt::format("{} of {} hold", passed, plural(static_cast<int64_t>(s.gates.size()), "gate"))});
}

// What became of the figures since the baseline, and what changed in the subject meanwhile.
void baseline_lines(Block& block, const Summary& s) {
  if (!s.baseline) return;
  block.line("baseline", {typeset(s.baseline->sentence)},
             s.baseline->word == results::word::kWorse ? kRed : "");
  for (const std::string& change : s.baseline->subject) block.line("", {"changed: " + change});
}

}  // namespace

std::string terminal_block(const View& view, const TerminalStyle& style, const std::string& report_path) {
  const Summary& s = view.summary;
  Block block(style);
  accuracy_lines(block, s);
  task_lines(block, s);
  slice_lines(block, s);
  loss_line(block, s);
  divergence_line(block, s);
  input_line(block, s);
  cost_lines(block, s);
  operator_line(block, s);
  ways_out_lines(block, s);
  baseline_lines(block, s);
  for (const auto& issue : s.issues)
    if (issue.severity != "note")
      block.line(issue.severity, {typeset(issue.message) + " [" + issue.code + "]"}, kYellow);
  block.blank();
  verdict_lines(block, s);
  if (!report_path.empty()) block.line("", {report_path});
  return block.take();
}

}  // namespace assay::report
