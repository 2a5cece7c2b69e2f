#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>

#include "base/files.h"
#include "cli/options.h"
#include "config/catalogue.h"
#include "model/tflite_import.h"
#include "results/npy.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kRandomInputs = 8;
constexpr int64_t kMostClasses = 1000;

struct InitOptions {
  std::string from, board = "mps2-an386", data, out;
  bool json = false;
};

// As a basic string of TOML.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// As the profile in `folder` names it.
std::string place_of(const fs::path& file, const fs::path& folder) {
  std::error_code error;
  const fs::path relative = fs::relative(file, folder, error);
  return quoted(error || relative.empty() ? fs::absolute(file).string() : relative.string());
}

// A float model of the same name beside it: "kws_int8.tflite" and "kws_float.tflite".
fs::path float_twin(const fs::path& model) {
  std::error_code error;
  for (const char* mark : {"_int8", "_quant", "_quantized", "-int8"}) {
    std::string stem = model.stem().string();
    const size_t at = stem.find(mark);
    if (at == std::string::npos) continue;
    for (const char* other : {"_float", "_float32", "_fp32", "_f32", ""}) {
      std::string twin = stem;
      const fs::path file =
          model.parent_path() / (twin.replace(at, std::string_view(mark).size(), other) + ".tflite");
      if (fs::is_regular_file(file, error)) return file;
    }
  }
  return {};
}

// Arrays, tables and folders beside the model, for a question.
std::vector<fs::path> dataset_candidates(const fs::path& model) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const char* place : {"", "data"}) {
    for (const auto& entry : fs::directory_iterator(model.parent_path() / place, error)) {
      const std::string kind = entry.path().extension().string();
      if ((kind == ".npz" || kind == ".npy" || kind == ".csv") && found.size() < 8)
        found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

const char* kind_of(const TensorInfo& input) {
  if (input.dims.size() == 4 && (input.dims[3] == 1 || input.dims[3] == 3)) return "image";
  return input.dims.size() == 3 ? "series" : "other";
}

std::string words_of(const TensorInfo& tensor) {
  return fmt::format(
      "{} {}{}", element_name(tensor.type), tensor.shape(),
      tensor.scale != 0 ? fmt::format(", real = {:.9g} * (q - {})", tensor.scale, tensor.zero_point) : "");
}

// Bytes of the model's own type, or values of -1..1: they say whether the port computes what it should, not
// how good the model is.
TensorRows random_inputs(const TensorInfo& input) {
  TensorRows rows{input, {}};
  std::mt19937 random(1);
  if (input.type == ElementType::kFloat32) {
    std::uniform_real_distribution<float> values(-1, 1);
    for (int64_t i = 0; i < input.elements() * static_cast<int64_t>(kRandomInputs); ++i) {
      const float value = values(random);
      const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
      rows.data.insert(rows.data.end(), bytes, bytes + sizeof value);
    }
    return rows;
  }
  for (size_t i = 0; i < input.bytes() * kRandomInputs; ++i)
    rows.data.push_back(static_cast<uint8_t>(random()));
  return rows;
}

std::string data_lines(const InitOptions& options, const fs::path& model, const fs::path& folder,
                       const TensorInfo& input) {
  std::string text = "[data]\n";
  if (!options.data.empty()) {
    text += fmt::format("path = {}\n", place_of(options.data, folder));
    text +=
        "# What is the value of a stored integer? real = (stored - zero_point) * scale; none: they are "
        "real.\n# scale = 1.0\n";
  } else {
    text +=
        "# PLACEHOLDER: random inputs without labels. They show whether the port computes what its host "
        "build\n"
        "# computes, and nothing about accuracy. Where are your samples?\n"
        "path = \"data/random_inputs.npy\"\n";
    if (input.type != ElementType::kFloat32)
      text += "quantised = true   # the stored integers are the model's own\n";
    for (const fs::path& file : dataset_candidates(model))
      text += fmt::format("# path = {}   # beside the model: is it this?\n", place_of(file, folder));
  }
  text += fmt::format("kind = \"{}\"   # guessed from the input's shape: series, image, audio or other\n",
                      kind_of(input));
  return text;
}

std::string profile_text(const InitOptions& options, const fs::path& model, const fs::path& folder,
                         const model::Border& border) {
  const TensorInfo &input = border.inputs[0], &output = border.outputs[0];
  std::string text = fmt::format(
      "# Written by `assay init`: what the model says is filled in, what it cannot say is asked in "
      "comments.\n"
      "[profile]\nname = {}\n# title = \"What is it, in a few words?\"\n\n"
      "[model]\nfile = {}\n# in:  {}\n# out: {}\n",
      quoted(model.stem().string()), place_of(model, folder), words_of(input), words_of(output));
  const fs::path twin = float_twin(model);
  if (twin.empty()) {
    text +=
        "# Where is the float model that it was made of? With it the loss of quantisation is known.\n# "
        "float_file = \"model_float.tflite\"\n";
  } else {
    text += fmt::format("float_file = {}   # found beside it: is it the model that it was made of?\n",
                        place_of(twin, folder));
  }
  text += "\n" + data_lines(options, model, folder, input);
  const int64_t classes = output.elements();
  if (classes > 1 && classes <= kMostClasses)
    text += fmt::format(
        "# The model has {} outputs. What are the classes called, in its order?\n# classes = [\"first\", "
        "\"second\"]\n",
        classes);
  text +=
      "\n[references]\nr1 = [\"litert_ref\", \"litert_builtin\", \"litert_xnnpack\", \"tflite_micro\"]\n\n"
      "# The board computes what the host build of its engine computes.\n[[gate]]\nmetric = "
      "\"attribution.port\"\nequals = 0\n\n"
      "# With labels and a float model: how much accuracy may be lost?\n# [[gate]]\n# metric = "
      "\"accuracy.delta\"\n# margin_pp = 2\n\n"
      "# What must it not exceed? docs/gates.md lists the metrics.\n# [[gate]]\n# metric = \"memory.ram\"\n# "
      "max = 65536\n\n"
      "# Another engine than Assay's, in firmware of yours? docs/adding/your_firmware.md\n# [engine]\n# "
      "firmware = \"app.elf\"\n"
      "# How does it take a tapped model? An array of the firmware, or a command that builds it anew.\n# "
      "model_symbol = \"g_model\"\n";
  return text;
}

Result<Exit> init(const InitOptions& options) {
  const fs::path model = options.from;
  ASSAY_TRY(const auto bytes, read_bytes(model));
  ASSAY_TRY(const model::Border border, model::read_border(bytes, model.filename().string()));
  ASSAY_TRY([[maybe_unused]] const config::Board board, config::load_board(options.board));
  const fs::path folder = options.out.empty() ? fs::path(model.stem()) : fs::path(options.out);
  const fs::path file = folder / "profile.toml";
  std::error_code error;
  if (!options.data.empty() && !fs::exists(options.data, error))
    return fail("config.value", "the dataset is not there", options.data, "Correct --data.");
  const std::string text = profile_text(options, model, folder, border);
  // One that nobody touched since may be written again.
  const auto before = read_text(file);
  if (before ? *before != text : fs::exists(file, error))
    return fail("config.value", "there is a profile already", file.string(),
                "Name another folder with --out.");
  ASSAY_CHECK(make_directories(folder));
  if (options.data.empty()) {
    ASSAY_CHECK(make_directories(folder / "data"));
    ASSAY_CHECK(results::write_npy(folder / "data/random_inputs.npy", random_inputs(border.inputs[0])));
  }
  ASSAY_CHECK(write_file(file, text));
  if (options.json) {
    const nlohmann::ordered_json object = {{"profile", file.string()},
                                           {"board", options.board},
                                           {"input", words_of(border.inputs[0])},
                                           {"output", words_of(border.outputs[0])},
                                           {"random_inputs", options.data.empty()}};
    fmt::print("{}\n", object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return Exit::kPass;
  }
  fmt::print("{}: {} in, {} out\n", file.string(), words_of(border.inputs[0]), words_of(border.outputs[0]));
  if (options.data.empty())
    fmt::print("Missing: samples. {} random inputs stand in for them; see [data].\n", kRandomInputs);
  fmt::print("Next: answer its questions, then assay check {} --board {}\n", folder.string(), options.board);
  return Exit::kPass;
}

}  // namespace

void add_init(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<InitOptions>();
  Options options(verb);
  options.option("--from", choice->from, "The .tflite to write a profile for").required();
  options.option("-b,--board", choice->board, "The board; see `assay boards`");
  options.option("--data", choice->data, "Its samples; default: a few random inputs, and a question");
  options.option("--out", choice->out, "The folder of the profile; default: named after the model, here");
  options.flag("--json", choice->json, "Print JSON");
  options.on_chosen(action, [choice] { return init(*choice); });
}

}  // namespace assay::cli
