// One side of a comparison: what a run, or a baseline, knows about itself.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "results/baseline.h"
#include "results/comparison.h"
#include "results/run_folder.h"

namespace assay::metric {

struct Answer {
  std::string id;
  int truth = -1, top = -1;  // classes; -1: unknown
};

struct Side {
  std::string name, from, verdict;  // as in ComparedSide
  results::Identity identity;
  std::vector<results::NamedFigure> figures;
  // Of a noisy figure in a baseline: how many runs are behind it. 1 of a run.
  int64_t repeats = 1;
  bool complete = true;                  // false: the run ended early; its figures prove nothing
  std::vector<std::string> class_names;  // of the dataset
  std::vector<results::ClassCount> classes;
  std::vector<Answer> answers;  // in dataset order; empty for a baseline
  std::string outputs_sha256;   // of the values of outputs.npy; empty: none were kept
  std::vector<results::Layer> layers;
};

// results.bad_run, results.bad_summary, base.file. A damaged samples.csv is results.bad_csv.
Result<Side> side_of_run(const std::filesystem::path& run_folder);
// The same of a summary that is not written yet, of the run that owns `folder`.
Result<Side> side_of_summary(const results::Summary& summary, const results::RunFolder& folder);
Side side_of_baseline(const results::Baseline& baseline, const std::string& name);

// Right answers a class; hits are filled in where single answers are known. Classes without a sample are left
// out.
std::vector<results::ClassCount> count_classes(const std::vector<Answer>& answers,
                                               const std::vector<std::string>& names);

}  // namespace assay::metric
