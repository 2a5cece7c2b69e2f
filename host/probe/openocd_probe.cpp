#include "probe/openocd_probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "probe/openocd_memory.h"
#include "probe/openocd_process.h"

namespace assay::probe {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds kInitBudget = 15s;
constexpr milliseconds kHaltBudget = 8s;
constexpr milliseconds kResetBudget = 10s;
constexpr milliseconds kTransferBase = 5s;
// The slowest link worth waiting for; SWD at 1 MHz moves more.
constexpr uint64_t kSlowestBytesPerSecond = 10 * 1024;
// Writes go out in pieces, because OpenOCD tells nothing while a load runs. Each piece opens the file anew:
// 64 KiB keeps that below 1 % and still moves the bar twice a second on a slow probe.
constexpr uint32_t kWritePiece = 64 * 1024;

milliseconds transfer_budget(uint64_t bytes) {
  return kTransferBase + milliseconds(bytes * 1000 / kSlowestBytesPerSecond);
}

// "STLINK V3J13M3 (API v3) VID:PID 0483:374F" of an init's output: the probe's own version.
std::string probe_words_in(std::string_view text) {
  constexpr std::string_view kMark = "STLINK ";
  for (size_t at = text.find(kMark); at != std::string_view::npos; at = text.find(kMark, at + 1)) {
    const auto line = text.substr(at + kMark.size(), text.find('\n', at) - at - kMark.size());
    if (line.starts_with("V")) return std::string(line);
  }
  return {};
}

class OpenocdProbe final : public Probe {
 public:
  OpenocdProbe(std::unique_ptr<OpenocdProcess> process, Endpoint endpoint, Options options)
      : process_(std::move(process)), options_(std::move(options)) {
    identity_ = {"openocd", process_->version(), endpoint.serial, ""};
  }

  Status attach();
  Identity identity() const override { return identity_; }
  Result<std::vector<uint8_t>> read(uint32_t address, uint32_t bytes) override {
    return memory_.fetch(address, bytes);
  }
  Result<LiveMemory*> live() override;
  Status write(const Image& image) override;
  Status verify(const Image& image) override;
  Status reset(ResetMode mode) override;
  void close() override { process_->close(); }

 private:
  Status halt();
  void enter(Phase phase, uint64_t bytes_total);
  void tell(uint64_t bytes_done);
  OpenocdProcess::Idle idle() {
    return [this] { tell(progress_.bytes_done); };
  }

  std::unique_ptr<OpenocdProcess> process_;
  OpenocdMemory memory_{*process_};
  Options options_;
  Identity identity_;
  Progress progress_;
  std::chrono::steady_clock::time_point phase_start_;
};

void OpenocdProbe::enter(Phase phase, uint64_t bytes_total) {
  progress_ = {phase, 0, bytes_total, {}};
  phase_start_ = std::chrono::steady_clock::now();
  tell(0);
}

void OpenocdProbe::tell(uint64_t bytes_done) {
  progress_.bytes_done = bytes_done;
  progress_.elapsed =
      std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - phase_start_);
  if (options_.on_progress) options_.on_progress(progress_);
}

Status OpenocdProbe::attach() {
  enter(Phase::kOpen, 0);
  ASSAY_TRY(const std::string words,
            process_->run("cannot open the probe", "init", kInitBudget, "probe.no_probe", idle()));
  identity_.probe = probe_words_in(words);
  return halt();
}

Status OpenocdProbe::halt() {
  ASSAY_CHECK(process_->run("cannot halt the core", "poll on; halt", kHaltBudget, "probe.no_target", idle()));
  // `halt` succeeds without an examined core on some targets: only the state tells.
  ASSAY_TRY(const std::string state, process_->run("cannot halt the core", "[target current] curstate",
                                                   kHaltBudget, "probe.no_target"));
  if (state.find("halted") == std::string::npos) {
    return fail("probe.no_target", fmt::format("the core does not halt: its state is '{}'", state));
  }
  return {};
}

Result<LiveMemory*> OpenocdProbe::live() {
  // What OpenOCD believes of the core is stale from here on: it must not look, or it would act on what it
  // sees.
  ASSAY_CHECK(process_->run("cannot take over the core", "poll off", kHaltBudget, "probe.no_target"));
  process_->heed_signals(false);
  return &memory_;
}

std::string load_arguments(const Image& image) {
  // For a binary the number is where it goes; for an ELF it is added to the addresses of the file.
  const bool binary = image.format == Image::Format::kBinary;
  return fmt::format("{} 0x{:x} {}", tcl_word(image.file.string()), binary ? image.extents.at(0).address : 0,
                     binary ? "bin" : "elf");
}

Status OpenocdProbe::write(const Image& image) {
  if (image.memory == Image::Memory::kFlash) {
    return fail("probe.unsupported",
                "this version writes no flash through OpenOCD: boards with load = \"ram\" only");
  }
  if (image.extents.empty())
    return fail("probe.write_failed", "the image holds no bytes", image.file.string());
  ASSAY_CHECK(halt());
  enter(Phase::kWrite, image.bytes());
  uint64_t done = 0;
  for (const Extent& extent : image.extents) {
    for (uint32_t offset = 0; offset < extent.bytes;) {
      const uint32_t piece = std::min(kWritePiece, extent.bytes - offset);
      const uint32_t at = extent.address + offset;
      ASSAY_CHECK(process_->run(fmt::format("cannot write {} bytes at 0x{:08x}", piece, at),
                                fmt::format("load_image {} 0x{:x} 0x{:x}", load_arguments(image), at, piece),
                                transfer_budget(piece), "probe.write_failed", idle()));
      offset += piece;
      tell(done += piece);
    }
  }
  return {};
}

Status OpenocdProbe::verify(const Image& image) {
  if (image.extents.empty())
    return fail("probe.verify_mismatch", "the image holds no bytes", image.file.string());
  ASSAY_CHECK(halt());
  enter(Phase::kVerify, 0);
  ASSAY_CHECK(
      process_->run(fmt::format("{} is not what the target's memory holds", image.file.filename().string()),
                    fmt::format("verify_image {}", load_arguments(image)), transfer_budget(image.bytes()),
                    "probe.verify_mismatch", idle()));
  return {};
}

Status OpenocdProbe::reset(ResetMode mode) {
  enter(Phase::kReset, 0);
  // Always through a halt at the reset vector: `reset run` reports success without knowing whether the core
  // runs.
  ASSAY_CHECK(process_->run("cannot reset the target", "poll on; reset halt", kResetBudget, "probe.no_target",
                            idle()));
  if (mode == ResetMode::kHalt) return halt();
  ASSAY_CHECK(process_->run("cannot start the core after reset", "resume; poll off", kResetBudget,
                            "probe.no_target", idle()));
  ASSAY_TRY(const std::string state,
            process_->run("cannot start the core after reset", "[target current] curstate", kResetBudget,
                          "probe.no_target"));
  if (state.find("running") == std::string::npos) {
    return fail("probe.no_target",
                fmt::format("the core does not run after reset: its state is '{}'", state));
  }
  return {};
}

}  // namespace

std::vector<std::string> openocd_lines(const config::Board& board, const Endpoint& endpoint) {
  std::vector<std::string> lines;
  if (endpoint.stlink_tcp_port != 0) {
    lines = {"adapter driver st-link", fmt::format("st-link backend tcp {}", endpoint.stlink_tcp_port),
             "st-link vid_pid 0x0483 0x374f", "transport select dapdirect_swd", "adapter speed 24000"};
  }
  lines.insert(lines.end(), board.probe().openocd().begin(), board.probe().openocd().end());
  // After the driver, which a hardware board's lines choose.
  if (!endpoint.serial.empty()) lines.push_back(fmt::format("adapter serial {}", tcl_word(endpoint.serial)));
  return lines;
}

Result<std::unique_ptr<Probe>> open_openocd(const config::Board& board, const Endpoint& endpoint,
                                            const Options& options) {
  auto process =
      OpenocdProcess::start({openocd_lines(board, endpoint), options.log, options.timeout_multiplier});
  if (!process) {
    // Without its own remedy the error gets that of its code.
    return fail(std::move(process.error()));
  }
  auto probe = std::make_unique<OpenocdProbe>(std::move(*process), endpoint, options);
  ASSAY_CHECK(probe->attach());
  return std::unique_ptr<Probe>(std::move(probe));
}

}  // namespace assay::probe
