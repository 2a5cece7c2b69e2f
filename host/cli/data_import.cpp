#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/data_verbs.h"
#include "dataset/export.h"

namespace assay::cli {
namespace {

struct ImportOptions {
  DataOptions data;
  std::string to;
};

Result<Exit> import_dataset(const ImportOptions& options) {
  ASSAY_TRY(const Chosen chosen, open_chosen(options.data));
  const std::filesystem::path folder = options.to;
  ASSAY_CHECK(dataset::export_dataset(chosen.part, folder));
  const std::string toml = (folder / "data.toml").string();
  if (options.data.json) {
    const nlohmann::ordered_json object = {
        {"data", toml}, {"samples", chosen.part.count()}, {"hash", chosen.part.hash}};
    fmt::print("{}\n", object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  } else {
    fmt::print("{} samples of {} in {}; in a profile: include = \"{}\"\n", chosen.part.count(),
               chosen.part.format, folder.string(), toml);
  }
  return Exit::kPass;
}

}  // namespace

void add_data_import(CLI::App& data, Action& action) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* verb =
      data.add_subcommand("import", "Any dataset, prepared and chosen, as .npz with manifest and [data]");
  add_subject(*verb, options->data, true);
  verb->add_option("--to", options->to, "Folder to write, new or empty")->required();
  verb->callback([&action, options] { action = [options] { return import_dataset(*options); }; });
}

}  // namespace assay::cli
