#include "run/whatif.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/interrupt.h"
#include "run/judge.h"
#include "run/references.h"

namespace assay::run {
namespace {

struct Candidate {
  std::string name;
  CaseSpec spec;
};

// Letters and digits of a name, for the name of a run.
std::string slug(const std::string& name) {
  std::string text;
  for (const char c : name) text += isalnum(static_cast<unsigned char>(c)) ? c : '-';
  return text;
}

// The deployed model's case with another model in its place. References of the deployed model fall away: it
// is R0 that the alternative is compared with, and one desktop runtime tells compression.
CaseSpec with_model(const CaseSpec& base, const std::string& name, const std::string& file) {
  CaseSpec spec = base;
  spec.asked.clear();  // options alone do not make this case again
  config::Profile& profile = spec.profile.profile;
  spec.float_data = profile.data();
  spec.stored_for = profile.model().file();
  profile.mutable_profile()->set_name(fmt::format("{}.{}", profile.profile().name(), slug(name)));
  profile.mutable_profile()->set_title(fmt::format("{}: {}", base.profile.profile.profile().title(), name));
  profile.mutable_model()->set_file(file);
  profile.clear_variant();
  config::References& references = *profile.mutable_references();
  const std::string primary = references.r1().empty() ? "litert_ref" : references.r1(0);
  references.clear_r1();
  references.add_r1(primary);
  auto& others = *references.mutable_other();
  others.erase(
      std::remove_if(others.begin(), others.end(), [](const auto& other) { return other.level() != "R0"; }),
      others.end());
  return spec;
}

void prepare_as(const config::Variant& variant, config::Data& data) {
  if (!variant.data().empty()) data.set_path(variant.data());
  if (variant.channel_scale_size() == 0 && variant.scale() == 0) return;
  data.clear_scale();
  data.clear_zero_point();
  *data.mutable_channel_scale() = variant.channel_scale();
  *data.mutable_channel_zero_point() = variant.channel_zero_point();
  if (variant.channel_scale_size() == 0) data.set_scale(variant.scale());
}

std::vector<Candidate> candidates_of(const CaseSpec& base) {
  const config::Profile& profile = base.profile.profile;
  std::vector<Candidate> candidates;
  if (!profile.model().float_file().empty()) {
    candidates.push_back({kFloatRow, with_model(base, kFloatRow, profile.model().float_file())});
  }
  for (const config::Variant& variant : profile.variant()) {
    candidates.push_back({variant.name(), with_model(base, variant.name(), variant.file())});
    prepare_as(variant, *candidates.back().spec.profile.profile.mutable_data());
  }
  return candidates;
}

// Accuracies of all of them on the desktop: what a row keeps when the board refuses its model.
Result<std::vector<results::Variant>> on_the_desktop(const CaseSpec& base, Observer& observer,
                                                     std::vector<results::Issue>& issues) {
  CaseSpec spec = with_model(base, "desktop", base.profile.profile.model().file());
  *spec.profile.profile.mutable_variant() = base.profile.profile.variant();
  ASSAY_TRY(const Prepared prepared, prepare_desktop(spec));
  const References references = gather_references(spec, prepared, observer);
  if (interrupted()) return fail(interruption());
  issues = references.issues;
  return desktop_variants(spec, prepared, references, issues);
}

// The engine or the board does not take this model; others may run.
bool refuses(const Error& error) {
  for (const char* area : {"model.", "run.multiple_inputs", "dataset.shape", "dataset.type"}) {
    if (error.code.starts_with(area)) return true;
  }
  return false;
}

// Fills `row` from a case on the board, or with the reason why there is none.
Result<std::optional<CaseOutcome>> run_row(const CaseSpec& spec, const RunOne& run_one,
                                           results::Variant& row) {
  auto outcome = run_one(spec);
  if (!outcome && !refuses(outcome.error())) return fail(outcome.error());
  if (!outcome) {
    row.refused = fmt::format("{} [{}]", outcome.error().message, outcome.error().code);
    return std::nullopt;
  }
  const results::Summary& summary = outcome->summary;
  if (summary.verdict == "interrupted") return fail(interruption());
  if (summary.verdict == "error") {
    row.refused = fmt::format("it broke on the board: {}", summary.sentence);
    row.run = outcome->folder.filename().string();
  } else {
    take_case(summary, outcome->folder.filename().string(), row);
  }
  return std::move(*outcome);
}

results::Variant& row_of(std::vector<results::Variant>& rows, const std::string& name,
                         const std::string& file) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.name == name; });
  if (found != rows.end()) return *found;
  return rows.emplace_back(
      results::Variant{.name = name, .model_file = std::filesystem::path(file).filename().string()});
}

}  // namespace

Result<WhatIf> what_if(const CaseSpec& base, const RunOne& run_one, Observer& observer) {
  const std::vector<Candidate> candidates = candidates_of(base);
  if (candidates.empty()) {
    return fail("config.value",
                "the profile has neither a float model nor a [[variant]]: there is nothing to compare with",
                base.profile.file.string(), "Add [[variant]] tables with other models of the same task.");
  }
  WhatIf result;
  ASSAY_TRY(result.rows, on_the_desktop(base, observer, result.issues));
  CaseSpec deployed = base;
  for (const Candidate& candidate : candidates) {
    results::Variant& row =
        row_of(result.rows, candidate.name, candidate.spec.profile.profile.model().file());
    ASSAY_CHECK(run_row(candidate.spec, run_one, row));
    deployed.measured.push_back(row);
  }
  results::Variant& row = row_of(result.rows, kDeployedRow, base.profile.profile.model().file());
  ASSAY_TRY(result.deployed, run_row(deployed, run_one, row));
  return result;
}

}  // namespace assay::run
