// Outputs that were written down before: by a board that nobody needs to lease any more, or by a runtime that
// Assay does not know. The file is read as a dataset is (.csv, .npy, .npz) and matched with the samples by
// their ids.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/profile.pb.h"
#include "run/prepared.h"

namespace assay::run {

struct Recorded {
  TensorRows outputs;                             // one row a sample of `prepared`, in its order
  std::optional<std::vector<double>> latency_us;  // one a sample; absent: the file has none
  std::vector<std::string> extra;  // ids that are no sample of the run, in the order of the file
  std::string sha256;              // of the file
};

// Without ids in the file, row i is sample i of the whole dataset. Real values are float32 without a scale;
// integers take scale and zero point of the deployed model's output.
//
//   run.recorded_ids    a sample is missing or there twice; without ids: another number of rows
//   run.recorded_shape  not the model's number of outputs, or integers of another type
//   codes of dataset (dataset.not_found: a column or array is not there; dataset.nan; ...), base.file
Result<Recorded> read_recorded(const config::RecordedOutputs& wanted, const Prepared& prepared);

}  // namespace assay::run
