// Everything a report shows about one case: the summary, and what else lies in the run folder.
//
// Formats render a View and nothing else, so that any old run can be rendered again and a test can build one
// by hand. What a run did not keep stays empty; each format then says so instead of drawing nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "results/summary.h"
#include "results/tables.h"

namespace assay::report {

// The input of one sample as a person can look at it.
struct Preview {
  std::string sample;            // id as in Flip
  int64_t index = 0;             // row in the dataset order of the run
  std::vector<float> real;       // row-major over the dims of PreviewFormat, real units
  std::vector<float> quantised;  // the same after quantisation, in real units; empty when that is not known
};

// What the rows of all previews mean.
struct PreviewFormat {
  std::string kind = "other";         // series | image | map | audio | other; map: time x features
  std::vector<std::string> channels;  // names along the last dimension; may be empty
  std::vector<int64_t> dims;  // without batch: series time x channels, image height x width x channels
  double rate_hz = 0;         // of a series or audio; 0: unknown
  double scale = 0;           // of the deployed input tensor, real per step; 0: not quantised

  int64_t channel_count() const;  // the last dimension, at least 1
};

// How far one operator's output is off; from a run with tapped tensors.
struct OperatorError {
  int index = 0;
  std::optional<double> accumulated_db;  // SQNR of R1 against R0
  std::optional<double> local_db;        // this operator alone
  std::optional<int64_t> r2_outside;     // elements of R2 outside the envelope
  std::optional<int> device_max_lsb;     // D against R2
};

struct View {
  results::Summary summary;
  std::vector<results::Flip> flips;  // by descending reference margin
  PreviewFormat input;
  std::vector<Preview> previews;               // flips and chosen samples, in any order
  std::vector<OperatorError> operator_errors;  // empty: tensors were not captured
  std::vector<results::SampleRow> samples;     // samples.csv, in dataset order; empty: none were kept
  std::filesystem::path profile_file;          // the profile.toml that the run was started with; may be gone

  // nullptr when the run kept no input of that sample.
  const Preview* preview(int64_t index) const;
};

// Reads summary.json, flips.csv and, where kept, inputs.npy with inputs_index.npy and graph.json. Of
// graph.json only two objects are used, both optional: "input" {scale, zero_point} is the deployed input
// tensor, "preview" {kind, channels, rate_hz, dims, scale, zero_point} says what a row of inputs.npy is
// (scale: stored integer -> real; 0: already real). Missing optional files leave their part empty; damaged
// ones become an Issue of the summary, so that a report of what is left can be made. Errors: results.bad_run,
// results.bad_summary, base.file.
Result<View> load_view(const std::filesystem::path& run_folder);

}  // namespace assay::report
