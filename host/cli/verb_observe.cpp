// Watches an application that infers by itself (agent/assay.h, assay_use_observe).
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "base/files.h"
#include "base/paths.h"
#include "cli/observe_display.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/unit_source.h"
#include "config/catalogue.h"
#include "link/streams.h"
#include "results/gc.h"
#include "run/device.h"
#include "run/observe.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto kOpenBudget = std::chrono::seconds(5);
constexpr int kSlowLineBytesPerMs = 10;  // 115200 baud

struct ObserveChoice {
  std::string board, unit, firmware, attach, duration, deadline, folder;
  double interval_s = 1;
  bool json = false;
};

// "10m", "2h", or seconds without a unit.
Result<std::optional<std::chrono::nanoseconds>> duration_of(const std::string& text) {
  if (text.empty()) return std::optional<std::chrono::nanoseconds>();
  double seconds = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
    ASSAY_TRY(seconds, results::parse_age(text));
  }
  if (!(seconds > 0) || seconds > 366.0 * 86400)
    return fail("config.value", fmt::format("--for {} is no time between 0 and a year", text));
  return std::optional(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds)));
}

fs::path folder_of(const ObserveChoice& choice) {
  if (!choice.folder.empty()) return choice.folder;
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fs::path("out") / fmt::format("observe-{:%Y%m%d-%H%M%S}", fmt::gmtime(now));
}

// Where the application's line is, and how fast: given, or that of a unit that is started and flashed.
struct Line {
  std::string address;
  link::LinkOptions options;
};

Result<Line> line_of(const ObserveChoice& choice, const config::Board* board, UnitSource* source,
                     const fs::path& folder) {
  if (!board) {
    link::LinkOptions options;
    options.line_bytes_per_ms = choice.attach.starts_with("serial:") ? kSlowLineBytesPerMs : 1000;
    return Line{choice.attach, options};
  }
  ASSAY_TRY(const probe::Unit unit,
            source->in_any_mode().open({.program = choice.firmware, .plan = {}}, folder));
  if (!choice.firmware.empty() && board->has_probe()) {
    ProgressLines progress(true);
    ASSAY_CHECK(run::write_board(*board, choice.firmware, {}, unit, 1, folder, progress));
  }
  return Line{unit.serial_address, run::link_options(*board)};
}

Result<Exit> watch(const ObserveChoice& choice, const config::Board* board, UnitSource* source) {
  run::ObserveOptions options;
  ASSAY_TRY(options.duration, duration_of(choice.duration));
  options.deadline = choice.deadline;
  options.interval = std::chrono::milliseconds(static_cast<int64_t>(choice.interval_s * 1000));
  ASSAY_TRY(run::ObservationFolder folder, run::ObservationFolder::create(folder_of(choice)));
  auto opened = line_of(choice, board, source, folder.path());
  if (!opened) {
    folder.abandon();
    return fail(opened.error());
  }
  Line line = std::move(*opened);

  ObserveDisplay display(ObserveDisplay::style_for(choice.json));
  line.options.log = [&](int, const std::string& text) { display.event("log: " + text); };
  const run::OpenLine open = [&] { return link::open_stream(line.address, Deadline::in(kOpenBudget)); };
  const run::Watcher watcher{
      [&](const auto& info, const auto& unit, const auto& snapshot) { display.show(info, unit, snapshot); },
      [&](const std::string& words) { display.event(words); }};
  auto observed = run::observe(open, line.options, options, folder, watcher);
  if (!observed) return fail(observed.error());
  display.finish(observed->board, run::tick_unit(observed->board), observed->snapshot, observed->ended,
                 folder.path().string());
  if (!observed->error) return Exit::kPass;
  if (source) {
    if (const auto reason = source->close(&*observed->error)) return fail(*reason);
  }
  return fail(*observed->error);
}

Result<Exit> observe(const ObserveChoice& choice) {
  if (choice.board.empty() == choice.attach.empty() || (choice.board.empty() && !choice.firmware.empty())) {
    return fail("config.value", "observe needs --board (with --firmware, if you like) or --attach", "",
                "Name the board, or the address of the application's line, as serial:/dev/ttyACM0.");
  }
  if (choice.board.empty()) return watch(choice, nullptr, nullptr);
  ASSAY_TRY(const config::Board board, config::load_board(choice.board));
  UnitSource source(board, choice.unit, "assay observe --board " + choice.board);
  return watch(choice, &board, &source);
}

}  // namespace

void add_observe(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<ObserveChoice>();
  Options options(verb);
  options.option("-b,--board", choice->board, "The board; see `assay boards`");
  options.option("--unit", choice->unit, "Which unit of the board");
  options.option("--firmware", choice->firmware,
                 "Bring this onto the board first: an ELF, on posix a program");
  options.option(
      "--attach", choice->attach,
      "The line of an application that runs already: serial:/dev/ttyACM0, tcp:host:port, unix:/path");
  options.option("--for", choice->duration, "Stop after this time (10m, 2h) instead of at Ctrl-C");
  options.option("--deadline", choice->deadline,
                 "Count inferences that take longer: 20ms, 500us, or 80000ticks where the board has no time");
  options.option("--interval", choice->interval_s, "Seconds between two looks").between(0.05, 3600);
  options.option("--folder", choice->folder, "Where observe.json and samples.csv go");
  options.flag("--json", choice->json, "Print one JSON object per interval");
  options.on_chosen(action, [choice] { return observe(*choice); });
}

}  // namespace assay::cli
