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
  assay_port port{};
};

World world;

// Wraps past 32 bits within a few runs, so the extension is exercised.
uint32_t tick() { return world.ticks += 40'000'000; }

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

void reset_called();

const assay_tensor kInputs[] = {
    {"samples", world.input, kInputBytes, ASSAY_INT8, 2, {1, kInputBytes}, 0.5f, -3}};
const assay_tensor kOutputs[] = {
    {"scores", world.output, kOutputBytes, ASSAY_INT8, 2, {1, kOutputBytes}, 0.25f, 128},
    {nullptr, world.sum, kSumBytes, ASSAY_UINT8, 1, {kSumBytes}, 0, 0}};
const char kHash[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const assay_model kModels[] = {{.name = "mixer",
                                .engine = "test",
                                .hash = kHash,
                                .inputs = kInputs,
                                .outputs = kOutputs,
                                .input_count = 1,
                                .output_count = 2,
                                .op_count = kOps,
                                .arena_bytes = 5000,
                                .run = run,
                                .reset = nullptr,
                                .arena_used = [](void*) -> uint32_t { return 4321; },
                                .user = nullptr}};

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
  assay_init(&port, kModels, 1);
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
