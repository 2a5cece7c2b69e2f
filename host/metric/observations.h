// What a run observed, for `evaluate`. Nothing here is owned: all pointers outlive the call.
//
// All tensors have one row a sample, in the same order; labels and ids too. Outputs are dequantised by their
// own info (scale, zero point). A side that does not exist is nullptr; what depends on it is then absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "metric/slices.h"
#include "metric/task_setup.h"

namespace assay::metric {

struct DesktopRun {
  std::string id;  // "r1.litert_ref"
  const TensorRows* outputs = nullptr;
};

struct Observations {
  std::vector<int> labels;                  // class indices; empty: no labels, only agreement is computed
  std::vector<std::string> classes;         // names; missing ones are the class number
  std::vector<std::string> ids;             // of samples; missing ones are the row number
  const TensorRows* r0 = nullptr;           // outputs of the float model
  std::vector<DesktopRun> r1;               // the first is primary
  const TensorRows* r2 = nullptr;           // outputs of the engine's host build
  const TensorRows* device = nullptr;       // required
  const TensorRows* inputs_real = nullptr;  // nullptr: the dataset is stored quantised
  const TensorRows* inputs_quantised = nullptr;  // what the device received
  std::vector<std::string> channels;             // names along the last input dimension
  std::string device_kind = "measured";  // Figure::kind of the device's figures: measured | emulated | host
  bool exact_port = true;                // an integer engine must equal its host build to the bit
  // Declared, in real units: then an output of the device may differ from R2 by that much, and bits do not
  // count.
  std::optional<double> port_tolerance;
  // No desktop runtime knows the model, as of generated or hand-written C: then R2 is the deployed model's
  // desktop answer, compression is R0 against R2, and there is no rounding to tell apart.
  bool only_own_engine = false;
  uint64_t seed = 1;          // of the bootstrap
  TaskSetup task;             // what [task] declares; its kind empty: classification
  std::vector<int64_t> rows;  // of samples: row in the whole dataset; empty: 0, 1, 2 ...
  std::vector<SliceColumn> slice_columns;
  std::vector<NamedSlice> named_slices;
};

}  // namespace assay::metric
