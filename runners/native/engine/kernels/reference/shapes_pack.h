// What the shapes of an operator's tensors must be, and the geometry that follows: the same for every element
// type, so that a form of an operator is refused for one type as for the other. Host only.
//
// Each returns false and `why` when the shapes contradict each other or are not supported.
#pragma once

#include <string>

#include "../pack.h"
#include "window.h"

namespace assay::engine::reference {

// Filter [out_c][h][w][in_c].
bool conv2d_shape(const PackRequest& request, Window& window, std::string& why);
// Filter [1][h][w][out_c]; out_c is a multiple of in_c.
bool depthwise_shape(const PackRequest& request, Window& window, std::string& why);
// Weights [out_c][in_c] over the rows of the input, as a 1x1 convolution of an image one row high.
bool fully_connected_shape(const PackRequest& request, Window& window, std::string& why);
bool pool_shape(const PackRequest& request, Window& window, std::string& why);

struct MeanShape {
  int64_t pixels = 0, channels = 0;
};
// Over height and width of an image with batch 1.
bool mean_shape(const PackRequest& request, MeanShape& shape, std::string& why);

struct SoftmaxShape {
  uint32_t rows = 0, depth = 0;
};
bool softmax_shape(const PackRequest& request, SoftmaxShape& shape, std::string& why);
// Two inputs and the output of one size, without broadcasting.
bool add_shape(const PackRequest& request, std::string& why);

}  // namespace assay::engine::reference
