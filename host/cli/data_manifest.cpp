#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/data_verbs.h"
#include "dataset/manifest.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

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

void add_data_manifest(CLI::App& data, Action& action) {
  auto options = std::make_shared<DataOptions>();
  CLI::App* verb =
      data.add_subcommand("manifest", "Write manifest.json beside it: runs then refuse files that changed");
  add_subject(*verb, *options, false);
  verb->callback([&action, options] { action = [options] { return vouch(*options); }; });
}

}  // namespace assay::cli
