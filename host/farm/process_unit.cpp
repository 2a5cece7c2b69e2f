#include "farm/process_unit.h"

#include <fmt/format.h>

#include "base/files.h"
#include "base/paths.h"

namespace assay::farm {
namespace {

// A socket's path holds 107 bytes at most, so it lies in a short folder of its own, not below the state
// folder.
Result<ScratchFolder> private_folder() {
  const auto parent = temporary_dir();
  const bool fits = (parent / "assay-unit-XXXXXX/serial").string().size() <= 107;
  return ScratchFolder::make(fits ? parent : std::filesystem::path("/tmp"), "assay-unit-");
}

}  // namespace

Result<StartedUnit> start_process_unit(const config::Board& board, const std::filesystem::path& own,
                                       const std::filesystem::path& plan, const std::filesystem::path& log,
                                       Deadline deadline) {
  StartedUnit started;
  ASSAY_TRY(started.scratch, private_folder());
  started.folder = started.scratch.path();
  const auto socket = started.folder / "serial";
  const auto program =
      own.empty() ? program_dir() / board.firmware().image() : std::filesystem::absolute(own);
  ProcessSpec spec{
      .argv = {program.string(), "--listen", "unix:" + socket.string()}, .err = Pipe::kFile, .err_file = log};
  if (!plan.empty()) spec.argv.insert(spec.argv.end(), {"--plan", plan.string()});
  ASSAY_TRY(started.process, Subprocess::start(spec));
  const auto not_started = [&](const std::string& what) {
    const auto said = read_text(log);
    return fail(
        "vboard.start_failed",
        fmt::format("{} {}; it said: {}", program.filename().string(), what,
                    said && !said->empty() ? said->substr(said->size() - std::min<size_t>(said->size(), 1000))
                                           : "nothing"));
  };
  for (;;) {
    auto line = started.process.read_line(deadline);
    if (line && line->starts_with("listening ")) break;
    if (line) continue;  // greetings of whoever is behind the socket
    if (line.error().code == "base.interrupted") return fail(line.error());
    const bool late = line.error().code == "base.process_timeout";
    const ExitStatus end = started.process.stop(std::chrono::milliseconds(200));
    return not_started(late ? "did not listen in time" : "ended with " + end.text());
  }
  started.unit = {board.board().name(),
                  fmt::format("{}-{}", board.board().name(), started.process.pid()),
                  "unix:" + socket.string(),
                  {}};
  return started;
}

}  // namespace assay::farm
