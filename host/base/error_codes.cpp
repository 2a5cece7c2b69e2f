#include "base/error_codes.h"

#include <algorithm>

namespace assay {
namespace {

// Sorted by code; a test checks the order.
constexpr ErrorCode kErrorCodes[] = {
    {"base.file", Exit::kInfrastructure, "A file could not be read or written.", "Check the path, its permissions and the free space."},
    {"base.interrupted", Exit::kInterrupted, "The user interrupted the program.", "Start it again."},
    {"base.process_failed", Exit::kInfrastructure, "A child process could not be started or ended with an error.", "Run `assay doctor`."},
    {"base.process_timeout", Exit::kInfrastructure, "A child process did not end in time and was stopped.", "Run `assay doctor`; then try again."},
    {"base.tool_missing", Exit::kInfrastructure, "A program that Assay needs is not installed.", "Run `./bootstrap deps`, or install the package that the message names."},
    {"config.missing_key", Exit::kUsage, "A TOML file lacks a required key.", "Add the key."},
    {"config.syntax", Exit::kUsage, "A TOML file cannot be parsed.", "Correct the line that the message names."},
    {"config.type", Exit::kUsage, "A value has the wrong type.", "Write the type that the message names."},
    {"config.unknown_key", Exit::kUsage, "A TOML file has a key that Assay does not know.", "Use the nearest known key that the message names, or remove the line."},
    {"config.value", Exit::kUsage, "A value is out of its range.", "Choose a value in the range that the message names."},
    {"metric.argmax_ties", Exit::kPass, "Some outputs have several highest scores; the lowest class counts.", "Look at the samples; saturated outputs suggest a scale that is too small."},
    {"metric.bad_observations", Exit::kInfrastructure, "The parts of a run do not belong together.", "Repeat the run; the message names the sizes."},
    {"metric.no_labels", Exit::kPass, "The dataset has no labels: only agreement with the reference is known.", "Add labels to the dataset to get accuracy."},
    {"metric.no_reference", Exit::kInconclusive, "No reference was run, so no loss can be attributed.", "Name a float model or desktop runtimes in the profile."},
    {"metric.nonfinite", Exit::kGateFailed, "The device gave NaN or infinite values.", "Look for a division by zero or an overflow in the model or its kernels."},
    {"metric.not_comparable", Exit::kInfrastructure, "Two tensors cannot be compared.", "Compare outputs of one model: equal shape, type, scale and zero point."},
    {"metric.quantised_dataset", Exit::kPass, "The dataset is stored quantised, so the loss of input quantisation is not in the figures.", "Give real-valued data to see it."},
    {"results.bad_csv", Exit::kInfrastructure, "A table of a run folder is damaged.", "Repeat the run; the message names the line."},
    {"results.bad_npy", Exit::kUsage, "A .npy file cannot be read.", "Save it again with numpy.save in C order; the message names the byte."},
    {"results.bad_run", Exit::kInfrastructure, "A folder is no run folder, or its files are damaged.", "Name another run; `assay runs` lists them."},
    {"results.bad_summary", Exit::kInfrastructure, "A summary.json cannot be read.", "Repeat the run; the message names the key."},
    {"results.no_run", Exit::kUsage, "No run has this name.", "Name a folder, the start of a run id or @last; `assay runs` lists them."},
};

}  // namespace

std::span<const ErrorCode> error_codes() { return kErrorCodes; }

const ErrorCode* find_error_code(std::string_view code) {
  const auto* found = std::find_if(std::begin(kErrorCodes), std::end(kErrorCodes),
                                   [&](const ErrorCode& entry) { return entry.code == code; });
  return found == std::end(kErrorCodes) ? nullptr : found;
}

Exit exit_code_of(std::string_view code) {
  const ErrorCode* entry = find_error_code(code);
  return entry ? entry->exit : Exit::kInfrastructure;
}

}  // namespace assay
