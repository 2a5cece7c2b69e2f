#include "report/html_preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/format.h"
#include "report/png.h"
#include "report/svg.h"

namespace assay::report {
namespace {

struct Sensor {
  std::string_view prefix, name;
};
// What sensors' axes are usually called.
constexpr Sensor kSensors[] = {{"a", "accelerometer"}, {"acc", "accelerometer"}, {"accel", "accelerometer"},
                               {"g", "gyroscope"},     {"gyr", "gyroscope"},     {"gyro", "gyroscope"},
                               {"w", "gyroscope"},     {"m", "magnetometer"},    {"mag", "magnetometer"}};
constexpr size_t kGroupsShown = 2;
constexpr size_t kSeriesBytes = 600;

std::string prefix_of(const std::string& name) {
  const std::string channel = name.substr(0, name.find(' '));  // without its unit: "ax g"
  if (channel.empty() || std::string_view("xyzXYZ").find(channel.back()) == std::string_view::npos)
    return channel;
  std::string prefix = channel.substr(0, channel.size() - 1);
  while (!prefix.empty() && (prefix.back() == '_' || prefix.back() == '.' || prefix.back() == ' '))
    prefix.pop_back();
  return prefix;
}

// Range over the channels of a group, real and quantised, so that their lines compare.
std::pair<double, double> range_of(const PreviewFormat& format, const std::vector<float>& values,
                                   const std::vector<size_t>& channels) {
  const auto stride = static_cast<size_t>(format.channel_count());
  double lo = INFINITY, hi = -INFINITY;
  for (const size_t channel : channels)
    for (size_t i = channel; i < values.size(); i += stride)
      if (std::isfinite(values[i]))
        lo = std::min<double>(lo, values[i]), hi = std::max<double>(hi, values[i]);
  if (!(lo <= hi)) return {0, 1};
  // A constant line is drawn in the middle.
  return hi - lo < 1e-12 ? std::pair(lo - 1, hi + 1) : std::pair(lo, hi);
}

std::string group_lines(const PreviewFormat& format, const std::vector<float>& values,
                        const ChannelGroup& group, std::pair<double, double> range) {
  std::string paths;
  const auto stride = static_cast<size_t>(format.channel_count());
  for (size_t i = 0; i < group.channels.size(); ++i) {
    const std::string cls = fmt::format("t{}", std::min<size_t>(i, 3));
    paths += format.kind == "audio"
                 ? svg_waveform(values, stride, group.channels[i], range.first, range.second, cls)
                 : svg_trace(values, stride, group.channels[i], range.first, range.second, cls, false);
  }
  return svg_traces(26, group.name, paths);
}

// The groups of the table: those whose quantised form lost most come first in the data, so the first ones do.
std::vector<ChannelGroup> shown_groups(const PreviewFormat& format) {
  auto groups = channel_groups(format);
  if (groups.size() > kGroupsShown) groups.resize(kGroupsShown);
  return groups;
}

std::string image_tag(const PreviewFormat& format, const std::vector<float>& values) {
  const std::string png = preview_png(format, values);
  if (png.empty()) return std::string(kAbsent);
  return fmt::format("<img class=\"px {}\" alt=\"input\" src=\"data:image/png;base64,{}\">", format.kind,
                     base64(png));
}

// Time runs to the right and the first feature is at the bottom; every feature has its own scale, since the
// first of cepstra dwarfs the others.
std::string map_png(const std::vector<float>& values, size_t steps, size_t features) {
  std::vector<uint8_t> pixels(values.size());
  for (size_t feature = 0; feature < features; ++feature) {
    double lo = INFINITY, hi = -INFINITY;
    for (size_t t = 0; t < steps; ++t)
      if (const double v = values[t * features + feature]; std::isfinite(v))
        lo = std::min(lo, v), hi = std::max(hi, v);
    const double span = hi > lo ? hi - lo : 1;
    for (size_t t = 0; t < steps; ++t)
      if (const double v = values[t * features + feature]; std::isfinite(v))
        pixels[(features - 1 - feature) * steps + t] =
            static_cast<uint8_t>(std::lround(255 * (v - lo) / span));
  }
  return png_bytes(pixels, static_cast<uint32_t>(steps), static_cast<uint32_t>(features), 1);
}

bool is_drawn(const PreviewFormat& format) { return format.kind == "image" || format.kind == "map"; }
bool is_lines(const PreviewFormat& format) { return format.kind == "series" || format.kind == "audio"; }

}  // namespace

std::vector<ChannelGroup> channel_groups(const PreviewFormat& format) {
  std::vector<ChannelGroup> groups;
  const auto n = static_cast<size_t>(format.channel_count());
  if (format.channels.size() != n) {
    ChannelGroup all{"input", {}};
    for (size_t c = 0; c < std::min<size_t>(n, 4); ++c) all.channels.push_back(c);
    return {all};
  }
  std::vector<std::string> prefixes;
  for (size_t c = 0; c < n; ++c) {
    const std::string prefix = prefix_of(format.channels[c]);
    const auto at = std::find(prefixes.begin(), prefixes.end(), prefix);
    if (at != prefixes.end()) {
      groups[static_cast<size_t>(at - prefixes.begin())].channels.push_back(c);
      continue;
    }
    std::string name = prefix.empty() ? "axes" : prefix;
    for (const Sensor& sensor : kSensors)
      if (prefix == sensor.prefix && prefix != format.channels[c]) name = std::string(sensor.name);
    prefixes.push_back(prefix);
    groups.push_back({name, {c}});
  }
  return groups;
}

std::string preview_header(const View& view) {
  if (view.previews.empty()) return "";
  if (is_lines(view.input)) {
    std::string out;
    const bool quantised = !view.previews.front().quantised.empty();
    for (const auto& group : shown_groups(view.input)) {
      out += std::string("<th class=\"spark nosort") + (out.empty() ? "" : " second") + "\">" +
             escape(group.name) + "</th>";
      if (quantised) out += "<th class=\"spark q second nosort\">quantised</th>";
    }
    return out;
  }
  return is_drawn(view.input) ? "<th class=\"px nosort\">input</th>" : "";
}

std::string preview_cells(const View& view, const Preview* preview) {
  if (view.previews.empty()) return "";
  const bool quantised = !view.previews.front().quantised.empty();
  if (!is_lines(view.input))
    return is_drawn(view.input)
               ? "<td>" + (preview ? image_tag(view.input, preview->real) : std::string(kAbsent)) + "</td>"
               : "";
  std::string out;
  for (const auto& group : shown_groups(view.input)) {
    const auto range = preview ? range_of(view.input, preview->real, group.channels) : std::pair(0.0, 1.0);
    out += std::string("<td class=\"spark") + (out.empty() ? "" : " second") + "\">" +
           (preview ? group_lines(view.input, preview->real, group, range) : std::string(kAbsent)) + "</td>";
    if (quantised)
      out +=
          "<td class=\"spark q second\">" +
          (preview && !preview->quantised.empty() ? group_lines(view.input, preview->quantised, group, range)
                                                  : std::string(kAbsent)) +
          "</td>";
  }
  return out;
}

std::string channel_traces(const PreviewFormat& format, const Preview& preview, size_t channel) {
  const auto stride = static_cast<size_t>(format.channel_count());
  // The group's own scale: a channel that is quiet beside its peers shall look quiet.
  std::vector<size_t> peers{channel};
  for (const auto& group : channel_groups(format))
    if (std::find(group.channels.begin(), group.channels.end(), channel) != group.channels.end())
      peers = group.channels;
  auto range = range_of(format, preview.real, peers);
  const auto quantised = range_of(format, preview.quantised, peers);
  if (!preview.quantised.empty())
    range = {std::min(range.first, quantised.first), std::max(range.second, quantised.second)};
  return svg_traces(
      32, channel < format.channels.size() ? format.channels[channel] : "channel",
      svg_trace(preview.real, stride, channel, range.first, range.second, "real", false) +
          svg_trace(preview.quantised, stride, channel, range.first, range.second, "quant", true));
}

std::string preview_png(const PreviewFormat& format, const std::vector<float>& values) {
  std::vector<int64_t> dims = format.dims;
  if (dims.size() == 2) dims.push_back(1);
  if (dims.size() != 3 || dims[0] <= 0 || dims[1] <= 0 || dims[0] > 512 || dims[1] > 512) return "";
  if (values.size() != static_cast<size_t>(dims[0] * dims[1] * dims[2])) return "";
  if (format.kind != "map" && dims[2] != 1 && dims[2] != 3) return "";  // planes, not pixels
  if (format.kind == "map")
    return map_png(values, static_cast<size_t>(dims[0]), static_cast<size_t>(dims[1]));
  const auto [lo, hi] = std::minmax_element(values.begin(), values.end());
  const double span = *hi > *lo ? *hi - *lo : 1;
  std::vector<uint8_t> pixels;
  for (const float value : values)
    pixels.push_back(
        static_cast<uint8_t>(std::isfinite(value) ? std::lround(255 * (value - *lo) / span) : 0));
  return png_bytes(pixels, static_cast<uint32_t>(dims[1]), static_cast<uint32_t>(dims[0]),
                   static_cast<uint32_t>(dims[2]));
}

std::string preview_base64(const PreviewFormat& format, const Preview& preview) {
  if (is_drawn(format)) return base64(preview_png(format, preview.real));
  if (!is_lines(format)) return "";
  const auto stride = static_cast<size_t>(format.channel_count());
  std::vector<ChannelGroup> groups = shown_groups(format);
  size_t lines = 0;
  for (const auto& group : groups) lines += group.channels.size();
  const size_t n = preview.real.size() / stride,
               points = std::min<size_t>(n, std::max<size_t>(8, kSeriesBytes / std::max<size_t>(1, lines)));
  std::string bytes;
  for (const auto& group : groups) {
    const auto [lo, hi] = range_of(format, preview.real, group.channels);
    const auto add = [&, lo = lo, hi = hi](double value) {
      bytes += static_cast<char>(
          std::isfinite(value) ? std::lround(255 * std::clamp((value - lo) / (hi - lo), 0.0, 1.0)) : 127);
    };
    for (const size_t channel : group.channels) {
      if (format.kind == "audio" && n > points) {
        // Least and greatest in turn: the line through them is the waveform.
        for (const auto& [least, greatest] : extremes(preview.real, stride, channel, (points + 1) / 2))
          add(least), add(greatest);
        bytes.resize(bytes.size() - points % 2);
        continue;
      }
      for (size_t i = 0; i < points; ++i) add(preview.real[i * n / points * stride + channel]);
    }
  }
  return base64(bytes);
}

}  // namespace assay::report
