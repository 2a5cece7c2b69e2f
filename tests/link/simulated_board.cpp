#include "link/simulated_board.h"

#include <cstring>
#include <utility>

#include "assay.h"

namespace assay::sim {
namespace {

struct World {
  BoardOptions options;
  std::deque<uint8_t> to_board;
  std::vector<uint8_t> from_board;
  std::function<void()> in_run;
  uint32_t ticks = 0;
  int executions = 0;
  int fail_code = 0;
  bool dead = false;  // reset while running: what the old run still does must not be seen
  uint8_t input[kInputBytes], output[kOutputBytes], sum[kSumBytes];
  assay_op_record ops[kOps];
  int32_t hop[kHopValues], sum_of_hops;
  int hops = 0;
  uint8_t tap_buffer[kTapRoom];
  uint32_t span_bins[40], model_bins[64];
  assay_timing spans[2], observed[2];
  assay_port port{};
};

World world;

// Wraps past 32 bits within a few runs, so the extension is exercised.
uint32_t tick() { return world.ticks += world.options.tick_step; }

size_t rx(uint8_t* to, size_t room) {
  size_t count = 0;
  for (; count < room && !world.to_board.empty(); ++count) {
    to[count] = world.to_board.front();
    world.to_board.pop_front();
  }
  return count;
}

void tx(const uint8_t* bytes, size_t count) {
  if (!world.dead) world.from_board.insert(world.from_board.end(), bytes, bytes + count);
}

int run(void*) {
  ++world.executions;
  for (uint16_t op = 0; op < kOps; ++op) {
    assay_op_begin(op);
    assay_op_end(op);
  }
  assay_log(2, "from inside a run: dropped and counted");
  const auto output = SimulatedBoard::expected_output(world.input);
  const auto sum = SimulatedBoard::expected_sum(world.input);
  memcpy(world.output, output.data(), output.size());
  memcpy(world.sum, sum.data(), sum.size());
  if (world.in_run) world.in_run();
  return std::exchange(world.fail_code, 0);
}

int run_hop(void*) {
  ++world.executions;
  assay_tap(0, world.hop, sizeof world.hop);
  static const uint8_t large[kTapRoom + 1] = {};
  assay_tap(1, large, sizeof large);
  for (const int32_t value : world.hop) world.sum_of_hops += value;
  if (world.in_run) world.in_run();
  if (const int code = std::exchange(world.fail_code, 0)) return code;
  if (++world.hops < static_cast<int>(kHopCount)) return 1;
  world.hops = 0;
  return 0;
}

void reset_hops(void*) { world.hops = world.sum_of_hops = 0; }

void reset_called();

const assay_tensor kInputs[] = {
    {"samples", world.input, kInputBytes, ASSAY_INT8, 2, {1, kInputBytes}, 0.5f, -3}};
const assay_tensor kOutputs[] = {
    {"scores", world.output, kOutputBytes, ASSAY_INT8, 2, {1, kOutputBytes}, 0.25f, 128},
    {nullptr, world.sum, kSumBytes, ASSAY_UINT8, 1, {kSumBytes}, 0, 0}};
const assay_tensor kHopInputs[] = {
    {"hop", world.hop, sizeof world.hop, ASSAY_INT32, 2, {1, kHopValues}, 0, 0}};
const assay_tensor kHopOutputs[] = {
    {"sum", &world.sum_of_hops, sizeof world.sum_of_hops, ASSAY_INT32, 2, {1, 1}, 0, 0}};
const char* const kHopOpNames[kHopOps] = {
    "copy",
    "large",
    nullptr,
    "",
    "a name that is longer than the forty-seven characters which travel",
    "a name that is longer than the forty-seven characters which travel",
    "a name that is longer than the forty-seven characters which travel",
    "a name that is longer than the forty-seven characters which travel",
    "last"};
const char kHash[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const assay_model kModels[] = {{.name = "mixer",
                                .engine = "test",
                                .hash = kHash,
                                .inputs = kInputs,
                                .outputs = kOutputs,
                                .input_count = 1,
                                .output_count = 2,
                                .op_count = kOps,
                                .op_names = nullptr,
                                .arena_bytes = 5000,
                                .deadline_ticks = 0,
                                .run = run,
                                .reset = nullptr,
                                .arena_used = [](void*) -> uint32_t { return 4321; },
                                .user = nullptr},
                               {.name = "hops",
                                .engine = "test",
                                .hash = nullptr,
                                .inputs = kHopInputs,
                                .outputs = kHopOutputs,
                                .input_count = 1,
                                .output_count = 1,
                                .op_count = kHopOps,
                                .op_names = kHopOpNames,
                                .arena_bytes = 0,
                                .deadline_ticks = 1000,
                                .run = run_hop,
                                .reset = reset_hops,
                                .arena_used = nullptr,
                                .user = nullptr}};

void use_everything() {
  memset(world.span_bins, 0, sizeof world.span_bins);
  memset(world.model_bins, 0, sizeof world.model_bins);
  world.spans[0] = {.name = "capture", .bins = world.span_bins, .bin_count = 40, .first_octave = 4};
  world.spans[1] = {.name = "post"};
  world.observed[0] = {};
  world.observed[1] = {.bins = world.model_bins, .bin_count = 64, .first_octave = 6};
  assay_use_spans(world.spans, 2);
  assay_use_observe(world.observed);
  assay_use_taps(world.tap_buffer, kTapRoom);
}

using Broken = BoardOptions::Broken;
assay_tensor broken_tensor;
assay_model broken_model;

const assay_model* broken(Broken how) {
  uint8_t* data = reinterpret_cast<uint8_t*>(world.hop);
  broken_tensor = kHopInputs[0];
  if (how == Broken::kNoData) broken_tensor.data = nullptr;
  if (how == Broken::kMisaligned) broken_tensor.data = data + 1;
  if (how == Broken::kMisaligned || how == Broken::kTooFewBytes) broken_tensor.dims[1] = kHopValues - 1;
  if (how == Broken::kMisaligned) broken_tensor.bytes -= sizeof(int32_t);
  broken_model = kModels[1];
  broken_model.inputs = &broken_tensor;
  if (how == Broken::kNoRun) broken_model.run = nullptr;
  return &broken_model;
}

void boot() {
  memset(world.input, 0, sizeof world.input);
  memset(world.output, 0, sizeof world.output);
  world.to_board.clear();
  assay_port& port = world.port;
  port = {};
  port.board = "simulated";
  port.build_id[0] = 0xB1;
  port.tick_hz = 1'000'000;
  port.clock = ASSAY_CLOCK_TIMER;
  port.boot_id = world.options.boot_id;
  port.tick = tick;
  port.rx = rx;
  port.tx = tx;
  port.reset = reset_called;
  port.static_bytes = 1234;
  port.op_records = world.ops;
  port.op_record_count = kOps;
  port.rx_window = world.options.window;
  port.reset_cause = world.options.reset_cause;
  world.hops = world.sum_of_hops = 0;
  const bool sound = world.options.broken == Broken::kNothing;
  assay_init(&port, sound ? kModels : broken(world.options.broken), world.options.inside ? 2 : 1);
  if (world.options.inside) use_everything();
}

void reset_called() {
  if (world.options.reset_changes_boot_id) ++world.options.boot_id;
  boot();
}

}  // namespace

SimulatedBoard::SimulatedBoard(BoardOptions options) {
  world.options = options;
  world.in_run = nullptr;
  world.executions = world.fail_code = 0;
  world.dead = false;
  world.from_board.clear();
  boot();
}

void SimulatedBoard::receive(std::span<const uint8_t> bytes) {
  world.to_board.insert(world.to_board.end(), bytes.begin(), bytes.end());
  assay_poll();
  if (std::exchange(world.dead, false)) reset_called();
}

std::vector<uint8_t> SimulatedBoard::take_sent() { return std::exchange(world.from_board, {}); }

void SimulatedBoard::reset() { reset_called(); }

int SimulatedBoard::executions() const { return world.executions; }
void SimulatedBoard::fail_next_run(int code) { world.fail_code = code; }
void SimulatedBoard::before_run(std::function<void()> call) { world.in_run = std::move(call); }

void SimulatedBoard::tick_step(uint32_t step) { world.options.tick_step = step; }

void SimulatedBoard::die() { world.dead = true; }

std::vector<uint8_t> SimulatedBoard::expected_output(std::span<const uint8_t> input) {
  std::vector<uint8_t> output(kOutputBytes);
  for (size_t i = 0; i < kOutputBytes; ++i)
    output[i] = static_cast<uint8_t>(input[2 * i] * 3 + input[2 * i + 1] + i);
  return output;
}

std::vector<uint8_t> SimulatedBoard::expected_sum(std::span<const uint8_t> input) {
  uint32_t sum = 0;
  for (const uint8_t byte : input) sum = sum * 31 + byte;
  std::vector<uint8_t> bytes(kSumBytes);
  memcpy(bytes.data(), &sum, sizeof sum);
  return bytes;
}

}  // namespace assay::sim
