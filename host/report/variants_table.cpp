#include "report/variants_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/format.h"

namespace assay::report {
namespace {

using results::Variant;

constexpr size_t kColumns = 7;
using Cells = std::array<std::string, kColumns>;
constexpr std::array<const char*, kColumns> kTitles = {"model",   "top-1 %", "flips b/f", "worst (n)",
                                                       "latency", "RAM",     "flash"};
constexpr std::array<bool, kColumns> kLeft = {true, false, false, true, false, false, false};
// Names give way where the line is full; figures never do.
constexpr size_t kWorst = 3;
constexpr std::array<size_t, kColumns> kNarrowest = {10, 0, 0, 14, 0, 0, 0};

size_t columns_of(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// The first `width` characters, the last of them a mark when something is cut.
std::string fitted(const std::string& text, size_t width, bool left) {
  const size_t have = columns_of(text);
  if (have <= width) {
    const std::string blank(width - have, ' ');
    return left ? text + blank : blank + text;
  }
  std::string cut;
  size_t taken = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80 && taken++ == width - 1) break;
    cut += c;
  }
  return cut + "~";
}

// " -95.0 (54)": what stands behind the class's name.
std::string worst_figures(const Variant& row) {
  if (!row.worst_delta) return "";
  return fmt::format(" {}{}", fixed(*row.worst_delta * 100, 1),
                     row.worst_n ? fmt::format(" ({})", *row.worst_n) : "");
}

// The class gives way to its figures. 0: as wide as it is.
std::string worst_text(const Variant& row, size_t width = 0) {
  if (!row.worst_delta) return std::string(kAbsent);
  const std::string figures = worst_figures(row);
  const size_t room = width > columns_of(figures) ? width - columns_of(figures) : 1;
  std::string name = fitted(row.worst_class, width == 0 ? columns_of(row.worst_class) : room, true);
  name.erase(name.find_last_not_of(' ') + 1);
  return name + figures;
}

Cells cells_of(const Variant& row) {
  return {row.name,
          row.top1 ? fixed(row.top1->value * 100, 2) : std::string(kAbsent),
          row.top1 ? fmt::format("{}/{}", row.broken, row.fixed) : std::string(kAbsent),
          worst_text(row),
          variant_cost(row.latency),
          variant_cost(row.ram),
          variant_cost(row.flash)};
}

std::string wrapped(const std::string& text, size_t indent, size_t width) {
  const std::string margin(indent, ' ');
  std::string out, line = margin;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (line.size() > indent && columns_of(line) + 1 + columns_of(word) > width) {
      out += line + "\n";
      line = margin;
    }
    line += (line.size() > indent ? " " : "") + word;
    at = end + 1;
  }
  return out + line + "\n";
}

std::array<size_t, kColumns> widths_of(const std::vector<Cells>& lines, size_t width) {
  std::array<size_t, kColumns> widths{};
  size_t total = 2 + 2 * (kColumns - 1);
  for (size_t c = 0; c < kColumns; ++c) {
    for (const Cells& cells : lines) widths[c] = std::max(widths[c], columns_of(cells[c]));
    total += widths[c];
  }
  for (const size_t c : {kWorst, size_t{0}}) {
    const size_t spare = widths[c] - std::min(widths[c], kNarrowest[c]);
    const size_t cut = std::min(spare, total - std::min(total, width));
    widths[c] -= cut;
    total -= cut;
  }
  return widths;
}

}  // namespace

std::string variant_cost(const std::optional<results::Figure>& figure) {
  if (!figure) return std::string(kAbsent);
  return figure->unit == "B" ? kib(figure->value) : si(figure->value);
}

std::string variants_note(const std::vector<Variant>& rows) {
  std::string note =
      "b/f: answers broken/fixed; worst class, pp of recall (samples): against the float model";
  const auto timed = std::find_if(rows.begin(), rows.end(), [](const Variant& row) { return row.latency; });
  if (timed != rows.end()) note += "; latency: median, " + unit_text(*timed->latency);
  if (std::any_of(rows.begin(), rows.end(), [](const Variant& row) { return !row.refused.empty(); }))
    note += "; what did not run on the board has the desktop's accuracy";
  return note + ".";
}

std::string variants_table(const std::vector<Variant>& rows, const TerminalStyle& style) {
  const size_t width = static_cast<size_t>(std::max(style.width, 80));
  std::vector<Cells> lines(1);
  std::copy(kTitles.begin(), kTitles.end(), lines[0].begin());
  for (const Variant& row : rows) lines.push_back(cells_of(row));
  const auto widths = widths_of(lines, width);
  std::string out;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::string line = "  ";
    if (i > 0) lines[i][kWorst] = worst_text(rows[i - 1], widths[kWorst]);
    for (size_t c = 0; c < kColumns; ++c)
      line += (c > 0 ? "  " : "") + fitted(lines[i][c], widths[c], kLeft[c]);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
    if (i > 0 && !rows[i - 1].refused.empty())
      out += wrapped("not on the board: " + rows[i - 1].refused, 4, width);
  }
  out += "\n" + wrapped(variants_note(rows), 2, width);
  return style.unicode ? out : ascii(out);
}

std::string variants_markdown(const std::vector<Variant>& rows) {
  std::string out = "|";
  for (const char* title : kTitles) out += fmt::format(" {} |", title);
  out += "\n|";
  for (const bool left : kLeft) out += left ? "---|" : "---:|";
  out += "\n";
  const auto cell = [](std::string text) {
    for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
    return text;
  };
  for (const Variant& row : rows) {
    Cells cells = cells_of(row);
    if (!row.refused.empty()) cells[4] += fmt::format(" not on the board: {}", row.refused);
    out += "|";
    for (const std::string& text : cells) out += fmt::format(" {} |", cell(text));
    out += "\n";
  }
  return out + "\n" + variants_note(rows) + "\n";
}

}  // namespace assay::report
