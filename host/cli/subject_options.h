// The options by which several verbs name what to run: a profile, or a model with its data, and a board.
#pragma once

#include <string>
#include <vector>

#include "config/catalogue.h"
#include "run/case_spec.h"

namespace CLI {
class App;
}

namespace assay::cli {

// Which samples of the dataset.
struct SampleOptions {
  std::string samples, slice, shard;
  int64_t limit = 0;
  bool shuffle = false;

  void add_to(CLI::App& verb);
  // `slice` may name a [[slice]] of the profile. dataset.slice, base.file.
  Result<dataset::Slice> choice(const config::Profile& profile) const;
};

struct SubjectOptions : SampleOptions {
  std::string subject;  // a profile (file, folder or name), or a .tflite
  std::string board = "posix";
  std::string data, labels, float_model, firmware;
  // Probe-only: the function that infers, its variables (a comma separates several), and where it may be
  // called.
  std::string call, input, output, ready;
  bool quantised = false;

  void add_to(CLI::App& verb);
};

// The case that the options describe. A model without a profile gets one gate: the port must be exact.
// Codes: those of config; dataset.slice; run.no_data (a model without --data).
Result<run::CaseSpec> case_of(const SubjectOptions& options);

}  // namespace assay::cli
