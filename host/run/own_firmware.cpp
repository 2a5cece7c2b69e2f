#include "run/own_firmware.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "model/tflite_import.h"
#include "probe/elf_image.h"
#include "run/probe_only.h"

namespace assay::run {
namespace {

TensorInfo tensor_of(const config::BorderTensor& declared) {
  TensorInfo info{.name = declared.name(),
                  .type = *element_type(declared.type()),  // the rule of the key allows no other
                  .dims = {declared.dims().begin(), declared.dims().end()},
                  .scale = declared.scale(),
                  .zero_point = declared.zero_point()};
  return info;
}

Status check_dims(const TensorInfo& info, const char* key, const CaseSpec& spec) {
  const bool positive =
      std::all_of(info.dims.begin(), info.dims.end(), [](int64_t dim) { return dim > 0 && dim <= 1 << 24; });
  if (positive && !info.dims.empty() && info.elements() <= 1 << 24) return {};
  return fail(
      "config.value",
      fmt::format("the dims of [[model.{}]] '{}' are [{}]", key, info.name, fmt::join(info.dims, ", ")),
      spec.profile.file.string(), "Give each dimension, the batch first: dims = [1, 64].");
}

Result<std::vector<TensorInfo>> declared_tensors(
    const google::protobuf::RepeatedPtrField<config::BorderTensor>& tensors, const char* key,
    const CaseSpec& spec) {
  std::vector<TensorInfo> infos;
  for (const auto& declared : tensors) {
    infos.push_back(tensor_of(declared));
    ASSAY_CHECK(check_dims(infos.back(), key, spec));
  }
  return infos;
}

// The operators as the file lists them. Planned for this computer without limits, of which only the names,
// shapes and multiply-accumulates stay: kernels and memory are the other engine's own.
std::vector<model::PlanOpInfo> operators_of(std::span<const uint8_t> file, const std::string& name) {
  const auto graph = model::import_tflite(file, name);
  if (!graph) return {};
  auto plan = model::make_plan(*graph, {}, std::string(64, '0'));
  if (!plan) return {};
  for (auto& op : plan->ops) {
    op.kernel.clear();
    op.live_bytes = 0;
  }
  return std::move(plan->ops);
}

std::string words(const link::ModelInfo& model) {
  return model.hash.empty() ? fmt::format("'{}'", model.name)
                            : fmt::format("'{}' ({})", model.name, model.hash.substr(0, 12));
}

std::string words(const TensorInfo& info) {
  const std::string scale =
      info.scale != 0 ? fmt::format(" scale {:g} zero point {}", info.scale, info.zero_point) : "";
  return fmt::format("{} {}{}", element_name(info.type), info.shape(), scale);
}

Result<size_t> choose(const CaseSpec& spec, const Prepared& prepared,
                      const std::vector<link::ModelInfo>& models, const std::string& board) {
  const std::string& named = spec.profile.profile.engine().model();
  std::vector<std::string> known;
  for (size_t i = 0; i < models.size(); ++i) {
    if (named.empty() ? models[i].hash == prepared.model_sha256 : models[i].name == named) return i;
    known.push_back(words(models[i]));
  }
  if (models.empty())
    return fail("run.wrong_model", "the firmware presents no model", board,
                "Give assay_init() its models; see docs/adding/your_firmware.md.");
  if (named.empty() && models.size() == 1) return size_t{0};
  return fail(
      "run.wrong_model",
      fmt::format("the firmware presents {}, none of them is {}", fmt::join(known, ", "),
                  named.empty() ? fmt::format("the profile's model ({})", prepared.model_sha256.substr(0, 12))
                                : fmt::format("'{}'", named)),
      board, "Name one as `model` in [engine].");
}

Status check_hash(const CaseSpec& spec, const Prepared& prepared, const std::string& board,
                  Presented& presented) {
  const std::string& hash = presented.model.hash;
  if (hash == prepared.model_sha256) return {};
  if (hash.empty()) {
    presented.issues.push_back(
        {"run.model_unverified", "note",
         fmt::format("the firmware does not say which file its model '{}' was made of: that it is {} is "
                     "taken on trust; "
                     "set assay_model.hash to {}",
                     presented.model.name, spec.profile.profile.model().file(), prepared.model_sha256)});
    return {};
  }
  return fail("run.wrong_model",
              fmt::format("the firmware presents {}, the profile's model is {}", words(presented.model),
                          prepared.model_sha256.substr(0, 12)),
              board, "Build the firmware with this model, or name the model that it has in the profile.");
}

int64_t hops_of(const CaseSpec& spec) { return std::max<int64_t>(spec.profile.profile.engine().hops(), 1); }

// A sample of a streaming model is as long as all its hops.
Status take_hops(const CaseSpec& spec, std::vector<TensorInfo>& inputs) {
  const int64_t hops = hops_of(spec);
  if (hops == 1) return {};
  if (inputs.size() != 1 || inputs[0].dims.size() < 2) {
    return fail("config.value",
                "`hops` of [engine] needs a model of one input with a dimension after the batch",
                spec.profile.file.string(), "Remove `hops`, or declare the input as dims = [1, ...].");
  }
  inputs[0].dims[1] *= hops;
  return {};
}

Status check_tensor(const char* which, TensorInfo device, const TensorInfo& wanted, const std::string& board,
                    int64_t hops = 1) {
  if (hops > 1 && device.dims.size() > 1) device.dims[1] *= hops;
  const bool same_scale = device.scale == 0 || wanted.scale == 0 ||
                          (std::abs(device.scale - wanted.scale) <= 1e-6 * wanted.scale &&
                           device.zero_point == wanted.zero_point);
  if (device.type == wanted.type && device.elements() == wanted.elements() && same_scale) return {};
  return fail(
      "run.wrong_border",
      fmt::format("the firmware's {} is {}, that of the profile's model is {}", which, words(device),
                  words(wanted)),
      board,
      "Correct the assay_tensor in the firmware, or the model (or [[model.input]], [[model.output]]).");
}

}  // namespace

Status check_firmware(const CaseSpec& spec) {
  const std::filesystem::path file = spec.profile.profile.engine().firmware();
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    return fail("run.firmware_missing", "the firmware of [engine] is not there", file.string(),
                "Build it, or correct `firmware` in [engine] (or --firmware).");
  }
  if (spec.board.has_probe() || is_probe_only(spec.profile.profile)) {
    ASSAY_TRY([[maybe_unused]] const auto image, probe::ElfImage::read(file));
    return {};
  }
  if (access(file.c_str(), X_OK) == 0) return {};
  return fail(
      "run.wrong_firmware",
      fmt::format("board '{}' is a process, and its firmware is no program", spec.board.board().name()),
      file.string(), "Build the firmware for this computer, or choose the board that it was built for.");
}

bool has_own_firmware(const config::Profile& profile) { return !profile.engine().firmware().empty(); }

Result<model::Plan> read_foreign_model(const CaseSpec& spec, std::span<const uint8_t> file) {
  const config::Model& model = spec.profile.profile.model();
  const std::string name = std::filesystem::path(model.file()).filename().string();
  model::Plan plan;
  if (model.input_size() > 0 || model.output_size() > 0) {
    ASSAY_TRY(plan.inputs, declared_tensors(model.input(), "input", spec));
    ASSAY_TRY(plan.outputs, declared_tensors(model.output(), "output", spec));
    ASSAY_CHECK(take_hops(spec, plan.inputs));
    return plan;
  }
  if (!name.ends_with(".tflite")) {
    return fail(
        "config.value",
        fmt::format(
            "what goes in and out of '{}' is not known: it is no .tflite and the profile does not say it",
            name),
        spec.profile.file.string(),
        "Declare [[model.input]] and [[model.output]] with type and dims (and scale, zero_point).");
  }
  ASSAY_TRY(model::Border border, model::read_border(file, name));
  plan.inputs = std::move(border.inputs);
  plan.outputs = std::move(border.outputs);
  plan.ops = operators_of(file, name);
  ASSAY_CHECK(take_hops(spec, plan.inputs));
  return plan;
}

Result<Presented> find_presented(const CaseSpec& spec, const Prepared& prepared,
                                 const std::vector<link::ModelInfo>& models, const std::string& board) {
  ASSAY_TRY(const size_t index, choose(spec, prepared, models, board));
  Presented presented{.index = static_cast<uint32_t>(index), .model = models[index], .issues = {}};
  ASSAY_CHECK(check_hash(spec, prepared, board, presented));
  const link::ModelInfo& model = presented.model;
  if (model.inputs.size() != 1 || model.outputs.empty()) {
    return fail(
        "run.multiple_inputs",
        fmt::format("the firmware's model '{}' has {} inputs and {} outputs; a dataset row is one input",
                    model.name, model.inputs.size(), model.outputs.size()),
        board);
  }
  ASSAY_CHECK(check_tensor("input", model.inputs[0], prepared.input, board, hops_of(spec)));
  ASSAY_CHECK(check_tensor("output", model.outputs[0], prepared.output, board));
  return presented;
}

}  // namespace assay::run
