#include "cli/program_subject.h"

#include <fmt/format.h>

#include "base/tensor.h"
#include "dataset/formats.h"
#include "probe/buffer.h"

namespace assay::cli {
namespace fs = std::filesystem;
namespace {

Status declare(const probe::DebugInfo& info, const std::string& name, probe::BufferUse use,
               config::BorderTensor& tensor) {
  const char* which = use == probe::BufferUse::kInput ? "input" : "output";
  if (name.empty()) {
    return fail("config.value", fmt::format("no {} is named", which), "",
                fmt::format("Add --{} VARIABLE, as the program's source names it.", which));
  }
  ASSAY_TRY(const probe::Buffer buffer, probe::find_buffer(info, name, use));
  const auto type = element_type(buffer.type);
  if (!type) {
    return fail("config.value",
                fmt::format("the program does not tell which numbers '{}' holds", buffer.asked), "",
                "Build it with -g, or declare [[model.input]] and [[model.output]] in a profile.");
  }
  tensor.set_name(buffer.asked);
  tensor.set_type(buffer.type);
  tensor.add_dims(1);
  for (const int64_t dim : buffer.dims) tensor.add_dims(dim);
  if (buffer.dims.empty()) tensor.add_dims(1);
  return {};
}

}  // namespace

bool is_program_alone(const SubjectOptions& options) {
  if (options.call.empty() || options.firmware.empty()) return false;
  // A resumed run names the program as what it runs.
  return options.subject.empty() || fs::absolute(options.subject) == fs::absolute(options.firmware);
}

Result<config::LoadedProfile> profile_of_program(const SubjectOptions& options) {
  if (options.data.empty()) {
    return fail("run.no_data",
                fmt::format("'{}' is a program and needs the samples to run", options.firmware), "",
                "Add --data DIR or FILE in a format that docs/datasets.md lists; or name a profile.");
  }
  config::LoadedProfile loaded;
  loaded.file = fs::absolute(options.firmware).lexically_normal();
  config::Profile& profile = loaded.profile;
  profile.mutable_profile()->set_name(loaded.file.stem().string());
  profile.mutable_profile()->set_title(loaded.file.filename().string());
  profile.mutable_model()->set_file(loaded.file.string());
  ASSAY_TRY(const probe::DebugInfo info, probe::DebugInfo::read(loaded.file));
  const std::string output = options.output.substr(0, options.output.find(','));
  ASSAY_CHECK(declare(info, options.input, probe::BufferUse::kInput, *profile.mutable_model()->add_input()));
  ASSAY_CHECK(declare(info, output, probe::BufferUse::kOutput, *profile.mutable_model()->add_output()));
  config::Data& data = *profile.mutable_data();
  data.set_path(fs::absolute(options.data).string());
  if (!options.labels.empty()) data.set_labels(fs::absolute(options.labels).string());
  // Nothing tells the scale of integers, so the samples must be stored as the program takes them.
  const auto format = dataset::find_format(options.data);
  const bool raw = format && (*format)->name == std::string_view("raw");
  data.set_quantised(options.quantised || raw || profile.model().input(0).type() != "float32");
  return loaded;
}

}  // namespace assay::cli
