#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/options.h"
#include "report/formats.h"
#include "results/run_folder.h"

namespace assay::cli {
namespace {

struct ReportOptions {
  std::string run = "@last", out = "out", to;
  std::vector<std::string> formats = {"html", "junit"};
  bool json = false;
};

// One format to standard output, for pipes and CI logs.
Result<Exit> print(const ReportOptions& options, const report::View& view) {
  if (options.formats.size() != 1 || options.json)
    return fail("cli.usage", "--to - prints one format: name it with --format, without --json");
  fmt::print("{}", report::find_format(options.formats[0])->render(view));
  return Exit::kPass;
}

Result<Exit> write(const ReportOptions& options) {
  ASSAY_TRY(const std::filesystem::path folder, results::resolve_run(options.run, options.out));
  ASSAY_TRY(const report::View view, report::load_view(folder));
  if (options.to == "-") return print(options, view);
  const std::filesystem::path target = options.to.empty() ? folder : std::filesystem::path(options.to);
  ASSAY_CHECK(make_directories(target));
  nlohmann::ordered_json files = nlohmann::ordered_json::array();
  for (const std::string& name : options.formats) {
    const report::Format* format = report::find_format(name);  // the option takes no others
    const auto file = target / format->file;
    ASSAY_CHECK(write_file(file, std::string_view(format->render(view))));
    if (!options.json) fmt::print("{}\n", file.string());
    files.push_back({{"format", name}, {"file", file.string()}});
  }
  // What lies in a run folder stands in its manifest.
  ASSAY_TRY(const results::RunFolder run, results::RunFolder::open(folder));
  std::error_code error;
  if (run.complete() && std::filesystem::equivalent(folder, target, error)) ASSAY_CHECK(run.write_manifest());
  if (options.json) fmt::print("{}\n", files.dump(2));
  return Exit::kPass;
}

}  // namespace

void add_report(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<ReportOptions>();
  Options options(verb);
  options.positional("run", choice->run, "A run folder, the start of its id or name, or @last");
  options.option("--out", choice->out, "Folder of run folders");
  options.option("-o,--to", choice->to, "Write here instead of the run folder; - prints one format");
  std::vector<std::string> known;
  for (const auto& format : report::formats()) known.emplace_back(format.name);
  options.option("--format", choice->formats, "What to write, separated by commas")
      .separated_by(',')
      .among(known);
  options.flag("--json", choice->json, "Print the files as JSON");
  options.on_chosen(action, [choice] { return write(*choice); });
}

}  // namespace assay::cli
