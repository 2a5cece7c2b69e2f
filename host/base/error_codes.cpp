#include "base/error_codes.h"

#include <algorithm>

namespace assay {
namespace {

// Sorted by code; a test checks the order.
// clang-format off
constexpr ErrorCode kErrorCodes[] = {
    {"base.disk_full", Exit::kInfrastructure, "A file could not be written: the disk, a quota or a size limit is full.", "Free space there; a run then goes on with `assay run --resume RUN`."},
    {"base.file", Exit::kInfrastructure, "A file could not be read or written.", "Check the path, its permissions and the free space."},
    {"base.interrupted", Exit::kInterrupted, "The user interrupted the program.", "Start it again."},
    {"base.process_failed", Exit::kInfrastructure, "A child process could not be started or ended with an error.", "Run `assay doctor`."},
    {"base.process_timeout", Exit::kInfrastructure, "A child process did not end in time and was stopped.", "Run `assay doctor`; then try again."},
    {"base.tool_missing", Exit::kInfrastructure, "A program that Assay needs is not installed.", "Run `./bootstrap deps`, or install the package that the message names."},
    {"cli.unknown_code", Exit::kUsage, "There is no error code of this name.", "`assay explain` lists all codes."},
    {"cli.usage", Exit::kUsage, "The command line cannot be understood.", "See `assay --help`, and `assay VERB --help`."},
    {"config.include", Exit::kUsage, "TOML files include each other in a circle or too deeply.", "Remove the `include` that the message names."},
    {"config.missing_key", Exit::kUsage, "A TOML file lacks a required key.", "Add the key."},
    {"config.syntax", Exit::kUsage, "A TOML file cannot be parsed.", "Correct the line that the message names."},
    {"config.type", Exit::kUsage, "A value has the wrong type.", "Write the type that the message names."},
    {"config.unit", Exit::kUsage, "A quantity has no unit or an unknown one.", "Write a number and one of the units that the message lists."},
    {"config.unknown_board", Exit::kUsage, "There is no board of this name.", "See `assay boards`."},
    {"config.unknown_key", Exit::kUsage, "A TOML file has a key that Assay does not know.", "Use the nearest known key that the message names, or remove the line."},
    {"config.unknown_profile", Exit::kUsage, "There is no profile of this name, and no such file.", "Give a name of profiles/, a folder with a profile.toml, or the file."},
    {"config.unreadable", Exit::kUsage, "A TOML file is missing, no plain file, too large or may not be read.", "Correct the name, or the line that includes the file."},
    {"config.value", Exit::kUsage, "A value is out of its range.", "Choose a value in the range that the message names."},
    {"dataset.changed", Exit::kUsage, "A file of a dataset is not what its manifest says, or it changed while it was read.", "Restore the file; or, when the change is wanted, run `assay data manifest` again."},
    {"dataset.empty", Exit::kUsage, "A dataset holds no sample.", "Name a file or folder that holds samples."},
    {"dataset.label_missing", Exit::kUsage, "Samples and labels do not go together one to one.", "Give each sample one label, in the order of the samples."},
    {"dataset.label_range", Exit::kUsage, "A label is no class of the profile.", "Correct the label, or list every class in [data]."},
    {"dataset.malformed", Exit::kUsage, "A file of a dataset cannot be parsed.", "Write or copy the file again."},
    {"dataset.nan", Exit::kUsage, "A dataset holds NaN or infinity.", "Repair or remove the sample that the message names."},
    {"dataset.not_found", Exit::kUsage, "A dataset, a sample or an array does not exist.", "Correct [data] of the profile."},
    {"dataset.shape", Exit::kUsage, "Samples and the model's input differ in shape.", "Use the dataset that the model was made for."},
    {"dataset.slice", Exit::kUsage, "A choice of samples is malformed or empty.", "Write first:last, inside the dataset."},
    {"dataset.type", Exit::kUsage, "A dataset has a type or scale that does not fit.", "Correct type, scale or quantised in [data]."},
    {"farm.no_unit", Exit::kNoBoard, "No unit of the board is connected.", "Plug one in, or choose a virtual board."},
    {"farm.unit_busy", Exit::kNoBoard, "Another process holds the lease of the unit.", "Wait until that process ends, end it, or choose another unit."},
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
    {"metric.argmax_ties", Exit::kPass, "Some outputs have several highest scores; the lowest class counts.", "Look at the samples; saturated outputs suggest a scale that is too small."},
    {"metric.bad_observations", Exit::kInfrastructure, "The parts of a run do not belong together.", "Repeat the run; the message names the sizes."},
    {"metric.no_labels", Exit::kPass, "The dataset has no labels: only agreement with the reference is known.", "Add labels to the dataset to get accuracy."},
    {"metric.no_reference", Exit::kInconclusive, "No reference was run, so no loss can be attributed.", "Name a float model or desktop runtimes in the profile."},
    {"metric.nonfinite", Exit::kGateFailed, "The device gave NaN or infinite values.", "Look for a division by zero or an overflow in the model or its kernels."},
    {"metric.not_comparable", Exit::kInfrastructure, "Two tensors cannot be compared.", "Compare outputs of one model: equal shape, type, scale and zero point."},
    {"metric.port_unknown", Exit::kPass, "Whether the board itself lost something cannot be told by bits.", "Declare a reference of level R2, and port_tolerance in [references] where outputs are rounded."},
    {"metric.quantised_dataset", Exit::kPass, "The dataset is stored quantised, so the loss of input quantisation is not in the figures.", "Give real-valued data to see it."},
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
    {"model.unsupported_type", Exit::kUsage, "A model uses an element type that the native engine lacks.", "Convert the model with full int8 quantisation, or leave it float32."},
    {"probe.bad_config", Exit::kUsage, "The debug tool rejects the [probe] lines of the board file.", "Correct the line that the tool's words name."},
    {"probe.bad_elf", Exit::kUsage, "The firmware file is no complete, linked ELF program.", "Build the firmware again and give the linked .elf file."},
    {"probe.busy", Exit::kInfrastructure, "Another program has the debug probe open.", "End the other debugger (often a forgotten openocd) and try again."},
    {"probe.died", Exit::kInfrastructure, "The debug tool ended in the middle of its work.", "See probe.log for its last words; check the cable; then try again."},
    {"probe.no_permission", Exit::kInfrastructure, "This user may not open the debug probe.", "Install OpenOCD's udev rules (60-openocd.rules) and plug the probe in again."},
    {"probe.no_probe", Exit::kNoBoard, "The debug probe was not found.", "Plug the probe in; check its serial number with `assay units`; a virtual board must be running."},
    {"probe.no_target", Exit::kInfrastructure, "The probe works but the chip does not answer or does not halt.", "Check the board's power and its debug wires, and that the board type is the right one."},
    {"probe.read_failed", Exit::kInfrastructure, "Target memory could not be read.", "Check that the board file's addresses fit the board."},
    {"probe.region_too_small", Exit::kUsage, "The model does not fit the board's model region.", "Choose a smaller model or a board with more memory (`assay model plan`)."},
    {"probe.timeout", Exit::kInfrastructure, "The debug tool gave no answer in time and was killed.", "Power-cycle the board and the probe; raise `--timeout-multiplier` on slow links."},
    {"probe.tool_missing", Exit::kInfrastructure, "The debug tool is not installed.", "Install the package `openocd` (0.12 or newer) or run `./bootstrap deps`."},
    {"probe.tool_version", Exit::kInfrastructure, "The debug tool is too old or not what it should be.", "Install OpenOCD 0.12 or newer and make it the first `openocd` in PATH."},
    {"probe.unsupported", Exit::kUsage, "The probe or the board cannot do that.", "Choose another board or another way in, as the message says."},
    {"probe.verify_mismatch", Exit::kInfrastructure, "The target's memory is not what was written to it.", "Write again; if it persists, check the memory map, the power supply and the flash."},
    {"probe.write_failed", Exit::kInfrastructure, "Target memory could not be written.", "Check that the image is linked for this board."},
    {"reference.install_failed", Exit::kInfrastructure, "The Python packages of the desktop references could not be installed.", "Read the log that the message names; check network, proxy and disk; then run `assay doctor --fix` again."},
    {"reference.nonfinite", Exit::kInconclusive, "A desktop reference gave NaN or infinity, so it is left out.", "Look for a division by zero or an overflow in the model; other runtimes may agree."},
    {"reference.recorded", Exit::kUsage, "Recorded outputs of a reference cannot be used.", "Correct `recorded` of this reference, or record it again; docs/references.md shows the formats."},
    {"reference.refused", Exit::kInfrastructure, "A desktop runtime does not accept the model.", "Remove it from `r1` in [references], or change the model."},
    {"reference.shape", Exit::kInfrastructure, "Inputs or outputs of a reference do not fit the model.", "Check that model and dataset belong together."},
    {"reference.unavailable", Exit::kInfrastructure, "A desktop reference cannot run here.", "Run `./bootstrap deps`."},
    {"reference.unknown", Exit::kUsage, "A profile names a reference that does not exist.", "Correct `r1` in [references]."},
    {"reference.worker_died", Exit::kInfrastructure, "A reference process ended early.", "Run it again; if it repeats, remove that runtime from `r1` in [references]."},
    {"reference.worker_garbage", Exit::kInfrastructure, "A reference process returned what it should not.", "Run `./bootstrap deps` to restore the tested versions."},
    {"reference.worker_timeout", Exit::kInfrastructure, "A reference process did not finish in time.", "Run fewer samples with --limit, or allow more time."},
    {"results.bad_csv", Exit::kInfrastructure, "A table of a run folder is damaged.", "Repeat the run; the message names the line."},
    {"results.bad_index", Exit::kInfrastructure, "The index of the runs could not be used.", "Nothing is lost: it is made again from the run folders; see `assay reindex`."},
    {"results.bad_npy", Exit::kUsage, "A .npy file cannot be read.", "Save it again with numpy.save in C order; the message names the byte."},
    {"results.bad_run", Exit::kInfrastructure, "A folder is no run folder, or its files are damaged.", "Name another run; `assay runs` lists them."},
    {"results.bad_summary", Exit::kInfrastructure, "A summary.json cannot be read.", "Repeat the run; the message names the key."},
    {"results.index_busy", Exit::kInfrastructure, "Another process writes the index of the runs for very long.", "Nothing is lost: this time the run folders were read without it."},
    {"results.no_run", Exit::kUsage, "No run has this name.", "Name a folder, the start of a run id or @last; `assay runs` lists them."},
    {"run.already_complete", Exit::kUsage, "The run that should be resumed has its verdict.", "Look at it with `assay show RUN`; to repeat it, start a new run."},
    {"run.firmware_missing", Exit::kInfrastructure, "The stock agent of the board is not built.", "Build it: ./bootstrap build."},
    {"run.incomplete", Exit::kInfrastructure, "A run ended without a verdict: it was killed, or the disk was full.", "Continue it with `assay run --resume RUN`."},
    {"run.multiple_inputs", Exit::kUsage, "A model has several inputs; a row of a dataset is one.", "Use a model with one input."},
    {"run.no_data", Exit::kUsage, "A model was named without samples to run.", "Add --data, or name a profile."},
    {"run.recorded_ids", Exit::kUsage, "Recorded outputs are not those of the samples that were asked for.", "Record the missing samples, or choose others with --samples."},
    {"run.recorded_shape", Exit::kUsage, "Recorded outputs do not have the form of the model's.", "Declare `outputs` and `values` in [recorded]."},
    {"run.resume_changed", Exit::kUsage, "Something that decides the results changed since the run began.", "Restore what the message names, or start a new run."},
    {"run.still_going", Exit::kNoBoard, "Another process works on the run folder.", "Wait until that process ends, or end it."},
    {"run.wrong_firmware", Exit::kInfrastructure, "The agent on the line belongs to another board.", "Check --board and which port is connected."},
    {"run.wrong_model", Exit::kInfrastructure, "The agent presents another model than the one that was loaded.", "Look into console.log; flash the board again."},
    {"vboard.bad_state", Exit::kInfrastructure, "The virtual board's state folder or its messages cannot be understood.", "Remove the state folder that the message names and start again."},
    {"vboard.ended", Exit::kInfrastructure, "The process behind a virtual board or a board that is a process ended in mid-run.", "Read vboard.log and console.log of the run folder; then run again."},
    {"vboard.listen", Exit::kInfrastructure, "A virtual board could not listen on a loopback port.", "Check that networking on 127.0.0.1 is allowed."},
    {"vboard.not_virtual", Exit::kUsage, "The board has no emulator.", "Choose a board of kind \"virtual\"."},
    {"vboard.qemu_died", Exit::kInfrastructure, "The emulator of a virtual board ended.", "Read the message: a lockup is a firmware that faulted inside its fault handler; then start the board again."},
    {"vboard.qemu_silent", Exit::kInfrastructure, "The emulator of a virtual board does not answer.", "Stop the board and start it again."},
    {"vboard.start_failed", Exit::kInfrastructure, "A virtual board or a board that is a process did not start.", "Read its words in the message; run `assay doctor`."},
    {"vboard.state_busy", Exit::kNoBoard, "Another process runs a virtual board on this state folder.", "Use the running unit (`assay-vboard status`), stop it, or choose another folder."},
    {"vboard.wrong_unit", Exit::kUsage, "The virtual unit of that state folder is another board or runs in another mode.", "Stop it (`assay vboard stop`) or name another state folder."},
};
// clang-format on

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
