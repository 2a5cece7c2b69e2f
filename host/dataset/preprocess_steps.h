// The steps of [data.preprocess], each a function from one sample to another.
//
// A step changes what a model sees, so its meaning is fixed by `version` in the profile: another rounding or
// another rule of resizing is another version. Values are double; shapes are without batch. Pictures are
// height x width x channels, recordings rows x channels, a flat sample is a recording of one channel.
//
// All functions: dataset.preprocess, with both sides, when a sample has not the shape that the step takes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace assay::dataset {

struct Tensor {
  std::vector<int64_t> dims;
  std::vector<double> values;  // product of dims
};

enum class Resizing { kNearest, kBilinear };

// Any shape -> the same: (value - zero_point) * scale.
Tensor scale_values(Tensor in, double scale, double zero_point);

// Any shape -> the same: (value - mean) / std, one pair for all or one per index of the last dimension.
Result<Tensor> normalise(Tensor in, std::span<const double> mean, std::span<const double> deviation);

// H x W x C -> C x H x W, and back.
Result<Tensor> to_nchw(const Tensor& in);
Result<Tensor> to_nhwc(const Tensor& in);

// ... x C -> ... x n: output channel i is input channel order[i]. RGB to BGR: 2, 1, 0.
Result<Tensor> pick_channels(const Tensor& in, std::span<const int64_t> order);

// H x W x C -> height x width x C. Half-pixel centres: output pixel i lies at (i + 0.5) * in / out - 0.5 of
// the input. Nearest: floor((i + 0.5) * in / out). Bilinear: of the two pixels on either side, those beyond
// the border taken from it; no smoothing when a picture becomes smaller, no rounding. This is what
// half_pixel_centers = true means in TensorFlow Lite.
Result<Tensor> resize(const Tensor& in, int64_t height, int64_t width, Resizing method);

// H x W x C -> height x width x C from (top, left) on; a negative one: centred, the odd pixel left over at
// the bottom or right.
Result<Tensor> crop(const Tensor& in, int64_t top, int64_t left, int64_t height, int64_t width);

// N x ... -> length x ...: rows [first, first + length).
Result<Tensor> rows_of_window(const Tensor& in, int64_t first, int64_t length);

// N x C -> N x 1: the mean over the channels.
Result<Tensor> mono(const Tensor& in);

// Any shape -> dims, of as many values.
Result<Tensor> reshape(Tensor in, std::span<const int64_t> dims);

}  // namespace assay::dataset
