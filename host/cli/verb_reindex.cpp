#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/run_index.h"
#include "cli/verb.h"

namespace assay::cli {
namespace {

struct ReindexOptions {
  std::string out = "out";
  bool json = false;
};

Result<Exit> reindex(const ReindexOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  auto index = open_run_index(options.out);
  ASSAY_TRY(const results::RebuiltIndex rebuilt, index.rebuild());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (options.json) {
    const nlohmann::ordered_json object = {{"out", options.out},
                                           {"index", index.place()},
                                           {"runs", rebuilt.runs},
                                           {"other_folders", rebuilt.others},
                                           {"seconds", seconds}};
    fmt::print("{}\n", object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  } else {
    fmt::print("indexed {} runs{} in {:.1f} s: {}\n", rebuilt.runs,
               rebuilt.others ? fmt::format(" ({} other folders)", rebuilt.others) : "", seconds,
               index.place());
  }
  return Exit::kPass;
}

}  // namespace

void add_reindex(CLI::App& verb, Action& action) {
  auto options = std::make_shared<ReindexOptions>();
  verb.add_option("--out", options->out, "Folder of run folders")->capture_default_str();
  verb.add_flag("--json", options->json, "Print JSON");
  verb.callback([&action, options] { action = [options] { return reindex(*options); }; });
}

}  // namespace assay::cli
