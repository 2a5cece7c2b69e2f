#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/files.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "config/catalogue.h"
#include "model/plan_json.h"
#include "model/planner.h"
#include "model/tapped_model.h"
#include "model/tflite_import.h"

namespace assay::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ModelOptions {
  std::string file, board = "mps2-an386", ops = "all", output;
  bool json = false;
};

std::string tensor_text(const TensorInfo& tensor) {
  std::string text = fmt::format("{} {}", element_name(tensor.type), tensor.shape());
  if (tensor.scale != 0)
    text += fmt::format("  scale {:.9g}, zero point {}", tensor.scale, tensor.zero_point);
  return text;
}

struct Loaded {
  std::string sha256;
  size_t bytes = 0;
  model::Graph graph;
};

Result<Loaded> load(const std::string& file) {
  Loaded loaded;
  ASSAY_TRY(const auto bytes, read_bytes(file));
  loaded.bytes = bytes.size();
  loaded.sha256 = sha256_hex(bytes);
  ASSAY_TRY(loaded.graph, model::import_tflite(bytes, std::filesystem::path(file).filename().string()));
  return loaded;
}

model::PlanTarget target_of(const config::Board& board) {
  return {.core = board.board().core(),
          .region_bytes = static_cast<uint64_t>(board.model_region().size()),
          .arena_bytes = static_cast<uint64_t>(board.model_region().arena_bytes())};
}

struct Fit {
  std::string board;
  bool fits = false;
  std::string words;
};

// Which boards the model fits, with the numbers.
Result<std::vector<Fit>> fits(const Loaded& loaded) {
  std::vector<Fit> all;
  for (const std::string& name : config::board_names()) {
    ASSAY_TRY(const config::Board board, config::load_board(name));
    auto plan = model::make_plan(loaded.graph, target_of(board), loaded.sha256);
    all.push_back({name, plan.has_value(),
                   plan
                       ? fmt::format("plan {}, arena {}", bytes_text(static_cast<double>(plan->bytes.size())),
                                     bytes_text(static_cast<double>(plan->arena_bytes)))
                       : plan.error().text()});
  }
  return all;
}

Result<Exit> info(const ModelOptions& options) {
  ASSAY_TRY(const Loaded loaded, load(options.file));
  ASSAY_TRY(const std::vector<Fit> boards, fits(loaded));
  uint64_t total = 0;
  std::vector<std::vector<std::string>> rows;
  Json ops = Json::array();
  for (size_t i = 0; i < loaded.graph.ops.size(); ++i) {
    const model::Op& op = loaded.graph.ops[i];
    const TensorInfo& output = loaded.graph.tensors[static_cast<size_t>(op.output)].info;
    const uint64_t macs = model::multiply_accumulates(loaded.graph, op);
    total += macs;
    rows.push_back({std::to_string(i), op.name, output.shape(), std::string(element_name(output.type)),
                    macs ? fmt::format("{}", macs) : "-"});
    ops.push_back({{"index", i}, {"op", op.name}, {"output", model::tensor_json(output)}, {"macs", macs}});
  }
  const TensorInfo& input = loaded.graph.tensors[static_cast<size_t>(loaded.graph.inputs[0])].info;
  const TensorInfo& output = loaded.graph.tensors[static_cast<size_t>(loaded.graph.outputs[0])].info;
  if (options.json) {
    Json fit = Json::array();
    for (const Fit& entry : boards)
      fit.push_back({{"board", entry.board}, {"fits", entry.fits}, {"detail", entry.words}});
    const Json object = {{"file", options.file},
                         {"bytes", loaded.bytes},
                         {"sha256", loaded.sha256},
                         {"input", model::tensor_json(input)},
                         {"output", model::tensor_json(output)},
                         {"macs", total},
                         {"operators", ops},
                         {"boards", fit}};
    fmt::print("{}\n", object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return Exit::kPass;
  }
  fmt::print("{}  {}  sha256 {}\n", loaded.graph.name, bytes_text(static_cast<double>(loaded.bytes)),
             loaded.sha256.substr(0, 12));
  fmt::print("input   {}\noutput  {}\n\n", tensor_text(input), tensor_text(output));
  fmt::print("{}\n{} multiply-accumulates an inference\n\n",
             table({">#", "operator", "output", "type", ">MACs"}, rows, columns(1)), total);
  std::vector<std::vector<std::string>> fit_rows;
  for (const Fit& entry : boards) fit_rows.push_back({entry.board, entry.fits ? "fits" : "no", entry.words});
  fmt::print("{}", table({"board", "fits", "needs"}, fit_rows, columns(1)));
  return Exit::kPass;
}

Result<Exit> plan(const ModelOptions& options) {
  ASSAY_TRY(const Loaded loaded, load(options.file));
  ASSAY_TRY(const config::Board board, config::load_board(options.board));
  ASSAY_TRY(const model::Plan made, model::make_plan(loaded.graph, target_of(board), loaded.sha256));
  if (!options.output.empty()) ASSAY_CHECK(write_file(options.output, made.bytes));
  if (options.json) {
    Json arena = Json::array();
    for (const auto& entry : made.arena) {
      arena.push_back({{"tensor", entry.tensor},
                       {"offset", entry.offset},
                       {"bytes", entry.bytes},
                       {"first_op", entry.first_op},
                       {"last_op", entry.last_op}});
    }
    const Json object = {{"board", options.board},
                         {"plan_bytes", made.bytes.size()},
                         {"region_bytes", board.model_region().size()},
                         {"arena_bytes", made.arena_bytes},
                         {"operators", model::operators_json(made)},
                         {"arena", arena}};
    fmt::print("{}\n", object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return Exit::kPass;
  }
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < made.ops.size(); ++i) {
    const auto& op = made.ops[i];
    rows.push_back(
        {std::to_string(i), op.name, op.output.shape(), fmt::format("{}", op.live_bytes), op.kernel});
  }
  fmt::print("{}\n", table({">#", "operator", "output", ">arena B", "kernel"}, rows, columns(1)));
  rows.clear();
  for (const auto& entry : made.arena) {
    rows.push_back({fmt::format("{}", entry.offset), fmt::format("{}", entry.bytes),
                    fmt::format("{}-{}", entry.first_op, entry.last_op), entry.tensor});
  }
  fmt::print("{}\n", table({">offset", ">bytes", "ops", "tensor"}, rows, columns(1)));
  fmt::print(
      "plan {}{}, arena {}{} on {}\n", bytes_text(static_cast<double>(made.bytes.size())),
      board.has_model_region() ? " of " + bytes_text(static_cast<double>(board.model_region().size())) : "",
      bytes_text(static_cast<double>(made.arena_bytes)),
      board.has_model_region() ? " of " + bytes_text(static_cast<double>(board.model_region().arena_bytes()))
                               : "",
      options.board);
  return Exit::kPass;
}

// A model that returns its operators' tensors, for any loader.
Result<Exit> tap(const ModelOptions& options) {
  const std::filesystem::path file = options.file;
  ASSAY_TRY(const auto bytes, read_bytes(file));
  ASSAY_TRY(const std::vector<int> ops, model::parse_operators(options.ops));
  ASSAY_TRY(const model::TappedModel tapped, model::tap_model(bytes, file.filename().string(), ops));
  const std::string output =
      options.output.empty() ? file.stem().string() + "_tapped.tflite" : options.output;
  std::error_code error;
  if (std::filesystem::equivalent(file, output, error)) {
    return fail("config.value", fmt::format("'{}' is the model itself", output), "--output",
                "Name another file.");
  }
  ASSAY_CHECK(write_file(output, tapped.bytes));
  const size_t before = tapped.outputs - tapped.added.size();
  if (options.json) {
    Json added = Json::array();
    for (size_t i = 0; i < tapped.added.size(); ++i) {
      const auto& tap = tapped.added[i];
      added.push_back({{"output", before + i}, {"op", tap.op}, {"tensor", tap.tensor}, {"name", tap.name}});
    }
    const Json object = {
        {"file", output}, {"sha256", sha256_hex(tapped.bytes)}, {"outputs", tapped.outputs}, {"taps", added}};
    fmt::print("{}\n", object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return Exit::kPass;
  }
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < tapped.added.size(); ++i) {
    const auto& tap = tapped.added[i];
    rows.push_back(
        {std::to_string(before + i), std::to_string(tap.op), std::to_string(tap.tensor), tap.name});
  }
  fmt::print("{}\n{}: {} outputs, {} of them taps; times of such a model are void\n",
             table({">output", ">#", ">tensor", "name"}, rows, columns(1)), output, tapped.outputs,
             tapped.added.size());
  return Exit::kPass;
}

}  // namespace

void add_model(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<ModelOptions>();
  Options all(verb);
  Options info_options = all.below("info", "Operators, border tensors, and the boards it fits");
  Options plan_options = all.below("plan", "Kernels and memory plan for one board");
  Options tap_options = all.below("tap", "Write a model whose operators' tensors are outputs too");
  for (Options* options : {&info_options, &plan_options, &tap_options}) {
    options->positional("file", choice->file, "The .tflite model").required();
    options->flag("--json", choice->json, "Print JSON");
  }
  plan_options.option("-b,--board", choice->board, "The board; see `assay boards`");
  plan_options.option("-o,--output", choice->output, "Write the plan to this file too; default: nowhere");
  tap_options.option("--ops", choice->ops, "Operators: all, or indices and ranges as 0,3,7-9");
  tap_options.option("-o,--output", choice->output, "The file to write; default: MODEL_tapped.tflite here");
  tap_options.on_chosen(action, [choice] { return tap(*choice); });
  info_options.on_chosen(action, [choice] { return info(*choice); });
  plan_options.on_chosen(action, [choice] { return plan(*choice); });
}

}  // namespace assay::cli
