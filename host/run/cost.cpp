#include "run/cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "metric/latency.h"
#include "probe/elf_image.h"
#include "run/code_sizes.h"
#include "run/own_firmware.h"
#include "run/probe_only.h"

namespace assay::run {
namespace {

results::Figure bytes_figure(int64_t bytes, const char* kind) {
  return {.value = static_cast<double>(bytes), .unit = "B", .kind = kind};
}

metric::Clock clock_of(const link::BoardInfo& board, const std::string& words) {
  metric::Clock clock{.kind = words};
  if (board.tick_numerator > 0 && board.tick_denominator > 0) {
    clock.numerator = board.tick_numerator;
    clock.denominator = board.tick_denominator;
  } else if (board.clock == link::ClockKind::kHostNs && board.tick_hz > 0) {
    clock.numerator = 1'000'000'000;
    clock.denominator = board.tick_hz;
  }
  return clock;
}

std::optional<results::Figure> median_of(std::vector<int64_t> ticks, const metric::Clock& clock) {
  const auto figures = metric::latency(ticks, {}, clock);
  return figures ? figures->median : std::nullopt;
}

// What the agent times: the plan's operators; where another engine counts other units, those by the names
// that its firmware has, else by number.
std::vector<results::Layer> layers_of(const Prepared& prepared, const Device& device) {
  std::vector<results::Layer> layers;
  if (device.model.op_count == 0 || device.model.op_count == prepared.plan.ops.size()) {
    for (const auto& op : prepared.plan.ops) {
      layers.push_back({.index = static_cast<int>(layers.size()),
                        .op = op.name,
                        .kernel = op.kernel,
                        .output_shape = op.output.shape(),
                        .macs = op.macs ? std::optional(static_cast<int64_t>(op.macs)) : std::nullopt,
                        .arena_bytes_live = static_cast<int64_t>(op.live_bytes)});
    }
    return layers;
  }
  for (uint32_t i = 0; i < device.model.op_count; ++i) {
    const bool named = i < device.op_names.size() && !device.op_names[i].empty();
    layers.push_back(
        {.index = static_cast<int>(i), .op = named ? device.op_names[i] : fmt::format("op {}", i)});
  }
  return layers;
}

Status fill_latency(const Prepared& prepared, const Device& device, const Replay& replay,
                    results::Summary& summary) {
  if (!device.board.has_ticks) {
    summary.issues.push_back(
        {"metric.no_clock", "note", "the firmware has no counter: latency was not measured"});
    return {};
  }
  const metric::Clock clock = clock_of(device.board, summary.target.clock_kind);
  summary.latency = metric::latency(replay.ticks, replay.first_run, clock);
  summary.layers = layers_of(prepared, device);
  if (replay.op_ticks.empty() || replay.op_ticks[0].size() != summary.layers.size()) return {};
  ASSAY_CHECK(metric::fill_layers(replay.op_ticks, replay.op_totals, clock, summary.layers));
  const auto timed = median_of(replay.op_totals, clock), bare = median_of(replay.op_bare, clock);
  if (summary.latency && timed && bare)
    summary.latency->profiler_overhead = metric::profiler_overhead(*timed, *bare);
  return {};
}

// Converters name tensors after every layer they fused; a picture has room for who made them.
std::string arena_name(const model::Plan& plan, const model::ArenaEntry& entry) {
  if (entry.tensor.ends_with(":scratch")) return "scratch";
  for (const auto& input : plan.inputs)
    if (input.name == entry.tensor) return "input";
  // Results that share a place share its lifetime too, so the maker is found by the name of what it makes.
  for (size_t i = 0; i < plan.ops.size(); ++i)
    if (plan.ops[i].output.name == entry.tensor) return "#" + std::to_string(i);
  return "#" + std::to_string(entry.first_op);
}

// Variables of an image. Room that a linker script sets aside for stack and heap is none: what of it is used,
// others say. The build id lies in flash, though it is patched after linking.
int64_t static_bytes_of(const probe::ElfImage& image) {
  constexpr const char* kNoVariables[] = {"stack", "heap", ".assay_build_id"};
  uint64_t bytes = 0;
  for (const probe::Section& section : image.sections()) {
    const bool none = std::any_of(std::begin(kNoVariables), std::end(kNoVariables), [&](const char* part) {
      return section.name.find(part) != std::string::npos;
    });
    if (section.allocated && section.writable && !none) bytes += section.size;
  }
  return static_cast<int64_t>(bytes);
}

// What the user's firmware takes: its image says the static part, whatever sections the arena is in; the
// agent what its engine and stack touched.
void add_own_memory(const probe::ElfImage* image, const Replay& replay, results::Memory& memory) {
  if (image) memory.static_ram = bytes_figure(static_bytes_of(*image), "measured");
  if (replay.memory && replay.memory->arena_planned)
    memory.arena_planned = bytes_figure(*replay.memory->arena_planned, "modelled");
  // Arena, inputs and outputs are variables of the application: its static memory holds them.
  if (memory.static_ram && memory.stack_touched)
    memory.ram_total = bytes_figure(
        static_cast<int64_t>(memory.static_ram->value + memory.stack_touched->value), "measured");
}

void fill_memory(const Prepared& prepared, const Replay& replay, results::Summary& summary) {
  results::Memory memory;
  if (prepared.plan.arena_bytes > 0)
    memory.arena_planned = bytes_figure(static_cast<int64_t>(prepared.plan.arena_bytes), "modelled");
  for (const auto& entry : prepared.plan.arena) {
    memory.arena.push_back({arena_name(prepared.plan, entry), static_cast<int64_t>(entry.offset),
                            static_cast<int64_t>(entry.bytes), entry.first_op, entry.last_op});
  }
  if (replay.memory) {
    const auto take = [](const std::optional<uint32_t>& bytes) {
      return bytes ? std::optional(bytes_figure(*bytes, "measured")) : std::nullopt;
    };
    memory.static_ram = take(replay.memory->static_bytes);
    memory.arena_touched = take(replay.memory->arena_touched);
    memory.stack_touched = take(replay.memory->stack_touched);
    memory.io_buffers = take(replay.memory->io_bytes);
    // Inputs and outputs lie in the arena of the native engine, so they are not added again.
    if (memory.static_ram && memory.stack_touched && memory.arena_planned) {
      memory.ram_total =
          bytes_figure(static_cast<int64_t>(memory.static_ram->value + memory.arena_planned->value +
                                            memory.stack_touched->value),
                       "measured");
    }
  }
  summary.memory = std::move(memory);
}

// The sizes by owner that the firmware build wrote beside the image.
void fill_flash(const Prepared& prepared, const Device& device, results::Summary& summary) {
  auto file = device.firmware;
  auto text = read_text(file.replace_extension(".sizes.json"));
  if (!text) return;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.contains("sections") || !json["sections"].is_array()) return;
  results::Flash flash;
  int64_t firmware = 0;
  for (const auto& entry : json["sections"]) {
    if (!entry.is_object() || entry.value("memory", "") != "flash") continue;
    flash.sections.push_back(
        {entry.value("owner", ""), entry.value("section", ""), entry.value("bytes", int64_t{0})});
    firmware += flash.sections.back().bytes;
  }
  const auto plan = static_cast<int64_t>(prepared.plan.bytes.size());
  flash.sections.push_back({"model", "plan", plan});
  flash.firmware = bytes_figure(firmware, "measured");
  flash.model = bytes_figure(plan, "measured");
  flash.total = bytes_figure(firmware + plan, "measured");
  if (const auto image = probe::ElfImage::read(device.firmware)) fill_code_sizes(*image, prepared, flash);
  summary.flash = std::move(flash);
}

void fill_own_flash(const probe::ElfImage& image, const Prepared& prepared, results::Summary& summary) {
  results::Flash flash;
  for (const probe::Section& section : image.sections()) {
    if (section.allocated && section.has_bytes && section.size > 0)
      flash.sections.push_back({"firmware", section.name, static_cast<int64_t>(section.size)});
  }
  flash.total = bytes_figure(static_cast<int64_t>(image.memory_use().flash_bytes), "measured");
  fill_code_sizes(image, prepared, flash);
  summary.flash = std::move(flash);
}

void fill_link(const Replay& replay, results::Summary& summary) {
  const link::LinkStats& stats = replay.link;
  results::Link link{.frames_sent = stats.frames_sent,
                     .frames_received = stats.frames_received,
                     .bytes_up = stats.bytes_up,
                     .bytes_down = stats.bytes_down,
                     .retries = stats.retries,
                     .crc_errors = stats.crc_errors,
                     .resets = stats.resets,
                     .dropped_events = stats.dropped_events};
  const auto n = static_cast<int64_t>(replay.finished() - replay.kept);
  if (n > 0 && replay.seconds > 0) {
    link.samples_per_second = results::Figure{
        .value = static_cast<double>(n) / replay.seconds, .unit = "samples/s", .kind = "host", .n = n};
  }
  if (stats.round_trip_median_us) {
    link.round_trip_median_us =
        results::Figure{.value = *stats.round_trip_median_us, .unit = "us", .kind = "host"};
  }
  summary.link = link;
}

}  // namespace

Status fill_cost(const Prepared& prepared, const Device& device, const Replay& replay,
                 results::Summary& summary) {
  ASSAY_CHECK(fill_latency(prepared, device, replay, summary));
  fill_memory(prepared, replay, summary);
  if (summary.subject.way_in == kLinkedWay || summary.subject.way_in == kProbeOnlyWay) {
    // Of a program for this computer neither figure means anything.
    const auto image = device.probe ? probe::ElfImage::read(device.firmware)
                                    : Result<probe::ElfImage>(fail("probe.bad_elf", "a process"));
    add_own_memory(image ? &*image : nullptr, replay, *summary.memory);
    if (image) fill_own_flash(*image, prepared, summary);
  } else {
    fill_flash(prepared, device, summary);
  }
  fill_link(replay, summary);
  return {};
}

}  // namespace assay::run
