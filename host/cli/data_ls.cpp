#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/data_verbs.h"
#include "cli/terminal.h"

namespace assay::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kShownValues = 20;  // of a slice column; --json has all

Json counts_json(const Counts& counts) {
  Json all = Json::array();
  for (const auto& [name, count] : counts) all.push_back({{"name", name}, {"samples", count}});
  return all;
}

void print_json(const config::Data& source, const dataset::Dataset& data, size_t whole) {
  Json slices = Json::object();
  for (const auto& column : data.slices) slices[column.name] = counts_json(value_counts(column));
  const Json object = {{"name", data.name},
                       {"path", source.path()},
                       {"format", data.format},
                       {"samples", data.count()},
                       {"whole", whole},
                       {"choice", data.choice},
                       {"shape", data.inputs.info.dims},
                       {"type", data.untyped ? "bytes" : std::string(element_name(data.inputs.info.type))},
                       {"labelled", data.labelled()},
                       {"classes", counts_json(class_counts(data))},
                       {"slices", slices},
                       {"kind", data.kind},
                       {"preprocess", data.preprocess},
                       {"hash", data.hash},
                       {"manifest_files", data.vouched_files}};
  fmt::print("{}\n", object.dump(2, ' ', false, Json::error_handler_t::replace));
}

void print_counts(const char* title, const Counts& counts, size_t samples) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, count] : counts) {
    if (rows.size() == kShownValues) break;
    rows.push_back(
        {fmt::format("{}", count),
         fmt::format("{:.1f} %", 100.0 * static_cast<double>(count) / static_cast<double>(samples)), name});
  }
  fmt::print("\n{}", table({">samples", ">share", title}, rows, columns(STDOUT_FILENO)));
  if (counts.size() > rows.size()) fmt::print("... and {} more\n", counts.size() - rows.size());
}

void print_text(const config::Data& source, const dataset::Dataset& data, size_t whole) {
  fmt::print("{}  {}\n", data.name, source.path());
  fmt::print("  format    {}\n", data.format);
  fmt::print("  samples   {}{}\n", data.count(),
             data.choice.empty() ? "" : fmt::format(" of {}: {}", whole, data.choice));
  fmt::print("  input     {} {}\n", data.inputs.info.shape(),
             data.untyped ? "bytes of the model's type" : element_name(data.inputs.info.type));
  if (!data.preprocess.empty()) fmt::print("  prepared  {}\n", data.preprocess);
  fmt::print("  classes   {}\n", data.labelled() ? std::to_string(class_counts(data).size()) : "no labels");
  fmt::print("  hash      {}\n", data.hash);
  fmt::print("  manifest  {}\n", data.vouched_files
                                     ? fmt::format("{} files are as it says", data.vouched_files)
                                     : "none; `assay data manifest` writes one");
  if (data.labelled()) print_counts("class", class_counts(data), data.count());
  for (const auto& column : data.slices)
    print_counts(column.name.c_str(), value_counts(column), data.count());
}

Result<Exit> list(const DataOptions& options) {
  ASSAY_TRY(const Chosen chosen, open_chosen(options));
  (options.json ? print_json : print_text)(chosen.profile.data(), chosen.part, chosen.whole);
  return Exit::kPass;
}

}  // namespace

void add_data_ls(CLI::App& data, Action& action) {
  auto options = std::make_shared<DataOptions>();
  CLI::App* verb = data.add_subcommand(
      "ls", "Samples, shape, classes, slices and hash; checks everything that a run checks");
  add_subject(*verb, *options, true);
  verb->callback([&action, options] { action = [options] { return list(*options); }; });
}

}  // namespace assay::cli
