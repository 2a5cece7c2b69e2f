#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/run_index.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "results/gc.h"

namespace assay::cli {
namespace {

using Json = nlohmann::ordered_json;

struct GcOptions {
  std::string out = "out", older_than;
  int64_t keep = -1;
  bool incomplete = false, dry_run = false, json = false;
};

Result<results::GcRules> rules_of(const GcOptions& options) {
  results::GcRules rules;
  if (options.keep >= 0) rules.keep = options.keep;
  rules.incomplete = options.incomplete;
  if (!options.older_than.empty()) {
    ASSAY_TRY(rules.older_than_s, results::parse_age(options.older_than));
  }
  if (rules.any()) return rules;
  return fail("config.value", "nothing says which runs to delete", "",
              "Add --keep N, --older-than 30d or --incomplete; --dry-run shows what would go.");
}

void print_json(const GcOptions& options, const results::GcOutcome& outcome) {
  Json gone = Json::array(), spared = Json::array();
  for (const auto& item : outcome.items) {
    if (item.spared.empty()) {
      gone.push_back({{"name", item.name}, {"bytes", item.bytes}});
    } else {
      spared.push_back({{"name", item.name}, {"reason", item.spared}});
    }
  }
  const Json object = {{"out", options.out},
                       {"dry_run", options.dry_run},
                       {"deleted", gone},
                       {"spared", spared},
                       {"bytes", outcome.bytes}};
  fmt::print("{}\n", object.dump(2, ' ', false, Json::error_handler_t::replace));
}

void print_text(const GcOptions& options, const results::GcOutcome& outcome) {
  for (const auto& item : outcome.items) {
    if (item.spared.empty()) {
      fmt::print("{:>12}  {}  {}\n", options.dry_run ? "would delete" : "deleted", item.name,
                 bytes_text(static_cast<double>(item.bytes)));
    } else {
      fmt::print("{:>12}  {}: {}\n", "kept", item.name, item.spared);
    }
  }
  fmt::print("{} {} of the runs in {}: {}\n", options.dry_run ? "would delete" : "deleted", outcome.deleted,
             options.out, bytes_text(static_cast<double>(outcome.bytes)));
}

Result<Exit> collect(const GcOptions& options) {
  ASSAY_TRY(const results::GcRules rules, rules_of(options));
  auto index = open_run_index(options.out);
  ASSAY_CHECK(index.refresh());
  ASSAY_TRY(const results::FoundRuns all, index.find({}));
  const auto chosen = results::runs_to_delete(all.rows, rules, std::time(nullptr));
  ASSAY_TRY(const results::GcOutcome outcome, results::delete_runs(options.out, chosen, options.dry_run));
  if (outcome.deleted > 0 && !options.dry_run) ASSAY_CHECK(index.refresh());
  options.json ? print_json(options, outcome) : print_text(options, outcome);
  return Exit::kPass;
}

}  // namespace

void add_gc(CLI::App& verb, Action& action) {
  auto options = std::make_shared<GcOptions>();
  verb.add_option("--out", options->out, "Folder of run folders")->capture_default_str();
  verb.add_option("--keep", options->keep,
                  "Spare the newest so many complete runs, and what is newer than them")
      ->check(CLI::NonNegativeNumber);
  verb.add_option("--older-than", options->older_than, "Only runs older than this: 30d, 12h, 2w");
  verb.add_flag("--incomplete", options->incomplete, "Only runs that never got their manifest");
  verb.add_flag("-n,--dry-run", options->dry_run, "Say what would go, and delete nothing");
  verb.add_flag("--json", options->json, "Print JSON");
  verb.callback([&action, options] { action = [options] { return collect(*options); }; });
}

}  // namespace assay::cli
