// assay-vboard: a virtual board that unmodified debug tools attach to. `assay-vboard --help` tells the verbs.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/deadline.h"
#include "base/error_codes.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/subprocess.h"
#include "config/catalogue.h"
#include "vboard/unit.h"
#include "vboard/unit_state.h"

namespace assay::vboard {
namespace {

constexpr auto kDetachLimit = std::chrono::seconds(15);
constexpr auto kStopLimit = std::chrono::seconds(3);

struct StartArguments {
  std::string board, state, mode = "exact";
  int idle_exit = 0;
  bool detach = false, with_stdin = false;
};

int report(const Error& error) {
  const ErrorCode* known = find_error_code(error.code);
  const std::string remedy = !error.remedy.empty() ? error.remedy : known ? std::string(known->remedy) : "";
  fmt::print(stderr, "assay-vboard: {}: {}\n{}", error.code, error.text(),
             remedy.empty() ? "" : "  " + remedy + "\n");
  return static_cast<int>(exit_code_of(error.code));
}

Result<config::Board> read_board(const std::string& name) {
  if (name.find('/') == std::string::npos && !name.ends_with(".toml")) return config::load_board(name);
  return config::load_board_file(name);
}

void print_line(const std::string& line) {
  fmt::print("{}\n", line);
  fflush(stdout);
}

int start_here(const StartArguments& arguments) {
  auto board = read_board(arguments.board);
  if (!board) return report(board.error());
  UnitOptions options;
  options.board = std::move(*board);
  options.state = arguments.state;
  options.mode = arguments.mode == "exact" ? Mode::kExact : Mode::kRealtime;
  if (arguments.idle_exit > 0) options.idle_exit = std::chrono::seconds(arguments.idle_exit);
  options.end_with_stdin = arguments.with_stdin;
  const Status ended = run_unit(options, print_line);
  return ended || ended.error().code == "base.interrupted" ? 0 : report(ended.error());
}

// The unit as a daemon: this process stays until it is ready, relays its ready line or its error, and leaves.
int start_detached(const StartArguments& arguments) {
  if (auto made = make_directories(arguments.state); !made) return report(made.error());
  const auto log = std::filesystem::absolute(arguments.state) / "vboard.log";
  std::error_code ignored;
  const auto log_size = std::filesystem::file_size(log, ignored);
  ProcessSpec spec;
  spec.argv = {"/proc/self/exe", "start",         "--board", arguments.board,
               "--state",        arguments.state, "--mode",  arguments.mode};
  if (arguments.idle_exit > 0)
    spec.argv.insert(spec.argv.end(), {"--idle-exit", std::to_string(arguments.idle_exit)});
  spec.err = Pipe::kFile;
  spec.err_file = log;
  spec.die_with_parent = false;
  auto daemon = Subprocess::start(spec);
  if (!daemon) return report(daemon.error());
  auto line = daemon->read_line(Deadline::in(kDetachLimit));
  if (line) {
    print_line(*line);
    daemon->release();
    return 0;
  }
  if (daemon->running() && line.error().code == "base.process_timeout") return report(line.error());
  const ExitStatus status = daemon->stop();
  if (auto text = read_text(log)) {
    const bool grown = log_size != static_cast<std::uintmax_t>(-1) && log_size <= text->size();
    fmt::print(stderr, "{}", grown ? text->substr(log_size) : *text);
  }
  return status.code != 0 ? status.code : static_cast<int>(Exit::kInfrastructure);
}

int stop(const std::string& state) {
  const auto owner = UnitState::owner(state);
  if (!owner) {
    fmt::print("no virtual board runs on {}\n", state);
    return 0;
  }
  for (const int number : {SIGTERM, SIGKILL}) {
    if (*owner > 0) kill(*owner, number);
    for (const Deadline deadline = Deadline::in(kStopLimit); !deadline.passed(); usleep(5000)) {
      if (!UnitState::owner(state)) return 0;
    }
  }
  return report({"vboard.state_busy", fmt::format("process {} does not end", *owner), state, ""});
}

int status(const std::string& state, bool as_json) {
  const auto owner = UnitState::owner(state);
  auto text = read_text(UnitState::unit_file(state));
  nlohmann::ordered_json unit;
  if (owner && text) unit = nlohmann::ordered_json::parse(*text, nullptr, false);
  if (!unit.is_object()) unit = nlohmann::ordered_json::object();
  const char* word = !owner ? "stopped" : unit.empty() ? "starting" : "running";
  if (as_json) {
    nlohmann::ordered_json answer{{"status", word}};
    answer.update(unit);
    answer.erase("event");
    print_line(answer.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  } else if (unit.empty()) {
    print_line(word);
  } else {
    print_line(fmt::format("running: {} {}, pid {}, ST-LINK port {}, serial {}, mode {}",
                           unit.value("board", ""), unit.value("unit", ""), unit.value("pid", 0),
                           unit.value("stlink_port", 0), unit.value("serial", ""), unit.value("mode", "")));
  }
  return owner ? 0 : static_cast<int>(Exit::kNoBoard);
}

int run(int argc, char** argv) {
  CLI::App app("A virtual board: an emulated microcontroller behind a debug probe that OpenOCD attaches to");
  app.require_subcommand(1);
  StartArguments arguments;
  auto* start = app.add_subcommand("start", "Start a unit; prints one JSON line when it is ready");
  start->add_option("--board", arguments.board, "Board type, or the path of a board.toml")->required();
  start->add_option("--state", arguments.state, "Folder that keeps this unit's memories")->required();
  start->add_option("--mode", arguments.mode, "exact: instruction counts are valid; realtime: rates are")
      ->check(CLI::IsMember({"exact", "realtime"}));
  start->add_flag("--detach", arguments.detach, "Leave the unit running in the background");
  start->add_option("--idle-exit", arguments.idle_exit, "End after this many seconds without a client")
      ->check(CLI::Range(1, 1000000));
  start->add_flag("--with-stdin", arguments.with_stdin, "End when standard input ends");
  std::string state;
  bool as_json = false;
  auto* stopper = app.add_subcommand("stop", "Stop the unit of a state folder");
  stopper->add_option("--state", state, "State folder")->required();
  auto* teller =
      app.add_subcommand("status", "Tell whether a unit runs, and its ports (exit code 4: it does not)");
  teller->add_option("--state", state, "State folder")->required();
  teller->add_flag("--json", as_json, "As one JSON line");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(Exit::kUsage);
  }
  if (*stopper) return stop(state);
  if (*teller) return status(state, as_json);
  return arguments.detach ? start_detached(arguments) : start_here(arguments);
}

}  // namespace
}  // namespace assay::vboard

int main(int argc, char** argv) {
  assay::install_interrupt_handlers();
  return assay::vboard::run(argc, argv);
}
