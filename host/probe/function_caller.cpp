#include "probe/function_caller.h"

#include <fmt/format.h>

#include <algorithm>

#include "probe/core_fault.h"

namespace assay::probe {
namespace {

using std::chrono::milliseconds;

constexpr uint32_t kVectorTable = 0xE000ED08;  // VTOR; reads 0 where there is none
constexpr uint32_t kBxLr = 0x4770;
constexpr uint32_t kLoopCode[] = {0xD1FD3801, 0x00004770};  // subs r0, #1; bne back; bx lr
constexpr uint32_t kLoopShort = 1000, kLoopLong = 3000;     // rounds of two instructions
constexpr uint32_t kFrameRoom = 128;  // bytes below the pointer for leaving an exception
constexpr auto kLoopLimit = milliseconds(2000);

double seconds(milliseconds time) { return static_cast<double>(time.count()) / 1000; }

// Any halfword that says "bx lr": the core runs it as such wherever it lies.
uint32_t find_return(const ElfImage& image) {
  for (const Segment& segment : image.segments()) {
    for (size_t i = segment.run_address & 1u; i + 1 < segment.bytes.size(); i += 2) {
      if ((segment.bytes[i] | segment.bytes[i + 1] << 8) == kBxLr)
        return segment.run_address + static_cast<uint32_t>(i);
    }
  }
  return 0;
}

std::vector<uint8_t> bytes_of(std::span<const uint32_t> words) {
  std::vector<uint8_t> bytes;
  for (const uint32_t word : words) {
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(word >> (8 * i)));
  }
  return bytes;
}

}  // namespace

Result<std::unique_ptr<FunctionCaller>> FunctionCaller::open(Probe& probe, const config::Board& board,
                                                             const ElfImage& image, const DebugInfo& info,
                                                             const CallPlan& plan) {
  std::unique_ptr<FunctionCaller> caller(new FunctionCaller(probe, board, image, info, plan));
  caller->return_code_ = find_return(image);
  ASSAY_CHECK(caller->run_to_ready());
  ASSAY_CHECK(caller->save());
  ASSAY_CHECK(caller->prepare_counter());
  return caller;
}

FunctionCaller::~FunctionCaller() { (void)restore(); }

Result<bool> FunctionCaller::run_to(uint32_t address, milliseconds limit) {
  ASSAY_CHECK(probe_.reset(ResetMode::kHalt));
  ASSAY_TRY(LiveMemory* const memory, probe_.live());
  ASSAY_TRY(core_, CoreControl::take(*memory));
  ASSAY_CHECK(learn_vectors());
  const uint32_t stops[] = {address, fault_};
  ASSAY_CHECK(core_->set_breakpoints(stops));
  ASSAY_CHECK(core_->run());
  ASSAY_TRY(const bool halted, core_->wait_halted(Deadline::in(limit)));
  if (!halted) {
    ASSAY_CHECK(core_->halt());
    return false;
  }
  ASSAY_TRY(const uint32_t pc, core_->read(CoreRegister::kPc));
  if ((pc & ~1u) == address) return true;
  if ((pc & ~1u) == fault_) {
    ASSAY_TRY(const std::string fault, describe_fault(*core_, info_));
    return fail("probe.not_ready", "the program ended before it was ready: " + fault);
  }
  return fail("probe.not_ready",
              fmt::format("the program stopped by itself in {} before it was ready", info_.where(pc).text));
}

Status FunctionCaller::run_to_ready() {
  const Function& first = plan_.ready ? *plan_.ready : plan_.call;
  facts_.ready = first.name;
  facts_.own_call = first.address == plan_.call.address;
  ASSAY_TRY(const bool reached, run_to(first.address, plan_.ready_limit));
  if (reached) return {};
  ASSAY_TRY(const uint32_t pc, core_->read(CoreRegister::kPc));
  const std::string where = fmt::format("within {:.1f} s the program did not reach '{}'; it was in {}",
                                        seconds(plan_.ready_limit), first.name, info_.where(pc).text);
  if (plan_.ready) return fail("probe.not_ready", where);
  const auto main = info_.find_function("main");
  if (!main) return fail("probe.not_ready", where + "; there is no main to stop at instead");
  facts_.ready = main->name;
  facts_.own_call = false;
  ASSAY_TRY(const bool at_main, run_to(main->address, plan_.ready_limit));
  if (at_main) return {};
  return fail("probe.not_ready", where + "; main was not reached either");
}

// The landing and the handler of faults, by the vector table in use.
Status FunctionCaller::learn_vectors() {
  ASSAY_TRY(const uint32_t table, core_->word(kVectorTable));
  ASSAY_TRY(const uint32_t reset, core_->word(table + 4));
  ASSAY_TRY(const uint32_t fault, core_->word(table + 12));
  landing_ = reset & ~1u;
  fault_ = fault & ~1u;
  return {};
}

Status FunctionCaller::save() {
  ASSAY_TRY(registers_, core_->read_all());
  ASSAY_CHECK(learn_vectors());  // the program may have moved the table
  LiveMemory& memory = core_->memory();
  for (const Buffer& buffer : plan_.inputs) {
    ASSAY_TRY(auto bytes, memory.fetch(buffer.address, buffer.bytes));
    inputs_.push_back(std::move(bytes));
  }
  for (const Buffer& buffer : plan_.outputs) {
    ASSAY_TRY(auto bytes, memory.fetch(buffer.address, buffer.bytes));
    outputs_.push_back(std::move(bytes));
  }
  saved_ = true;
  const uint32_t sp = registers_.at(CoreRegister::kSp);
  // At its entry the function finds arguments on the stack where the program put them.
  sp_ = facts_.own_call ? sp : sp & ~7u;
  if (const auto region = stack_region(image_, board_, sp_)) {
    ASSAY_TRY(paint_, StackPaint::apply(memory, *region));
    facts_.stack = fmt::format("{} bytes down to {}", region->high - region->low, region->bound);
  }
  std::optional<std::array<uint32_t, 4>> passed;
  if (facts_.own_call) {
    passed = {registers_.at(CoreRegister::kR0), registers_.at(CoreRegister::kR1),
              registers_.at(CoreRegister::kR2), registers_.at(CoreRegister::kR3)};
  }
  ASSAY_TRY(arguments_, call_arguments(plan_.call, plan_.inputs, plan_.outputs, passed));
  facts_.arguments = arguments_.words;
  const uint32_t stops[] = {landing_, fault_};
  return core_->set_breakpoints(stops);
}

Result<int64_t> FunctionCaller::time_loop(uint32_t rounds) {
  ASSAY_TRY(const auto ticks, run_function(paint_->region().low, {rounds, 0, 0, 0}, kLoopLimit));
  return ticks.value_or(0);
}

// Two loops of known length: what one takes beyond its instructions is the overhead of a call from outside.
Status FunctionCaller::prepare_counter() {
  ASSAY_TRY(counter_, TargetCounter::find(board_, *core_));
  if (!counter_ || !paint_) return {};
  facts_.counter = counter_->name();
  const uint32_t at = paint_->region().low;
  const auto code = bytes_of(kLoopCode);
  ASSAY_TRY(const auto painted, core_->memory().fetch(at, static_cast<uint32_t>(code.size())));
  ASSAY_CHECK(core_->memory().store(at, code));
  ASSAY_TRY(const int64_t quick, time_loop(kLoopShort));
  ASSAY_TRY(const int64_t slow, time_loop(kLoopLong));
  ASSAY_CHECK(core_->memory().store(at, painted));
  const config::Clock& clock = board_.clock();
  const int64_t numerator = std::max<int64_t>(clock.tick_numerator(), 1),
                denominator = std::max<int64_t>(clock.tick_denominator(), 1);
  const auto counted = [&](int64_t ticks) {
    return (2 * ticks * numerator + denominator) / (2 * denominator);
  };
  if (clock.kind() != "instructions") {
    // Rounds take what the memory allows; what does not grow with them is the overhead.
    overhead_ticks_ = std::max<int64_t>(0, quick - (slow - quick) * kLoopShort / (kLoopLong - kLoopShort));
    facts_.overhead = counted(overhead_ticks_);
    if (slow > quick && quick > 0) return {};
    return fail("probe.counter_wrong",
                fmt::format("the {} does not count: {} and {} ticks for loops of {} and {} rounds",
                            counter_->name(), quick, slow, kLoopShort, kLoopLong));
  }
  const int64_t short_extra = counted(quick) - (2 * kLoopShort + 1),
                long_extra = counted(slow) - (2 * kLoopLong + 1);
  if (short_extra != long_extra || short_extra < 0) {
    return fail("probe.counter_wrong",
                fmt::format("the {} counts {} and {} instructions for loops of {} and {}", counter_->name(),
                            counted(quick), counted(slow), 2 * kLoopShort + 1, 2 * kLoopLong + 1));
  }
  facts_.overhead = short_extra;
  overhead_ticks_ = (2 * short_extra * denominator + numerator) / (2 * numerator);
  return {};
}

Result<std::optional<int64_t>> FunctionCaller::run_function(uint32_t entry,
                                                            const std::array<uint32_t, 4>& arguments,
                                                            milliseconds limit) {
  ASSAY_CHECK(core_->write({{CoreRegister::kR0, arguments[0]},
                            {CoreRegister::kR1, arguments[1]},
                            {CoreRegister::kR2, arguments[2]},
                            {CoreRegister::kR3, arguments[3]},
                            {CoreRegister::kSp, sp_},
                            {CoreRegister::kLr, landing_ | 1},
                            {CoreRegister::kPc, entry & ~1u},
                            {CoreRegister::kXpsr, kThumbState},
                            {CoreRegister::kMasks, registers_.at(CoreRegister::kMasks) | kPrimask}}));
  ASSAY_TRY(const uint32_t start, core_->run(counter_ ? counter_->address() : 0));
  if (counter_) counter_->begin(start);
  const auto look = [this] { return counter_ ? counter_->look(*core_) : Status{}; };
  ASSAY_TRY(const bool halted, core_->wait_halted(Deadline::in(limit), look));
  std::optional<int64_t> ticks;
  if (halted && counter_) {
    // Before anything else is read: a virtual core executes instructions to show its special registers.
    ASSAY_TRY(ticks, counter_->end(*core_));
  }
  if (!halted) return fail(timed_out(limit));
  const CoreRegister which[] = {CoreRegister::kPc, CoreRegister::kSp};
  ASSAY_TRY(const RegisterValues at, core_->read(which));
  if ((at.at(CoreRegister::kPc) & ~1u) == landing_ && at.at(CoreRegister::kSp) == sp_) return ticks;
  return fail(why_not_returned());
}

Error FunctionCaller::timed_out(milliseconds limit) {
  Error error{"probe.call_timeout",
              fmt::format("'{}' did not return within {:.1f} s", plan_.call.name, seconds(limit)), "", ""};
  if (!core_->halt()) return error;
  if (const auto pc = core_->read(CoreRegister::kPc))
    error.message += fmt::format("; it was in {}", info_.where(*pc).text);
  return error;
}

Error FunctionCaller::why_not_returned() {
  const CoreRegister which[] = {CoreRegister::kPc, CoreRegister::kSp, CoreRegister::kXpsr};
  const auto at = core_->read(which);
  if (!at) return at.error();
  const uint32_t pc = at->at(CoreRegister::kPc) & ~1u;
  const std::string& name = plan_.call.name;
  was_reset_ = pc == landing_;
  if (was_reset_)
    return {"probe.call_reset", fmt::format("the program reset itself while '{}' ran", name), "", ""};
  if (pc == fault_ && (at->at(CoreRegister::kXpsr) & kExceptionMask) != 0) {
    const auto fault = describe_fault(*core_, info_);
    return fault ? Error{"probe.call_fault", fmt::format("'{}' ended in a fault: {}", name, *fault), "", ""}
                 : fault.error();
  }
  return {"probe.call_fault",
          fmt::format("'{}' stopped by itself in {} (a breakpoint instruction?)", name, info_.where(pc).text),
          "", ""};
}

Result<CallResult> FunctionCaller::call(const std::vector<std::span<const uint8_t>>& inputs) {
  for (size_t i = 0; i < plan_.inputs.size(); ++i)
    ASSAY_CHECK(core_->memory().store(plan_.inputs[i].address, inputs.at(i)));
  CallResult result;
  ASSAY_TRY(result.ticks, run_function(plan_.call.address, arguments_.registers, plan_.call_limit));
  if (result.ticks) *result.ticks = std::max<int64_t>(0, *result.ticks - overhead_ticks_);
  ASSAY_TRY(result.returned, core_->read(CoreRegister::kR0));
  for (const Buffer& buffer : plan_.outputs) {
    ASSAY_TRY(auto bytes, core_->memory().fetch(buffer.address, buffer.bytes));
    result.outputs.push_back(std::move(bytes));
  }
  return result;
}

Result<std::optional<StackPaint::Use>> FunctionCaller::stack_use() {
  if (!paint_) return std::optional<StackPaint::Use>();
  ASSAY_TRY(const StackPaint::Use use, paint_->measure(core_->memory()));
  return std::optional(use);
}

Result<bool> FunctionCaller::back_in_thread() {
  ASSAY_TRY(const uint32_t now, core_->read(CoreRegister::kXpsr));
  const uint32_t wanted = registers_.at(CoreRegister::kXpsr) & kExceptionMask;
  if ((now & kExceptionMask) == wanted) return true;
  if (wanted != 0 || return_code_ == 0) return false;
  const bool process = registers_.at(CoreRegister::kMasks) >> 24 & 2;  // CONTROL.SPSEL
  return leave_exception(*core_, landing_, sp_ - kFrameRoom, return_code_, process);
}

Status FunctionCaller::restore() {
  if (std::exchange(done_, true) || !core_) return {};
  LiveMemory& memory = core_->memory();
  ASSAY_CHECK(core_->halt());
  // A program that never became ready, or that stands at its reset handler, goes on from there.
  if (!saved_ || was_reset_) {
    ASSAY_CHECK(core_->set_breakpoints({}));
    ASSAY_CHECK(core_->run());
    return {};
  }
  ASSAY_TRY(const bool possible, back_in_thread());
  if (!possible) {
    ASSAY_CHECK(core_->set_breakpoints({}));
    ASSAY_CHECK(probe_.reset(ResetMode::kRun));
    return fail("probe.not_restored",
                "the core stands in an exception that cannot be left; the board was reset");
  }
  for (size_t i = 0; i < inputs_.size(); ++i) ASSAY_CHECK(memory.store(plan_.inputs[i].address, inputs_[i]));
  for (size_t i = 0; i < outputs_.size(); ++i)
    ASSAY_CHECK(memory.store(plan_.outputs[i].address, outputs_[i]));
  if (paint_) ASSAY_CHECK(paint_->restore(memory));
  ASSAY_CHECK(core_->set_breakpoints({}));
  ASSAY_CHECK(core_->write(registers_));
  ASSAY_CHECK(core_->run());
  return {};
}

}  // namespace assay::probe
