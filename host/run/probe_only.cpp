#include "run/probe_only.h"

#include <fmt/format.h>

#include <algorithm>

#include "probe/flash.h"
#include "run/stopwatch.h"

namespace assay::run {
namespace {

using probe::Buffer;
using probe::BufferUse;

std::string words(const TensorInfo& info) {
  return fmt::format("{} {}, {} bytes", element_name(info.type), info.shape(), info.bytes());
}

// Bytes decide; a type is held against the tensor's where the program tells one of its own.
Status check_buffer(const Buffer& buffer, const char* which, const TensorInfo& tensor,
                    const std::string& file) {
  const bool same_type =
      buffer.type.empty() || buffer.type == element_name(tensor.type) ||
      (element_size(tensor.type) == 1 && (buffer.type == "uint8" || buffer.type == "int8"));
  if (buffer.bytes == tensor.bytes() && same_type) return {};
  return fail("run.wrong_border",
              fmt::format("'{}' is {}{} bytes, the model's {} is {}", buffer.asked,
                          buffer.type.empty() ? "" : buffer.type + ", ", buffer.bytes, which, words(tensor)),
              file,
              fmt::format("Name another variable, or a part of this one: {}[0:{}].",
                          buffer.asked.substr(0, buffer.asked.find('[')), tensor.bytes()));
}

Result<std::vector<Buffer>> buffers_of(const probe::DebugInfo& info,
                                       const google::protobuf::RepeatedPtrField<std::string>& names,
                                       BufferUse use, const std::vector<TensorInfo>& tensors,
                                       const CaseSpec& spec) {
  const char* which = use == BufferUse::kInput ? "input" : "output";
  if (names.empty() || static_cast<size_t>(names.size()) > tensors.size()) {
    return fail(
        "config.value",
        fmt::format("[engine] names {} variables as `{}`, the model has {}", names.size(), which,
                    tensors.size()),
        spec.profile.file.string(),
        fmt::format("Name the variable that holds the model's {0}: `{0}` in [engine], or --{0}.", which));
  }
  std::vector<Buffer> buffers;
  for (int i = 0; i < names.size(); ++i) {
    ASSAY_TRY(Buffer buffer, probe::find_buffer(info, names[i], use));
    ASSAY_CHECK(check_buffer(buffer, which, tensors[static_cast<size_t>(i)],
                             spec.profile.profile.engine().firmware()));
    buffers.push_back(std::move(buffer));
  }
  return buffers;
}

std::chrono::milliseconds limit_of(double seconds, std::chrono::milliseconds otherwise, double multiplier) {
  const double chosen = seconds > 0 ? seconds * 1000 : static_cast<double>(otherwise.count());
  return std::chrono::milliseconds(static_cast<int64_t>(chosen * multiplier));
}

link::ClockKind clock_of(const config::Board& board) {
  if (board.clock().kind() == "instructions") return link::ClockKind::kInstructions;
  return board.clock().kind() == "cycles" ? link::ClockKind::kCycles : link::ClockKind::kNone;
}

}  // namespace

bool is_probe_only(const config::Profile& profile) { return !profile.engine().call().empty(); }

Result<std::unique_ptr<Program>> read_program(const CaseSpec& spec, const std::vector<TensorInfo>& inputs,
                                              const std::vector<TensorInfo>& outputs) {
  const config::Engine& engine = spec.profile.profile.engine();
  if (engine.firmware().empty()) {
    return fail("config.value", "`call` names a function, but no program is named",
                spec.profile.file.string(), "Add `firmware` to [engine], or --elf FILE.");
  }
  if (!spec.board.has_probe()) {
    return fail("probe.unsupported", fmt::format("board '{}' has no debug probe to call '{}' through",
                                                 spec.board.board().name(), engine.call()));
  }
  ASSAY_TRY(probe::ElfImage image, probe::ElfImage::read(engine.firmware()));
  ASSAY_TRY(probe::DebugInfo info, probe::DebugInfo::read(engine.firmware()));
  probe::CallPlan plan;
  ASSAY_TRY(plan.call, info.find_function(engine.call()));
  if (!engine.ready().empty()) {
    ASSAY_TRY(plan.ready, info.find_function(engine.ready()));
  }
  ASSAY_TRY(plan.inputs, buffers_of(info, engine.input(), BufferUse::kInput, inputs, spec));
  ASSAY_TRY(plan.outputs, buffers_of(info, engine.output(), BufferUse::kOutput, outputs, spec));
  plan.call_limit = limit_of(engine.call_timeout_s(), plan.call_limit, spec.timeout_multiplier);
  plan.ready_limit = limit_of(0, plan.ready_limit, spec.timeout_multiplier);
  return std::make_unique<Program>(Program{std::move(image), std::move(info), std::move(plan)});
}

Result<std::unique_ptr<ProbeOnlyDevice>> ProbeOnlyDevice::bring_up(const CaseSpec& spec,
                                                                   const Prepared& prepared,
                                                                   const probe::Unit& unit,
                                                                   const std::filesystem::path& folder,
                                                                   Observer& observer) {
  std::unique_ptr<ProbeOnlyDevice> device(new ProbeOnlyDevice(spec));
  ASSAY_TRY(device->program_, read_program(spec, prepared.plan.inputs, prepared.plan.outputs));
  Stopwatch watch;
  const probe::Options options{.log = folder / results::file::kProbeLog,
                               .timeout_multiplier = spec.timeout_multiplier,
                               .on_progress = [&](const probe::Progress& progress) {
                                 observer.progress(Phase::kFlashed, static_cast<int64_t>(progress.bytes_done),
                                                   static_cast<int64_t>(progress.bytes_total),
                                                   std::string(probe::phase_name(progress.phase)));
                               }};
  ASSAY_TRY(device->probe_, probe::open_probe(spec.board, unit.probe, options));
  const Program& program = *device->program_;
  ASSAY_TRY(const probe::FlashOutcome flashed,
            probe::flash_firmware(*device->probe_, spec.board, program.image));
  observer.done(Phase::kFlashed,
                fmt::format("{}  {}", program.image.path().filename().string(), outcome_text(flashed)),
                watch.lap());
  ASSAY_TRY(device->caller_, probe::FunctionCaller::open(*device->probe_, spec.board, program.image,
                                                         program.info, program.plan));
  observer.done(
      Phase::kConnected,
      fmt::format("{}  {} at 0x{:08x}, arguments: {}", spec.board.board().name(), program.plan.call.name,
                  program.plan.call.address, device->caller_->facts().arguments),
      watch.lap());
  return device;
}

Device ProbeOnlyDevice::described() const {
  Device device;
  const config::Clock& clock = spec_.board.clock();
  device.board.board = spec_.board.board().name();
  device.board.clock = clock_of(spec_.board);
  device.board.has_ticks = !caller_->facts().counter.empty();
  device.board.emulated = spec_.board.has_emulator();
  device.board.tick_hz = static_cast<uint32_t>(clock.tick_hz());
  device.board.tick_numerator = static_cast<uint32_t>(clock.tick_numerator());
  device.board.tick_denominator = static_cast<uint32_t>(clock.tick_denominator());
  if (device.board.clock == link::ClockKind::kCycles) device.board.core_clock_hz = device.board.tick_hz;
  device.probe = probe_->identity();
  device.firmware = program_->image.path();
  device.compiler = program_->image.compiler();
  if (const auto id = program_->image.build_id(0)) device.firmware_build_id = probe::build_id_text(*id);
  return device;
}

Status ProbeOnlyDevice::measure(const Prepared& prepared, const results::RunFolder& folder,
                                Observer& observer, Replay& replay) {
  const auto infer = [&](size_t index) -> Result<Inferred> {
    ASSAY_TRY(probe::CallResult result, caller_->call({prepared.inputs.row(index)}));
    return Inferred{std::move(result.outputs.at(0)), result.ticks.value_or(0)};
  };
  ASSAY_CHECK(replay_samples(prepared, {infer, [] { return std::string("through the probe"); }}, folder,
                             observer, replay));
  ASSAY_TRY(const auto use, caller_->stack_use());
  link::MemoryUse memory;
  stack_full_ = use && use->full;
  if (use && !use->full) memory.stack_touched = use->bytes;
  replay.memory = memory;
  return {};
}

Replay ProbeOnlyDevice::replay(const Prepared& prepared, const results::RunFolder& folder,
                               Observer& observer) {
  Replay replay;
  replay.outputs.info = prepared.output;
  const Status ended = measure(prepared, folder, observer, replay);
  if (!ended) {
    replay.stopped = ended.error();
  } else {
    tell_replayed(prepared, replay, "through the probe", observer);
  }
  return replay;
}

std::vector<results::Issue> ProbeOnlyDevice::notes() const {
  const probe::CallFacts& facts = caller_->facts();
  const std::string& call = program_->plan.call.name;
  const std::string& unit = spec_.board.clock().kind();
  std::vector<results::Issue> notes;
  notes.push_back(
      {"run.probe_only", "note",
       fmt::format(
           "'{}' was called through the probe, with interrupts masked, where the application stood {}; "
           "arguments: {}; {}; {}",
           call,
           facts.own_call ? "before its own call of it" : fmt::format("at the entry of '{}'", facts.ready),
           facts.arguments,
           facts.counter.empty()
               ? std::string("nothing counts what a call takes")
               : fmt::format("counted by the {}, from the function's entry to its return, {} {} "
                             "of overhead subtracted",
                             facts.counter, facts.overhead, unit),
           facts.stack.empty() ? std::string("the stack was not painted")
                               : fmt::format("stack painted: {}", facts.stack))});
  if (!facts.own_call && program_->plan.ready == std::nullopt) {
    notes.push_back(
        {"run.probe_only_uninitialised", "warning",
         fmt::format(
             "the application did not call '{}' by itself: it was called at the entry of '{}', before "
             "anything that main initialises; name a later function as `ready` in [engine]",
             call, facts.ready)});
  }
  if (stack_full_) {
    notes.push_back({"run.stack_unknown", "note",
                     fmt::format("the stack went through all that was painted ({}): how deep is not known",
                                 facts.stack)});
  }
  return notes;
}

}  // namespace assay::run
