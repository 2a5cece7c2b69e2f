#include "cli/subject_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include "cli/program_subject.h"
#include "config/nearest.h"
#include "dataset/formats.h"

namespace assay::cli {
namespace fs = std::filesystem;
namespace {

// What a profile.toml would say, from --data, --labels and --float.
Result<config::LoadedProfile> profile_of_model(const SubjectOptions& options) {
  if (options.data.empty()) {
    return fail("run.no_data", fmt::format("'{}' is a model and needs the samples to run", options.subject),
                "", "Add --data DIR or FILE in a format that docs/datasets.md lists; or name a profile.");
  }
  config::LoadedProfile loaded;
  loaded.file = fs::absolute(options.subject);
  config::Profile& profile = loaded.profile;
  profile.mutable_profile()->set_name(loaded.file.stem().string());
  profile.mutable_profile()->set_title(loaded.file.filename().string());
  profile.mutable_model()->set_file(loaded.file.string());
  if (!options.float_model.empty())
    profile.mutable_model()->set_float_file(fs::absolute(options.float_model).string());
  profile.mutable_data()->set_path(fs::absolute(options.data).string());
  if (!options.labels.empty()) profile.mutable_data()->set_labels(fs::absolute(options.labels).string());
  // Raw files do not tell their type: they hold what the model takes.
  const auto format = dataset::find_format(options.data);
  profile.mutable_data()->set_quantised(options.quantised ||
                                        (format && (*format)->name == std::string_view("raw")));
  config::Gate& gate = *profile.add_gate();
  gate.set_metric("attribution.port");
  gate.set_equals(0);
  return loaded;
}

// The conditions of a [[slice]].
Result<std::string> named_slice(const config::Profile& profile, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& slice : profile.slice()) {
    if (slice.name() == name) return slice.where();
    known.push_back(slice.name());
  }
  if (known.empty()) {
    return fail("dataset.slice", fmt::format("'{}' is no condition, and the profile names no slices", name),
                "", "Write --slice column=value.");
  }
  const std::string near = config::nearest(name, known);
  return fail("dataset.slice", fmt::format("the profile has no slice '{}'", name), "",
              fmt::format("{}Known: {}.", near.empty() ? "" : fmt::format("Did you mean '{}'? ", near),
                          fmt::join(known, ", ")));
}

// The options' part of [engine].
void set_engine(const SubjectOptions& options, config::Profile& profile) {
  config::Engine& engine = *profile.mutable_engine();
  if (!options.firmware.empty())
    engine.set_firmware(fs::absolute(options.firmware).lexically_normal().string());
  if (!options.call.empty()) engine.set_call(options.call);
  if (!options.ready.empty()) engine.set_ready(options.ready);
  const auto set_names = [](const std::string& names, auto& list) {
    if (!names.empty()) list.Clear();
    for (size_t at = 0; at < names.size();) {
      const size_t comma = std::min(names.find(',', at), names.size());
      if (comma > at) *list.Add() = names.substr(at, comma - at);
      at = comma + 1;
    }
  };
  set_names(options.input, *engine.mutable_input());
  set_names(options.output, *engine.mutable_output());
}

bool names_engine(const SubjectOptions& options) {
  return !(options.firmware.empty() && options.call.empty() && options.input.empty() &&
           options.output.empty() && options.ready.empty());
}

}  // namespace

void SubjectOptions::add_to(CLI::App& verb) {
  verb.add_option("subject", subject, "A profile (name, folder or profile.toml), or a .tflite model")
      ->required();
  verb.add_option("-b,--board", board, "The board; see `assay boards`")->capture_default_str();
  verb.add_option("--data", data, "With a model: samples in any format that docs/datasets.md lists");
  verb.add_option("--labels", labels, "With a model: labels as .csv or .npy, where the data has none");
  verb.add_option("--float", float_model, "With a model: its float original, reference R0");
  verb.add_option(
      "--firmware,--elf", firmware,
      "Your own firmware: with the agent in it an ELF, on posix a program (docs/adding/your_firmware.md); "
      "with --call any ELF");
  verb.add_option("--call", call, "Probe-only: the function of the ELF that infers (docs/probe_only.md)");
  verb.add_option("--input", input, "With --call: the variable that holds the input, or NAME[OFFSET:BYTES]");
  verb.add_option("--output", output,
                  "With --call: the variables that hold the outputs; a comma separates them");
  verb.add_option(
      "--ready", ready,
      "With --call: the function at whose entry the application is initialised (default: its first --call)");
  verb.add_flag("--quantised", quantised,
                "With a model: the stored integers are the model's own (folders: always)");
  SampleOptions::add_to(verb);
}

void SampleOptions::add_to(CLI::App& verb) {
  verb.add_option("--samples", samples,
                  "Rows a:b (b not included), ids, or a file of ids; a comma list mixes them");
  verb.add_option("--slice", slice,
                  "column=value[,column=value] of the slice columns, or a [[slice]] of the profile");
  CLI::Option* most =
      verb.add_option("--limit", limit, "At most this many samples: the first ones, or see --shuffle")
          ->check(CLI::PositiveNumber);
  verb.add_flag("--shuffle", shuffle, "With --limit: chosen at random by --seed, the same on every computer")
      ->needs(most);
  verb.add_option(
      "--shard", shard,
      "Part i/n of what is left then, i from 1: disjoint, complete, and by the samples' ids alone");
}

Result<dataset::Slice> SampleOptions::choice(const config::Profile& profile) const {
  dataset::Slice chosen;
  if (!samples.empty()) {
    ASSAY_TRY(chosen, dataset::parse_slice(samples));
  }
  if (!slice.empty()) {
    std::string where = slice;
    if (slice.find('=') == std::string::npos) {
      ASSAY_TRY(where, named_slice(profile, slice));
    }
    ASSAY_TRY(chosen.where, dataset::parse_where(where));
  }
  if (limit > 0) chosen.limit = limit;
  chosen.shuffle = shuffle;
  if (!shard.empty()) {
    ASSAY_TRY(chosen.shard, dataset::parse_shard(shard));
  }
  return chosen;
}

Result<run::CaseSpec> case_of(const SubjectOptions& options) {
  run::CaseSpec spec;
  if (is_program_alone(options)) {
    ASSAY_TRY(spec.profile, profile_of_program(options));
  } else if (options.subject.ends_with(".tflite")) {
    ASSAY_TRY(spec.profile, profile_of_model(options));
  } else {
    ASSAY_TRY(spec.profile, config::load_profile(options.subject));
  }
  if (names_engine(options)) set_engine(options, spec.profile.profile);
  ASSAY_TRY(spec.board, config::load_board(options.board));
  ASSAY_TRY(spec.slice, options.choice(spec.profile.profile));
  return spec;
}

}  // namespace assay::cli
