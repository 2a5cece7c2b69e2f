// A `.tflite` in which chosen operator outputs are outputs of the model too, for any loader.
//
// The file is not written anew: a longer list of outputs is appended to it and one offset is changed to point
// there, so that everything else, also what Assay's subset of the format does not know, stays byte for byte.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace assay::model {

struct TappedOutput {
  int op = 0;      // operator in the file's order
  int tensor = 0;  // index in the file
  std::string name;
};

struct TappedModel {
  std::vector<uint8_t> bytes;
  std::vector<TappedOutput> added;  // outputs beyond those that the model has, in their order
  size_t outputs = 0;               // of the model, with those that it had
};

// `ops`: operator indices; empty: all. Operators may be ones that the native engine lacks. Errors:
// model.not_tflite, model.truncated, model.unsupported_feature (several subgraphs, no outputs), config.value
// (no such operator), model.bad_index.
Result<TappedModel> tap_model(std::span<const uint8_t> file, const std::string& name,
                              const std::vector<int>& ops);

// The same file, with the output of operator `op` in the place of the model's output 0: as long as the file
// was, so that it fits wherever that did. Errors as above; model.unsupported_feature also where the operator
// has not exactly one output.
Result<std::vector<uint8_t>> model_ending_at(std::span<const uint8_t> file, const std::string& name, int op);

// "0,3,7-9" or "all" (then empty). config.value.
Result<std::vector<int>> parse_operators(const std::string& text);

}  // namespace assay::model
