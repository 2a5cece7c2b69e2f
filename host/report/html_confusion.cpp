// Confusion matrices of reference and device side by side, and their difference.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "report/format.h"
#include "report/sections.h"
#include "report/svg.h"

namespace assay::report {
namespace {

using Counts = std::vector<std::vector<int64_t>>;
using Rgb = std::array<double, 3>;

constexpr int kHeatSteps = 24;
constexpr size_t kMostClasses = 20;
constexpr size_t kSideBySide = 12;
constexpr size_t kUprightFrom = 5;  // letters that a cell has room for

struct HeatTheme {
  std::string_view prefix;  // CSS selector
  Rgb ground, right, wrong;
};
constexpr HeatTheme kHeatThemes[] = {
    {"", {255, 255, 255}, {0x00, 0x4d, 0xc6}, {0xa8, 0x3a, 0x05}},
    {":root[data-theme=dark] ", {0x15, 0x18, 0x1c}, {0x1a, 0x5f, 0xc4}, {0xad, 0x43, 0x0e}},
};

// WCAG 2 relative luminance.
double luminance(const Rgb& colour) {
  const auto channel = [](double v) {
    v /= 255;
    return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * channel(colour[0]) + 0.7152 * channel(colour[1]) + 0.0722 * channel(colour[2]);
}

std::string heat_rules(const HeatTheme& theme) {
  std::string out;
  for (const bool right : {true, false})
    for (int step = 0; step < kHeatSteps; ++step) {
      const double share = 0.12 + 0.88 * step / (kHeatSteps - 1);
      Rgb mixed;
      for (size_t i = 0; i < 3; ++i)
        mixed[i] = std::round((right ? theme.right : theme.wrong)[i] * share + theme.ground[i] * (1 - share));
      const double light = luminance(mixed);
      const bool white = 1.05 / (light + 0.05) > (light + 0.05) / 0.05;
      out += fmt::format("{}.{}{}{{background:#{:02x}{:02x}{:02x};color:#{}}}", theme.prefix,
                         right ? "hr" : "hw", step, static_cast<int>(mixed[0]), static_cast<int>(mixed[1]),
                         static_cast<int>(mixed[2]), white ? "fff" : "000");
    }
  return out;
}

std::string heat_class(int64_t value, int64_t most, bool right) {
  const int step = static_cast<int>(
      std::lround(static_cast<double>(std::abs(value)) / static_cast<double>(most) * (kHeatSteps - 1)));
  return fmt::format("{}{}", right ? "hr" : "hw", std::clamp(step, 0, kHeatSteps - 1));
}

// The classes that are confused most, in their own order.
std::vector<size_t> chosen_classes(const std::vector<const Counts*>& matrices, size_t classes) {
  std::vector<size_t> all(classes);
  std::iota(all.begin(), all.end(), size_t{0});
  if (classes <= kMostClasses) return all;
  const auto wrong = [&](size_t c) {
    int64_t sum = 0;
    for (const Counts* m : matrices)
      for (size_t i = 0; i < classes; ++i)
        if (i != c) sum += (*m)[c][i] + (*m)[i][c];
    return sum;
  };
  std::vector<std::pair<int64_t, size_t>> ranked;
  for (const size_t c : all) ranked.emplace_back(-wrong(c), c);
  std::sort(ranked.begin(), ranked.end());
  all.clear();
  for (size_t i = 0; i < kMostClasses; ++i) all.push_back(ranked[i].second);
  std::sort(all.begin(), all.end());
  return all;
}

struct Shown {
  std::vector<size_t> classes;
  std::vector<std::string> names;
  int64_t most = 1;
  bool tall = false;  // names too long for a cell stand upright above their column
};

std::string cell(int64_t value, int64_t most, bool diagonal, bool difference, size_t row, size_t column) {
  const std::string place = fmt::format(" data-c=\"{}.{}\"", row, column);
  if (value == 0) return fmt::format("<td class=\"z\"{}>·</td>", place);
  // Better is blue: more on the diagonal, fewer beside it.
  const bool right = difference ? (value > 0) == diagonal : diagonal;
  return fmt::format("<td class=\"{}\"{}>{}</td>", heat_class(value, most, right), place, count(value));
}

std::string matrix(const Counts& counts, const Shown& shown, bool difference, std::string_view attributes) {
  const auto heading = [](const std::string& name) {
    return fmt::format("<th title=\"{0}\"><span>{0}</span></th>", escape(name));
  };
  std::string out =
      fmt::format("<table class=\"matrix{}\" {}><thead><tr><th></th>", shown.tall ? " tall" : "", attributes);
  for (const size_t c : shown.classes) out += heading(shown.names[c]);
  out += (difference ? "<th></th>" : heading("recall")) + "</tr></thead><tbody>";
  std::vector<int64_t> total(shown.names.size(), 0);
  for (const size_t r : shown.classes) {
    out += fmt::format("<tr><th title=\"{0}\">{0}</th>", escape(shown.names[r]));
    for (const size_t c : shown.classes)
      out += cell(counts[r][c], shown.most, r == c, difference, r, c), total[c] += counts[r][c];
    const int64_t support = std::accumulate(counts[r].begin(), counts[r].end(), int64_t{0});
    out += difference
               ? "<td></td></tr>"
               : fmt::format(
                     "<td class=\"rec\">{}</td></tr>",
                     support ? percent(static_cast<double>(counts[r][r]) / static_cast<double>(support), 0)
                             : std::string(kAbsent));
  }
  out += "<tr class=\"total\"><th>total</th>";
  for (const size_t c : shown.classes) out += "<td>" + count(total[c]) + "</td>";
  return out + "<td></td></tr></tbody></table>";
}

const Counts* counts_of(const results::Accuracy& accuracy, std::string_view subject, size_t classes) {
  for (const auto& confusion : accuracy.confusion)
    if (confusion.subject == subject && confusion.counts.size() == classes &&
        std::all_of(confusion.counts.begin(), confusion.counts.end(),
                    [&](const auto& row) { return row.size() == classes; }))
      return &confusion.counts;
  return nullptr;
}

}  // namespace

std::string heat_css() {
  // The dark steps apply twice: chosen by the button, or by the system where nothing was chosen.
  HeatTheme system = kHeatThemes[1];
  system.prefix = ":root:not([data-theme=light]) ";
  return heat_rules(kHeatThemes[0]) + "@media screen{" + heat_rules(kHeatThemes[1]) +
         "}@media screen and (prefers-color-scheme:dark){" + heat_rules(system) + "}";
}

std::string confusion_section(const View& view) {
  const results::Summary& s = view.summary;
  if (!s.accuracy || s.dataset.classes.size() < 2) return "";
  const size_t classes = s.dataset.classes.size();
  const Counts* device = counts_of(*s.accuracy, "D", classes);
  const Counts* reference = nullptr;
  for (const std::string& level : {s.accuracy->baseline_level, std::string("R0"), std::string("R1")})
    if (!reference) reference = counts_of(*s.accuracy, level, classes);
  if (!device) return "";
  Shown shown;
  shown.names = s.dataset.classes;
  shown.tall = std::any_of(shown.names.begin(), shown.names.end(),
                           [](const std::string& name) { return name.size() > kUprightFrom; });
  std::vector<const Counts*> both{device};
  if (reference) both.push_back(reference);
  shown.classes = chosen_classes(both, classes);
  for (const Counts* m : both)
    for (const auto& row : *m) shown.most = std::max(shown.most, *std::max_element(row.begin(), row.end()));
  // Side by side there is room for a dozen columns; more go below each other, with upright headings.
  std::string out = shown.classes.size() > kSideBySide ? "<div class=\"pair many\">" : "<div class=\"pair\">";
  if (reference)
    out += fmt::format("<div><p class=\"cap b\">{}{}</p>{}</div>", mark_inline(Mark::kR0), reference_name(s),
                       matrix(*reference, shown, false, ""));
  Counts difference = *device;
  if (reference)
    for (size_t r = 0; r < classes; ++r)
      for (size_t c = 0; c < classes; ++c) difference[r][c] -= (*reference)[r][c];
  out += fmt::format(
      "<div><p class=\"cap b\">{}device{}</p>{}{}</div></div>", mark_inline(Mark::kDevice),
      reference ? "<span class=\"toggle\" hidden><button type=\"button\" data-m=\"d\" "
                  "aria-pressed=\"true\">D</button> "
                  "<button type=\"button\" data-m=\"x\" aria-pressed=\"false\">D − reference</button></span>"
                : "",
      matrix(*device, shown, false, "data-matrix=\"d\""),
      reference ? matrix(difference, shown, true, "data-matrix=\"x\" hidden") : "");
  if (classes > kMostClasses)
    out += fmt::format("<p class=\"cap\">The {} classes that are confused most, of {}.</p>", kMostClasses,
                       classes);
  return out;
}

}  // namespace assay::report
