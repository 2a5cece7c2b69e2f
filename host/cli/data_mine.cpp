#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/data_verbs.h"
#include "cli/finished_samples.h"
#include "cli/terminal.h"
#include "metric/mine.h"
#include "results/run_folder.h"

namespace assay::cli {
namespace {

using Json = nlohmann::ordered_json;

struct MineOptions {
  std::vector<std::string> runs;
  std::string out = "out";
  double margin_pp = 2;
  int64_t most = 10;
  bool json = false;
};

std::string points(double share) { return fmt::format("{:+.1f}", 100 * share); }

std::vector<const metric::Finding*> worst(const metric::Mined& mined) {
  std::vector<const metric::Finding*> rows;
  for (const auto& finding : mined.findings) {
    if (finding.row.sufficient) rows.push_back(&finding);
  }
  return rows;
}

// Slices without a verdict: those that are tested and open first, then those that need least.
std::vector<const metric::Finding*> to_collect(const metric::Mined& mined) {
  std::vector<const metric::Finding*> rows;
  for (const auto& finding : mined.findings) {
    if (finding.needed) rows.push_back(&finding);
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) {
    if (a->row.sufficient != b->row.sufficient) return a->row.sufficient;
    return !a->row.sufficient && *a->needed - a->row.support < *b->needed - b->row.support;
  });
  return rows;
}

Json finding_json(const metric::Finding& finding) {
  const auto number = [](const auto& value) { return value ? Json(*value) : Json(); };
  const results::SliceRow& row = finding.row;
  return {{"where", finding.where},
          {"columns", finding.columns},
          {"verdict", finding.verdict},
          {"support", row.support},
          {"accuracy_reference", number(row.accuracy_reference)},
          {"accuracy_device", number(row.accuracy_device)},
          {"delta", number(row.delta)},
          {"delta_lo", number(row.delta_lo)},
          {"delta_hi", number(row.delta_hi)},
          {"broken", row.broken},
          {"fixed", row.fixed},
          {"p", number(row.p)},
          {"p_holm", number(row.p_holm)},
          {"needed", number(finding.needed)}};
}

void print_worst(const metric::Mined& mined, size_t most) {
  std::vector<std::vector<std::string>> rows;
  for (const auto* finding : worst(mined)) {
    if (rows.size() == most) break;
    const results::SliceRow& row = finding->row;
    rows.push_back({finding->where, std::to_string(row.support), points(*row.delta),
                    fmt::format("[{}, {}]", points(*row.delta_lo), points(*row.delta_hi)),
                    fmt::format("{}/{}", row.broken, row.fixed), fmt::format("{:.2g}", *row.p_holm),
                    finding->verdict});
  }
  fmt::print("\nworst of {} slices with 30 samples or more, in points of accuracy\n{}", mined.tested,
             table({"slice", ">samples", ">delta", "95 %", ">broken/fixed", ">p (Holm)", "verdict"}, rows,
                   columns(STDOUT_FILENO)));
}

void print_to_collect(const metric::Mined& mined, size_t most, double margin_pp) {
  std::vector<std::vector<std::string>> rows;
  const auto all = to_collect(mined);
  for (const auto* finding : all) {
    if (rows.size() == most) break;
    rows.push_back({fmt::format("{}", *finding->needed - finding->row.support),
                    std::to_string(finding->row.support), finding->where});
  }
  if (rows.empty()) {
    fmt::print("\nevery slice has a verdict at a margin of {} points\n", margin_pp);
    return;
  }
  fmt::print("\nto collect next, for a verdict at a margin of {} points\n{}", margin_pp,
             table({">more", ">samples", "slice"}, rows, columns(STDOUT_FILENO)));
  if (all.size() > rows.size()) fmt::print("... and {} more\n", all.size() - rows.size());
}

Result<Exit> dig(const MineOptions& options) {
  std::vector<std::filesystem::path> folders;
  for (const std::string& run : options.runs) {
    ASSAY_TRY(std::filesystem::path folder, results::resolve_run(run, options.out));
    folders.push_back(std::move(folder));
  }
  ASSAY_TRY(const FinishedSamples samples, finished_samples(folders));
  metric::MineInput input{samples.labels, samples.references, samples.device, {}, options.margin_pp / 100};
  for (const auto& column : samples.columns) input.columns.push_back({column.name, column.values});
  ASSAY_TRY(const metric::Mined mined, metric::mine(input));
  if (options.json) {
    Json findings = Json::array();
    for (const auto& finding : mined.findings) findings.push_back(finding_json(finding));
    const Json object = {{"reference", samples.reference},
                         {"samples", samples.labels.size()},
                         {"repeated", samples.repeated},
                         {"margin", options.margin_pp / 100},
                         {"tested", mined.tested},
                         {"left_out", mined.left_out},
                         {"findings", findings}};
    fmt::print("{}\n", object.dump(2, ' ', false, Json::error_handler_t::replace));
    return Exit::kPass;
  }
  fmt::print(
      "{} samples, device against {}{}\n", samples.labels.size(), samples.reference,
      samples.repeated ? fmt::format("; {} were in several runs and count once", samples.repeated) : "");
  if (!mined.left_out.empty()) fmt::print("left out: {}\n", fmt::join(mined.left_out, ", "));
  print_worst(mined, static_cast<size_t>(options.most));
  print_to_collect(mined, static_cast<size_t>(options.most), options.margin_pp);
  return Exit::kPass;
}

}  // namespace

void add_data_mine(CLI::App& data, Action& action) {
  auto options = std::make_shared<MineOptions>();
  CLI::App* verb = data.add_subcommand("mine", "The worst slices of finished runs, and what to collect next");
  verb->add_option("runs", options->runs,
                   "Run folders, ids, names or @last; several of one model, such as shards")
      ->required();
  verb->add_option("--margin", options->margin_pp, "Points of accuracy that may be lost")
      ->check(CLI::Range(0.01, 50.0))
      ->capture_default_str();
  verb->add_option("--limit", options->most, "Rows of each table; --json has all")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--out", options->out, "Folder of run folders")->capture_default_str();
  verb->add_flag("--json", options->json, "Print JSON");
  verb->callback([&action, options] { action = [options] { return dig(*options); }; });
}

}  // namespace assay::cli
