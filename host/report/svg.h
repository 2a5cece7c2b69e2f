// Inline SVG as the page uses it: x in percent of the width, y in pixels, so that a picture flows with the
// page and its text never scales. Colours are CSS classes (report.css). Marks are nested <svg> of a fixed
// size.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::report {

// Shapes that carry meaning without colour: R0 circle, R1 triangle, R2 square, D dot.
enum class Mark { kR0, kR1, kR2, kDevice, kCheck, kCross, kUnsure, kEmulated, kHost };

std::string svg_line(double x1, double y1, double x2, double y2, std::string_view cls);
std::string svg_rect(double x, double y, double width, double height, std::string_view cls);
// anchor: start | middle | end; dx moves by pixels. `content` is escaped here.
std::string svg_text(double x, double y, std::string_view anchor, std::string_view cls,
                     std::string_view content, double dx = 0);
std::string svg_mark(Mark mark, double x, double y, double dx = 0);  // centred there; dx moves by pixels
// The mark in a line of text.
std::string mark_inline(Mark mark);
// A whole picture: width 100 %, height in px. `label` is what a screen reader says.
std::string svg_figure(double height, std::string_view label, std::string_view cls, const std::string& body);
// A polyline over its own box, stretched to the width; values are scaled to [lo, hi]. Steps for quantised
// values.
std::string svg_trace(std::span<const float> values, size_t stride, size_t offset, double lo, double hi,
                      std::string_view cls, bool steps);
// The least and the greatest of each of at most `buckets` equal parts of a channel: what a waveform of more
// samples than pixels looks like. NaN where a part has no finite value.
std::vector<std::pair<float, float>> extremes(std::span<const float> values, size_t stride, size_t offset,
                                              size_t buckets);
// A waveform in the same box: from the least to the greatest of each part, so that no click is lost.
std::string svg_waveform(std::span<const float> values, size_t stride, size_t offset, double lo, double hi,
                         std::string_view cls);
// The box for svg_trace and svg_waveform.
std::string svg_traces(double height, std::string_view label, const std::string& paths);
// Pattern definitions, once per page.
std::string svg_definitions();

}  // namespace assay::report
