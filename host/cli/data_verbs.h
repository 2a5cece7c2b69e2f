// The verbs below `assay data`, one file each: what they share.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/subject_options.h"
#include "cli/verb.h"
#include "dataset/dataset.h"

namespace assay::cli {

struct DataOptions {
  std::string subject, labels;
  SampleOptions samples;
  uint64_t seed = 1;
  bool json = false;
};

// Declares subject, --labels and --json; with `choice` also --samples, --slice, --limit, --shuffle, --shard,
// --seed.
void add_subject(CLI::App& verb, DataOptions& options, bool choice);

// A profile, or a dataset alone. dataset.not_found, codes of config.
Result<config::Profile> profile_of(const DataOptions& options);

struct Chosen {
  config::Profile profile;
  dataset::Dataset part;
  size_t whole = 0;  // samples of the dataset
};
// Codes of open_dataset() and take().
Result<Chosen> open_chosen(const DataOptions& options);

using Counts = std::vector<std::pair<std::string, int64_t>>;
Counts class_counts(const dataset::Dataset& data);  // in the order of the classes; empty: no labels
Counts value_counts(const dataset::SliceColumn& column);

void add_data_ls(CLI::App& data, Action& action);
void add_data_slice(CLI::App& data, Action& action);
void add_data_mine(CLI::App& data, Action& action);
void add_data_import(CLI::App& data, Action& action);
void add_data_manifest(CLI::App& data, Action& action);

}  // namespace assay::cli
