#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/subject_options.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "dataset/dataset.h"
#include "dataset/manifest.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr size_t kShownValues = 20;  // of a slice column; --json has all

struct DataOptions {
  std::string subject, labels;
  SampleOptions samples;
  uint64_t seed = 1;
  bool json = false;
};

// A profile, or a dataset alone.
Result<config::Profile> profile_of(const DataOptions& options) {
  std::error_code error;
  const fs::path path = options.subject;
  const bool dataset = fs::exists(path, error) && path.extension() != ".toml" &&
                       !fs::is_regular_file(path / "profile.toml", error);
  if (!dataset) {
    auto loaded = config::load_profile(options.subject);
    if (loaded) return std::move(loaded->profile);
    if (path.extension() != ".toml" && (path.has_extension() || path.has_parent_path()))
      return fail("dataset.not_found", "no such dataset, nor a profile of this name", options.subject,
                  "Name a profile, a folder of raw tensors, a .csv, .npy or .npz.");
    return fail(loaded.error());
  }
  config::Profile profile;
  profile.mutable_data()->set_path(path.string());
  profile.mutable_data()->set_labels(options.labels);
  return profile;
}

using Counts = std::vector<std::pair<std::string, int64_t>>;

Counts class_counts(const dataset::Dataset& data) {
  Counts counts;
  for (const std::string& name : data.classes) counts.emplace_back(name, 0);
  for (const int label : data.labels) {
    while (counts.size() <= static_cast<size_t>(label)) counts.emplace_back(std::to_string(counts.size()), 0);
    ++counts[static_cast<size_t>(label)].second;
  }
  return data.labelled() ? counts : Counts();
}

Counts value_counts(const dataset::SliceColumn& column) {
  std::map<std::string, int64_t> counts;
  for (const std::string& value : column.values) ++counts[value];
  return {counts.begin(), counts.end()};
}

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
  ASSAY_TRY(const config::Profile profile, profile_of(options));
  ASSAY_TRY(const dataset::Slice choice, options.samples.choice(profile));
  ASSAY_TRY(const dataset::Dataset whole, dataset::open_dataset(profile.data()));
  ASSAY_TRY(dataset::Dataset part, dataset::take(whole, choice, options.seed));
  part.vouched_files = whole.vouched_files;
  (options.json ? print_json : print_text)(profile.data(), part, whole.count());
  return Exit::kPass;
}

Result<Exit> vouch(const DataOptions& options) {
  ASSAY_TRY(const config::Profile profile, profile_of(options));
  ASSAY_TRY(const auto written, dataset::write_manifests(profile.data()));
  Json all = Json::array();
  for (const fs::path& manifest : written) {
    ASSAY_TRY(const auto entries, dataset::read_manifest(manifest.parent_path()));
    all.push_back({{"manifest", manifest.string()}, {"files", entries->size()}});
    if (!options.json) fmt::print("{}: {} files\n", manifest.string(), entries->size());
  }
  if (options.json) fmt::print("{}\n", all.dump(2, ' ', false, Json::error_handler_t::replace));
  return Exit::kPass;
}

}  // namespace

void add_data(CLI::App& verb, Action& action) {
  verb.require_subcommand(1);
  auto options = std::make_shared<DataOptions>();
  CLI::App* ls = verb.add_subcommand(
      "ls", "Samples, shape, classes, slices and hash; checks everything that a run checks");
  CLI::App* manifest =
      verb.add_subcommand("manifest", "Write manifest.json beside it: runs then refuse files that changed");
  for (CLI::App* sub : {ls, manifest}) {
    sub->add_option("subject", options->subject,
                    "A profile, or a folder of raw tensors, a .csv, .npy or .npz")
        ->required();
    sub->add_option("--labels", options->labels, "Without a profile: labels as .csv or .npy");
    sub->add_flag("--json", options->json, "Print JSON");
  }
  options->samples.add_to(*ls);
  ls->add_option("--seed", options->seed, "Of --shuffle")->capture_default_str();
  ls->callback([&action, options] { action = [options] { return list(*options); }; });
  manifest->callback([&action, options] { action = [options] { return vouch(*options); }; });
}

}  // namespace assay::cli
