#include "report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/format.h"

namespace assay::report {
namespace {

// 12 x 12 px drawings; indexed by Mark.
constexpr std::string_view kShapes[] = {
    "<circle cx=\"6\" cy=\"6\" r=\"4\" class=\"m0\"/>",
    "<path d=\"M6 1.8L10.4 9.8H1.6Z\" class=\"m0\"/>",
    "<rect x=\"2\" y=\"2\" width=\"8\" height=\"8\" class=\"m2\"/>",
    "<circle cx=\"6\" cy=\"6\" r=\"4.6\" class=\"mD\"/>",
    "<path d=\"M1.5 6.5L4.6 9.6L10.5 2.8\" class=\"mOk\"/>",
    "<path d=\"M2 2L10 10M10 2L2 10\" class=\"mNo\"/>",
    "<path d=\"M1.5 5Q3.7 2.6 6 4.6T10.5 4M1.5 9Q3.7 6.6 6 8.6T10.5 8\" class=\"mUn\"/>",
    "<rect x=\"1\" y=\"1\" width=\"10\" height=\"10\" class=\"m0\"/><path d=\"M3.5 3.5h.01M8.5 3.5h.01M6 "
    "6h.01"
    "M3.5 8.5h.01M8.5 8.5h.01\" class=\"mDots\"/>",
    "<circle cx=\"6\" cy=\"6\" r=\"4\" class=\"m0\"/>",
};

std::string number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

}  // namespace

std::string svg_line(double x1, double y1, double x2, double y2, std::string_view cls) {
  return fmt::format("<line x1=\"{}%\" y1=\"{}\" x2=\"{}%\" y2=\"{}\" class=\"{}\"/>", number(x1), number(y1),
                     number(x2), number(y2), cls);
}

std::string svg_rect(double x, double y, double width, double height, std::string_view cls) {
  return fmt::format("<rect x=\"{}%\" y=\"{}\" width=\"{}%\" height=\"{}\" class=\"{}\"/>", number(x),
                     number(y), number(std::max(0.0, width)), number(std::max(0.0, height)), cls);
}

std::string svg_text(double x, double y, std::string_view anchor, std::string_view cls,
                     std::string_view content, double dx) {
  const std::string shift = dx == 0 ? "" : fmt::format(" dx=\"{}\"", number(dx));
  const std::string side = anchor == "start" ? "" : fmt::format(" text-anchor=\"{}\"", anchor);
  return fmt::format("<text x=\"{}%\" y=\"{}\"{}{} class=\"{}\">{}</text>", number(x), number(y), side, shift,
                     cls, escape(content));
}

std::string svg_mark(Mark mark, double x, double y, double dx) {
  // A nested svg cannot be moved by half its size in percent; its overflow is visible and its viewBox is
  // centred.
  return fmt::format(
      "<svg x=\"{}%\" y=\"{}\" width=\"12\" height=\"12\" viewBox=\"{} 6 12 12\" "
      "overflow=\"visible\">{}</svg>",
      number(x), number(y), number(6 - dx), kShapes[static_cast<size_t>(mark)]);
}

std::string mark_inline(Mark mark) {
  return fmt::format(
      "<svg class=\"mk\" width=\"12\" height=\"12\" viewBox=\"0 0 12 12\" aria-hidden=\"true\">{}</svg>",
      kShapes[static_cast<size_t>(mark)]);
}

std::string svg_figure(double height, std::string_view label, std::string_view cls, const std::string& body) {
  return fmt::format(
      "<svg class=\"fig {}\" width=\"100%\" height=\"{}\" role=\"img\" aria-label=\"{}\">{}</svg>", cls,
      number(height), escape(label), body);
}

std::string svg_trace(std::span<const float> values, size_t stride, size_t offset, double lo, double hi,
                      std::string_view cls, bool steps) {
  stride = std::max<size_t>(1, stride);
  const size_t n = values.size() > offset ? (values.size() - offset + stride - 1) / stride : 0;
  if (n == 0) return "";
  // More points than a sparkline has pixels only make the file larger.
  const size_t points = std::min<size_t>(n, 100);
  const double span = hi > lo ? hi - lo : 1;
  std::string path;
  for (size_t i = 0; i < points; ++i) {
    const double value = values[offset + (i * n / points) * stride];
    const double x = points == 1 ? 0 : 100.0 * static_cast<double>(i) / static_cast<double>(points - 1);
    const double y = std::isfinite(value) ? 30 - 28 * (std::clamp(value, lo, hi) - lo) / span - 1 : 15;
    if (i == 0)
      path += fmt::format("M0 {:.1f}", y);
    else if (steps)
      path += fmt::format("H{:.1f}V{:.1f}", x, y);
    else
      path += fmt::format("L{:.1f} {:.1f}", x, y);
  }
  return fmt::format("<path d=\"{}\" class=\"tr {}\"/>", path, cls);
}

std::vector<std::pair<float, float>> extremes(std::span<const float> values, size_t stride, size_t offset,
                                              size_t buckets) {
  stride = std::max<size_t>(1, stride);
  const size_t n = values.size() > offset ? (values.size() - offset + stride - 1) / stride : 0;
  std::vector<std::pair<float, float>> found(std::min(n, buckets), {NAN, NAN});
  for (size_t i = 0; i < n; ++i) {
    const float value = values[offset + i * stride];
    if (!std::isfinite(value)) continue;
    auto& [least, greatest] = found[i * found.size() / n];
    least = std::fmin(least, value);  // the number where the other is NaN
    greatest = std::fmax(greatest, value);
  }
  return found;
}

std::string svg_waveform(std::span<const float> values, size_t stride, size_t offset, double lo, double hi,
                         std::string_view cls) {
  const auto parts = extremes(values, stride, offset, 100);
  const double span = hi > lo ? hi - lo : 1;
  const auto y = [&](float value) {
    return std::isfinite(value) ? 30 - 28 * (std::clamp<double>(value, lo, hi) - lo) / span - 1 : 15;
  };
  std::string path;
  for (size_t i = 0; i < parts.size(); ++i) {
    const double x =
        parts.size() == 1 ? 0 : 100.0 * static_cast<double>(i) / static_cast<double>(parts.size() - 1);
    path +=
        fmt::format("{}{:.1f} {:.1f}V{:.1f}", i == 0 ? 'M' : 'L', x, y(parts[i].first), y(parts[i].second));
  }
  return path.empty() ? "" : fmt::format("<path d=\"{}\" class=\"tr {}\"/>", path, cls);
}

std::string svg_traces(double height, std::string_view label, const std::string& paths) {
  return fmt::format(
      "<svg class=\"fig\" width=\"100%\" height=\"{}\" viewBox=\"0 0 100 30\" preserveAspectRatio=\"none\" "
      "role=\"img\" "
      "aria-label=\"{}\">{}</svg>",
      number(height), escape(label), paths);
}

std::string svg_definitions() {
  return "<svg width=\"0\" height=\"0\" class=\"defs\" aria-hidden=\"true\"><defs>"
         "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
         "patternTransform=\"rotate(45)\">"
         "<rect width=\"6\" height=\"6\" class=\"hg\"/><rect width=\"2.4\" height=\"6\" "
         "class=\"hl\"/></pattern>"
         "<pattern id=\"dots\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">"
         "<rect width=\"4\" height=\"4\" class=\"dg\"/><circle cx=\"1\" cy=\"1\" r=\".9\" class=\"dl\"/>"
         "<circle cx=\"3\" cy=\"3\" r=\".9\" class=\"dl\"/></pattern></defs></svg>";
}

}  // namespace assay::report
