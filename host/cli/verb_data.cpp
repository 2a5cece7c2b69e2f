#include <CLI/CLI.hpp>
#include <map>

#include "cli/data_verbs.h"

namespace assay::cli {

namespace fs = std::filesystem;

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
                  "Name a profile, or a dataset in a format that docs/datasets.md lists.");
    return fail(loaded.error());
  }
  config::Profile profile;
  profile.mutable_data()->set_path(path.string());
  profile.mutable_data()->set_labels(options.labels);
  return profile;
}

Result<Chosen> open_chosen(const DataOptions& options) {
  ASSAY_TRY(const config::Profile profile, profile_of(options));
  ASSAY_TRY(const dataset::Slice choice, options.samples.choice(profile));
  ASSAY_TRY(const dataset::Dataset whole, dataset::open_dataset(profile.data()));
  ASSAY_TRY(dataset::Dataset part, dataset::take(whole, choice, options.seed));
  part.vouched_files = whole.vouched_files;
  return Chosen{profile, std::move(part), whole.count()};
}

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

void add_subject(CLI::App& verb, DataOptions& options, bool choice) {
  verb.add_option("subject", options.subject, "A profile, or a dataset: a file or folder of any format")
      ->required();
  verb.add_option("--labels", options.labels, "Without a profile: labels as .csv or .npy");
  verb.add_flag("--json", options.json, "Print JSON");
  if (!choice) return;
  options.samples.add_to(verb);
  verb.add_option("--seed", options.seed, "Of --shuffle")->capture_default_str();
}

void add_data(CLI::App& verb, Action& action) {
  verb.require_subcommand(1);
  add_data_ls(verb, action);
  add_data_slice(verb, action);
  add_data_mine(verb, action);
  add_data_import(verb, action);
  add_data_manifest(verb, action);
}

}  // namespace assay::cli
