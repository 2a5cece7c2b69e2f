// Damaged models of both element types: the seeded share of what model_fuzzer.cpp does without end.
#include <cstdlib>
#include <iostream>
#include <map>

#include "base/files.h"
#include "catch.h"
#include "fuzz/model_use.h"

namespace assay::fuzz {
namespace {

constexpr const char* kModels[] = {"digits/model_int8", "digits/model_float", "watch/model_int8",
                                   "watch_raw/model_float"};

std::vector<uint8_t> model_bytes(const std::string& name) {
  const auto bytes = read_bytes(std::string(ASSAY_SOURCE_DIR) + "/profiles/" + name + ".tflite");
  REQUIRE(bytes);
  return *bytes;
}

// 250 of each model in the test run; ASSAY_SOAK (100: the long version) multiplies, up to 10,000 of each.
int rounds() {
  const char* soak = std::getenv("ASSAY_SOAK");
  return std::min(10000, 250 * std::max(1, soak ? std::atoi(soak) : 1));
}

}  // namespace

TEST_CASE("the models of the profiles run") {
  for (const char* name : kModels) {
    INFO(name);
    const ModelOutcome outcome = use_model(model_bytes(name));
    CHECK(outcome.broken.empty());
    CHECK(outcome.refused.empty());
  }
}

TEST_CASE("a model cut at a hundred places is refused as truncated each time") {
  for (const char* name : kModels) {
    const auto whole = model_bytes(name);
    for (size_t i = 0; i < 100; ++i) {
      const size_t length = whole.size() * i / 100;
      INFO(name << " cut to " << length << " bytes");
      const ModelOutcome outcome = use_model(std::span(whole).first(length));
      REQUIRE(outcome.broken.empty());
      REQUIRE(outcome.refused == (length < 8 ? "model.not_tflite" : "model.truncated"));
    }
  }
}

TEST_CASE("a mutated model is refused by name, or runs inside plan and arena") {
  std::map<std::string, int> counts;
  for (const char* name : kModels) {
    const ModelMutator mutator(model_bytes(name));
    std::mt19937 random(20260601);
    for (int i = 0; i < rounds(); ++i) {
      const auto bytes = mutator.next(random);
      const ModelOutcome outcome = use_model(bytes);
      INFO(name << " mutation " << i << ": " << outcome.broken);
      REQUIRE(outcome.broken.empty());
      ++counts[outcome.refused.empty() ? "ran" : outcome.refused];
    }
  }
  std::cout << "mutated models:";
  for (const auto& [code, count] : counts) std::cout << ' ' << code << ' ' << count;
  std::cout << '\n';
  // The mutations reach past the verifier, and not all of them are harmless.
  CHECK(counts["ran"] > rounds() / 5);
  CHECK(counts["model.truncated"] > rounds() / 20);
  CHECK(counts.size() >= 7);
}

}  // namespace assay::fuzz
