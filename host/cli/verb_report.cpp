#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/files.h"
#include "cli/verb.h"
#include "report/formats.h"
#include "results/run_folder.h"

namespace assay::cli {
namespace {

struct ReportOptions {
  std::string run = "@last", out = "out", to;
  std::vector<std::string> formats = {"html", "junit"};
};

Result<Exit> write(const ReportOptions& options) {
  ASSAY_TRY(const std::filesystem::path folder, results::resolve_run(options.run, options.out));
  ASSAY_TRY(const report::View view, report::load_view(folder));
  const std::filesystem::path target = options.to.empty() ? folder : std::filesystem::path(options.to);
  ASSAY_CHECK(make_directories(target));
  for (const std::string& name : options.formats) {
    const report::Format* format = report::find_format(name);
    if (!format) {
      std::string known;
      for (const auto& entry : report::formats()) known += fmt::format("{}{}", known.empty() ? "" : ", ", entry.name);
      return fail("config.value", fmt::format("there is no report format '{}'", name), "", "Known: " + known + ".");
    }
    const auto file = target / format->file;
    ASSAY_CHECK(write_file(file, std::string_view(format->render(view))));
    fmt::print("{}\n", file.string());
  }
  return Exit::kPass;
}

}  // namespace

void add_report(CLI::App& verb, Action& action) {
  auto options = std::make_shared<ReportOptions>();
  verb.add_option("run", options->run, "A run folder, the start of its id or name, or @last")->capture_default_str();
  verb.add_option("--out", options->out, "Folder of run folders")->capture_default_str();
  verb.add_option("--to", options->to, "Write here instead of the run folder");
  verb.add_option("--format", options->formats, "html, junit, ...")->delimiter(',')->capture_default_str();
  verb.callback([&action, options] { action = [options] { return write(*options); }; });
}

}  // namespace assay::cli
