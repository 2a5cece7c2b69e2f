#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/data_verbs.h"
#include "cli/terminal.h"

namespace assay::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kShownValues = 20, kShownClasses = 10;  // --json has all

// For each value of a column, samples by class.
using Table = std::map<std::string, std::vector<int64_t>>;

Table table_of(const dataset::Dataset& data, const dataset::SliceColumn& column, size_t classes) {
  Table found;
  for (size_t i = 0; i < data.count(); ++i) {
    auto& counts = found[column.values[i]];
    counts.resize(classes + 1);
    ++counts[data.labelled() ? static_cast<size_t>(data.labels[i]) : classes];
    if (data.labelled()) ++counts[classes];  // all of them
  }
  return found;
}

void print_json(const Chosen& chosen) {
  const dataset::Dataset& data = chosen.part;
  const Counts classes = class_counts(data);
  Json columns = Json::array();
  for (const auto& column : data.slices) {
    Json values = Json::array();
    for (const auto& [value, counts] : table_of(data, column, classes.size())) {
      Json by_class = Json::object();
      for (size_t c = 0; c < classes.size(); ++c) by_class[classes[c].first] = counts[c];
      values.push_back({{"value", value}, {"samples", counts.back()}, {"classes", by_class}});
    }
    columns.push_back({{"column", column.name}, {"values", values}});
  }
  const Json object = {{"name", data.name},
                       {"samples", data.count()},
                       {"whole", chosen.whole},
                       {"choice", data.choice},
                       {"columns", columns}};
  fmt::print("{}\n", object.dump(2, ' ', false, Json::error_handler_t::replace));
}

void print_column(const dataset::Dataset& data, const dataset::SliceColumn& column, const Counts& classes) {
  std::vector<std::string> header = {column.name, ">samples"};
  const size_t shown = classes.size() <= kShownClasses ? classes.size() : 0;
  for (size_t c = 0; c < shown; ++c) header.push_back(">" + classes[c].first);
  std::vector<std::vector<std::string>> rows;
  const Table found = table_of(data, column, classes.size());
  for (const auto& [value, counts] : found) {
    if (rows.size() == kShownValues) break;
    std::vector<std::string> row = {value.empty() ? "(empty)" : value, std::to_string(counts.back())};
    for (size_t c = 0; c < shown; ++c) row.push_back(std::to_string(counts[c]));
    rows.push_back(std::move(row));
  }
  fmt::print("\n{}", table(header, rows, columns(STDOUT_FILENO)));
  if (found.size() > rows.size()) fmt::print("... and {} more\n", found.size() - rows.size());
}

Result<Exit> slice(const DataOptions& options) {
  ASSAY_TRY(const Chosen chosen, open_chosen(options));
  if (options.json) {
    print_json(chosen);
    return Exit::kPass;
  }
  const dataset::Dataset& data = chosen.part;
  fmt::print("{}: {} of {} samples{}\n", data.name, data.count(), chosen.whole,
             data.choice.empty() ? "" : ", " + data.choice);
  if (data.slices.empty()) {
    fmt::print(
        "no columns to slice by: name them as `slice_columns` (CSV), in the table of labels, or as `slices` "
        "in [data]\n");
  }
  for (const auto& column : data.slices) print_column(data, column, class_counts(data));
  return Exit::kPass;
}

}  // namespace

void add_data_slice(CLI::App& data, Action& action) {
  auto options = std::make_shared<DataOptions>();
  CLI::App* verb = data.add_subcommand("slice", "Columns to slice by, their values, and samples per class");
  add_subject(*verb, *options, true);
  verb->add_option("--where", options->samples.slice, "The same as --slice")
      ->excludes(verb->get_option("--slice"));
  verb->callback([&action, options] { action = [options] { return slice(*options); }; });
}

}  // namespace assay::cli
