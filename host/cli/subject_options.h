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

struct SubjectOptions {
  std::string subject;  // a profile (file, folder or name), or a .tflite
  std::string board = "posix";
  std::string data, labels, float_model;
  bool quantised = false;
  std::string samples;
  int64_t limit = 0;

  void add_to(CLI::App& verb);
};

// The case that the options describe. A model without a profile gets one gate: the port must be exact.
// Codes: those of config; dataset.slice; run.no_data (a model without --data).
Result<run::CaseSpec> case_of(const SubjectOptions& options);

}  // namespace assay::cli
