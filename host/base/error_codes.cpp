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
    {"dataset.empty", Exit::kUsage, "A dataset holds no sample.", "Name a file or folder that holds samples."},
    {"dataset.label_missing", Exit::kUsage, "Samples and labels do not go together one to one.", "Give each sample one label, in the order of the samples."},
    {"dataset.label_range", Exit::kUsage, "A label is no class of the profile.", "Correct the label, or list every class in [data]."},
    {"dataset.malformed", Exit::kUsage, "A file of a dataset cannot be parsed.", "Write or copy the file again."},
    {"dataset.nan", Exit::kUsage, "A dataset holds NaN or infinity.", "Repair or remove the sample that the message names."},
    {"dataset.not_found", Exit::kUsage, "A dataset, a sample or an array does not exist.", "Correct [data] of the profile."},
    {"dataset.shape", Exit::kUsage, "Samples and the model's input differ in shape.", "Use the dataset that the model was made for."},
    {"dataset.slice", Exit::kUsage, "A choice of samples is malformed or empty.", "Write first:last, inside the dataset."},
    {"dataset.type", Exit::kUsage, "A dataset has a type or scale that does not fit.", "Correct type, scale or quantised in [data]."},
    {"model.bad_index", Exit::kUsage, "A model refers to a tensor, buffer or operator that does not exist or is not ready.", "Convert the model again; the file is damaged or was made by a faulty tool."},
    {"model.bad_plan", Exit::kInfrastructure, "The native engine refuses a plan.", "Make the plan again from the model with this version of Assay."},
    {"model.bad_quantization", Exit::kUsage, "A scale or zero point of a model is missing, out of range or contradictory.", "Convert the model with full int8 quantisation (per-tensor activations, symmetric weights)."},
    {"model.bad_shape", Exit::kUsage, "Shapes, sizes or options of a model contradict each other or are not supported.", "Convert the model again with fixed shapes and batch 1."},
    {"model.dynamic_shape", Exit::kUsage, "A model has a dimension that is not fixed.", "Convert the model with fixed shapes; only the batch may be open."},
    {"model.not_tflite", Exit::kUsage, "A file is not a .tflite model.", "Check the path; the file must begin with a FlatBuffer of identifier TFL3."},
    {"model.too_big", Exit::kUsage, "A model does not fit into the memory of the board.", "Choose a board with more memory, or a smaller model."},
    {"model.truncated", Exit::kUsage, "A .tflite file is truncated or damaged.", "Copy or download the file again."},
    {"model.unsupported_feature", Exit::kUsage, "A model uses a feature of the format that the native engine lacks.", "Remove the feature, or test with the engine that you ship (linked agent)."},
    {"model.unsupported_operator", Exit::kUsage, "A model uses an operator, or a form of it, that the native engine lacks.", "Replace the operator, or test with the engine that you ship (linked agent)."},
    {"model.unsupported_type", Exit::kUsage, "A model uses an element type that the native engine lacks.", "Convert the model with full int8 quantisation."},
    {"reference.refused", Exit::kInfrastructure, "A desktop runtime does not accept the model.", "Remove it from `r1` in [references], or change the model."},
    {"reference.shape", Exit::kInfrastructure, "Inputs or outputs of a reference do not fit the model.", "Check that model and dataset belong together."},
    {"reference.unavailable", Exit::kInfrastructure, "A desktop reference cannot run here.", "Run `./bootstrap deps`."},
    {"reference.unknown", Exit::kUsage, "A profile names a reference that does not exist.", "Correct `r1` in [references]."},
    {"reference.worker_died", Exit::kInfrastructure, "A reference process ended early.", "Run it again; if it repeats, remove that runtime from `r1` in [references]."},
    {"reference.worker_garbage", Exit::kInfrastructure, "A reference process returned what it should not.", "Run `./bootstrap deps` to restore the tested versions."},
    {"reference.worker_timeout", Exit::kInfrastructure, "A reference process did not finish in time.", "Run fewer samples with --limit, or allow more time."},
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
