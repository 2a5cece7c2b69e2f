// The stock firmware spoken to by the host's own session: as a process, and on the emulated board.
#include <fstream>
#include <iostream>
#include <numeric>

#include "base/digest.h"
#include "base/files.h"
#include "boards/plan_file.h"
#include "boards/qemu_board.h"
#include "catch.h"
#include "link/session.h"
#include "link/streams.h"

using namespace assay;
using namespace assay::boards_test;
using namespace std::chrono_literals;

namespace {

constexpr char kKws[] = "kws01_kws_ref_model_int8";
constexpr uint32_t kKwsCrc = 0x1a578907;

// Lets one line serve two sessions, and optionally puts frame delimiters behind whatever the host sends: they
// mean nothing to the agent, but they arrive while it computes.
class SharedLine : public link::ByteStream {
 public:
  SharedLine(std::shared_ptr<link::ByteStream> of, size_t noise) : of_(std::move(of)), noise_(noise) {}
  Result<size_t> read(std::span<uint8_t> into, Deadline deadline) override {
    return of_->read(into, deadline);
  }
  assay::Status write(std::span<const uint8_t> bytes, Deadline deadline) override {
    ASSAY_CHECK(of_->write(bytes, deadline));
    return noise_ ? of_->write(std::vector<uint8_t>(noise_, 0), deadline) : assay::Status{};
  }
  std::string name() const override { return of_->name(); }

 private:
  std::shared_ptr<link::ByteStream> of_;
  size_t noise_;
};

struct EmulatedBoard {
  TemporaryFolder folder;
  Subprocess qemu;
  std::shared_ptr<link::ByteStream> line;
};

void start_emulated(EmulatedBoard& board, const VirtualBoard& on, const std::filesystem::path& image,
                    const std::filesystem::path& plan) {
  const std::string socket = board.folder.path / "line";
  auto qemu = Subprocess::start(
      {.argv = qemu_command(on, image, "socket,id=line,server=on,wait=on,path=" + socket, plan),
       .err = Pipe::kNull});
  REQUIRE(qemu);
  board.qemu = std::move(*qemu);
  auto line = link::open_unix_stream(socket, Deadline::in(20s));
  if (!line) FAIL(line.error().text());
  board.line = std::move(*line);
}

link::Session connect(std::shared_ptr<link::ByteStream> line, size_t noise = 0,
                      link::LinkOptions options = {}) {
  auto session =
      link::Session::connect(std::make_unique<SharedLine>(std::move(line), noise), std::move(options));
  if (!session) FAIL(session.error().code << ": " << session.error().text());
  return std::move(*session);
}

link::Inference infer(link::Session& session, const std::vector<uint8_t>& input, bool ops) {
  const std::span<const uint8_t> inputs[] = {input};
  auto inference = session.infer(0, inputs, {.ops = ops});
  if (!inference) FAIL(inference.error().code << ": " << inference.error().text());
  return std::move(*inference);
}

std::string hex(std::span<const uint8_t> bytes) {
  std::string text;
  for (const uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// Ticks themselves where the board counts no instructions.
uint64_t instructions(const link::BoardInfo& board, uint64_t ticks) {
  if (board.clock != link::ClockKind::kInstructions) return ticks;
  return (ticks * board.tick_numerator + board.tick_denominator / 2) / board.tick_denominator;
}

std::vector<uint64_t> op_instructions(link::Session& session) {
  const auto records = session.op_records();
  if (!records) FAIL(records.error().text());
  std::vector<uint64_t> counts;
  for (const auto& record : *records) {
    CHECK(record.calls == 1);
    counts.push_back(instructions(session.board(), record.ticks));
  }
  return counts;
}

}  // namespace

TEST_CASE("the process board runs kws01 bit-exact and comes back after a reset") {
  const auto plan = plan_of(kKws, "host");
  if (!plan) return;
  TemporaryFolder folder;
  auto process = Subprocess::start({.argv = {std::string(ASSAY_BIN_DIR) + "/assay-agent-posix", "--stdio",
                                             "--plan", write_plan(*plan, folder.path)},
                                    .in = Pipe::kPipe,
                                    .err = Pipe::kInherit});
  REQUIRE(process);
  const std::shared_ptr<link::ByteStream> line = link::pipe_stream(std::move(*process), "posix");

  uint32_t boot_id = 0;
  {
    auto session = connect(line);
    const link::BoardInfo& board = session.board();
    boot_id = board.boot_id;
    CHECK(board.board == "posix");
    CHECK(board.clock == link::ClockKind::kHostNs);
    CHECK(board.build_id.size() == 32);
    CHECK(board.reset_cause == 1);
    CHECK_FALSE(board.emulated);
    CHECK_FALSE(board.has_marker);
    CHECK(board.model_count == 1);
    const auto models = session.models();
    REQUIRE(models);
    CHECK(models->at(0).name == kKws);
    CHECK(models->at(0).op_count == plan->ops.size());
    const auto inference = infer(session, generated_input(490), true);
    CHECK(crc32_of(inference.outputs.at(0)) == kKwsCrc);
    CHECK(inference.run.ticks > 0);
    CHECK(op_instructions(session).size() == plan->ops.size());
    CHECK(session.reset());
  }
  auto session = connect(line);
  CHECK(session.board().reset_cause == 3);
  CHECK(session.board().boot_id != boot_id);
  CHECK(crc32_of(infer(session, generated_input(490), false).outputs.at(0)) == kKwsCrc);
}

namespace {

void check_kws(const VirtualBoard& on) {
  const auto image = firmware_file(on.image);
  const auto binary = firmware_file(on.beside("bin"));
  const auto plan = plan_of(kKws, on.core);
  if (!image || !binary || !plan) return;
  TemporaryFolder folder;
  const auto plan_path = write_plan(*plan, folder.path);
  const auto bytes = read_bytes(*binary);
  REQUIRE(bytes);

  std::vector<uint64_t> totals;
  std::vector<std::vector<uint64_t>> ops;
  // The second board hears noise while it computes.
  for (const size_t noise : {0, 24}) {
    EmulatedBoard board;
    start_emulated(board, on, *image, plan_path);
    auto session = connect(board.line, noise);
    const link::BoardInfo& info = session.board();
    CHECK(info.board == on.name);
    CHECK(info.emulated);
    CHECK(info.has_marker);
    CHECK(info.clock == link::ClockKind::kInstructions);
    CHECK(info.build_id == hex(std::span(*bytes).subspan(0x100, 16)));
    for (int i = 0; i < 5; ++i) {
      const auto inference = infer(session, generated_input(490), false);
      CHECK(crc32_of(inference.outputs.at(0)) == kKwsCrc);
      totals.push_back(instructions(info, inference.run.ticks));
    }
    for (int i = 0; i < 3; ++i) {
      infer(session, generated_input(490), true);
      ops.push_back(op_instructions(session));
    }
    const auto memory = session.memory(0);
    REQUIRE(memory);
    CHECK(memory->arena_planned == plan->arena_bytes);
    CHECK(memory->arena_touched.value_or(0) <= plan->arena_bytes);
    CHECK(memory->arena_touched.value_or(0) > plan->arena_bytes / 2);
    CHECK(memory->stack_bytes == 8192u);
    CHECK(memory->stack_touched.value_or(0) > 100);
    CHECK(memory->stack_touched.value_or(9999) < 8192);
  }
  for (const auto total : totals) CHECK(total == totals.front());
  for (const auto& each : ops) {
    REQUIRE(each.size() == plan->ops.size());
    CHECK(each == ops.front());
  }
  const uint64_t sum = std::accumulate(ops.front().begin(), ops.front().end(), uint64_t{0});
  CHECK(sum <= totals.front());
  CHECK(sum > totals.front() / 100 * 98);
  std::cout << "kws01 on " << on.name << ": " << totals.front() << " instructions; by operator:";
  for (const auto count : ops.front()) std::cout << ' ' << count;
  std::cout << '\n';
}

}  // namespace

TEST_CASE("each emulated board runs kws01 bit-exact, and its counts repeat to the last instruction") {
  for (const VirtualBoard& board : virtual_boards()) {
    INFO(board.name);
    check_kws(board);
  }
}

TEST_CASE("an upload of many frames arrives whole on the emulated board") {
  const VirtualBoard on = virtual_boards().back();
  const auto image = firmware_file(on.image);
  const auto plan = plan_of("ic01_pretrainedResnet_quant", on.core);
  if (!image || !plan) return;
  TemporaryFolder folder;
  EmulatedBoard board;
  start_emulated(board, on, *image, write_plan(*plan, folder.path));
  auto session = connect(board.line);
  const auto input = generated_input(3072);
  const auto begin = Deadline::Clock::now();
  for (int i = 0; i < 4; ++i) REQUIRE(session.upload(0, 0, input));
  const std::chrono::duration<double> seconds = Deadline::Clock::now() - begin;
  std::cout << "upload into " << on.name << ": " << 4 * 3.072 / seconds.count() << " KB/s\n";
  CHECK(crc32_of(infer(session, input, false).outputs.at(0)) == 0xef5c90cc);
}

TEST_CASE("a board without a plan presents no model and says why") {
  const VirtualBoard on = virtual_boards().back();
  const auto image = firmware_file(on.image);
  if (!image) return;
  EmulatedBoard board;
  start_emulated(board, on, *image, {});
  std::string log;
  auto session = connect(board.line, 0, {.log = [&](int, const std::string& text) { log += text + "\n"; }});
  CHECK(session.board().model_count == 0);
  const auto models = session.models();
  REQUIRE(models);
  CHECK(models->empty());
  // Any exchange: lines of the log are read on the way.
  CHECK_FALSE(session.memory(0));
  CHECK(log.find("no plan in the model region") != std::string::npos);
}
