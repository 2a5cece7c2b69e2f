#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/paths.h"
#include "base/subprocess.h"
#include "cli/git_bisect.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "metric/compare.h"
#include "report/comparison.h"
#include "results/run_folder.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

struct BisectChoice {
  std::string good, bad = "HEAD", out = "out";
  std::vector<std::string> command;
  double timeout_s = 3600;
  bool json = false;
};

// What an exit code of `assay run` says about a commit. A dead bench or too few samples say nothing about it.
struct Meaning {
  int exit;
  const char* word;  // of git
  const char* shown;
};
constexpr Meaning kMeanings[] = {
    {0, "good", "good"},
    {1, "bad", "bad: a gate failed"},
    {6, "bad", "bad: the target faulted"},
    {2, "skip", "skipped: it cannot be configured or built"},
    {3, "skip", "skipped: infrastructure"},
    {4, "skip", "skipped: no board"},
    {5, "skip", "skipped: inconclusive"},
    {125, "skip", "skipped: the command says so"},
};

const Meaning* meaning_of(int exit) {
  for (const Meaning& meaning : kMeanings)
    if (meaning.exit == exit) return &meaning;
  return nullptr;
}

struct Step {
  Commit commit;
  int exit = 0;
  const Meaning* meaning = nullptr;
  double seconds = 0;
  fs::path run;  // folder of the run that the command made; empty: none
};

fs::path newest_run(const fs::path& out) {
  const auto newest = results::resolve_run("@last", out);
  return newest ? *newest : fs::path();
}

class Bisection {
 public:
  Bisection(const BisectChoice& choice, GitBisect git)
      : choice_(choice),
        git_(std::move(git)),
        log_(state_dir() / "bisect.log"),
        out_(fs::absolute(choice.out)) {}

  Result<Exit> go() {
    ASSAY_CHECK(make_directories(log_.parent_path()));
    ASSAY_CHECK(write_file(log_, std::string_view()));
    while (!git_.over()) ASSAY_CHECK(step());
    Status described = conclude();
    if (!git_.reset()) return fail("bisect.git_failed", "`git bisect reset` failed", git_.top().string());
    ASSAY_CHECK(std::move(described));
    return git_.found().empty() ? Exit::kInconclusive : Exit::kPass;
  }

 private:
  Status step() {
    Step step;
    ASSAY_TRY(step.commit, git_.current());
    const fs::path before = newest_run(out_);
    const auto begin = Clock::now();
    ASSAY_TRY(const ExitStatus ended, run_command());
    step.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    step.exit = ended.signal != 0 ? 128 + ended.signal : ended.code;
    step.meaning = meaning_of(step.exit);
    if (!step.meaning)
      return fail("bisect.command_failed",
                  fmt::format("at {} the command ended with {}: {}", step.commit.sha.substr(0, 12),
                              ended.text(), last_words()),
                  log_.string());
    if (const fs::path run = newest_run(out_); run != before) step.run = run;
    tell(step);
    steps_.push_back(step);
    return git_.mark(step.meaning->word);
  }

  Result<ExitStatus> run_command() const {
    ASSAY_TRY(Subprocess process, Subprocess::start({.argv = choice_.command,
                                                     .directory = git_.top(),
                                                     .out = Pipe::kFile,
                                                     .err = Pipe::kFile,
                                                     .out_file = log_,
                                                     .err_file = log_}));
    const auto budget = std::chrono::milliseconds(static_cast<int64_t>(choice_.timeout_s * 1000));
    auto ended = process.wait(Deadline::in(budget));
    if (!ended && ended.error().code == "base.process_timeout")
      return fail("bisect.command_failed",
                  fmt::format("the command takes longer than {} s", choice_.timeout_s), log_.string(),
                  "Raise --timeout.");
    return ended;
  }

  std::string last_words() const {
    auto text = read_text(log_);
    if (!text) return "no words";
    text->erase(text->find_last_not_of(" \n") + 1);
    const std::string last = text->substr(text->rfind('\n') + 1);
    return last.empty() ? "it said nothing" : last.substr(0, 300);
  }

  void tell(const Step& step) const {
    fmt::print(stderr, "  {}  {:<44} {:6.1f} s  {}\n", step.commit.sha.substr(0, 12), step.meaning->shown,
               step.seconds, step.commit.subject);
  }

  // The run of the newest commit that was found good, and that of the first bad one.
  std::optional<results::Comparison> compare_runs() const {
    const Step *good = nullptr, *bad = nullptr;
    for (const Step& step : steps_) {
      if (step.run.empty()) continue;
      if (step.meaning->word == std::string_view("good")) good = &step;
      if (step.commit.sha == git_.found()) bad = &step;
    }
    if (!good || !bad) return std::nullopt;
    const auto before = metric::side_of_run(good->run), now = metric::side_of_run(bad->run);
    if (!before || !now) return std::nullopt;
    return metric::compare(*before, *now);
  }

  Status conclude() const {
    Json json{{"steps", Json::array()}};
    for (const Step& step : steps_)
      json["steps"].push_back({{"commit", step.commit.sha},
                               {"subject", step.commit.subject},
                               {"exit_code", step.exit},
                               {"word", step.meaning->word},
                               {"seconds", step.seconds},
                               {"run", step.run.string()}});
    if (git_.found().empty()) return tell_left(std::move(json));
    ASSAY_TRY(const Commit first, git_.describe(git_.found()));
    const auto comparison = compare_runs();
    if (choice_.json) {
      json["first_bad"] = {{"commit", first.sha}, {"date", first.when}, {"subject", first.subject}};
      if (comparison) json["comparison"] = Json::parse(report::comparison_json(*comparison));
      fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
      return {};
    }
    fmt::print("first bad commit: {} {} {}\n", first.sha, first.when, first.subject);
    if (comparison) {
      const report::TerminalStyle style{
          .colour = colour_on(1), .unicode = unicode_on(1), .width = std::min(columns(1), 100)};
      fmt::print("\nfrom the last good run to that of this commit:\n\n{}",
                 report::comparison_text(*comparison, style));
    }
    return {};
  }

  Status tell_left(Json json) const {
    if (choice_.json) {
      json["may_be"] = git_.left();
      fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
      return {};
    }
    fmt::print("only skipped commits are left; the first bad one is one of:\n");
    for (const std::string& sha : git_.left()) {
      ASSAY_TRY(const Commit commit, git_.describe(sha));
      fmt::print("  {} {} {}\n", commit.sha.substr(0, 12), commit.when, commit.subject);
    }
    return {};
  }

  const BisectChoice& choice_;
  GitBisect git_;
  fs::path log_, out_;
  std::vector<Step> steps_;
};

Result<Exit> bisect(const BisectChoice& choice) {
  ASSAY_TRY(GitBisect git, GitBisect::start(fs::current_path(), choice.good, choice.bad));
  return Bisection(choice, std::move(git)).go();
}

}  // namespace

void add_bisect(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<BisectChoice>();
  Options options(verb);
  options.option("--good", choice->good, "A commit where the command passes").required();
  options.option("--bad", choice->bad, "A later one where it fails");
  options.option("--out", choice->out, "Folder where the command leaves its runs");
  options.option("--timeout", choice->timeout_s, "Seconds that the command may take at one commit")
      .between(0.1, 1e6);
  options
      .positional("command", choice->command,
                  "After --: build and run; exit 0 is good, 1 and 6 bad, 2 to 5 skip")
      .required();
  options.flag("--json", choice->json, "Print the steps and the first bad commit as JSON");
  options.on_chosen(action, [choice] { return bisect(*choice); });
}

}  // namespace assay::cli
