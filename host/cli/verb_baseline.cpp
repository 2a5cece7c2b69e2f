#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/error_codes.h"
#include "base/files.h"
#include "cli/baseline_place.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "metric/baseline_check.h"
#include "report/comparison.h"
#include "results/baseline.h"
#include "results/run_folder.h"
#include "results/summary_json.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

struct BaselineChoice {
  std::vector<std::string> runs = {"@last"};
  std::string run = "@last", out = "out", baselines, file;
  bool json = false;
};

fs::path file_of(const BaselineChoice& choice, const fs::path& run, const results::Identity& identity) {
  if (!choice.file.empty()) return choice.file;
  const auto profile = profile_of_run(run);
  return results::baseline_file(baseline_folder(choice.baselines, profile ? &profile->profile : nullptr),
                                identity);
}

Result<results::Baseline> baseline_of_runs(const BaselineChoice& choice, fs::path& newest) {
  std::vector<metric::Side> sides;
  for (const std::string& name : choice.runs) {
    ASSAY_TRY(newest, results::resolve_run(name, choice.out));
    ASSAY_TRY(metric::Side side, metric::side_of_run(newest));
    sides.push_back(std::move(side));
  }
  ASSAY_TRY(results::Baseline baseline, metric::baseline_of(sides));
  ASSAY_TRY(const results::RunFolder folder, results::RunFolder::open(newest));
  ASSAY_TRY(const results::Summary summary, folder.read_summary());
  baseline.started = summary.provenance.started;
  baseline.git_commit = summary.provenance.git_commit + (summary.provenance.git_dirty ? " with changes" : "");
  return baseline;
}

Result<Exit> update(const BaselineChoice& choice) {
  fs::path newest;
  ASSAY_TRY(const results::Baseline baseline, baseline_of_runs(choice, newest));
  const fs::path file = file_of(choice, newest, baseline.identity);
  const auto before = read_text(file);
  const std::string text = results::baseline_text(baseline);
  const bool same = before && *before == text;
  if (!same) ASSAY_CHECK(results::write_baseline(file, baseline));
  if (choice.json) {
    const nlohmann::ordered_json json{{"file", file.string()},
                                      {"run", baseline.run_id},
                                      {"repeats", baseline.repeats},
                                      {"changed", !same},
                                      {"new", !before.has_value()}};
    fmt::print("{}\n", json.dump(2));
  } else {
    fmt::print("{} {}: run {}, {} figures, {} classes, {} run{} behind it\n", file.string(),
               same     ? "is as it was"
               : before ? "updated"
                        : "written",
               baseline.run_id, baseline.figures.size(), baseline.classes.size(), baseline.repeats,
               baseline.repeats == 1 ? "" : "s");
    if (!same) fmt::print("review the change (git diff) and commit it\n");
  }
  return Exit::kPass;
}

void print_check(const metric::BaselineVerdict& held, const results::Comparison& comparison, bool json) {
  if (json) {
    auto out = nlohmann::ordered_json::parse(report::comparison_json(comparison));
    out["verdict"] = held.verdict, out["sentence"] = held.since.sentence;
    for (const auto& gate : held.gates)
      out["gates"].push_back({{"metric", gate.metric},
                              {"verdict", gate.verdict},
                              {"observed", gate.observed},
                              {"reason", gate.reason}});
    for (const auto& issue : held.issues)
      out["issues"].push_back(
          {{"code", issue.code}, {"severity", issue.severity}, {"message", issue.message}});
    fmt::print("{}\n", out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return;
  }
  const report::TerminalStyle style{.colour = colour_on(STDOUT_FILENO),
                                    .unicode = unicode_on(STDOUT_FILENO),
                                    .width = std::min(columns(STDOUT_FILENO), 100)};
  fmt::print("{}", report::comparison_text(comparison, style));
  for (const auto& issue : held.issues)
    for (const std::string& line :
         wrapped(fmt::format("{} [{}]", issue.message, issue.code), columns(STDOUT_FILENO) - 2))
      fmt::print("  {}\n", line);
  for (const std::string& line :
       wrapped(held.verdict + ": " + held.since.sentence, columns(STDOUT_FILENO) - 2))
    fmt::print("  {}\n", line);
}

Exit exit_of(const metric::BaselineVerdict& held) {
  return held.verdict == "pass"   ? Exit::kPass
         : held.verdict == "fail" ? Exit::kGateFailed
                                  : Exit::kInconclusive;
}

Result<Exit> check(const BaselineChoice& choice) {
  ASSAY_TRY(const fs::path run, results::resolve_run(choice.run, choice.out));
  ASSAY_TRY(const metric::Side side, metric::side_of_run(run));
  const fs::path file = file_of(choice, run, side.identity);
  ASSAY_TRY(const results::Baseline baseline, results::read_baseline(file));
  const auto profile = profile_of_run(run);
  const metric::CompareOptions options =
      profile ? metric::compare_options(profile->profile) : metric::CompareOptions{};
  const auto held = metric::check_baseline(baseline, file.string(), side, options);
  // Another subject: nothing to show, and an error with its name.
  if (!held.issues.empty() && held.issues.front().severity == "warning")
    return fail(held.issues.front().code, held.issues.front().message, file.string());
  print_check(held, metric::compare(metric::side_of_baseline(baseline, file.string()), side, options),
              choice.json);
  return exit_of(held);
}

Result<Exit> show(const BaselineChoice& choice) {
  fs::path file = choice.file;
  if (file.empty()) {
    ASSAY_TRY(const fs::path run, results::resolve_run(choice.run, choice.out));
    ASSAY_TRY(const metric::Side side, metric::side_of_run(run));
    file = file_of(choice, run, side.identity);
  }
  ASSAY_TRY(const results::Baseline baseline, results::read_baseline(file));
  if (!choice.json) {
    fmt::print("# {}\n{}", file.string(), results::baseline_text(baseline));
    return Exit::kPass;
  }
  nlohmann::ordered_json json{{"file", file.string()},
                              {"run", baseline.run_id},
                              {"repeats", baseline.repeats},
                              {"profile", baseline.identity.profile},
                              {"board", baseline.identity.board},
                              {"model_sha256", baseline.identity.model_sha256}};
  json["figures"] = nlohmann::ordered_json::array();
  for (const auto& named : baseline.figures)
    json["figures"].push_back({{"name", named.name},
                               {"value", named.figure.value},
                               {"unit", named.figure.unit},
                               {"exact", named.exact}});
  json["classes"] = nlohmann::ordered_json::array();
  for (const auto& row : baseline.classes)
    json["classes"].push_back({{"name", row.name}, {"support", row.support}, {"right", row.right}});
  fmt::print("{}\n", json.dump(2));
  return Exit::kPass;
}

using Work = Result<Exit> (*)(const BaselineChoice&);

void add_below(Options& verb, Action& action, const char* name, const char* summary, bool many, Work work) {
  auto choice = std::make_shared<BaselineChoice>();
  Options options = verb.below(name, summary);
  if (many)
    options.positional("runs", choice->runs,
                       "Runs of one subject, the newest last; three or more tell how far times scatter");
  else
    options.positional("run", choice->run, "A run folder, the start of its id or name, or @last");
  options.option("--out", choice->out, "Folder of run folders");
  options.option("--baselines", choice->baselines, "Folder of baselines, where the profile names none");
  options.option("--file", choice->file, "The baseline itself");
  options.flag("--json", choice->json, "Print JSON");
  options.on_chosen(action, [choice, work] { return work(*choice); });
}

}  // namespace

void add_baseline(CLI::App& verb, Action& action) {
  Options options(verb);
  add_below(options, action, "update", "Write the baseline of a profile on a board from runs", true, update);
  add_below(options, action, "check", "Hold a run to its baseline: exit 1 when something is worse", false,
            check);
  add_below(options, action, "show", "Print the baseline of a run's profile and board", false, show);
}

}  // namespace assay::cli
