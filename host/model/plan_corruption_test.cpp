// Plans that flash or a line spoiled: refused by open(), or executed inside plan and arena.
#include <cstring>
#include <memory>
#include <random>

#include "base/digest.h"
#include "base/files.h"
#include "catch.h"
#include "engine/engine.h"
#include "engine/plan.h"
#include "model/planner.h"
#include "model/sample_model.h"
#include "model/tflite_import.h"

namespace assay::model {
namespace {

using engine::Engine;
using EngineStatus = engine::Status;

Plan sample_plan() {
  const auto graph = import_tflite(sample_model(), "sample");
  REQUIRE(graph);
  const auto plan = make_plan(*graph, {}, std::string(64, 'a'));
  REQUIRE(plan);
  return *plan;
}

Plan float_plan() {
  const auto bytes = read_bytes(ASSAY_SOURCE_DIR "/profiles/digits/model_float.tflite");
  REQUIRE(bytes);
  const auto graph = import_tflite(*bytes, "digits");
  REQUIRE(graph);
  const auto plan = make_plan(*graph, {}, std::string(64, 'a'));
  REQUIRE(plan);
  return *plan;
}

// Allocations of exactly the right size (malloc aligns to 16 bytes), so that AddressSanitizer sees the first
// byte beyond.
struct Loaded {
  explicit Loaded(const std::vector<uint8_t>& bytes, size_t arena_size)
      : plan(static_cast<uint8_t*>(std::malloc(bytes.size()))),
        arena(static_cast<uint8_t*>(std::malloc(arena_size))),
        arena_bytes(arena_size),
        plan_bytes(bytes.size()) {
    std::memcpy(plan.get(), bytes.data(), bytes.size());
    std::memset(arena.get(), 0x55, arena_size);
  }
  EngineStatus open() { return engine.open(plan.get(), plan_bytes, arena.get(), arena_bytes); }
  void fix_checksum() {
    auto* header = reinterpret_cast<engine::PlanHeader*>(plan.get());
    const uint64_t end = std::min<uint64_t>(header->plan_bytes, plan_bytes);
    if (end > engine::kPlanChecksumStart) {
      header->crc32 = crc32_of({plan.get() + engine::kPlanChecksumStart, end - engine::kPlanChecksumStart});
    }
  }
  struct Free {
    void operator()(uint8_t* p) const { std::free(p); }
  };
  std::unique_ptr<uint8_t, Free> plan, arena;
  size_t arena_bytes, plan_bytes;
  Engine engine;
};

}  // namespace

TEST_CASE("an intact plan opens and shows its border") {
  const Plan plan = sample_plan();
  Loaded loaded(plan.bytes, plan.arena_bytes);
  REQUIRE(loaded.open() == EngineStatus::kOk);
  CHECK(std::string(loaded.engine.model_name()) == "sample");
  CHECK(std::string(loaded.engine.model_hash()) == std::string(64, 'a'));
  CHECK(loaded.engine.op_count() == 5);
  REQUIRE(loaded.engine.input_count() == 1);
  const auto input = loaded.engine.input(0);
  CHECK(input.bytes == 48);
  CHECK(input.rank == 4);
  CHECK(input.dims[1] == 8);
  CHECK(input.scale == 0.05f);
  CHECK(input.zero_point == 3);
  CHECK(loaded.engine.output(0).bytes == 5);
  CHECK(loaded.engine.arena_bytes() == plan.arena_bytes);
}

TEST_CASE("hooks see every operator once, in order") {
  const Plan plan = sample_plan();
  Loaded loaded(plan.bytes, plan.arena_bytes);
  REQUIRE(loaded.open() == EngineStatus::kOk);
  std::vector<int> seen;
  engine::Hooks hooks;
  hooks.begin = [](void* user, uint16_t op) { static_cast<std::vector<int>*>(user)->push_back(op); };
  hooks.end = [](void* user, uint16_t op) { static_cast<std::vector<int>*>(user)->push_back(100 + op); };
  hooks.user = &seen;
  REQUIRE(loaded.engine.run(hooks) == EngineStatus::kOk);
  CHECK(seen == std::vector<int>{0, 100, 1, 101, 2, 102, 3, 103, 4, 104});
}

TEST_CASE("each kind of damage has its status") {
  const Plan plan = sample_plan();
  const auto status_of = [&](auto damage) {
    Loaded loaded(plan.bytes, plan.arena_bytes);
    damage(*reinterpret_cast<engine::PlanHeader*>(loaded.plan.get()), loaded);
    const auto status = loaded.open();
    CHECK(loaded.engine.op_count() == 0);
    CHECK(loaded.engine.run() == EngineStatus::kBadPlan);
    return status;
  };
  CHECK(status_of([](auto& h, auto&) { h.magic ^= 1; }) == EngineStatus::kBadMagic);
  CHECK(status_of([](auto& h, auto&) { h.version += 1; }) == EngineStatus::kBadVersion);
  CHECK(status_of([](auto&, auto& l) { l.plan.get()[l.plan_bytes / 2] ^= 1; }) == EngineStatus::kBadChecksum);
  CHECK(status_of([](auto& h, auto&) { h.plan_bytes += 8; }) == EngineStatus::kBadPlan);
  CHECK(status_of([](auto&, auto& l) { l.arena_bytes -= 16; }) == EngineStatus::kArenaTooSmall);
  CHECK(status_of([](auto& h, auto& l) {
          reinterpret_cast<engine::PlanOp*>(l.plan.get() + h.ops)->kernel_set = 9;
          l.fix_checksum();
        }) == EngineStatus::kUnknownKernel);
  CHECK(status_of([](auto& h, auto& l) {
          reinterpret_cast<engine::PlanOp*>(l.plan.get() + h.ops)->scratch = 0xfffffff0;
          l.fix_checksum();
        }) == EngineStatus::kBadPlan);
}

// How many of `rounds` spoiled plans the engine still opens; all of those must run.
int count_opened(const Plan& plan, int rounds) {
  std::vector<std::pair<size_t, size_t>> structure = {{8, 900}};  // headers and tables
  const auto* header = reinterpret_cast<const engine::PlanHeader*>(plan.bytes.data());
  const auto* ops = reinterpret_cast<const engine::PlanOp*>(plan.bytes.data() + header->ops);
  for (int i = 0; i < header->op_count; ++i) {
    if (ops[i].parameter_bytes)
      structure.emplace_back(ops[i].parameters, std::min(ops[i].parameter_bytes, 60u));
  }
  std::mt19937 random(7);
  int opened = 0;
  for (int round = 0; round < rounds; ++round) {
    Loaded loaded(plan.bytes, plan.arena_bytes);
    for (uint32_t changes = 1 + random() % 3; changes; --changes) {
      // Most damage where it does most.
      const auto [first, size] = random() % 4 ? structure[random() % structure.size()]
                                              : std::pair<size_t, size_t>{8, plan.bytes.size()};
      const size_t at = std::min(first + random() % size, plan.bytes.size() - 1);
      loaded.plan.get()[at] =
          random() % 2 ? static_cast<uint8_t>(random()) : static_cast<uint8_t>(loaded.plan.get()[at] + 1);
    }
    loaded.fix_checksum();
    if (loaded.open() != EngineStatus::kOk) continue;
    ++opened;
    REQUIRE(loaded.engine.run() == EngineStatus::kOk);
  }
  return opened;
}

// Weights, scales and names may change harmlessly; offsets, counts and shapes may not.
TEST_CASE("a corrupted plan with a right checksum stays inside plan and arena") {
  const int opened = count_opened(sample_plan(), 20000);
  CHECK(opened > 1000);
  CHECK(opened < 19000);
}

TEST_CASE("so does a corrupted plan of a float32 model") {
  const int opened = count_opened(float_plan(), 5000);
  CHECK(opened > 250);
  CHECK(opened < 4750);
}

}  // namespace assay::model
