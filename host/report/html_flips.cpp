// Samples whose answer changed: the most confident first, with what the model saw.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "report/format.h"
#include "report/html_preview.h"
#include "report/sections.h"
#include "report/svg.h"

namespace assay::report {
namespace {

using results::Flip;

constexpr size_t kDrawn = 8;       // as SVG, readable without script
constexpr size_t kEmbedded = 200;  // in all; the rest is in flips.csv

std::string class_name(const View& view, int index) {
  const auto& classes = view.summary.dataset.classes;
  if (index < 0) return std::string(kAbsent);
  return static_cast<size_t>(index) < classes.size() ? classes[static_cast<size_t>(index)]
                                                     : "class " + count(index);
}

std::vector<const Flip*> by_margin(const View& view) {
  std::vector<const Flip*> flips;
  for (const Flip& flip : view.flips) flips.push_back(&flip);
  std::stable_sort(flips.begin(), flips.end(),
                   [](auto* a, auto* b) { return a->reference_margin > b->reference_margin; });
  return flips;
}

// The first rows hold at most two of a class, so that one bad class does not hide the others; every pair of
// class and kind has its most confident flip among the embedded ones; the rest goes by margin.
std::vector<const Flip*> chosen(const std::vector<const Flip*>& flips) {
  std::vector<const Flip*> out;
  std::set<const Flip*> taken;
  const auto take = [&](const Flip* flip) {
    if (out.size() < kEmbedded && taken.insert(flip).second) out.push_back(flip);
  };
  std::map<int, int> of_class;
  for (const Flip* flip : flips)
    if (out.size() < kDrawn && of_class[flip->truth]++ < 2) take(flip);
  std::set<std::pair<int, std::string>> seen;
  for (const Flip* flip : flips)
    if (seen.emplace(flip->truth, flip->kind).second) take(flip);
  for (const Flip* flip : flips) take(flip);
  // Few classes cannot fill the first rows under that rule; then the rows go by margin throughout.
  const auto rest = out.begin() + static_cast<long>(std::min(out.size(), kDrawn));
  std::stable_sort(rest, out.end(),
                   [](auto* a, auto* b) { return a->reference_margin > b->reference_margin; });
  return out;
}

std::string kind_cell(const Flip& flip) {
  const Mark mark = flip.kind == "fixed"    ? Mark::kCheck
                    : flip.kind == "broken" ? Mark::kCross
                                            : Mark::kUnsure;
  return fmt::format(
      "<td class=\"k\">{}{}{}</td>", mark_inline(mark), escape(flip.kind),
      flip.envelope ? " <abbr title=\"the desktop runtimes disagree on this sample too\">≈</abbr>" : "");
}

std::string row(const View& view, const Flip& flip) {
  const double margin = std::clamp(flip.reference_margin, 0.0, 1.0);
  return fmt::format(
      "<tr data-k=\"{}\"><td><code>{}</code></td>{}<td><b>{}</b></td><td>{}</td><td>{}</td><td class=\"mg "
      "second\">{}</td><td class=\"n second\">{}</td>{}</tr>",
      escape(flip.kind), escape(flip.sample), kind_cell(flip), escape(class_name(view, flip.truth)),
      escape(class_name(view, flip.reference)), escape(class_name(view, flip.device)),
      svg_figure(10, "margin", "",
                 svg_rect(0, 1, 100, 8, "rail") + svg_rect(0, 1, 100 * margin, 8, "greybar")),
      fixed(flip.reference_margin, 3), preview_cells(view, view.preview(flip.index)));
}

// A JSON string inside a script element: "<" is escaped, so that no name can end the element.
std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c :
       escape(text)) {  // escaped for HTML too: the script inserts names as HTML it did not build
    if (c == '"' || c == '\\')
      out += '\\', out += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + "\"";
}

std::string embedded(const View& view, const std::vector<const Flip*>& flips) {
  std::string out =
      "<script type=\"application/json\" id=\"flipdata\">{\"kind\":" + json_string(view.input.kind) +
      ",\"classes\":[";
  for (size_t i = 0; i < view.summary.dataset.classes.size(); ++i)
    out += (i ? "," : "") + json_string(view.summary.dataset.classes[i]);
  out += "],\"lines\":[";
  const auto groups = channel_groups(view.input);
  for (size_t i = 0; i < groups.size() && i < 2; ++i)
    out += (i ? "," : "") + std::to_string(groups[i].channels.size());
  out += "],\"flips\":[";
  for (size_t i = kDrawn; i < flips.size(); ++i) {
    const Flip& flip = *flips[i];
    const Preview* preview = view.preview(flip.index);
    out += fmt::format("{}[{},{},{},{},{},{:.4f},{},\"{}\"]", i > kDrawn ? "," : "", json_string(flip.sample),
                       json_string(flip.kind), flip.truth, flip.reference, flip.device, flip.reference_margin,
                       flip.envelope ? 1 : 0, preview ? preview_base64(view.input, *preview) : "");
  }
  return out + "]}</script>";
}

std::string filters(const std::vector<const Flip*>& flips) {
  std::map<std::string, int64_t> kinds;
  for (const Flip* flip : flips) ++kinds[flip->kind];
  std::string out = fmt::format(
      "<div class=\"filters\" hidden><button type=\"button\" data-f=\"\" aria-pressed=\"true\">all "
      "{}</button>",
      flips.size());
  for (const char* kind : {"broken", "fixed", "both wrong"})
    if (kinds.count(kind))
      out += fmt::format(" <button type=\"button\" data-f=\"{0}\" aria-pressed=\"false\">{0} {1}</button>",
                         kind, kinds[kind]);
  return out + "</div>";
}

}  // namespace

std::string flips_section(const View& view) {
  if (!view.summary.accuracy) return "";
  if (view.flips.empty()) {
    const int64_t n = view.summary.samples_done;
    const auto& accuracy = *view.summary.accuracy;
    if (accuracy.broken + accuracy.fixed + accuracy.both_wrong > 0)
      return "<p class=\"abs\">\u2014 The run folder holds no list of flips.</p>";
    // Rule of three: 95 % upper bound of a rate of which no case was seen.
    return fmt::format("<p>0 of {} predictions changed{}.</p>", count(n),
                       n > 0 ? "; 95 % upper bound " + percent(3.0 / static_cast<double>(n), 2) : "");
  }
  const auto flips = by_margin(view);
  const auto picked = chosen(flips);
  std::string rows;
  for (size_t i = 0; i < picked.size() && i < kDrawn; ++i) rows += row(view, *picked[i]);
  const auto disagree = std::count_if(flips.begin(), flips.end(), [](auto* f) { return f->envelope; });
  std::string note = fmt::format(
      "<span id=\"shown\">{}</span> of {} shown, the most confident first, at most two a class in the first "
      "{}; {} embedded, all in flips.csv.",
      std::min(picked.size(), kDrawn), count(static_cast<int64_t>(flips.size())), kDrawn, picked.size());
  if (disagree)
    note += fmt::format(" ≈ The desktop runtimes disagree among themselves on {} of these.", count(disagree));
  if (view.previews.empty()) note += " Inputs were not kept.";
  return filters(flips) +
         fmt::format(
             "<table class=\"flips "
             "sort\"><thead><tr><th class=\"id\">sample</th><th class=\"k\">kind</th><th "
             "class=\"c\">truth</th><th "
             "class=\"c\">{}{}</th><th class=\"c\">{}device</th><th class=\"mg second nosort\" "
             "title=\"margin of the {} answer\">margin</th>"
             "<th class=\"mv second\"></th>{}</tr></thead><tbody>{}</tbody></table><p class=\"cap\">{} "
             "<button "
             "type=\"button\" id=\"more\" hidden>show more</button></p>{}",
             mark_inline(Mark::kR0), view.summary.accuracy->baseline_level == "R0" ? "float" : "ref.",
             mark_inline(Mark::kDevice),
             view.summary.accuracy->baseline_level == "R0" ? "float" : "reference", preview_header(view),
             rows, note, picked.size() > kDrawn ? embedded(view, picked) : "");
}

}  // namespace assay::report
