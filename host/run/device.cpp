#include "run/device.h"

#include <fmt/format.h>
#include <algorithm>
#include <memory>

#include "base/paths.h"
#include "link/streams.h"
#include "probe/elf_image.h"
#include "results/run_folder.h"
#include "run/own_firmware.h"
#include "run/stopwatch.h"

namespace assay::run {
namespace fs = std::filesystem;
namespace {

constexpr auto kOpenBudget = std::chrono::seconds(5);
constexpr size_t kConsoleBytes =
    4u << 20;  // of console.log: a firmware that logs in a loop must not fill the disk
constexpr const char* kLevels[] = {"error", "warning", "info"};

// Appends the firmware's log lines as they come; a lost line is not worth a lost run.
std::function<void(int, const std::string&)> console_log(const fs::path& file) {
  auto opened = results::AppendFile::open(file);
  if (!opened) return {};
  auto log = std::make_shared<results::AppendFile>(std::move(*opened));
  auto room = std::make_shared<size_t>(kConsoleBytes);
  return [log, room](int level, const std::string& text) {
    if (*room == 0) return;
    const std::string line = fmt::format("{}: {}\n", kLevels[std::clamp(level, 0, 2)], text);
    *room -= std::min(*room, line.size());
    (void)log->append(*room > 0 ? line : "the firmware logs without end; what follows is not kept\n");
  };
}

// The stock agent has one model, the plan's, and says so by its hash.
Result<Presented> stock_model(const Prepared& prepared, const std::vector<link::ModelInfo>& models,
                              const std::string& board) {
  if (models.size() == 1 && models[0].hash == prepared.model_sha256) return Presented{0, models[0], {}};
  return fail("run.wrong_model",
              models.empty() ? "the agent presents no model: it refused the plan (see console.log)"
                             : fmt::format("the agent presents '{}' ({}), not the model that was loaded ({})",
                                           models[0].name, models[0].hash.substr(0, 12),
                                           prepared.model_sha256.substr(0, 12)),
              board);
}

}  // namespace

std::string outcome_text(const probe::FlashOutcome& outcome) {
  const bool skipped = outcome.action == probe::FlashOutcome::Action::kSkipped;
  return fmt::format("{:.1f} KiB {} ({})", static_cast<double>(outcome.bytes) / 1024,
                     skipped ? "already there" : "written and verified", outcome.reason);
}

fs::path firmware_image(const CaseSpec& spec) {
  const config::Profile& profile = spec.profile.profile;
  return has_own_firmware(profile) ? fs::path(profile.engine().firmware()) : firmware_image(spec.board);
}

fs::path firmware_image(const config::Board& board) {
  return (board.board().kind() == "process" ? program_dir() : firmware_dir()) / board.firmware().image();
}

link::LinkOptions link_options(const config::Board& board) {
  link::LinkOptions options;
  // Timers follow the line: QEMU's UART takes a few KB/s on a busy host, a socket far more.
  options.line_bytes_per_ms = board.board().kind() == "virtual" ? 4 : 1000;
  return options;
}

Result<probe::Identity> write_board(const config::Board& board, const fs::path& file,
                                    std::span<const uint8_t> plan, const probe::Unit& unit,
                                    double timeout_multiplier, const fs::path& folder, Observer& observer) {
  std::error_code error;
  if (!fs::exists(file, error)) {
    return fail("run.firmware_missing", fmt::format("the image for {} is not built", board.board().name()),
                file.string());
  }
  ASSAY_TRY(const probe::ElfImage image, probe::ElfImage::read(file));
  Stopwatch watch;
  Phase phase = Phase::kFlashed;
  const probe::Options options{.log = folder / results::file::kProbeLog,
                               .timeout_multiplier = timeout_multiplier,
                               .on_progress = [&](const probe::Progress& progress) {
                                 observer.progress(phase, static_cast<int64_t>(progress.bytes_done),
                                                   static_cast<int64_t>(progress.bytes_total),
                                                   std::string(probe::phase_name(progress.phase)));
                               }};
  ASSAY_TRY(auto probe, probe::open_probe(board, unit.probe, options));
  ASSAY_TRY(const probe::FlashOutcome flashed, probe::flash_firmware(*probe, board, image));
  observer.done(phase, fmt::format("{}  {}", file.filename().string(), outcome_text(flashed)), watch.lap());
  if (!plan.empty()) {
    phase = Phase::kLoaded;
    ASSAY_TRY(const probe::FlashOutcome loaded, probe::write_model_region(*probe, board, plan, folder));
    observer.done(phase, fmt::format("plan  {}", outcome_text(loaded)), watch.lap());
  }
  ASSAY_CHECK(probe->reset(probe::ResetMode::kRun));
  const probe::Identity identity = probe->identity();
  probe->close();
  return identity;
}

Result<Device> connect_agent(const CaseSpec& spec, const Prepared& prepared, const probe::Unit& unit,
                             const fs::path& folder) {
  Device device;
  device.firmware = firmware_image(spec);
  ASSAY_TRY(auto stream, link::open_stream(unit.serial_address, Deadline::in(kOpenBudget)));
  link::LinkOptions options = link_options(spec.board);
  options.timeout_multiplier = spec.timeout_multiplier;
  options.log = console_log(folder / results::file::kConsoleLog);
  ASSAY_TRY(device.session, link::Session::connect(std::move(stream), std::move(options)));
  device.board = device.session->board();
  device.firmware_build_id = device.board.build_id;
  if (device.board.board != spec.board.board().name()) {
    return fail(
        "run.wrong_firmware",
        fmt::format("the agent says it is a '{}', not a '{}'", device.board.board, spec.board.board().name()),
        unit.serial_address);
  }
  ASSAY_TRY(const auto models, device.session->models());
  const std::string& board = device.board.board;
  ASSAY_TRY(Presented presented, has_own_firmware(spec.profile.profile)
                                     ? find_presented(spec, prepared, models, board)
                                     : stock_model(prepared, models, board));
  device.model_index = presented.index;
  device.model = std::move(presented.model);
  device.issues = std::move(presented.issues);
  ASSAY_TRY(device.op_names, device.session->op_names(device.model_index));
  return device;
}

Result<Device> bring_up(const CaseSpec& spec, const Prepared& prepared, const probe::Unit& unit,
                        const fs::path& folder, Observer& observer) {
  std::optional<probe::Identity> identity;
  if (spec.board.has_probe()) {
    ASSAY_TRY(identity, write_board(spec.board, firmware_image(spec), prepared.plan.bytes, unit,
                                    spec.timeout_multiplier, folder, observer));
  }
  Stopwatch watch;
  ASSAY_TRY(Device device, connect_agent(spec, prepared, unit, folder));
  device.probe = identity;
  if (identity) {
    if (const auto image = probe::ElfImage::read(device.firmware)) device.compiler = image->compiler();
  }
  observer.done(Phase::kConnected,
                fmt::format("{}  agent {}  {} runner", device.board.board,
                            device.firmware_build_id.substr(0, 8), device.model.engine),
                watch.lap());
  return device;
}

}  // namespace assay::run
