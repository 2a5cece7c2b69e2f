#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/paths.h"
#include "base/subprocess.h"
#include "cli/options.h"
#include "report/csv_figures.h"
#include "results/run_folder.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr auto kBudget = std::chrono::minutes(10);  // 10^6 samples take about one

struct ExportChoice {
  std::string run = "@last", out = "out", to = "export", format = "parquet";
  bool json = false;
};

// What the worker calls its failures.
struct Kind {
  const char* kind;
  const char* code;
};
constexpr Kind kKinds[] = {{"unavailable", "export.unavailable"},
                           {"no_outputs", "export.no_outputs"},
                           {"damaged", "export.damaged"}};

fs::path worker_script() { return requirements_file().parent_path() / "export_run.py"; }

tl::unexpected<Error> refused(const Json& error) {
  const std::string kind = error.value("kind", ""), message = error.value("message", "");
  for (const Kind& known : kKinds)
    if (kind == known.kind)
      return fail(known.code, message, python().string(),
                  kind != "unavailable" ? ""
                  : in_source_tree()    ? "Run `./bootstrap deps`, or choose --format csv."
                                        : fmt::format("`{} -m pip install pyarrow`, or choose --format csv.",
                                                      python().string()));
  return fail("export.damaged", message);
}

Result<Json> run_worker(const fs::path& run, const ExportChoice& choice) {
  auto output = run_process({.argv = {python().string(), worker_script().string(), fs::absolute(run).string(),
                                      choice.format, fs::absolute(choice.to).string()}},
                            Deadline::in(kBudget));
  if (!output && output.error().code == "base.tool_missing")
    return fail("export.unavailable", "there is no Python", python().string());
  if (!output) return fail(output.error());
  const Json answer = Json::parse(output->out, nullptr, false);
  if (!answer.is_object()) {
    return fail(
        "export.unavailable",
        fmt::format("the export worker ended with {}: {}", output->status.text(), output->err.substr(0, 400)),
        worker_script().string());
  }
  if (answer.contains("error")) return refused(answer["error"]);
  return answer;
}

Result<Exit> export_run(const ExportChoice& choice) {
  ASSAY_TRY(const fs::path run, results::resolve_run(choice.run, choice.out));
  ASSAY_TRY(const report::View view, report::load_view(run));
  ASSAY_CHECK(make_directories(choice.to));
  // The figures are the program's own; the worker only changes their format.
  const fs::path figures = fs::path(choice.to) / "figures.part";
  ASSAY_CHECK(write_file(figures, report::csv_figures(view)));
  auto answer = run_worker(run, choice);
  std::error_code error;
  fs::remove(figures, error);
  if (!answer) return fail(answer.error());
  if (choice.json) {
    fmt::print("{}\n", answer->at("files").dump(2));
    return Exit::kPass;
  }
  for (const auto& file : answer->at("files"))
    fmt::print("{}  {} rows, {} columns\n",
               fs::path(file.value("file", "")).lexically_proximate(fs::current_path()).string(),
               file.value("rows", int64_t{0}), file.at("columns").size());
  return Exit::kPass;
}

}  // namespace

void add_export(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<ExportChoice>();
  Options options(verb);
  options.positional("run", choice->run, "A run folder, the start of its id or name, or @last");
  options.option("--out", choice->out, "Folder of run folders");
  options.option("-o,--to", choice->to, "Folder to write to");
  options.option("--format", choice->format, "parquet, csv or npz").among({"parquet", "csv", "npz"});
  options.flag("--json", choice->json, "Print the files, their rows and columns as JSON");
  options.on_chosen(action, [choice] { return export_run(*choice); });
}

}  // namespace assay::cli
