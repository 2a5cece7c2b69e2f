#include "dataset/preprocess_steps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace assay::dataset {
namespace {

std::string shape_of(std::span<const int64_t> dims) { return fmt::format("{}", fmt::join(dims, "x")); }

tl::unexpected<Error> misfit(std::string what) { return fail("dataset.preprocess", std::move(what)); }

size_t index(int64_t value) { return static_cast<size_t>(value); }

int64_t product(std::span<const int64_t> dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
}

Status check_picture(const Tensor& in, const char* step) {
  if (in.dims.size() == 3) return {};
  return misfit(fmt::format("{} takes height x width x channels, the sample is {}", step, shape_of(in.dims)));
}

// Where an output pixel lies between two of the input: `low` and `low + 1`, both clamped into it.
struct Between {
  size_t low, high;
  double share;  // of `high`
};

Between between(int64_t out, int64_t in_size, int64_t out_size) {
  const double at =
      (static_cast<double>(out) + 0.5) * static_cast<double>(in_size) / static_cast<double>(out_size) - 0.5;
  const double floor = std::floor(at);
  const auto inside = [&](double value) {
    return static_cast<size_t>(std::clamp<double>(value, 0, static_cast<double>(in_size - 1)));
  };
  return {inside(floor), inside(floor + 1), at - floor};
}

// In integers, because a product that is just below a whole number must not round over it.
size_t nearest(int64_t out, int64_t in_size, int64_t out_size) {
  return index((2 * out + 1) * in_size / (2 * out_size));
}

}  // namespace

Tensor scale_values(Tensor in, double scale, double zero_point) {
  for (double& value : in.values) value = (value - zero_point) * scale;
  return in;
}

Result<Tensor> normalise(Tensor in, std::span<const double> mean, std::span<const double> deviation) {
  const size_t channels = in.dims.empty() ? 1 : index(in.dims.back());
  for (const auto& list : {mean, deviation}) {
    if (list.size() != 1 && list.size() != channels)
      return misfit(fmt::format("normalise has {} values for {} channels of {}", list.size(), channels,
                                shape_of(in.dims)));
  }
  if (std::any_of(deviation.begin(), deviation.end(), [](double value) { return !(value > 0); }))
    return misfit("normalise has a std that is not above 0");
  for (size_t i = 0; i < in.values.size(); ++i) {
    const size_t channel = i % channels;
    in.values[i] = (in.values[i] - mean[mean.size() == 1 ? 0 : channel]) /
                   deviation[deviation.size() == 1 ? 0 : channel];
  }
  return in;
}

Result<Tensor> to_nchw(const Tensor& in) {
  ASSAY_CHECK(check_picture(in, "layout to nchw"));
  const size_t pixels = index(in.dims[0] * in.dims[1]), channels = index(in.dims[2]);
  Tensor out{{in.dims[2], in.dims[0], in.dims[1]}, std::vector<double>(in.values.size())};
  for (size_t i = 0; i < in.values.size(); ++i)
    out.values[i % channels * pixels + i / channels] = in.values[i];
  return out;
}

Result<Tensor> to_nhwc(const Tensor& in) {
  if (in.dims.size() != 3)
    return misfit(
        fmt::format("layout to nhwc takes channels x height x width, the sample is {}", shape_of(in.dims)));
  const size_t pixels = index(in.dims[1] * in.dims[2]), channels = index(in.dims[0]);
  Tensor out{{in.dims[1], in.dims[2], in.dims[0]}, std::vector<double>(in.values.size())};
  for (size_t i = 0; i < in.values.size(); ++i) out.values[i % pixels * channels + i / pixels] = in.values[i];
  return out;
}

Result<Tensor> pick_channels(const Tensor& in, std::span<const int64_t> order) {
  const int64_t channels = in.dims.empty() ? 1 : in.dims.back();
  for (const int64_t channel : order) {
    if (channel < 0 || channel >= channels)
      return misfit(fmt::format("no channel {}: the sample is {}", channel, shape_of(in.dims)));
  }
  Tensor out{in.dims, {}};
  if (out.dims.empty()) out.dims = {1};
  out.dims.back() = static_cast<int64_t>(order.size());
  for (size_t at = 0; at < in.values.size(); at += index(channels)) {
    for (const int64_t channel : order) out.values.push_back(in.values[at + index(channel)]);
  }
  return out;
}

Result<Tensor> resize(const Tensor& in, int64_t height, int64_t width, Resizing method) {
  ASSAY_CHECK(check_picture(in, "resize"));
  const size_t channels = index(in.dims[2]), stride = index(in.dims[1]) * channels;
  Tensor out{{height, width, in.dims[2]}, {}};
  out.values.reserve(index(height * width) * channels);
  for (int64_t y = 0; y < height; ++y) {
    const Between rows = between(y, in.dims[0], height);
    const size_t row = nearest(y, in.dims[0], height) * stride;
    for (int64_t x = 0; x < width; ++x) {
      const Between columns = between(x, in.dims[1], width);
      const size_t column = nearest(x, in.dims[1], width) * channels;
      for (size_t c = 0; c < channels; ++c) {
        const auto at = [&](size_t r, size_t col) { return in.values[r * stride + col * channels + c]; };
        if (method == Resizing::kNearest) {
          out.values.push_back(in.values[row + column + c]);
          continue;
        }
        const double upper =
            at(rows.low, columns.low) * (1 - columns.share) + at(rows.low, columns.high) * columns.share;
        const double lower =
            at(rows.high, columns.low) * (1 - columns.share) + at(rows.high, columns.high) * columns.share;
        out.values.push_back(upper * (1 - rows.share) + lower * rows.share);
      }
    }
  }
  return out;
}

Result<Tensor> crop(const Tensor& in, int64_t top, int64_t left, int64_t height, int64_t width) {
  ASSAY_CHECK(check_picture(in, "crop"));
  if (top < 0) top = (in.dims[0] - height) / 2;
  if (left < 0) left = (in.dims[1] - width) / 2;
  if (height > in.dims[0] || width > in.dims[1] || top > in.dims[0] - height || left > in.dims[1] - width) {
    return misfit(fmt::format("crop of {}x{} from row {}, column {} leaves the picture of {}", height, width,
                              top, left, shape_of(in.dims)));
  }
  Tensor out{{height, width, in.dims[2]}, {}};
  const size_t row = index(width * in.dims[2]);
  for (int64_t y = top; y < top + height; ++y) {
    const auto from = in.values.begin() + (y * in.dims[1] + left) * in.dims[2];
    out.values.insert(out.values.end(), from, from + static_cast<std::ptrdiff_t>(row));
  }
  return out;
}

Result<Tensor> rows_of_window(const Tensor& in, int64_t first, int64_t length) {
  const int64_t rows = in.dims.empty() ? 0 : in.dims[0];
  if (first < 0 || length > rows || first > rows - length)
    return misfit(fmt::format("window of {} rows from row {} leaves the recording of {}", length, first,
                              shape_of(in.dims)));
  const int64_t width = product(std::span(in.dims).subspan(1));
  Tensor out{in.dims, {in.values.begin() + first * width, in.values.begin() + (first + length) * width}};
  out.dims[0] = length;
  return out;
}

Result<Tensor> mono(const Tensor& in) {
  if (in.dims.size() != 2)
    return misfit(fmt::format("mono takes rows x channels, the sample is {}", shape_of(in.dims)));
  const size_t channels = index(in.dims[1]);
  Tensor out{{in.dims[0], 1}, {}};
  for (size_t at = 0; at < in.values.size(); at += channels) {
    const auto row = in.values.begin() + static_cast<std::ptrdiff_t>(at);
    out.values.push_back(std::accumulate(row, row + in.dims[1], 0.0) / static_cast<double>(channels));
  }
  return out;
}

Result<Tensor> reshape(Tensor in, std::span<const int64_t> dims) {
  double wanted = 1;
  for (const int64_t dim : dims) wanted *= dim < 1 ? NAN : static_cast<double>(dim);
  if (wanted != static_cast<double>(in.values.size()))
    return misfit(
        fmt::format("{} has {} values, no {}", shape_of(in.dims), in.values.size(), shape_of(dims)));
  in.dims.assign(dims.begin(), dims.end());
  return in;
}

}  // namespace assay::dataset
