#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/paths.h"
#include "base/subprocess.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "config/catalogue.h"

namespace assay::cli {
namespace {

struct Finding {
  std::string what;
  bool ok = false;
  std::string detail;          // a version or a path; what is wrong
  std::string code, remedy;    // where something is wrong
};

constexpr auto kBudget = std::chrono::seconds(20);

Finding bad(std::string what, std::string detail, std::string code, std::string remedy) {
  return {std::move(what), false, std::move(detail), std::move(code), std::move(remedy)};
}

// A program answers --version; its first line is the detail.
Finding program(const std::string& name, const std::string& package) {
  const auto path = find_program(name);
  if (!path) return bad(name, "not installed", "base.tool_missing", fmt::format("Install the package {} (./bootstrap deps).", package));
  auto output = run_process({.argv = {path->string(), "--version"}}, Deadline::in(kBudget));
  if (!output) return bad(name, output.error().text(), output.error().code, "Run it by hand: it should print its version.");
  const std::string text = output->out.empty() ? output->err : output->out;
  return {name, true, text.substr(0, text.find('\n')), "", ""};
}

// The desktop references import in the Python that workers use.
Finding references() {
  const std::string code =
      "import numpy,importlib.metadata as m;import ai_edge_litert.interpreter,tflite_micro;"
      "print('numpy',numpy.__version__,'ai-edge-litert',m.version('ai-edge-litert'),'tflite-micro',m.version('tflite-micro'))";
  auto output = run_process({.argv = {python().string(), "-c", code}}, Deadline::in(kBudget));
  const std::string remedy = "Run `./bootstrap deps`, or point ASSAY_PYTHON at a Python that has them.";
  if (!output) return bad("references", output.error().text(), output.error().code, remedy);
  if (output->status.code != 0) {
    std::string last = output->err.substr(0, output->err.find_last_not_of('\n') + 1);
    return bad("references", last.substr(last.rfind('\n') + 1), "reference.unavailable", remedy);
  }
  return {"references", true, output->out.substr(0, output->out.find('\n')), "", ""};
}

Finding sibling(const std::string& name) {
  const auto path = program_dir() / name;
  if (access(path.c_str(), X_OK) == 0) return {name, true, path.string(), "", ""};
  return bad(name, path.string() + " is missing", "base.tool_missing", "Build it: ./bootstrap build.");
}

Finding image(const config::Board& board) {
  const auto path = firmware_dir() / board.firmware().image();
  const std::string what = "firmware " + board.board().name();
  if (access(path.c_str(), R_OK) == 0) return {what, true, path.string(), "", ""};
  return bad(what, path.string() + " is missing", "base.file", "Build it: ./bootstrap build.");
}

Finding writable(const std::string& what, const std::filesystem::path& folder) {
  auto made = make_directories(folder);
  if (made && access(folder.c_str(), W_OK) == 0) return {what, true, folder.string(), "", ""};
  return bad(what, made ? folder.string() + " is not writable" : made.error().text(), "base.file",
             "Make it writable, or set ASSAY_STATE_DIR and ASSAY_CACHE_DIR.");
}

std::vector<Finding> examine() {
  std::vector<Finding> findings = {program("qemu-system-arm", "qemu-system-arm"), program("openocd", "openocd"), references(),
                                   sibling("assay-vboard"), writable("state folder", state_dir()), writable("cache folder", cache_dir())};
  if (config::board_names().empty()) {
    findings.push_back(bad("boards", "none in " + (data_dir() / "boards").string(), "config.unknown_board", "Set ASSAY_DATA_DIR to the folder that holds boards/ and profiles/."));
  }
  for (const std::string& name : config::board_names()) {
    auto board = config::load_board(name);
    if (!board) {
      findings.push_back(bad("board " + name, board.error().text(), board.error().code, board.error().remedy));
    } else {
      findings.push_back(board->board().kind() == "process" ? sibling(board->firmware().image()) : image(*board));
    }
  }
  return findings;
}

Result<Exit> doctor(bool json) {
  const std::vector<Finding> findings = examine();
  bool healthy = true;
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows;
  for (const Finding& finding : findings) {
    healthy = healthy && finding.ok;
    all.push_back({{"what", finding.what}, {"ok", finding.ok}, {"detail", finding.detail}, {"code", finding.code}, {"remedy", finding.remedy}});
    rows.push_back({finding.ok ? "ok" : "BAD", finding.what,
                    finding.ok ? finding.detail : fmt::format("{} [{}] {}", finding.detail, finding.code, finding.remedy)});
  }
  if (json) {
    fmt::print("{}\n", nlohmann::ordered_json{{"healthy", healthy}, {"findings", all}}.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  } else {
    fmt::print("{}", table({"", "what", "finding"}, rows, columns(STDOUT_FILENO)));
    fmt::print("{}\n", healthy ? "Everything that a run needs is here." : "A run would fail: mend what is marked BAD.");
  }
  return healthy ? Exit::kPass : Exit::kInfrastructure;
}

}  // namespace

void add_doctor(CLI::App& verb, Action& action) {
  auto json = std::make_shared<bool>(false);
  Options options(verb);
  options.flag("--json", *json, "Print JSON");
  options.on_chosen(action, [json] { return doctor(*json); });
}

}  // namespace assay::cli
