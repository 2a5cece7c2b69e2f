#include "fuzz/model_use.h"

#include <cstdlib>
#include <cstring>
#include <memory>

#include "engine/engine.h"
#include "model/planner.h"
#include "model/tflite_import.h"
#include "tflite_generated.h"

namespace assay::fuzz {
namespace {

constexpr uint64_t kRoom = 4 << 20;  // bytes of plan and of arena: what a large board has

struct Free {
  void operator()(uint8_t* p) const { std::free(p); }
};
using Block = std::unique_ptr<uint8_t, Free>;

// malloc aligns to 16 bytes here; the block ends with its last byte.
Block block_of(size_t bytes) { return Block(static_cast<uint8_t*>(std::malloc(bytes ? bytes : 1))); }

std::string run(const model::Plan& plan) {
  const Block flash = block_of(plan.bytes.size()), arena = block_of(plan.arena_bytes);
  std::memcpy(flash.get(), plan.bytes.data(), plan.bytes.size());
  std::memset(arena.get(), 0x5A, plan.arena_bytes);
  engine::Engine engine;
  const auto opened = engine.open(flash.get(), plan.bytes.size(), arena.get(), plan.arena_bytes);
  if (opened != engine::Status::kOk) {
    return "the engine refuses a fresh plan with status " + std::to_string(static_cast<int>(opened));
  }
  for (uint8_t i = 0; i < engine.input_count(); ++i) {
    const engine::TensorView input = engine.input(i);
    std::memset(input.data, 0x40, input.bytes);  // 64 as int8, 3.0 as float32
  }
  if (engine.run() != engine::Status::kOk) return "a plan that was opened does not run";
  return "";
}

}  // namespace

ModelOutcome use_model(std::span<const uint8_t> bytes) {
  ModelOutcome outcome;
  const auto refuse = [&](const Error& error) {
    outcome.refused = error.code;
    if (error.code.rfind("model.", 0) != 0)
      outcome.broken = "refused with " + error.code + ": " + error.text();
    if (error.message.empty()) outcome.broken = "refused without a word: " + error.code;
    return outcome;
  };
  // A copy of exactly this length.
  const std::vector<uint8_t> file(bytes.begin(), bytes.end());
  const auto graph = model::import_tflite(file, "m");
  if (!graph) return refuse(graph.error());
  const auto plan = model::make_plan(*graph, {"host", kRoom, kRoom, ""}, std::string(64, '0'));
  if (!plan) return refuse(plan.error());
  outcome.broken = run(*plan);
  return outcome;
}

ModelMutator::ModelMutator(std::vector<uint8_t> model) : model_(std::move(model)) {
  std::vector<bool> weight(model_.size(), false);
  const auto* buffers = model::format::GetModel(model_.data())->buffers();
  for (const auto* buffer : *buffers) {
    if (!buffer->data()) continue;
    const auto first = static_cast<size_t>(buffer->data()->data() - model_.data());
    for (size_t i = 0; i < buffer->data()->size(); ++i) weight[first + i] = true;
  }
  for (size_t i = 8; i < model_.size(); ++i) {
    if (!weight[i]) structure_.push_back(i);
  }
}

std::vector<uint8_t> ModelMutator::next(std::mt19937& random) const {
  auto bytes = model_;
  for (uint32_t changes = 1 + random() % 4; changes; --changes) {
    const size_t at =
        random() % 4 ? structure_[random() % structure_.size()] : 8 + random() % (bytes.size() - 8);
    const uint8_t ways[] = {static_cast<uint8_t>(random()),
                            static_cast<uint8_t>(bytes[at] ^ (1u << random() % 8)),
                            static_cast<uint8_t>(bytes[at] + 1), static_cast<uint8_t>(bytes[at] - 1), 0xFF};
    bytes[at] = ways[random() % 5];
  }
  return bytes;
}

}  // namespace assay::fuzz
