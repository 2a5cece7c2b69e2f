// A small `.tflite` for tests, built with the generated schema: CONV_2D 3x3 stride 2, DEPTHWISE_CONV_2D,
// MEAN, FULLY_CONNECTED, SOFTMAX on a 1x8x6x1 image. Each field below can be spoiled before it is written.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "flatbuffers/flatbuffers.h"
#include "tflite_generated.h"

namespace assay::model {

// Called with the object form of the model before it is written.
std::vector<uint8_t> sample_model(const std::function<void(format::ModelT&)>& spoil = {});

}  // namespace assay::model
