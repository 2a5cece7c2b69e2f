// Calls one function of a program that knows nothing of Assay: runs the program until it is ready, then, with
// the core in the probe's hands, sets registers, writes inputs, lets the function run to its return, reads
// outputs and the counter; in the end everything is put back and the program goes on where it stood.
//
// Interrupts are masked (PRIMASK) while the function runs, so that counts and stack are the function's own.
// Breakpoints are the core's; no byte of the program is changed but inputs, outputs and the stack below the
// pointer, all of which are restored.
//
// Codes beside those of CoreControl: probe.no_symbol (no main to fall back to), probe.not_ready,
// probe.bad_signature, probe.counter_wrong, probe.call_timeout, probe.call_fault, probe.call_reset,
// base.interrupted.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "probe/buffer.h"
#include "probe/call_arguments.h"
#include "probe/core_control.h"
#include "probe/probe.h"
#include "probe/stack_paint.h"
#include "probe/target_counter.h"

namespace assay::probe {

struct CallPlan {
  Function call;
  std::optional<Function> ready;  // absent: where the program first calls `call`, else main
  std::vector<Buffer> inputs, outputs;
  std::chrono::milliseconds call_limit{60'000};
  std::chrono::milliseconds ready_limit{5'000};  // each: to `call`, and to main
};

// How the calls are made: for reports.
struct CallFacts {
  std::string ready;      // function at whose entry the program waits
  bool own_call = false;  // it is `call` itself, as the program called it
  std::string arguments;  // CallArguments::words
  std::string counter;    // empty: none
  int64_t overhead = 0;   // in the clock's unit, subtracted from every count
  std::string stack;      // "32768 bytes down to the end of .bss"; empty: not painted
};

struct CallResult {
  std::vector<std::vector<uint8_t>> outputs;  // as CallPlan::outputs
  uint32_t returned = 0;                      // r0
  std::optional<int64_t> ticks;               // without overhead
};

class FunctionCaller {
 public:
  // The program must be on the board. Resets it and runs it to where it is ready. All references must outlive
  // this.
  static Result<std::unique_ptr<FunctionCaller>> open(Probe& probe, const config::Board& board,
                                                      const ElfImage& image, const DebugInfo& info,
                                                      const CallPlan& plan);
  // Restores, as far as the target lets it.
  ~FunctionCaller();
  FunctionCaller(const FunctionCaller&) = delete;
  FunctionCaller& operator=(const FunctionCaller&) = delete;

  const CallFacts& facts() const { return facts_; }
  // `inputs`: as CallPlan::inputs, each of exactly the buffer's bytes. After an error only restore() may
  // follow.
  Result<CallResult> call(const std::vector<std::span<const uint8_t>>& inputs);
  // The deepest stack of all calls so far, without the frame that the program had; nullopt: not painted.
  Result<std::optional<StackPaint::Use>> stack_use();
  // Puts back memory, registers and breakpoints and lets the program go on; one that reset itself boots.
  // Once; later calls do nothing. probe.not_restored: the core stands where it cannot be put back; it was
  // reset instead.
  Status restore();

 private:
  FunctionCaller(Probe& probe, const config::Board& board, const ElfImage& image, const DebugInfo& info,
                 const CallPlan& plan)
      : probe_(probe), board_(board), image_(image), info_(info), plan_(plan) {}

  Status run_to_ready();
  Result<bool> run_to(uint32_t address, std::chrono::milliseconds limit);
  Status learn_vectors();
  Status save();
  Status prepare_counter();
  Result<int64_t> time_loop(uint32_t rounds);
  // Runs code at `entry` with these arguments until it returns to the landing.
  Result<std::optional<int64_t>> run_function(uint32_t entry, const std::array<uint32_t, 4>& arguments,
                                              std::chrono::milliseconds limit);
  Error why_not_returned();
  Error timed_out(std::chrono::milliseconds limit);
  Result<bool> back_in_thread();

  Probe& probe_;
  const config::Board& board_;
  const ElfImage& image_;
  const DebugInfo& info_;
  const CallPlan& plan_;
  std::optional<CoreControl> core_;
  std::optional<TargetCounter> counter_;
  CallFacts facts_;
  CallArguments arguments_;
  RegisterValues registers_;                            // as the program left them
  std::vector<std::vector<uint8_t>> inputs_, outputs_;  // what lay in the buffers
  std::optional<StackPaint> paint_;
  uint32_t sp_ = 0;       // of every call, 8-aligned
  uint32_t landing_ = 0;  // where the function returns to: the reset handler, which nothing runs but a reset
  uint32_t fault_ = 0;    // the HardFault handler
  uint32_t return_code_ = 0;  // address of a "bx lr"
  int64_t overhead_ticks_ = 0;
  bool saved_ = false, was_reset_ = false, done_ = false;
};

}  // namespace assay::probe
