// The way in "probe-only": an application that knows nothing of Assay. The probe writes inputs, calls the
// function that infers, reads outputs and a counter, and in the end puts the application back to where it
// stood.
//
// The profile's [engine] names the program, the function (`call`) and its variables (`input`, `output`), or
// the options
// --elf, --call, --input and --output do. How calls are made, and what is masked and painted meanwhile:
// probe/ function_caller.h and docs/probe_only.md.
#pragma once

#include <memory>

#include "probe/function_caller.h"
#include "results/run_folder.h"
#include "run/device.h"
#include "run/replay.h"

namespace assay::run {

inline constexpr const char* kProbeOnlyWay = "probe-only";  // Subject::way_in

// Whether the case calls a function through the probe.
bool is_probe_only(const config::Profile& profile);

// A program with the place of the function and of the buffers in it.
struct Program {
  probe::ElfImage image;
  probe::DebugInfo info;
  probe::CallPlan plan;
};
// Needs no board. Codes: probe.unsupported (the board has no probe), config.value (no program, no input or no
// output is named), run.wrong_border (a buffer is not as large as the model's tensor, or of another type),
// those of probe::DebugInfo and probe::find_buffer.
Result<std::unique_ptr<Program>> read_program(const CaseSpec& spec, const std::vector<TensorInfo>& inputs,
                                              const std::vector<TensorInfo>& outputs);

class ProbeOnlyDevice {
 public:
  // Writes the program to the board and runs it to where it is ready. Codes: those of probe.
  static Result<std::unique_ptr<ProbeOnlyDevice>> bring_up(const CaseSpec& spec, const Prepared& prepared,
                                                           const probe::Unit& unit,
                                                           const std::filesystem::path& folder,
                                                           Observer& observer);
  // What an agent would say of itself, by the board file and the image; without a session.
  Device described() const;
  // All samples, then the stack that they took. As run::replay().
  Replay replay(const Prepared& prepared, const results::RunFolder& folder, Observer& observer);
  // Puts the application back. Once.
  Status restore() { return caller_->restore(); }
  // How the figures were made, and what limits them.
  std::vector<results::Issue> notes() const;

 private:
  explicit ProbeOnlyDevice(const CaseSpec& spec) : spec_(spec) {}
  Status measure(const Prepared& prepared, const results::RunFolder& folder, Observer& observer,
                 Replay& replay);

  const CaseSpec& spec_;
  std::unique_ptr<Program> program_;
  std::unique_ptr<probe::Probe> probe_;
  std::unique_ptr<probe::FunctionCaller> caller_;  // uses all of the above
  bool stack_full_ = false;
};

}  // namespace assay::run
