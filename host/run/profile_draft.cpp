#include "run/profile_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "base/files.h"
#include "dataset/formats.h"
#include "model/tflite_import.h"
#include "run/profile_draft_parts.h"

namespace assay::run {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kRandomRows = 8;
constexpr size_t kMostCandidates = 4;

// How an input of that shape is usually looked at.
const char* kind_of(const TensorInfo& input) {
  const auto& dims = input.dims;
  if (dims.size() == 4 && (dims[3] == 1 || dims[3] == 3) && dims[1] >= 8 && dims[2] >= 8) return "image";
  return dims.size() == 3 ? "series" : "other";
}

// Values over the whole range of the type: what they mean is for nobody to say.
TensorRows random_rows(const TensorInfo& input) {
  TensorRows rows{input, {}};
  std::minstd_rand random(1);
  const auto count = static_cast<size_t>(input.elements() * kRandomRows);
  if (input.type == ElementType::kFloat32) {
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
    rows.data.resize(count * sizeof(float));
    std::copy_n(reinterpret_cast<const uint8_t*>(values.data()), rows.data.size(), rows.data.begin());
  } else {
    rows.data.resize(count * element_size(input.type));
    for (uint8_t& byte : rows.data) byte = static_cast<uint8_t>(random() >> 8);
  }
  return rows;
}

// Files beside the model that Assay reads as data.
std::vector<std::string> data_beside(const DraftWishes& wishes) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::absolute(wishes.from).parent_path(), error)) {
    const std::string extension = entry.path().extension();
    const bool data = extension == ".npz" || extension == ".npy" || extension == ".csv";
    if (data && entry.is_regular_file(error)) found.push_back(toml_path(entry.path(), wishes.folder));
  }
  std::sort(found.begin(), found.end());
  found.resize(std::min(found.size(), kMostCandidates));
  return found;
}

// A float twin: the same border beside the model, in real numbers.
fs::path float_beside(const DraftWishes& wishes, const model::Border& border) {
  std::error_code error;
  std::vector<fs::path> twins;
  for (const auto& entry : fs::directory_iterator(fs::absolute(wishes.from).parent_path(), error)) {
    if (entry.path().extension() != ".tflite" || !entry.is_regular_file(error)) continue;
    const auto bytes = read_bytes(entry.path());
    const auto other = bytes ? model::read_border(*bytes, entry.path().filename().string())
                             : Result<model::Border>(fail(bytes.error()));
    if (!other || other->inputs.size() != 1 || other->outputs.empty()) continue;
    const bool same = other->inputs[0].elements() == border.inputs[0].elements() &&
                      other->outputs[0].elements() == border.outputs[0].elements();
    if (same && other->inputs[0].type == ElementType::kFloat32 && other->inputs[0].scale == 0)
      twins.push_back(entry.path());
  }
  return twins.size() == 1 ? twins[0] : fs::path();
}

std::string model_section(const DraftWishes& wishes, const model::Border& border, ProfileDraft& draft) {
  const TensorInfo &input = border.inputs[0], &output = border.outputs[0];
  const auto words = [](const TensorInfo& info) {
    return info.scale == 0 ? fmt::format("{} {}", element_name(info.type), info.shape())
                           : fmt::format("{} {}, scale {:.9g}, zero point {}", element_name(info.type),
                                         info.shape(), info.scale, info.zero_point);
  };
  draft.found.push_back(fmt::format("input {}; output {}", words(input), words(output)));
  std::string text = fmt::format("[model]\n# in: {}; out: {}\nfile = {}\n", words(input), words(output),
                                 toml_text(toml_path(wishes.from, wishes.folder)));
  fs::path twin = wishes.float_model;
  if (twin.empty() && input.type != ElementType::kFloat32) twin = float_beside(wishes, border);
  if (!twin.empty()) {
    draft.found.push_back(fmt::format("float original {}", twin.filename().string()));
    return text + fmt::format("float_file = {}\n\n", toml_text(toml_path(twin, wishes.folder)));
  }
  if (input.type == ElementType::kFloat32) return text + "\n";
  return text +
         question("Where is the float original? Without it, what quantising lost is not measured.", draft) +
         "# float_file = \"model_float.tflite\"\n\n";
}

}  // namespace

std::string toml_text(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string toml_path(const fs::path& file, const fs::path& folder) {
  return fs::absolute(file)
      .lexically_normal()
      .lexically_relative(fs::absolute(folder).lexically_normal())
      .string();
}

std::string question(const std::string& text, ProfileDraft& draft) {
  draft.questions.push_back(text);
  return "# QUESTION " + text + "\n";
}

std::string identity_section(const ProfileDraft& draft, const std::string& title) {
  return fmt::format("[profile]\nname = {}\ntitle = {}\n\n", toml_text(draft.name), toml_text(title));
}

std::string data_section(const DraftWishes& wishes, const TensorInfo& input, int64_t outputs,
                         ProfileDraft& draft) {
  std::string text = "[data]\n";
  if (!wishes.data.empty()) {
    text += fmt::format("path = {}\n", toml_text(toml_path(wishes.data, wishes.folder)));
    if (!wishes.labels.empty())
      text += fmt::format("labels = {}\n", toml_text(toml_path(wishes.labels, wishes.folder)));
    if (input.scale != 0)
      text +=
          question("What is one stored step worth in real units? Without scale the values are real.", draft) +
          "# scale = 0.0625\n# quantised = true   # when they are the model's own integers\n";
  } else {
    text += question(
        "Where are the samples, and their labels? Random inputs stand in: they show speed and whether the "
        "port is exact, not accuracy.",
        draft);
    for (const std::string& beside : data_beside(wishes))
      text += fmt::format("# path = {}\n", toml_text(beside));
    text +=
        fmt::format("path = \"{}\"\nquantised = {}\n", kRandomInputs, input.type != ElementType::kFloat32);
    draft.random_inputs = random_rows(input);
  }
  text += fmt::format("kind = \"{}\"\n", kind_of(input));
  if (outputs > 1 && outputs <= 1000)
    text += question(fmt::format("What are the names of the {} outputs, in their order?", outputs), draft) +
            "# classes = [\"...\"]\n";
  return text + "\n";
}

Result<ProfileDraft> draft_of_model(const DraftWishes& wishes) {
  ASSAY_TRY(const auto bytes, read_bytes(wishes.from));
  const std::string file = wishes.from.filename().string();
  ASSAY_TRY(const model::Border border, model::read_border(bytes, file));
  if (border.inputs.size() != 1 || border.outputs.empty()) {
    return fail("run.multiple_inputs",
                fmt::format("the model has {} inputs and {} outputs; a dataset row is one input",
                            border.inputs.size(), border.outputs.size()),
                wishes.from.string());
  }
  ProfileDraft draft{.name = wishes.from.stem().string()};
  draft.toml = identity_section(draft, file) + model_section(wishes, border, draft) +
               data_section(wishes, border.inputs[0], border.outputs[0].elements(), draft) + R"([references]
r1 = ["litert_ref", "litert_builtin", "litert_xnnpack", "tflite_micro"]

[[gate]]
metric = "attribution.port"   # the board answers as the host build of its engine
equals = 0

)" + question("How much accuracy, time and memory may it take? docs/gates.md lists every figure.", draft) +
               R"(# [[gate]]
# metric = "accuracy.delta"
# margin_pp = 2

# Another engine than Assay's own, in firmware of yours: docs/adding/your_firmware.md
# [engine]
# firmware = "app.elf"
# model_symbol = "g_model"      # the array that a tapped model is written to; or `build`, a command
)";
  return draft;
}

}  // namespace assay::run
