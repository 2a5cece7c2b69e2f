// The waterfall: accuracy from the float model to the device, and which step owns the loss. Drawn twice,
// upright for wide pages and lying down for phones; CSS shows one.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "report/format.h"
#include "report/sections.h"
#include "report/svg.h"

namespace assay::report {
namespace {

using results::Attribution;
using results::Summary;

struct Level {
  std::string id;
  Mark mark;
  double centre;  // percent of the width
  std::string name, line2, line3;
  const results::Figure* top1 = nullptr;
};

struct Step {
  std::string id;
  size_t from, to;  // levels
  double centre;
  std::optional<double> change_pp;
  std::string detail;  // "0 flips", "341 broken, 3 fixed"
  bool clean = false;  // nothing lost: a tick
  bool owner = false;
};

struct Picture {
  std::array<Level, 4> levels;
  std::array<Step, 3> steps;
};

int64_t r1_members(const Summary& s) {
  return std::count_if(s.references.begin(), s.references.end(),
                       [](const auto& r) { return r.level == "R1"; });
}

std::string runtime_word(const results::Reference& reference) {
  std::string word = reference.resolver.empty() ? reference.runtime : reference.resolver;
  const size_t dot = reference.id.find('.');
  if (dot != std::string::npos) word = reference.id.substr(dot + 1);
  std::replace(word.begin(), word.end(), '_', ' ');
  if (word.starts_with("litert ")) word = word.substr(7);
  return word;
}

Picture picture_of(const Summary& s) {
  const auto top1 = [&](const char* level) { return level_accuracy(s, level); };
  const std::string members = r1_members(s) ? plural(r1_members(s), "runtime") : "not run";
  Picture p;
  p.levels = {Level{"R0", Mark::kR0, 8.5, "float", "desktop", "", top1("R0")},
              Level{"R1", Mark::kR1, 41.5, "as deployed", "desktop", members, top1("R1")},
              Level{"R2", Mark::kR2, 68.5, "same engine", "on the host", "", top1("R2")},
              Level{"D", Mark::kDevice, 94, "device", s.target.board, s.target.emulated ? "emulated" : "",
                    top1("D")}};
  p.steps = {Step{"compression", 0, 1, 25.2, {}, "", false, false},
             Step{"rounding", 1, 2, 55, {}, "", false, false},
             Step{"port", 2, 3, 81.2, {}, "", false, false}};
  const Attribution a = s.attribution.value_or(Attribution{});
  const std::array<std::optional<double>, 3> stated{a.compression_pp, a.rounding_pp, a.port_pp};
  for (size_t i = 0; i < p.steps.size(); ++i) {
    Step& step = p.steps[i];
    const auto *from = p.levels[step.from].top1, *to = p.levels[step.to].top1;
    step.change_pp = stated[i];
    if (!step.change_pp && from && to) step.change_pp = (to->value - from->value) * 100;
    step.owner = a.owner == step.id;
  }
  if (a.compression_broken && a.compression_fixed)
    p.steps[0].detail = count(*a.compression_broken) + " broken, " + count(*a.compression_fixed) + " fixed";
  else if (a.compression_flips)
    p.steps[0].detail = plural(*a.compression_flips, "flip");
  if (a.rounding_flips) p.steps[1].detail = plural(*a.rounding_flips, "flip");
  if (a.port_tolerance || a.port_max_error)
    p.steps[2].detail = port_text(a);
  else if (a.port_bits)
    p.steps[2].detail = plural(*a.port_bits, "bit");
  p.steps[0].clean = a.compression_flips == 0;
  p.steps[1].clean = a.rounding_flips == 0;
  p.steps[2].clean = a.port_tolerance ? a.port_outside == 0 : a.port_bits == 0;
  for (Step& step : p.steps)
    if (step.detail.empty()) step.detail = step.id == "port" ? "not attributable" : "\u2014 not measured";
  return p;
}

// Geometry of the upright picture, px.
constexpr double kTop = 26, kBottom = 318, kHeight = 386, kBar = 9;
double y_of(double percent) { return kBottom - (kBottom - kTop) * std::clamp(percent, 0.0, 100.0) / 100; }

std::string whisker(double x, double lo, double hi) {
  return svg_line(x, y_of(lo * 100), x, y_of(hi * 100), "whisker");
}

std::string upright_levels(const Picture& p) {
  std::string out;
  for (const Level& level : p.levels) {
    const bool device = level.id == "D";
    if (level.top1) {
      const double y = y_of(level.top1->value * 100);
      out += svg_rect(level.centre - kBar / 2, y, kBar, kBottom - y, device ? "lvD" : "lv");
      out += svg_line(level.centre - kBar / 2, y, level.centre + kBar / 2, y, device ? "topD" : "top");
      // The figure is inside its bar, or above it when the bar is too short.
      const double text_y = kBottom - y > 34 ? y + 28 : y - 8;
      out += fmt::format(
          "<text x=\"{}%\" y=\"{:.1f}\" text-anchor=\"middle\" class=\"lvt\">{}<tspan class=\"unit\"> "
          "%</tspan></text>",
          level.centre, text_y, fixed(level.top1->value * 100, 1));
      if (level.top1->lo && level.top1->hi && (device || level.id == "R0"))
        out += whisker(level.centre, *level.top1->lo, *level.top1->hi);
    } else {
      out += svg_rect(level.centre - kBar / 2, kBottom - 40, kBar, 40, "none") +
             svg_text(level.centre, kBottom - 16, "middle", "sub", "\u2014");
    }
    out += svg_mark(level.mark, level.centre, kBottom + 13, -11) +
           svg_text(level.centre, kBottom + 17.5, "start", "lname", level.id, -2) +
           svg_text(level.centre, kBottom + 34, "middle", "lsub", level.top1 ? level.name : "not run") +
           svg_text(level.centre, kBottom + 48, "middle", "sub", level.top1 ? level.line2 : "") +
           svg_text(level.centre, kBottom + 62, "middle", "sub", level.top1 ? level.line3 : "");
  }
  return out;
}

std::string upright_step(const Picture& p, const Step& step) {
  const Level &from = p.levels[step.from], &to = p.levels[step.to];
  std::string state = step.owner ? "own" : step.clean ? "ok" : "sub";
  std::string out = svg_text(step.centre, kBottom + 34, "middle", "step " + state, step.id) +
                    svg_text(step.centre, kBottom + 48, "middle", step.owner ? "lsub" : "sub",
                             step.owner ? "owns the loss" : step.detail);
  if (!from.top1 || !to.top1 || !step.change_pp) return out;
  const double y1 = y_of(from.top1->value * 100), y2 = y_of(to.top1->value * 100);
  const double left = from.centre + kBar / 2, right = to.centre - kBar / 2;
  const double x = step.centre - 8.6, width = 17.2;
  const bool lost = *step.change_pp <= -0.05;
  if (lost && y2 - y1 >= 3) {
    out += svg_line(left, y1, x + width, y1, "level") + svg_line(x, y2, right, y2, "level") +
           svg_rect(step.owner ? x : x + 4, y1, step.owner ? width : width - 8, y2 - y1,
                    step.owner ? "hatch" : "hatchg");
  } else {
    out += svg_line(left, y1, right, y2, "level");
  }
  const std::string change = fixed(*step.change_pp, std::abs(*step.change_pp) < 10 ? 2 : 1) + " pp";
  if (step.clean) return out + svg_mark(Mark::kCheck, step.centre, (y1 + y2) / 2);
  if (lost && y2 - y1 >= 56) {
    const double middle = (y1 + y2) / 2;
    out += svg_rect(step.centre - 8, middle - 23, 16, 44, "label") +
           svg_text(step.centre, middle - 3, "middle", "loss " + state, change) +
           svg_text(step.centre, middle + 14, "middle", "lsub", step.detail);
  } else {
    out += svg_text(step.centre, std::max(y1, y2) + 19, "middle", "delta " + state, change);
    if (step.owner) out += svg_text(step.centre, std::max(y1, y2) + 35, "middle", "sub", step.detail);
  }
  return out;
}

struct Lens {
  double lo = 0, hi = 0, factor = 0;                   // percent, percent, magnification
  std::map<double, std::vector<std::string>> members;  // accuracy in percent -> runtimes
};

// Only where runtimes differ and everything drawn lies in view.
std::optional<Lens> lens_of(const Summary& s, const Picture& p) {
  Lens lens;
  for (const auto& reference : s.references)
    if (reference.level == "R1" && reference.top1)
      lens.members[reference.top1->value * 100].push_back(runtime_word(reference));
  if (lens.members.size() < 2 || !p.levels[2].top1 || !p.levels[3].top1) return std::nullopt;
  lens.lo = lens.members.begin()->first, lens.hi = lens.members.rbegin()->first;
  const double span = lens.hi - lens.lo, pixels = (kBottom - kTop) / 100;
  lens.factor = std::floor(38 / (span * pixels) / 10) * 10;
  if (lens.factor < 10) return std::nullopt;
  for (size_t i : {2u, 3u}) {
    const double value = p.levels[i].top1->value * 100;
    if (value < lens.lo - span * 0.6 || value > lens.hi + span * 0.6) return std::nullopt;
  }
  return lens;
}

std::string upright_lens(const Lens& lens, const Picture& p, double top) {
  const double base = top + 84, pixels = (kBottom - kTop) / 100 * lens.factor;
  const auto y = [&](double percent) { return base - (percent - lens.lo) * pixels; };
  std::string out = svg_rect(35.5, top, 64.4, 104, "lens") +
                    svg_rect(35.6, y(lens.hi), 64.2, y(lens.lo) - y(lens.hi), "band");
  out += fmt::format(
      "<text x=\"36.8%\" y=\"{}\" class=\"lsub\"><tspan class=\"b\">Bar tops × {:.0f}</tspan> the band is "
      "what the "
      "desktop runtimes span</text>",
      top + 17, lens.factor);
  for (const auto& [value, names] : lens.members) {
    const auto n = static_cast<double>(names.size());
    for (size_t i = 0; i < names.size(); ++i)
      out += svg_mark(Mark::kR1, 41.5 - (n - 1) * 0.9 + 1.8 * static_cast<double>(i), y(value));
    std::string joined;
    for (const auto& name : names) joined += (joined.empty() ? "" : ", ") + name;
    if (joined.size() > 28) joined = plural(static_cast<int64_t>(names.size()), "runtime");
    out += svg_text(41.5 + n * 0.9 + 1, y(value) + (value == lens.hi ? -6 : 15), "start", "sub", joined);
    // Left of the devices' column, so that the figure never lies under a mark.
    out += svg_text(99.4, y(value) + (value == lens.hi ? -5 : 14), "end", "sub", fixed(value, 2) + " %");
  }
  const double r2 = p.levels[2].top1->value * 100, device = p.levels[3].top1->value * 100;
  out += svg_line(p.levels[2].centre, y(r2), p.levels[3].centre, y(device), "join") +
         svg_mark(Mark::kR2, p.levels[2].centre, y(r2)) +
         svg_mark(Mark::kDevice, p.levels[3].centre, y(device));
  if (p.steps[2].clean) out += svg_text(p.steps[2].centre, y(device) + 15, "middle", "acc", "same bits");
  for (const size_t i : {1u, 2u, 3u})
    out += svg_line(p.levels[i].centre, top + 105, p.levels[i].centre,
                    y_of(p.levels[i].top1 ? p.levels[i].top1->value * 100 : 0) - 14, "lead");
  return out;
}

std::string upright(const Summary& s, const Picture& p, bool& lens_drawn) {
  std::string out;
  for (const double tick : {50.0, 100.0})
    out += svg_line(0, y_of(tick), 100, y_of(tick), "grid") +
           svg_text(0, y_of(tick) - 5, "start", "sub", tick == 100 ? "100 %" : "50");
  out += svg_line(0, kBottom, 100, kBottom, "base") + upright_levels(p);
  for (const Step& step : p.steps) out += upright_step(p, step);
  const auto gate = accuracy_gate_percent(s);
  if (gate) {
    const double y = y_of(*gate);
    out += svg_line(p.levels[0].centre + kBar / 2 + 2, y, 100, y, "gatedash");
    // Above the line, unless the bar of the device ends there.
    const double device = p.levels[3].top1 ? y_of(p.levels[3].top1->value * 100) : kBottom;
    const std::string label = "gate: at least " + fixed(*gate, 1) + " %";
    const bool crowded = device < y + 30 && device > y - 24;
    out += crowded
               ? svg_text(p.steps[1].centre, y + (p.steps[1].clean ? 15 : 34), "middle", "sub strong", label)
               : svg_text(100, y - 5, "end", "sub strong", label);
  }
  double tallest = 0;
  for (const size_t i : {1u, 2u, 3u})
    tallest = std::max(tallest, p.levels[i].top1 ? p.levels[i].top1->value * 100 : 0);
  const double room_top = gate && *gate > tallest ? y_of(*gate) + 12 : kTop + 8;
  const auto lens = lens_of(s, p);
  lens_drawn = lens && y_of(tallest) - room_top >= 118;
  if (lens_drawn) out += upright_lens(*lens, p, room_top);
  return svg_figure(kHeight, "accuracy from the float model to the device", "wide", out);
}

// Bars that lie down: 0 to 100 % across, one row a level or step.
std::string lying(const Summary& s, const Picture& p) {
  constexpr double kLeft = 34, kWidth = 62, kRow = 50;
  const auto x_of = [](double percent) { return kLeft + kWidth * std::clamp(percent, 0.0, 100.0) / 100; };
  std::string out;
  for (const double tick : {0.0, 50.0, 100.0})
    out += svg_line(x_of(tick), 18, x_of(tick), 18 + 7 * kRow, "grid") +
           svg_text(x_of(tick), 18 + 7 * kRow + 16, tick == 100 ? "end" : "middle", "sub",
                    tick == 100 ? "100 %" : fixed(tick, 0));
  for (size_t i = 0; i < p.levels.size(); ++i) {
    const Level& level = p.levels[i];
    const double top = 18 + 2 * static_cast<double>(i) * kRow, middle = top + 23;
    out += svg_mark(level.mark, 2, middle - 5) + svg_text(5.5, middle, "start", "lname", level.id) +
           svg_text(5.5, middle + 15, "start", "sub", level.top1 ? level.name : "not run");
    if (!level.top1) {
      out += svg_text(kLeft + 2, middle + 5, "start", "sub", "\u2014");
      continue;
    }
    const double x = x_of(level.top1->value * 100);
    out += svg_rect(kLeft, top + 6, x - kLeft, 34, level.id == "D" ? "lvD" : "lv") +
           svg_line(x, top + 6, x, top + 40, level.id == "D" ? "topD" : "top");
    const bool inside = x - kLeft > 18;
    out += svg_text(inside ? kLeft + 2 : x + 1.5, middle + 5, "start", "lvt",
                    fixed(level.top1->value * 100, 1) + " %");
    if (level.top1->lo && level.top1->hi && (i == 0 || i == 3))
      out += svg_line(x_of(*level.top1->lo * 100), middle, x_of(*level.top1->hi * 100), middle, "whisker");
  }
  for (size_t i = 0; i < p.steps.size(); ++i) {
    const Step& step = p.steps[i];
    const double top = 18 + (2 * static_cast<double>(i) + 1) * kRow, middle = top + 23;
    const std::string state = step.owner ? "own" : step.clean ? "ok" : "sub";
    out += svg_text(0, middle, "start", "step " + state, step.id) +
           svg_text(0, middle + 15, "start", "sub", step.owner ? "owns the loss" : step.detail);
    const auto *from = p.levels[step.from].top1, *to = p.levels[step.to].top1;
    if (!from || !to || !step.change_pp) continue;
    const double x1 = x_of(from->value * 100), x2 = x_of(to->value * 100);
    const std::string change = fixed(*step.change_pp, std::abs(*step.change_pp) < 10 ? 2 : 1) + " pp";
    if (x1 - x2 >= 20 && step.owner) {
      out += svg_rect(x2, top, x1 - x2, 46, "hatch") +
             svg_rect((x1 + x2) / 2 - 13, top + 6, 26, 35, "label") +
             svg_text((x1 + x2) / 2, top + 22, "middle", "delta own", change) +
             svg_text((x1 + x2) / 2, top + 37, "middle", "sub", step.detail.substr(0, step.detail.find(',')));
    } else {
      out += svg_line(x1, top - 10, x2, top + 56, "level");
      const bool right = x2 < 80;
      out += step.clean ? svg_mark(Mark::kCheck, (x1 + x2) / 2, middle)
                        : svg_text((x1 + x2) / 2 + (right ? 2 : -2), middle + 4, right ? "start" : "end",
                                   "delta " + state, change);
    }
  }
  if (const auto gate = accuracy_gate_percent(s))
    out += svg_line(x_of(*gate), 12, x_of(*gate), 18 + 7 * kRow, "gatedash") +
           svg_text(100, 9, "end", "sub strong", "gate: at least " + fixed(*gate, 1) + " %");
  return svg_figure(18 + 7 * kRow + 24, "accuracy from the float model to the device", "narrow", out);
}

std::string envelope_sentence(const Summary& s) {
  if (!s.attribution || r1_members(s) < 2) return "";
  const Attribution& a = *s.attribution;
  std::string text = "The " + plural(r1_members(s), "desktop runtime");
  if (a.envelope_lo && a.envelope_hi && *a.envelope_lo == *a.envelope_hi)
    text += " agree on " + percent(*a.envelope_lo, 2);
  else if (a.envelope_lo && a.envelope_hi)
    text += " span " + fixed(*a.envelope_lo * 100, 2) + " to " + percent(*a.envelope_hi, 2);
  else
    return "";
  if (a.envelope_flips) text += ", disagree on the answer of " + plural(*a.envelope_flips, "sample");
  if (a.envelope_max_lsb) text += " and differ by at most " + count(*a.envelope_max_lsb) + " LSB";
  if (a.rounding_samples_outside)
    text += "; the engine leaves that envelope on " + plural(*a.rounding_samples_outside, "sample");
  return "<p class=\"cap\">" + text + ".</p>";
}

}  // namespace

const results::Figure* level_accuracy(const Summary& s, const std::string& level) {
  if (!s.accuracy) return nullptr;
  const auto& a = *s.accuracy;
  const auto& figure = level == "R0" ? a.r0 : level == "R1" ? a.r1 : level == "R2" ? a.r2 : a.device;
  return figure ? &*figure : nullptr;
}

std::string reference_name(const Summary& s) {
  const std::string level = s.accuracy ? s.accuracy->baseline_level : "";
  return level == "R1" ? "desktop R1" : level == "R2" ? "host R2" : "float R0";
}

std::optional<double> accuracy_gate_percent(const Summary& s) {
  if (const auto* gate = find_gate(s, "accuracy.delta")) {
    const auto limit = limit_of(*gate);
    const auto* reference = level_accuracy(s, s.accuracy ? s.accuracy->baseline_level : "R0");
    if (limit && reference && limit->comparison == "\u2265") return reference->value * 100 + limit->value;
  }
  for (const char* metric : {"accuracy.top1", "accuracy.device"})
    if (const auto* gate = find_gate(s, metric))
      if (const auto limit = limit_of(*gate))
        return limit->unit == "%" || limit->value > 1 ? limit->value : limit->value * 100;
  return std::nullopt;
}

std::string attribution_waterfall(const View& view) {
  const Summary& s = view.summary;
  if (!s.accuracy)
    return "<p class=\"abs\">\u2014 No accuracy: the dataset has no labels or the run ended before the "
           "comparison.</p>";
  const Picture p = picture_of(s);
  bool lens_drawn = false;
  const std::string wide = upright(s, p, lens_drawn);
  return fmt::format(
      "<p class=\"cap\">Top-1 accuracy on {}, from the float model to the device; whiskers 95 %</p>{}{}{}",
      plural(s.samples_done, "sample"), wide, lying(s, p),
      lens_drawn ? "<div class=\"narrowonly\">" + envelope_sentence(s) + "</div>" : envelope_sentence(s));
}

}  // namespace assay::report
