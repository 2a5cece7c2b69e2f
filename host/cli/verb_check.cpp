#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/options.h"
#include "cli/subject_options.h"
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
    fmt::print("ok  {} on {}: {}\n", spec.profile.profile.profile().name(), spec.board.board().name(),
               run::describe(prepared));
  }
  return Exit::kPass;
}

}  // namespace

void add_check(CLI::App& verb, Action& action) {
  auto subject = std::make_shared<SubjectOptions>();
  auto json = std::make_shared<bool>(false);
  subject->add_to(verb);
  Options options(verb);
  options.flag("--json", *json, "Print JSON");
  options.on_chosen(action, [subject, json] { return check(*subject, *json); });
}

}  // namespace assay::cli
