#include "cli/subject_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace assay::cli {
namespace fs = std::filesystem;
namespace {

// What a profile.toml would say, from --data, --labels and --float.
Result<config::LoadedProfile> profile_of_model(const SubjectOptions& options) {
  if (options.data.empty()) {
    return fail("run.no_data", fmt::format("'{}' is a model and needs the samples to run", options.subject), "",
                "Add --data DIR (raw tensors and y_labels.csv), a .npy or a .npz; or name a profile.");
  }
  config::LoadedProfile loaded;
  loaded.file = fs::absolute(options.subject);
  config::Profile& profile = loaded.profile;
  profile.mutable_profile()->set_name(loaded.file.stem().string());
  profile.mutable_profile()->set_title(loaded.file.filename().string());
  profile.mutable_model()->set_file(loaded.file.string());
  if (!options.float_model.empty()) profile.mutable_model()->set_float_file(fs::absolute(options.float_model).string());
  profile.mutable_data()->set_path(fs::absolute(options.data).string());
  if (!options.labels.empty()) profile.mutable_data()->set_labels(fs::absolute(options.labels).string());
  std::error_code error;
  // Raw files do not tell their type: they hold what the model takes.
  profile.mutable_data()->set_quantised(options.quantised || fs::is_directory(options.data, error));
  config::Gate& gate = *profile.add_gate();
  gate.set_metric("attribution.port");
  gate.set_equals(0);
  return loaded;
}

}  // namespace

void SubjectOptions::add_to(CLI::App& verb) {
  verb.add_option("subject", subject, "A profile (name, folder or profile.toml), or a .tflite model")->required();
  verb.add_option("-b,--board", board, "The board; see `assay boards`")->capture_default_str();
  verb.add_option("--data", data, "With a model: folder of raw tensors (+ y_labels.csv), .npy or .npz");
  verb.add_option("--labels", labels, "With a model: labels as .csv or .npy, where the data has none");
  verb.add_option("--float", float_model, "With a model: its float original, reference R0");
  verb.add_flag("--quantised", quantised, "With a model: the stored integers are the model's own (folders: always)");
  verb.add_option("--samples", samples, "Rows a:b of the dataset, b not included");
  verb.add_option("--limit", limit, "At most this many samples")->check(CLI::PositiveNumber);
}

Result<run::CaseSpec> case_of(const SubjectOptions& options) {
  run::CaseSpec spec;
  if (options.subject.ends_with(".tflite")) {
    ASSAY_TRY(spec.profile, profile_of_model(options));
  } else {
    ASSAY_TRY(spec.profile, config::load_profile(options.subject));
  }
  ASSAY_TRY(spec.board, config::load_board(options.board));
  if (!options.samples.empty()) {
    ASSAY_TRY(spec.slice, dataset::parse_slice(options.samples));
  }
  if (options.limit > 0) spec.slice.limit = options.limit;
  return spec;
}

}  // namespace assay::cli
