#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/paths.h"
#include "base/subprocess.h"
#include "cli/options.h"
#include "cli/reference_environment.h"
#include "cli/terminal.h"
#include "config/catalogue.h"

namespace assay::cli {
namespace {

struct Finding {
  std::string what;
  bool ok = false;
  std::string detail;        // a version or a path; what is wrong
  std::string code, remedy;  // where something is wrong
};

constexpr auto kBudget = std::chrono::seconds(20);

Finding bad(std::string what, std::string detail, std::string code, std::string remedy) {
  return {std::move(what), false, std::move(detail), std::move(code), std::move(remedy)};
}

// A program answers --version; its first line is the detail.
Finding program(const std::string& name, const std::string& package) {
  const auto path = find_program(name);
  if (!path)
    return bad(
        name, "not installed", "base.tool_missing",
        fmt::format("Install the package {}{}.", package, in_source_tree() ? " (./bootstrap deps)" : ""));
  auto output = run_process({.argv = {path->string(), "--version"}}, Deadline::in(kBudget));
  if (!output)
    return bad(name, output.error().text(), output.error().code,
               "Run it by hand: it should print its version.");
  const std::string text = output->out.empty() ? output->err : output->out;
  return {name, true, text.substr(0, text.find('\n')), "", ""};
}

Finding references() {
  auto versions = examine_references();
  if (versions) return {"references", true, *versions, "", ""};
  return bad("references", versions.error().text(), versions.error().code, versions.error().remedy);
}

// What to do about a part of Assay itself that is missing.
std::string restore() { return in_source_tree() ? "Build it: ./bootstrap build." : "Install Assay again."; }

Finding sibling(const std::string& name) {
  const auto path = program_dir() / name;
  if (access(path.c_str(), X_OK) == 0) return {name, true, path.string(), "", ""};
  return bad(name, path.string() + " is missing", "base.tool_missing", restore());
}

Finding image(const config::Board& board) {
  const auto path = firmware_dir() / board.firmware().image();
  const std::string what = "firmware " + board.board().name();
  if (access(path.c_str(), R_OK) == 0) return {what, true, path.string(), "", ""};
  return bad(what, path.string() + " is missing", "base.file", restore());
}

Finding writable(const std::string& what, const std::filesystem::path& folder) {
  auto made = make_directories(folder);
  if (made && access(folder.c_str(), W_OK) == 0) return {what, true, folder.string(), "", ""};
  return bad(what, made ? folder.string() + " is not writable" : made.error().text(), "base.file",
             "Make it writable, or set ASSAY_STATE_DIR and ASSAY_CACHE_DIR.");
}

std::vector<Finding> examine() {
  std::vector<Finding> findings = {program("qemu-system-arm", "qemu-system-arm"),
                                   program("openocd", "openocd"),
                                   references(),
                                   sibling("assay-vboard"),
                                   writable("state folder", state_dir()),
                                   writable("cache folder", cache_dir())};
  if (config::board_names().empty()) {
    findings.push_back(bad("boards", "none in " + (data_dir() / "boards").string(), "config.unknown_board",
                           "Set ASSAY_DATA_DIR to the folder that holds boards/ and profiles/."));
  }
  for (const std::string& name : config::board_names()) {
    auto board = config::load_board(name);
    if (!board) {
      findings.push_back(
          bad("board " + name, board.error().text(), board.error().code, board.error().remedy));
    } else {
      findings.push_back(board->board().kind() == "process" ? sibling(board->firmware().image())
                                                            : image(*board));
    }
  }
  return findings;
}

struct DoctorOptions {
  bool json = false, fix = false;
};

Result<Exit> doctor(const DoctorOptions& options) {
  if (options.fix && !references().ok) {
    ASSAY_CHECK(
        make_reference_environment([](const std::string& line) { fmt::print(stderr, "{}\n", line); }));
  }
  const std::vector<Finding> findings = examine();
  bool healthy = true;
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows;
  for (const Finding& finding : findings) {
    healthy = healthy && finding.ok;
    all.push_back({{"what", finding.what},
                   {"ok", finding.ok},
                   {"detail", finding.detail},
                   {"code", finding.code},
                   {"remedy", finding.remedy}});
    rows.push_back({finding.ok ? "ok" : "BAD", finding.what,
                    finding.ok ? finding.detail
                               : fmt::format("{} [{}] {}", finding.detail, finding.code, finding.remedy)});
  }
  if (options.json) {
    fmt::print("{}\n", nlohmann::ordered_json{{"healthy", healthy}, {"findings", all}}.dump(
                           2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  } else {
    fmt::print("{}", table({"", "what", "finding"}, rows, columns(STDOUT_FILENO)));
    fmt::print("{}\n", healthy ? "Everything that a run needs is here."
                               : "A run would fail: mend what is marked BAD.");
  }
  return healthy ? Exit::kPass : Exit::kInfrastructure;
}

}  // namespace

void add_doctor(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<DoctorOptions>();
  Options options(verb);
  options.flag("--fix", choice->fix,
               "Install the desktop references for this user where they are missing (network)");
  options.flag("--json", choice->json, "Print JSON");
  options.on_chosen(action, [choice] { return doctor(*choice); });
}

}  // namespace assay::cli
