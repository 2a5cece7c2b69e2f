// How an input is drawn: lines for a series or audio, pixels for an image. One line per kind in
// html_preview.cpp.
#pragma once

#include <string>
#include <vector>

#include "report/view.h"

namespace assay::report {

// Channels that belong together ("ax", "ay", "az") and share a scale.
struct ChannelGroup {
  std::string name;              // "accelerometer", else the channels' common prefix
  std::vector<size_t> channels;  // indices in PreviewFormat::channels
};
std::vector<ChannelGroup> channel_groups(const PreviewFormat& format);

// Header cells and the cells of one row, for the flip table.
std::string preview_header(const View& view);
std::string preview_cells(const View& view, const Preview* preview);

// One channel of one sample, real beside quantised.
std::string channel_traces(const PreviewFormat& format, const Preview& preview, size_t channel);

// At most ~600 bytes of a series (one byte a value), or a PNG of an image, in base64: what the script draws.
std::string preview_base64(const PreviewFormat& format, const Preview& preview);
// PNG (8-bit grey or RGB) of an image preview; empty when dims do not fit the values.
std::string preview_png(const PreviewFormat& format, const std::vector<float>& values);

}  // namespace assay::report
