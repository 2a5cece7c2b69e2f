// From stored samples to what a model takes, the same for the device and for every reference.
//
// real = (stored - zero_point) * scale of the dataset, in double precision; then q = round(real / model
// scale) + model zero point, where round goes to the nearest integer and halves go away from zero (as lround,
// and as the QUANTIZE operator of TensorFlow Lite); then saturation to the model's type. Float models get the
// real value as float32.
#pragma once

#include "dataset/dataset.h"

namespace assay::dataset {

// Rows of `input` (shape, type, scale and zero point of the model's input 0), one per sample of the dataset.
//
// `deployed`: input of the model that a *quantised* dataset was stored for; its integers then pass through
// unchanged to a model with that quantisation, and are dequantised with it for any other model (R0, int16x8).
// Ignored otherwise.
//
// dataset.shape (both shapes), dataset.type (a type the model cannot take, or no scale on either side).
Result<TensorRows> quantise_inputs(const Dataset& dataset, const TensorInfo& input,
                                   const TensorInfo* deployed = nullptr);

}  // namespace assay::dataset
