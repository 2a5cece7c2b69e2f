// RAM and flash against their gates, and the arena as rectangles: operators across, bytes up.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/format.h"
#include "report/sections.h"
#include "report/svg.h"

namespace assay::report {
namespace {

using results::ArenaTensor;
using results::Summary;

struct Part {
  std::string name;
  double bytes = 0;
};

std::optional<double> limit_bytes(const Summary& s, std::initializer_list<const char*> metrics) {
  for (const char* metric : metrics)
    if (const auto* gate = find_gate(s, metric))
      if (const auto limit = limit_of(*gate))
        return limit->value * (limit->unit == "KiB" ? 1024 : limit->unit == "MiB" ? 1048576 : 1);
  return std::nullopt;
}

std::string stacked(const char* title, const std::vector<Part>& parts, double total,
                    std::optional<double> gate, std::optional<int64_t> board) {
  const double full = std::max(total, gate.value_or(total)) * 1.27;
  if (parts.empty() || full <= 0) return "";
  std::string body = svg_rect(0, 6, gate ? 100 * *gate / full : 82, 22, "outlineg"), legend;
  double x = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const double width = 100 * parts[i].bytes / full;
    const std::string cls = fmt::format("s{}", std::min<size_t>(i, 4));
    body += svg_rect(x, 6, std::max(0.0, width - 0.25), 22, cls);
    x += width;
    legend += fmt::format(
        "{}<span class=\"nw\"><svg class=\"mk\" width=\"9\" height=\"9\" aria-hidden=\"true\"><rect "
        "width=\"9\" height=\"9\" class=\"{}\"/></svg>{} <b>{}</b></span>",
        i ? " · " : "", cls, escape(parts[i].name), kib(parts[i].bytes));
  }
  if (gate)
    body += svg_line(100 * *gate / full, 0, 100 * *gate / full, 34, "gateline") +
            svg_text(100 * *gate / full, 21, "start", "lsub", "gate " + kib(*gate), 5);
  std::string of = kib(total);
  if (board) of += " of the board’s " + kib(static_cast<double>(*board));
  return fmt::format("<div><p class=\"cap\">{} <b>{}</b></p>{}<p class=\"cap\">{}</p></div>", title, of,
                     svg_figure(36, title, "", body), legend);
}

std::vector<Part> ram_parts(const results::Memory& memory) {
  std::vector<Part> parts;
  const auto add = [&](const char* name, const std::optional<results::Figure>& figure) {
    if (figure) parts.push_back({name, figure->value});
  };
  add("static", memory.static_ram);
  add(memory.arena_touched ? "arena touched" : "arena",
      memory.arena_touched ? memory.arena_touched : memory.arena_planned);
  add("stack touched peak", memory.stack_touched);
  add("I/O buffers", memory.io_buffers);
  return parts;
}

std::vector<Part> flash_parts(const results::Flash& flash) {
  std::map<std::string, double> owners;
  for (const auto& section : flash.sections) owners[section.owner] += static_cast<double>(section.bytes);
  if (owners.empty()) {
    if (flash.firmware) owners["firmware"] = flash.firmware->value;
    if (flash.model) owners["model"] = flash.model->value;
  }
  std::vector<Part> parts;
  for (const auto& [name, bytes] : owners) parts.push_back({name, bytes});
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.bytes > b.bytes; });
  return parts;
}

struct Peak {
  int64_t bytes = 0;
  int op = 0;
  std::string tensors;
};

Peak peak_of(const std::vector<ArenaTensor>& arena, int first, int last) {
  Peak peak;
  for (int op = first; op <= last; ++op) {
    int64_t top = 0;
    std::string names;
    for (const ArenaTensor& tensor : arena)
      if (tensor.first_op <= op && op <= tensor.last_op) {
        top = std::max(top, tensor.offset + tensor.bytes);
        names += (names.empty() ? "" : " + ") + tensor.name;
      }
    if (top > peak.bytes) peak = {top, op, names};
  }
  return peak;
}

// The longest label that fits its rectangle, clipped to it all the same: fonts differ. The figure is about
// kDesk px wide on a desk and kPhone on a phone, where "second" is hidden.
std::string arena_label(const ArenaTensor& tensor, double x, double top, double width, double tall) {
  constexpr double kDesk = 850, kPhone = 350, kGlyph = 6.6, kPadding = 8;
  const std::string bytes = count(tensor.bytes);
  for (const std::string& text : {tensor.name + " " + bytes, bytes, tensor.name}) {
    const double needed = kGlyph * static_cast<double>(text.size()) + kPadding;
    if (needed > width / 100 * kDesk) continue;
    return fmt::format(
        "<svg x=\"{:.2f}%\" y=\"{:.1f}\" width=\"{:.2f}%\" height=\"{:.1f}\" "
        "overflow=\"hidden\">{}</svg>",
        x, top, width, tall,
        svg_text(50, tall / 2 + 4, "middle", needed > width / 100 * kPhone ? "lsub second" : "lsub", text));
  }
  return "";
}

std::string arena_picture(const Summary& s) {
  const auto& arena = s.memory->arena;
  if (arena.empty())
    return "<p class=\"cap abs\">\u2014 No arena picture: the runner reports no memory plan.</p>";
  int first = arena.front().first_op, last = arena.front().last_op;
  for (const ArenaTensor& tensor : arena)
    first = std::min(first, tensor.first_op), last = std::max(last, tensor.last_op);
  const Peak peak = peak_of(arena, first, last);
  const double columns = last - first + 1;
  constexpr double kBase = 158, kTall = 134;
  const auto height = [&](int64_t bytes) {
    return kTall * static_cast<double>(bytes) / static_cast<double>(std::max<int64_t>(1, peak.bytes));
  };
  std::string body;
  for (const ArenaTensor& tensor : arena) {
    const double x = 100 * (tensor.first_op - first) / columns,
                 width = 100 * (tensor.last_op - tensor.first_op + 1) / columns;
    const double top = kBase - height(tensor.offset + tensor.bytes), tall = height(tensor.bytes);
    body += fmt::format("<g><title>{}: {} B at {}, operators {} to {}</title>", escape(tensor.name),
                        count(tensor.bytes), count(tensor.offset), tensor.first_op, tensor.last_op) +
            svg_rect(x + 0.15, top + 0.5, width - 0.3, std::max(1.0, tall - 1), "arena");
    // Results that share a place would write over each other.
    const bool first_here = std::none_of(arena.data(), &tensor, [&](const ArenaTensor& other) {
      return other.offset == tensor.offset && other.first_op == tensor.first_op;
    });
    if (tall > 15 && first_here) body += arena_label(tensor, x, top, width, tall);
    body += "</g>";
  }
  for (int op = first; op <= last; ++op)
    if (columns <= 24 || (op - first) % 5 == 0)
      body += svg_text(100 * (op - first + 0.5) / columns, kBase + 16, "middle", "sub",
                       op < 0 ? "in" : count(op));
  std::string label = "peak " + count(peak.bytes) + " B at operator " + count(peak.op);
  std::string names = peak.tensors.size() <= 60 ? ": " + peak.tensors : "";
  body += svg_line(0, kBase - kTall, 100, kBase - kTall, "gatedash") +
          svg_text(100, kBase - kTall - 6, "end", "lsub", label + names);
  return "<p class=\"cap\">Arena: bytes (up) by operator (across), one rectangle a tensor</p>" +
         svg_figure(kBase + 22, "arena", "arenaplot", body);
}

}  // namespace

std::string memory_section(const View& view) {
  const Summary& s = view.summary;
  if (!s.memory && !s.flash) return "";
  std::string out = "<div class=\"pair\">";
  if (s.memory && s.memory->ram_total)
    out += stacked("RAM", ram_parts(*s.memory), s.memory->ram_total->value,
                   limit_bytes(s, {"memory.ram", "ram.peak"}), s.target.ram_bytes);
  if (s.flash && s.flash->total)
    out += stacked("Flash", flash_parts(*s.flash), s.flash->total->value,
                   limit_bytes(s, {"memory.flash", "flash.total"}), s.target.flash_bytes);
  out += "</div>";
  return s.memory ? out + arena_picture(s) : out;
}

}  // namespace assay::report
