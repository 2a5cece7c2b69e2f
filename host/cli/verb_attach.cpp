// The console of a board: who it is, then its log lines as they come, until Ctrl-C.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/paths.h"
#include "cli/options.h"
#include "cli/unit_source.h"
#include "config/catalogue.h"
#include "link/session.h"
#include "link/streams.h"
#include "run/device.h"

namespace assay::cli {
namespace {

using Clock = std::chrono::system_clock;

constexpr auto kOpenBudget = std::chrono::seconds(5);
// How soon a board that was reset, or went away in silence, is noticed.
constexpr auto kPulse = std::chrono::milliseconds(500);
constexpr const char* kLevels[] = {"error", "warning", "info"};

struct AttachOptions {
  std::string board = "posix", unit;
  double seconds = 0;  // 0: until Ctrl-C
  bool json = false;
};

// One line a happening, on stdout at once: somebody may be reading along in a pipe.
class Console {
 public:
  explicit Console(bool json) : json_(json) {}

  void line(const char* event, const std::string& words, nlohmann::ordered_json details) const {
    const auto now = Clock::now();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count();
    const std::time_t time = Clock::to_time_t(seconds);
    if (json_) {
      nlohmann::ordered_json object = {
          {"time", fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(time), ms)}, {"event", event}};
      object.update(details);
      fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    } else {
      const std::string stamp = fmt::format("{:%H:%M:%S}.{:03}", fmt::localtime(time), ms);
      fmt::print("{}\n", words.empty() ? fmt::format("{}  {}", stamp, event)
                                       : fmt::format("{}  {:<8} {}", stamp, event, printable(words)));
    }
    fflush(stdout);
  }

  void log(int level, const std::string& text) const {
    const char* name = kLevels[std::clamp(level, 0, 2)];
    line(json_ ? "log" : name, text, {{"level", name}, {"text", text}});
  }

 private:
  // Firmware may say anything; a terminal must not obey it.
  static std::string printable(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
    return text;
  }

  bool json_;
};

Result<link::Session> connect(const config::Board& board, const probe::Unit& unit, const Console& console) {
  ASSAY_TRY(auto stream, link::open_stream(unit.serial_address, Deadline::in(kOpenBudget)));
  link::LinkOptions options = run::link_options(board);
  options.log = [&console](int level, const std::string& text) { console.log(level, text); };
  ASSAY_TRY(auto session, link::Session::connect(std::move(stream), std::move(options)));
  const link::BoardInfo& info = session.board();
  std::string words = fmt::format("{} unit {}, firmware {}, boot {:08x}", info.board, unit.id,
                                  info.build_id.substr(0, 8), info.boot_id);
  nlohmann::ordered_json models = nlohmann::ordered_json::array();
  ASSAY_TRY(const auto presented, session.models());
  for (const auto& model : presented) {
    models.push_back({{"name", model.name}, {"engine", model.engine}, {"hash", model.hash}});
    words += fmt::format(", model {} ({})", model.name, model.engine);
  }
  if (presented.empty()) words += ", no model";
  console.line("attached", words,
               {{"board", info.board},
                {"unit", unit.id},
                {"firmware", info.build_id},
                {"boot_id", info.boot_id},
                {"models", models}});
  return session;
}

bool session_is_over(const Error& error) {
  return error.code == "link.target_reset" || error.code == "link.lost";
}

// Until the time is up or Ctrl-C. A board that was reset is attached to again.
Status listen(const config::Board& board, const probe::Unit& unit, const Console& console, Deadline until) {
  for (;;) {
    ASSAY_TRY(link::Session session, connect(board, unit, console));
    Status alive;
    while (alive && !until.passed()) {
      alive = session.listen(Deadline(std::min(until.time(), Deadline::in(kPulse).time())));
      if (alive) alive = session.check();
    }
    if (alive) return {};
    if (!session_is_over(alive.error())) return alive;
    console.line("reset", alive.error().message,
                 {{"code", alive.error().code}, {"text", alive.error().message}});
  }
}

Result<Exit> attach(const AttachOptions& options) {
  ASSAY_TRY(const config::Board board, config::load_board(options.board));
  const std::filesystem::path folder = state_dir() / "attach";
  ASSAY_CHECK(make_directories(folder));
  UnitSource source(board, options.unit, "assay attach --board " + options.board);
  ASSAY_TRY(const probe::Unit unit, source.in_any_mode().open({}, folder));
  const Console console(options.json);
  const auto time =
      options.seconds > 0 ? std::chrono::duration<double>(options.seconds) : std::chrono::hours(24 * 365);
  const Status ended =
      listen(board, unit, console, Deadline::in(std::chrono::duration_cast<std::chrono::nanoseconds>(time)));
  // Ctrl-C is how a console is left.
  if (!ended && !(ended.error().code == "base.interrupted" && interrupted() == SIGINT))
    return fail(ended.error());
  console.line("detached", "", nlohmann::ordered_json::object());
  return Exit::kPass;
}

}  // namespace

void add_attach(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<AttachOptions>();
  Options options(verb);
  options.option("-b,--board", choice->board, "The board; see `assay boards`");
  options.option("--unit", choice->unit, "Which unit of the board");
  options.option("--for", choice->seconds, "Stop after this time instead of at Ctrl-C").between(0.1, 1e6);
  options.flag("--json", choice->json, "Print one JSON object a line");
  options.on_chosen(action, [choice] { return attach(*choice); });
}

}  // namespace assay::cli
