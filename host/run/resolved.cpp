#include "run/resolved.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/program_id.h"
#include "dataset/slice.h"
#include "run/device.h"

namespace assay::run {
namespace fs = std::filesystem;
namespace {

using results::CaseLock;

std::string known(const std::string& text) { return text.empty() ? CaseLock::kUnknown : text; }

// Empty for an empty path and for a folder: its content is known by other keys.
Result<std::string> hash_of_file(const fs::path& path) {
  std::error_code error;
  if (path.empty() || !fs::is_regular_file(path, error)) return std::string();
  return sha256_file(path);
}

// The profile without the places of its files.
std::string hash_of_profile(config::Profile profile) {
  profile.mutable_model()->clear_file();
  profile.mutable_model()->clear_float_file();
  if (profile.has_engine()) profile.mutable_engine()->clear_firmware();
  profile.mutable_data()->clear_path();
  profile.mutable_data()->clear_labels();
  if (profile.has_task()) profile.mutable_task()->clear_truth();
  for (auto& variant : *profile.mutable_variant()) {
    variant.clear_file();
    variant.clear_data();
  }
  return sha256_hex(profile.SerializeAsString());
}

void add_gates(const config::Profile& profile, CaseLock& lock) {
  for (int i = 0; i < profile.gate_size(); ++i) {
    const config::Gate& gate = profile.gate(i);
    const std::string section = fmt::format("gate[{}].", i);
    lock.set(section + "metric", gate.metric());
    if (gate.has_min()) lock.set(section + "min", gate.min());
    if (gate.has_max()) lock.set(section + "max", gate.max());
    if (gate.has_equals()) lock.set(section + "equals", gate.equals());
    if (gate.has_margin_pp()) lock.set(section + "margin_pp", gate.margin_pp());
    if (gate.has_alpha()) lock.set(section + "alpha", gate.alpha());
    if (!gate.class_().empty()) lock.set(section + "class", gate.class_());
    if (!gate.slice().empty()) lock.set(section + "slice", gate.slice());
  }
}

Status add_variants(const config::Profile& profile, CaseLock& lock) {
  for (int i = 0; i < profile.variant_size(); ++i) {
    const config::Variant& variant = profile.variant(i);
    ASSAY_TRY(const std::string model, hash_of_file(variant.file()));
    ASSAY_TRY(const std::string data, hash_of_file(variant.data()));
    lock.set(fmt::format("variant[{}].name", i), variant.name());
    lock.set(fmt::format("variant[{}].sha256", i), model);
    lock.set(fmt::format("variant[{}].data_sha256", i), data);
  }
  return {};
}

}  // namespace

Result<CaseLock> resolve(const CaseSpec& spec, const Prepared& prepared, const std::string& emulator) {
  const config::Profile& profile = spec.profile.profile;
  CaseLock lock;
  lock.set("profile.name", profile.profile().name());
  lock.set("profile.title", profile.profile().title());
  lock.set("profile.file", spec.profile.file.filename().string());
  lock.set("profile.sha256", hash_of_profile(profile));
  ASSAY_TRY(const std::string float_sha256, hash_of_file(profile.model().float_file()));
  lock.set("model.file", fs::path(profile.model().file()).filename().string());
  lock.set("model.sha256", prepared.model_sha256);
  lock.set("model.float_sha256", float_sha256);
  lock.set("model.plan_sha256", sha256_hex(prepared.plan.bytes));
  lock.set("data.name", prepared.dataset.name);
  lock.set("data.hash", prepared.dataset.hash);
  lock.set("data.samples", static_cast<int64_t>(prepared.dataset.count()));
  lock.set("data.preprocess", prepared.dataset.preprocess);
  lock.set("data.choice", prepared.dataset.choice);
  lock.set("data.rows", dataset::rows_text(prepared.dataset.rows));  // --samples that repeats the choice
  lock.set("data.inputs_sha256", sha256_hex(prepared.inputs.data));
  if (profile.has_task()) {
    ASSAY_TRY(const std::string truth, hash_of_file(profile.task().truth()));
    lock.set("task.kind", profile.task().kind());
    lock.set("task.truth_sha256", truth);
  }
  ASSAY_TRY(const std::string firmware, hash_of_file(firmware_image(spec)));
  lock.set("board.name", spec.board.board().name());
  lock.set("board.title", spec.board.board().title());
  lock.set("board.sha256", sha256_hex(spec.board.SerializeAsString()));
  lock.set("board.emulator", spec.board.has_emulator() ? known(emulator) : std::string());
  lock.set("firmware.file", firmware_image(spec).filename().string());
  lock.set("firmware.sha256", known(firmware));
  lock.set("assay.version", ASSAY_VERSION);
  lock.set("assay.build", program_build_id());  // planner, link, reference engine and metrics are in it
  lock.set("run.seed", static_cast<int64_t>(spec.seed));
  lock.set("run.references", spec.references);
  if (spec.recorded) {
    ASSAY_TRY(const std::string recorded, sha256_file(spec.recorded->file()));
    lock.set("recorded.file", fs::path(spec.recorded->file()).filename().string());
    lock.set("recorded.sha256", recorded);
  }
  std::string r1;
  for (const std::string& runtime : profile.references().r1()) r1 += (r1.empty() ? "" : " ") + runtime;
  lock.set("run.r1", r1);
  add_gates(profile, lock);
  ASSAY_CHECK(add_variants(profile, lock));
  for (const auto& [key, value] : spec.asked) lock.set(fmt::format("{}.{}", CaseLock::kAsked, key), value);
  return lock;
}

}  // namespace assay::run
