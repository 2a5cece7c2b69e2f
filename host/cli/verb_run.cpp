#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/asked_case.h"
#include "cli/baseline_place.h"
#include "cli/github_actions.h"
#include "cli/program_subject.h"
#include "cli/progress.h"
#include "cli/subject_options.h"
#include "cli/terminal.h"
#include "cli/unit_source.h"
#include "cli/verb.h"
#include "report/junit.h"
#include "report/terminal.h"
#include "results/baseline.h"
#include "results/run_folder.h"
#include "results/summary_json.h"
#include "run/case.h"
#include "run/prepared.h"
#include "run/recorded_device.h"
#include "run/resume.h"

namespace assay::cli {
namespace {

constexpr const char* kDefaultBaseline = "@baseline";  // the one of profile, board and toolchain

struct RunOptions {
  SubjectOptions subject;
  std::string out = "out", folder, unit, junit, resume, taps, baseline, baselines, recorded;
  int workers = 0;
  uint64_t seed = 1;
  double timeout_multiplier = 1;
  bool json = false, quiet = false, expect = false, no_references = false, no_cache = false, dry_run = false;
  bool github = false;
};

// The command line that repeats the run.
std::string command_of(const RunOptions& options) {
  const SubjectOptions& subject = options.subject;
  std::string command = fmt::format("assay run{}{} {} {}", subject.subject.empty() ? "" : " ",
                                    subject.subject, options.recorded.empty() ? "--board" : "--recorded",
                                    options.recorded.empty() ? subject.board : options.recorded);
  auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) command += fmt::format(" {} {}", name, value);
  };
  add("--unit", options.unit);
  add("--data", subject.data);
  add("--labels", subject.labels);
  add("--float", subject.float_model);
  add(subject.call.empty() ? "--firmware" : "--elf", subject.firmware);
  add("--call", subject.call);
  add("--input", subject.input);
  add("--output", subject.output);
  add("--ready", subject.ready);
  add("--samples", subject.samples);
  add("--slice", subject.slice);
  if (subject.limit > 0) add("--limit", std::to_string(subject.limit));
  if (subject.shuffle) command += " --shuffle";
  add("--shard", subject.shard);
  add("--taps", options.taps);
  add("--seed", std::to_string(options.seed));
  if (!options.baseline.empty())
    command += options.baseline == kDefaultBaseline ? " --baseline" : " --baseline=" + options.baseline;
  add("--baselines", options.baselines);
  return command;
}

// --expect: the profile says what it demonstrates; the exit code then tells whether that came true.
Exit compare_with_expectation(const config::Expect& expect, const results::Summary& summary) {
  const std::string owner = summary.attribution ? summary.attribution->owner : "unknown";
  const bool verdict_ok = expect.verdict().empty() || expect.verdict() == summary.verdict;
  const bool owner_ok = expect.owner().empty() || expect.owner() == owner;
  fmt::print(
      "\n  expected {}{}{}: {}\n", expect.verdict(), expect.owner().empty() ? "" : ", owner of the loss ",
      expect.owner(),
      verdict_ok && owner_ok ? "came true" : fmt::format("but it is {}, owner {}", summary.verdict, owner));
  return verdict_ok && owner_ok ? Exit::kPass : Exit::kGateFailed;
}

Status print_outcome(const RunOptions& options, const run::CaseOutcome& outcome) {
  ASSAY_TRY(const report::View view, report::load_view(outcome.folder));
  if (options.github || in_github_actions()) tell_github(view, options.json);
  if (!options.junit.empty()) ASSAY_CHECK(write_file(options.junit, report::junit_xml(view)));
  if (options.json) {
    fmt::print("{}\n", results::summary_text(outcome.summary));
    return {};
  }
  const report::TerminalStyle style{.colour = colour_on(STDOUT_FILENO),
                                    .unicode = unicode_on(STDOUT_FILENO),
                                    .width = std::min(columns(STDOUT_FILENO), 100)};
  fmt::print("\n{}",
             report::terminal_block(view, style, (outcome.folder / results::file::kReportHtml).string()));
  return {};
}

// What is a file here is one from everywhere: a run may be resumed from another folder.
std::string anywhere(const std::string& path) {
  std::error_code error;
  return !path.empty() && std::filesystem::exists(path, error)
             ? std::filesystem::absolute(path).lexically_normal().string()
             : path;
}

// Both directions of [asked]: every option that decides what runs. `take` is called with name and member.
void each_asked(auto& options, auto&& take) {
  take("board", options.subject.board), take("data", options.subject.data),
      take("labels", options.subject.labels);
  take("float", options.subject.float_model), take("quantised", options.subject.quantised),
      take("firmware", options.subject.firmware), take("samples", options.subject.samples);
  take("slice", options.subject.slice), take("shuffle", options.subject.shuffle),
      take("shard", options.subject.shard), take("limit", options.subject.limit);
  take("call", options.subject.call), take("input", options.subject.input),
      take("output", options.subject.output), take("ready", options.subject.ready);
  take("unit", options.unit), take("seed", options.seed), take("no_references", options.no_references),
      take("taps", options.taps), take("recorded", options.recorded);
}

// Options whose value is no file, also where there is one of that name.
bool is_name(std::string_view option) {
  constexpr std::string_view kNames[] = {"taps", "call", "input", "output", "ready"};
  return std::find(std::begin(kNames), std::end(kNames), option) != std::end(kNames);
}

std::vector<std::pair<std::string, std::string>> asked_of(const RunOptions& options,
                                                          const config::LoadedProfile& profile) {
  std::vector<std::pair<std::string, std::string>> asked = {
      {"subject", std::filesystem::absolute(profile.file).lexically_normal().string()}};
  each_asked(options, [&](const char* name, const auto& value) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::string>) {
      asked.emplace_back(name, is_name(name) ? value : anywhere(value));
    } else {
      asked.emplace_back(name, fmt::format("{}", value));
    }
  });
  return asked;
}

// results.bad_run: [asked] was edited.
Status restore_asked(const results::CaseLock& lock, const std::filesystem::path& folder,
                     RunOptions& options) {
  const auto asked = [&](const std::string& key) {
    return lock.text(std::string(results::CaseLock::kAsked) + "." + key);
  };
  options.subject.subject = asked("subject");
  if (options.subject.subject.empty()) {
    return fail("results.bad_run", "this run was one case of `assay whatif`, which is repeated as a whole",
                (folder / results::file::kProfileLock).string(), "Give the command of its report again.");
  }
  std::string wrong;
  each_asked(options, [&](const char* name, auto& value) {
    const std::string text = asked(name);
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::string>) {
      value = text;
    } else if (!CLI::detail::lexical_cast(text, value)) {
      wrong = fmt::format("'{}' is no value of {} in [asked]", text, name);
    }
  });
  if (wrong.empty()) return {};
  return fail("results.bad_run", wrong, (folder / results::file::kProfileLock).string());
}

// A named baseline is read before anything starts: an hour on a board must not end at a file that is not
// there.
Result<std::optional<run::BaselinePlace>> baseline_place(const RunOptions& options,
                                                         const config::Profile& profile) {
  if (options.baseline.empty() && !profile.baseline().hold()) return std::optional<run::BaselinePlace>();
  run::BaselinePlace place{.folder = baseline_folder(options.baselines, &profile)};
  if (!options.baseline.empty() && options.baseline != kDefaultBaseline) {
    ASSAY_TRY(const results::Baseline baseline, results::read_baseline(options.baseline));
    place.file = options.baseline;
  }
  return std::optional(std::move(place));
}

Result<run::CaseSpec> spec_of(const RunOptions& options) {
  ASSAY_TRY(run::CaseSpec spec, case_of(options.subject));
  if (!options.recorded.empty()) {
    spec.recorded = spec.profile.profile.recorded();
    spec.recorded->set_file(std::filesystem::absolute(options.recorded).lexically_normal().string());
    spec.board = run::recorded_board(*spec.recorded);
  }
  spec.workers = options.workers;
  spec.out_dir = options.out;
  spec.folder = options.folder;
  spec.seed = options.seed;
  spec.timeout_multiplier = options.timeout_multiplier;
  spec.references = !options.no_references;
  spec.cache = !options.no_cache;
  spec.taps = options.taps;
  spec.command = command_of(options);
  spec.asked = asked_of(options, spec.profile);
  ASSAY_TRY(spec.baseline, baseline_place(options, spec.profile.profile));
  return spec;
}

Result<Exit> carry_out(const RunOptions& options, const run::CaseSpec& spec) {
  UnitSource source(spec.board, options.unit, spec.command);
  ProgressLines progress(options.quiet || options.json);
  ASSAY_TRY(const run::CaseOutcome outcome,
            run::run_case(
                spec, [&](const auto& start, const auto& folder) { return source.open(start, folder); },
                progress, [&](const Error* seen) { return source.close(seen); }));
  ASSAY_CHECK(print_outcome(options, outcome));
  const bool judged = outcome.summary.verdict != "error" && outcome.summary.verdict != "interrupted";
  if (options.expect && judged)
    return compare_with_expectation(spec.profile.profile.expect(), outcome.summary);
  return static_cast<Exit>(outcome.summary.exit_code);
}

Result<Exit> resume(RunOptions options) {
  ASSAY_TRY(const std::filesystem::path folder, results::resolve_run(options.resume, options.out));
  ASSAY_TRY(run::Resumption resumption,
            run::open_resumption(folder, fmt::format("assay run --resume {}", options.resume)));
  ASSAY_CHECK(restore_asked(resumption.before, folder, options));
  ASSAY_TRY(run::CaseSpec spec, spec_of(options));
  spec.resumption = std::make_shared<run::Resumption>(std::move(resumption));
  return carry_out(options, spec);
}

Result<Exit> run_verb(const RunOptions& options) {
  if (!options.resume.empty()) return resume(options);
  ASSAY_TRY(const run::CaseSpec spec, spec_of(options));
  if (!options.dry_run) return carry_out(options, spec);
  ASSAY_TRY(const run::Prepared prepared, run::prepare(spec));
  fmt::print("would run {} on {}: {}\n", spec.profile.profile.profile().name(), spec.board.board().name(),
             run::describe(prepared));
  return Exit::kPass;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> asked_of(const SubjectOptions& subject,
                                                          const std::string& unit, uint64_t seed,
                                                          const config::LoadedProfile& profile) {
  RunOptions options;
  options.subject = subject;
  options.unit = unit;
  options.seed = seed;
  return asked_of(options, profile);
}

Result<AskedCase> asked_case(const results::CaseLock& lock, const std::filesystem::path& folder) {
  RunOptions options;
  ASSAY_CHECK(restore_asked(lock, folder, options));
  ASSAY_TRY(run::CaseSpec spec, spec_of(options));
  return AskedCase{std::move(spec), options.unit};
}

void add_run(CLI::App& verb, Action& action) {
  auto options = std::make_shared<RunOptions>();
  options->subject.add_to(verb);
  verb.add_option("--unit", options->unit, "Which unit of the board (a virtual one is made on first use)");
  verb.add_option("--out", options->out, "Folder below which run folders are made")->capture_default_str();
  verb.add_option("--folder", options->folder, "The run folder itself (new or empty)");
  verb.add_option("--junit", options->junit, "Write JUnit XML here too");
  verb.add_flag("--baseline{@baseline}", options->baseline,
                "Hold the run to its baseline; --baseline=FILE names another");
  verb.add_option("--baselines", options->baselines, "Folder of baselines, where the profile names none");
  verb.add_flag("--github", options->github,
                "Annotations and a job summary for GitHub Actions (found out there)");
  auto* recorded =
      verb.add_option("--recorded", options->recorded,
                      "Judge outputs in a .csv, .npy or .npz (see [recorded]) instead of a board's");
  recorded->excludes(verb.get_option("--board"))->excludes(verb.get_option("--unit"));
  verb.add_option("--workers", options->workers, "Reference processes at a time (default: cores)")
      ->check(CLI::Range(1, 64));
  verb.add_option("--seed", options->seed, "Of everything random (bootstrap intervals, --shuffle)")
      ->capture_default_str();
  verb.add_option("--timeout-multiplier", options->timeout_multiplier, "Stretch every time limit")
      ->check(CLI::Range(0.1, 100.0))
      ->capture_default_str();
  verb.add_flag("--expect", options->expect, "Exit 0 when the verdict is the one that the profile expects");
  verb.add_flag("--no-references", options->no_references, "The device alone: nothing is attributed");
  verb.add_flag("--no-cache", options->no_cache, "Run the references again");
  verb.add_option("--taps", options->taps,
                  "Samples to find the first divergence with: auto, none, all, flips[:N], worst:N, or ids; "
                  "auto: a few, when the device differs from its host build");
  verb.add_flag("--dry-run", options->dry_run, "Check and plan, then stop");
  verb.add_flag("-q,--quiet", options->quiet, "No progress");
  verb.add_flag("--json", options->json, "Print summary.json instead of text");
  // Whatever decides the results comes from the run itself.
  auto* resumed =
      verb.add_option("--resume", options->resume,
                      "Go on with a run that was killed, interrupted or failed (folder, id, name or @last)");
  for (const char* decided :
       {"subject", "--board",         "--data",   "--labels",   "--float",     "--firmware",
        "--call",  "--input",         "--output", "--ready",    "--quantised", "--samples",
        "--slice", "--shuffle",       "--limit",  "--shard",    "--unit",      "--folder",
        "--seed",  "--no-references", "--taps",   "--recorded", "--dry-run"}) {
    resumed->excludes(verb.get_option(decided));
  }
  auto* subject = verb.get_option("subject")->required(false);
  verb.callback([&action, options, subject] {
    if (options->resume.empty() && subject->count() == 0 && !is_program_alone(options->subject))
      throw CLI::RequiredError("subject (or --resume)");
    action = [options] { return run_verb(*options); };
  });
}

}  // namespace assay::cli
