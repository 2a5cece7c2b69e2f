// What finished runs know of each sample: truth, decisions of reference and device, and the columns to slice
// by. Read from run folders alone; the dataset need not exist any more.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace assay::cli {

struct FinishedColumn {
  std::string name;
  std::vector<std::string> values;
};

struct FinishedSamples {
  std::string reference;  // "r0", or the id of the primary R1
  std::vector<std::string> ids;
  std::vector<int> labels, references, device;
  std::vector<FinishedColumn> columns;  // "class" first
  int64_t repeated = 0;                 // samples that a run before had already: they count once
};

// Of several runs of one model and dataset, such as the shards of one. results.bad_run: a run without labels,
// references or samples, or of another model or dataset than the first; codes of the run folder.
Result<FinishedSamples> finished_samples(const std::vector<std::filesystem::path>& runs);

}  // namespace assay::cli
