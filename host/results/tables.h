// The rows of a run folder's CSV tables. Columns stand in one table each in tables.cpp; empty fields are
// "unknown".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "results/summary.h"

namespace assay::results {

// samples.csv, one row as soon as a sample is finished: index,id,status,truth,device,ticks,first_run,retries
struct SampleRow {
  int64_t index = 0;             // row in the dataset order of the run
  std::string id;                // file name or row number
  std::string status = "done";   // done | failed | timeout | skipped
  int truth = -1;                // class, -1: no label (empty field)
  int device = -1;               // top-1 class, -1: unknown or no classification (empty field)
  std::optional<int64_t> ticks;  // raw device ticks of the inference, extended to 64 bits
  bool first_run = false;        // the cold inference after a reset: not part of latency figures
  int retries = 0;               // link retries of this sample
};

std::string samples_header();
std::string sample_line(const SampleRow& row);
// results.bad_csv names line and column. A cut last line is dropped; of several rows of one index (a resumed
// run) the last counts, rows are in order of index.
Result<std::vector<SampleRow>> parse_samples(std::string_view text, const std::string& where);

std::string flips_text(const std::vector<Flip>& flips);
Result<std::vector<Flip>> parse_flips(std::string_view text, const std::string& where);

// ops.csv: the layers with their median (in the latency's unit), share, multiply-accumulates and live arena
// bytes.
std::string ops_text(const std::vector<Layer>& layers);
Result<std::vector<Layer>> parse_ops(std::string_view text, const std::string& where);

}  // namespace assay::results
