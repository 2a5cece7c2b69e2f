// A first profile of a model or a program, with what they say of themselves and questions for the rest.
//
// What nobody can find out stands in the file as a line that begins with `# QUESTION`; the profile is
// accepted by `assay check` before they are answered, so that a first run is minutes away. Without data,
// random inputs stand in and the file says so.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/tensor.h"

namespace assay::run {

struct DraftWishes {
  std::filesystem::path from;    // a .tflite or an ELF
  std::filesystem::path folder;  // where the profile will lie: its paths are relative to it
  std::filesystem::path data, labels, float_model;  // empty: not given
};

struct ProfileDraft {
  std::string name;  // of the profile
  std::string toml;
  std::string board;  // that fits a program; empty: any
  // In place of data that nobody named: file below the folder, rows to write.
  std::optional<TensorRows> random_inputs;
  std::vector<std::string> found, questions;  // one line each, for whoever asked
};

inline constexpr const char* kRandomInputs = "data/random_inputs.npy";

// Errors of base and model.
Result<ProfileDraft> draft_of_model(const DraftWishes& wishes);
// An ELF with the agent in it, or one that knows nothing of Assay: then a profile for the probe alone. Errors
// of base and probe.
Result<ProfileDraft> draft_of_program(const DraftWishes& wishes);

}  // namespace assay::run
