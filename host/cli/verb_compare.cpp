#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "cli/baseline_place.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "metric/baseline_check.h"
#include "report/comparison.h"
#include "results/run_folder.h"

namespace assay::cli {
namespace {

struct CompareChoice {
  std::vector<std::string> runs;
  std::string out = "out", baselines, fail_on;
  bool json = false, markdown = false;
};

// "@baseline" is looked up by the other run.
Result<std::filesystem::path> run_beside(const std::string& name, const std::string& other,
                                         const std::string& out) {
  std::error_code error;
  const bool run =
      name == "@baseline" && other != "@baseline" && !std::filesystem::is_regular_file(other, error);
  if (!run) return std::filesystem::path();
  return results::resolve_run(other, out);
}

Exit exit_of(const results::Comparison& comparison, const std::string& fail_on) {
  if (fail_on.empty()) return Exit::kPass;
  const bool worse = comparison.word == results::word::kWorse;
  const bool same = comparison.word == results::word::kIdentical || comparison.word == results::word::kWithin;
  if (worse || (fail_on == "change" && !same)) return Exit::kGateFailed;
  // Nothing worse was seen because nothing could be: that is no pass.
  const bool silent =
      comparison.word == results::word::kNoEvidence || comparison.word == results::word::kNotComparable;
  return silent ? Exit::kInconclusive : Exit::kPass;
}

Result<Exit> compare(const CompareChoice& choice) {
  if (choice.runs.size() != 2)
    return fail("cli.usage", fmt::format("compare takes two runs, not {}", choice.runs.size()));
  if (choice.json && choice.markdown) return fail("cli.usage", "choose one of --json and --markdown");
  ASSAY_TRY(const auto beside_first, run_beside(choice.runs[0], choice.runs[1], choice.out));
  ASSAY_TRY(const auto beside_second, run_beside(choice.runs[1], choice.runs[0], choice.out));
  ASSAY_TRY(const metric::Side before, load_side(choice.runs[0], choice.out, choice.baselines, beside_first));
  ASSAY_TRY(const metric::Side now, load_side(choice.runs[1], choice.out, choice.baselines, beside_second));
  const auto run = results::resolve_run(choice.runs[1], choice.out);
  const auto profile = run ? profile_of_run(*run) : std::nullopt;
  const results::Comparison comparison = metric::compare(
      before, now, profile ? metric::compare_options(profile->profile) : metric::CompareOptions{});
  const report::TerminalStyle style{.colour = colour_on(STDOUT_FILENO),
                                    .unicode = unicode_on(STDOUT_FILENO),
                                    .width = std::min(columns(STDOUT_FILENO), 100)};
  fmt::print("{}", choice.json       ? report::comparison_json(comparison)
                   : choice.markdown ? report::comparison_markdown(comparison)
                                     : report::comparison_text(comparison, style));
  return exit_of(comparison, choice.fail_on);
}

}  // namespace

void add_compare(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<CompareChoice>();
  Options options(verb);
  options
      .positional("runs", choice->runs,
                  "Before and now: each a run as in `assay show`, @baseline, or a baseline's file")
      .required();
  options.option("--out", choice->out, "Folder of run folders");
  options.option("--baselines", choice->baselines, "Folder of baselines, where the profile names none");
  options
      .option("--fail-on", choice->fail_on,
              "Exit 1 when something is worse, or on any change; 5 when nothing can be said")
      .among({"worse", "change"});
  options.flag("--json", choice->json, "Print JSON");
  options.flag("--markdown", choice->markdown, "Print Markdown, for a comment on a merge request");
  options.on_chosen(action, [choice] { return compare(*choice); });
}

}  // namespace assay::cli
