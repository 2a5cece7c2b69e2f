#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "cli/options.h"
#include "cli/terminal.h"
#include "report/terminal.h"
#include "results/run_folder.h"
#include "results/summary_json.h"

namespace assay::cli {
namespace {

struct ShowOptions {
  std::string run = "@last", out = "out";
  bool json = false;
};

Result<Exit> show(const ShowOptions& options) {
  ASSAY_TRY(const std::filesystem::path folder, results::resolve_run(options.run, options.out));
  ASSAY_TRY(const report::View view, report::load_view(folder));
  if (options.json) {
    fmt::print("{}\n", results::summary_text(view.summary));
    return Exit::kPass;
  }
  const report::TerminalStyle style{.colour = colour_on(STDOUT_FILENO),
                                    .unicode = unicode_on(STDOUT_FILENO),
                                    .width = std::min(columns(STDOUT_FILENO), 100)};
  const std::filesystem::path report = folder / results::file::kReportHtml;
  std::error_code error;  // a run that was killed has no report
  fmt::print("{}", report::terminal_block(view, style,
                                          std::filesystem::exists(report, error) ? report.string() : ""));
  return Exit::kPass;
}

}  // namespace

void add_show(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<ShowOptions>();
  Options options(verb);
  options.positional("run", choice->run, "A run folder, the start of its id or name, or @last");
  options.option("--out", choice->out, "Folder of run folders");
  options.flag("--json", choice->json, "Print summary.json");
  options.on_chosen(action, [choice] { return show(*choice); });
}

}  // namespace assay::cli
