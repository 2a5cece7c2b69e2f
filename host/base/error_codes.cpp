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
    {"link.address", Exit::kUsage, "A stream address cannot be understood.", "Write unix:/path, tcp:host:port or serial:/dev/ttyX?baud=115200."},
    {"link.bad_answer", Exit::kInfrastructure, "An answer of the agent cannot be decoded.", "Build firmware and host from the same version of Assay."},
    {"link.engine_error", Exit::kTargetFault, "The engine on the board reported an error.", "Look the code up in the engine's documentation and read console.log."},
    {"link.limit", Exit::kInfrastructure, "A size or count on the link is out of bounds.", "Compare the model with what the firmware was built for (assay.h, ASSAY_MTU)."},
    {"link.lost", Exit::kInfrastructure, "The connection to the board ended.", "Check the cable, and that no other host uses the board."},
    {"link.no_answer", Exit::kInfrastructure, "The board does not answer.", "Check that the agent runs, the baud rate and the wiring; reset the board."},
    {"link.open", Exit::kNoBoard, "A connection to the board cannot be opened.", "Check that the port exists and that you may open it (group dialout)."},
    {"link.port_busy", Exit::kNoBoard, "Another process uses the port.", "Close the other program; `fuser PORT` names it."},
    {"link.protocol_version", Exit::kInfrastructure, "Agent and host speak different versions of the protocol.", "Flash the agent of this version of Assay, or use the Assay that the firmware was built with."},
    {"link.refused", Exit::kInfrastructure, "The agent refused a request.", "The message names the request and the reason; protocol/frame.md explains both."},
    {"link.target_reset", Exit::kTargetFault, "The board was reset during the session.", "Look for a fault, the watchdog or the power supply in console.log; then run again."},
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
