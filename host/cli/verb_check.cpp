#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/subject_options.h"
#include "cli/verb.h"
#include "run/prepared.h"

namespace assay::cli {
namespace {

Result<Exit> check(const SubjectOptions& options, bool json) {
  ASSAY_TRY(const run::CaseSpec spec, case_of(options));
  ASSAY_TRY(const run::Prepared prepared, run::prepare(spec));
  if (json) {
    const nlohmann::ordered_json object = {{"profile", spec.profile.profile.profile().name()},
                                           {"board", spec.board.board().name()},
                                           {"ok", true},
                                           {"samples", prepared.dataset.count()},
                                           {"plan_bytes", prepared.plan.bytes.size()},
                                           {"arena_bytes", prepared.plan.arena_bytes}};
    fmt::print("{}\n", object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  } else {
    fmt::print("ok  {} on {}: {}\n", spec.profile.profile.profile().name(), spec.board.board().name(), run::describe(prepared));
  }
  return Exit::kPass;
}

}  // namespace

void add_check(CLI::App& verb, Action& action) {
  auto options = std::make_shared<SubjectOptions>();
  auto json = std::make_shared<bool>(false);
  options->add_to(verb);
  verb.add_flag("--json", *json, "Print JSON");
  verb.callback([&action, options, json] { action = [options, json] { return check(*options, *json); }; });
}

}  // namespace assay::cli
