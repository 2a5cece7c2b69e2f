#include "run/tap_choice.h"

#include "catch.h"

namespace assay::run {
namespace {

TensorRows rows(const std::vector<std::vector<int8_t>>& values) {
  TensorRows made{{"out", ElementType::kInt8, {1, 2}, 0.5, 0}, {}};
  for (const auto& row : values) {
    for (int8_t value : row) made.data.push_back(static_cast<uint8_t>(value));
  }
  return made;
}

std::vector<size_t> chosen(const char* text, const TapSides& sides) {
  const auto choice = parse_tap_choice(text);
  REQUIRE(choice);
  const auto samples = choose_tap_samples(*choice, sides);
  REQUIRE(samples);
  return samples->rows;
}

}  // namespace

TEST_CASE("samples to tap are chosen by what differs, by what changed its answer, or by name") {
  const std::vector<std::string> ids = {"a", "b", "c", "d", "e", "f"};
  const TensorRows r2 = rows({{9, 0}, {9, 0}, {9, 0}, {9, 0}, {2, 0}, {9, 0}});
  //                      equal    1 LSB   30 LSB     5 LSB   flip       4 LSB
  const TensorRows device = rows({{9, 0}, {8, 0}, {39, 0}, {9, 5}, {0, 1}, {9, 4}});
  const TapSides sides{ids, device, r2, &r2};
  CHECK(chosen("", sides) == std::vector<size_t>{2, 3, 4, 5});  // three by distance, and the flip
  CHECK(chosen("worst:1", sides) == std::vector<size_t>{2});
  CHECK(chosen("flips", sides) == std::vector<size_t>{4});
  CHECK(chosen("all", sides).size() == 6);
  CHECK(chosen("none", sides).empty());
  CHECK(chosen("f,a", sides) == std::vector<size_t>{0, 5});
  const TapSides equal{ids, r2, r2, &r2};
  CHECK(chosen("auto", equal).empty());
  CHECK(chosen("flips", equal).empty());
  CHECK(chosen("worst:2", equal) == std::vector<size_t>{0, 1});
}

TEST_CASE("choices that mean nothing are refused") {
  for (const char* wrong : {"worst", "worst:0", "worst:x", "worst:-1", "flips:", "worst:200000", ",", ","}) {
    INFO(wrong);
    CHECK(parse_tap_choice(wrong).error().code == "config.value");
  }
  const auto choice = parse_tap_choice("sampel1");
  REQUIRE(choice);
  const auto unknown = check_tap_ids(*choice, {"sample0", "sample1"});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == "dataset.not_found");
  CHECK(unknown.error().remedy.find("Did you mean 'sample1'?") == 0);
  CHECK(parse_tap_choice("all:3")->kind == TapChoice::Kind::kIds);  // an id may look like that
}

}  // namespace assay::run
