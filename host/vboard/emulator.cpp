#include "vboard/emulator.h"

#include <fmt/format.h>

#include "base/files.h"
#include "config/board.pb.h"

namespace assay::vboard {
namespace {

constexpr auto kStartLimit = std::chrono::seconds(5);
constexpr int kStepFreely = 1, kStepWithoutInterruptsAndTimers = 7;
constexpr size_t kLastWords = 400;  // characters

std::vector<std::string> command_line(const config::Board& board, Mode mode, const std::string& serial_id) {
  const auto& emulator = board.emulator();
  std::vector<std::string> argv = {
      emulator.program(), "-M",   emulator.machine(), "-accel", "tcg", "-display", "none",
      "-monitor",         "none", "-nodefaults",      "-S"};
  if (mode == Mode::kExact) {
    argv.insert(argv.end(), {"-icount", fmt::format("shift={}", emulator.icount_shift())});
  }
  argv.insert(argv.end(), {"-qtest", "unix:qtest,server=on,wait=off", "-qtest-log", "none"});
  argv.insert(argv.end(), {"-qmp", "unix:qmp,server=on,wait=off"});
  argv.insert(argv.end(), {"-chardev", "socket,path=gdb,server=on,wait=off,id=gdb0", "-gdb", "chardev:gdb0"});
  argv.insert(argv.end(), {"-chardev", fmt::format("socket,path=serial,server=on,wait=off,id={}", serial_id),
                           "-serial", fmt::format("chardev:{}", serial_id)});
  argv.insert(argv.end(), emulator.arguments().begin(), emulator.arguments().end());
  return argv;
}

// gdb sends registers as bytes in memory order, little-endian.
std::string to_hex(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += fmt::format("{:02x}", value >> (8 * i) & 0xFF);
  return text;
}

bool from_hex(std::string_view text, uint64_t& value) {
  if (text.empty() || text.size() > 16 || text.size() % 2 != 0) return false;
  value = 0;
  for (size_t i = 0; i < text.size(); i += 2) {
    unsigned byte = 0;
    for (const char c : text.substr(i, 2)) {
      const auto digit = std::string_view("0123456789abcdef").find(c);
      if (digit == std::string_view::npos) return false;
      byte = byte * 16 + static_cast<unsigned>(digit);
    }
    value |= uint64_t{byte} << (4 * i);
  }
  return true;
}

// What QEMU complained about in its log: its lines that begin with "qemu", and of the register dump that
// follows a fatal one the pc; the end of the log when there is no such line.
std::string complaint(const std::string& log) {
  std::string words;
  for (size_t at = 0; at < log.size();) {
    const size_t end = std::min(log.find('\n', at), log.size());
    const std::string line = log.substr(at, end - at);
    const bool known = line.rfind("qemu", 0) == 0 && line.find("terminating on signal") == std::string::npos;
    if (known) words += (words.empty() ? "" : "; ") + line;
    at = end + 1;
  }
  constexpr std::string_view kPc = "R15=";
  if (const auto pc = log.rfind(kPc); pc != std::string::npos && !words.empty()) {
    words += ", pc 0x" + log.substr(pc + kPc.size(), 8);
  }
  if (words.empty()) words = log.substr(log.size() - std::min(log.size(), kLastWords));
  while (!words.empty() && words.back() == '\n') words.pop_back();
  return words;
}

bool is_double(int number) { return number >= kRegisterD0 && number < kRegisterD0 + 16; }

}  // namespace

std::string_view mode_name(Mode mode) { return mode == Mode::kExact ? "exact" : "realtime"; }

Result<Emulator> Emulator::start(const config::Board& board, Mode mode, const std::filesystem::path& sockets,
                                 const std::filesystem::path& log) {
  if (!board.has_emulator()) {
    return fail(
        "vboard.not_virtual",
        fmt::format("board '{}' has no [emulator]: it is real hardware or a process", board.board().name()));
  }
  std::error_code ignored;
  std::filesystem::remove(log, ignored);  // the last run's words are not this one's
  ProcessSpec spec;
  spec.argv = command_line(board, mode, kSerialId);
  spec.directory = sockets;
  spec.out = spec.err = Pipe::kFile;
  spec.out_file = spec.err_file = log;
  Emulator emulator;
  emulator.sockets_ = sockets;
  emulator.log_ = log;
  auto process = Subprocess::start(spec);
  if (!process) {
    Error error = process.error();
    if (error.code == "base.tool_missing") error.remedy = "Install it: apt install qemu-system-arm";
    return fail(std::move(error));
  }
  emulator.process_ = std::move(*process);
  if (auto connected = emulator.connect(); !connected) {
    if (emulator.running()) return fail(connected.error());
    return fail("vboard.qemu_died", "the emulator did not start: " + emulator.last_words());
  }
  return emulator;
}

Status Emulator::connect() {
  const Deadline deadline = Deadline::in(kStartLimit);
  // A QEMU that refuses its arguments ends at once: look for that between short attempts.
  for (;;) {
    auto qmp = Qmp::connect(sockets_ / "qmp", Deadline::in(std::chrono::milliseconds(50)));
    if (qmp) {
      qmp_ = std::move(*qmp);
      break;
    }
    if (!running() || deadline.passed() || qmp.error().code == "base.interrupted") return fail(qmp.error());
  }
  ASSAY_TRY(gdb_, GdbStub::connect(sockets_ / "gdb", deadline));
  ASSAY_TRY(bus_, QtestBus::connect(sockets_ / "qtest", deadline));
  return {};
}

std::string Emulator::last_words() {
  auto status = process_.wait(Deadline::in(std::chrono::milliseconds(200)));
  const std::string text = status ? status->text() : "no exit status";
  const std::string words = complaint(read_text(log_).value_or(""));
  return words.empty() ? text : text + "; " + words;
}

Result<uint64_t> Emulator::read_register(int number) {
  ASSAY_TRY(const std::string reply, gdb_.exchange(fmt::format("p{:x}", number)));
  uint64_t value = 0;
  // A register that this core lacks answers nothing or an error.
  return from_hex(reply, value) ? value : 0;
}

Status Emulator::write_register(int number, uint64_t value) {
  ASSAY_CHECK(gdb_.exchange(fmt::format("P{:x}={}", number, to_hex(value, is_double(number) ? 8 : 4))));
  return {};
}

Status Emulator::set_point(const Point& point, bool inserted) {
  const auto reply = gdb_.exchange(fmt::format("{}{},{:x},{:x}", inserted ? 'Z' : 'z',
                                               static_cast<int>(point.kind), point.address, point.length));
  if (!reply) return fail(reply.error());
  return {};  // QEMU refuses only what it already has or has not
}

Status Emulator::set_step_mode(int bits) {
  if (step_mode_ == bits) return {};
  ASSAY_CHECK(gdb_.exchange(fmt::format("Qqemu.sstep={:x}", bits)));
  step_mode_ = bits;
  return {};
}

Status Emulator::drive(Motion motion) {
  switch (motion) {
    case Motion::kContinue:
      return gdb_.start("c");
    case Motion::kInterrupt:
      return gdb_.interrupt();
    case Motion::kStep:
      ASSAY_CHECK(set_step_mode(kStepFreely));
      break;
    case Motion::kStepMasked:
      ASSAY_CHECK(set_step_mode(kStepWithoutInterruptsAndTimers));
      break;
  }
  return gdb_.start("s");
}

}  // namespace assay::vboard
