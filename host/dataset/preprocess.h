// [data.preprocess]: what is done to every sample, once, on the host, before device and references see it.
//
// version = 1
// [[data.preprocess.step]]
// op = "window"
// length_ms = 1000
//
// To add a step: a function in preprocess_steps.h with its test, a line in the table in preprocess.cpp, its
// keys in profile.proto. A change of what a step means is a new version, beside the old one.
#pragma once

#include <string>

#include "dataset/formats.h"

namespace assay::dataset {

// Applies the steps to `stored`, whose type must be known: afterwards all samples have one shape. Steps that
// only move values keep the element type; those that calculate give float32. `window` makes several samples
// of one: "<id>@<first row>", labels and slices repeated, with a column `recording` (the id before) unless
// there is one; where labels change inside a recording, windows across a change are left out.
// dataset.preprocess names step and sample; dataset.empty: no window is left.
Status preprocess(const config::Data& data, Stored& stored);

// "v1: mono; window length=16000 stride=8000": the same text for the same steps; empty without steps.
std::string preprocess_text(const config::Data& data);

}  // namespace assay::dataset
