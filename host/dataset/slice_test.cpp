#include "dataset/slice.h"

#include <algorithm>
#include <numeric>

#include "dataset/fixture.h"

namespace assay::dataset {
namespace {

// Samples 10, 11, ... with ids "s0", "s1", ..., labels 0 1 2 0 1 2 ... and subjects a a b b c c ...
Dataset sample(int count) {
  Dataset dataset;
  std::vector<uint8_t> values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), uint8_t{10});
  dataset.inputs = rows_of(ElementType::kUint8, {1}, values);
  dataset.classes = {"Down", "Go", "Left"};
  dataset.hash = "whole";
  dataset.slices = {{"subject", {}}, {"side", {}}};
  for (int i = 0; i < count; ++i) {
    dataset.labels.push_back(i % 3);
    dataset.ids.push_back("s" + std::to_string(i));
    dataset.rows.push_back(i);
    dataset.slices[0].values.push_back(std::string(1, static_cast<char>('a' + i / 2)));
    dataset.slices[1].values.push_back(i % 2 ? "right" : "left");
  }
  return dataset;
}

struct Asked {
  std::string samples = ":", where;
  std::optional<int64_t> limit;
  bool shuffle = false;
  uint64_t seed = 1;
};

Result<Dataset> taken(const Dataset& dataset, const Asked& asked) {
  ASSAY_TRY(Slice slice, parse_slice(asked.samples));
  if (!asked.where.empty()) {
    ASSAY_TRY(slice.where, parse_where(asked.where));
  }
  slice.limit = asked.limit;
  slice.shuffle = asked.shuffle;
  return take(dataset, slice, asked.seed);
}

std::vector<int> values(const Result<Dataset>& part) {
  if (!part) FAIL(part.error().text());
  CHECK(part->labels.size() == part->count());
  for (size_t i = 0; i < part->count(); ++i) {
    const int row = part->inputs.data[i] - 10;
    CHECK(part->rows[i] == row);
    CHECK(part->ids[i] == "s" + std::to_string(row));
    CHECK(part->labels[i] == row % 3);
    CHECK(part->slices[0].values[i] == std::string(1, static_cast<char>('a' + row / 2)));
  }
  CHECK(part->hash == "whole");
  return {part->inputs.data.begin(), part->inputs.data.end()};
}

void refused(const Result<Dataset>& part, const std::string& text, const std::string& remedy = "") {
  REQUIRE_FALSE(part);
  CHECK(part.error().code == "dataset.slice");
  CHECK_THAT(part.error().message, Catch::Contains(text));
  CHECK_THAT(part.error().remedy, Catch::Contains(remedy));
}

}  // namespace

TEST_CASE("rows and ids keep everything of a sample together, in the order of the dataset") {
  const Dataset dataset = sample(6);
  CHECK(values(taken(dataset, {"1:3"})) == std::vector<int>{11, 12});
  CHECK(values(taken(dataset, {"3:"})) == std::vector<int>{13, 14, 15});
  CHECK(values(taken(dataset, {":2"})) == std::vector<int>{10, 11});
  CHECK(values(taken(dataset, {"4"})) == std::vector<int>{14});
  CHECK(values(taken(dataset, {"3:99"})) == std::vector<int>{13, 14, 15});
  CHECK(values(taken(dataset, {"1:", "", 2})) == std::vector<int>{11, 12});
  CHECK(values(taken(dataset, {"s5,0:2,s1,4"})) == std::vector<int>{10, 11, 14, 15});
  const Scratch scratch;
  CHECK(values(taken(dataset, {scratch.file("ids.txt", "s4\r\ns2\n\n")})) == std::vector<int>{12, 14});
  refused(taken(dataset, {scratch.file("none.txt", "\n")}), "names none");
}

TEST_CASE("what is no choice of samples says so") {
  const Dataset dataset = sample(6);
  for (const char* text : {"", "3:3", "4:2", "-1:2", "1:2:3", "0:2,", "a:b", "6", "6:9", "1.5", "s9"}) {
    INFO(text);
    const auto part = taken(dataset, {text});
    REQUIRE_FALSE(part);
    CHECK(part.error().code == "dataset.slice");
  }
  refused(taken(dataset, {"s55"}), "no sample is called 's55'", "Did you mean 's5'?");
  refused(taken(dataset, {"6:"}), "the range starts at 6, the dataset has 6");
}

TEST_CASE("slices choose by the values of columns") {
  const Dataset dataset = sample(6);
  CHECK(values(taken(dataset, {":", "subject=b"})) == std::vector<int>{12, 13});
  CHECK(values(taken(dataset, {":", "subject=b,side=right"})) == std::vector<int>{13});
  CHECK(values(taken(dataset, {":", "subject=a,subject=c,side=left"})) == std::vector<int>{10, 14});
  CHECK(values(taken(dataset, {":", "class=Go"})) == std::vector<int>{11, 14});
  CHECK(values(taken(dataset, {"2:", "class=1"})) == std::vector<int>{14});
  refused(taken(dataset, {":", "subjekt=a"}), "no column to slice by is called 'subjekt'",
          "Did you mean 'subject'?");
  refused(taken(dataset, {":", "side=righ"}), "no sample has side = 'righ'",
          "Did you mean 'right'? There are: left");
  refused(taken(dataset, {":", "class=3"}), "no sample has class = '3'", "Down, Go, Left");
  refused(taken(dataset, {"0:2", "subject=c"}), "no sample left of 6: samples 0:2; subject=c");
  for (const char* text : {"", "subject", "=a", "subject=a,"}) CHECK_FALSE(parse_where(text));
  Dataset bare = sample(3);
  bare.slices.clear();
  bare.labels.clear();
  refused(taken(bare, {":", "subject=a"}), "no columns to slice by", "slice_columns");
}

// From an independent implementation (Python, arbitrary precision).
TEST_CASE("a seed chooses the same samples on every machine") {
  CHECK(choose_rows(10, 4, 1) == std::vector<int64_t>{1, 3, 5, 8});
  CHECK(choose_rows(600, 8, 7) == std::vector<int64_t>{2, 40, 87, 125, 206, 340, 351, 402});
  CHECK(choose_rows(100000, 3, 0xffffffffffffffff) == std::vector<int64_t>{6921, 21409, 43936});
  CHECK(choose_rows(3, 5, 1) == std::vector<int64_t>{0, 1, 2});
  CHECK(choose_rows(3, 0, 1).empty());

  const Dataset dataset = sample(60);
  const auto chosen = taken(dataset, {.where = "side=left", .limit = 5, .shuffle = true, .seed = 3});
  CHECK(values(chosen).size() == 5);
  CHECK(std::is_sorted(chosen->rows.begin(), chosen->rows.end()));
  CHECK(chosen->choice == "samples 0:; side=left; 5 at random, seed 3");
  for (const std::string& side : chosen->slices[1].values) CHECK(side == "left");
  // What the record of a run says repeats the choice.
  CHECK(values(taken(dataset, {rows_text(chosen->rows)})) == values(chosen));
  CHECK(values(taken(dataset, {.limit = 5, .shuffle = true, .seed = 4})) !=
        values(taken(dataset, {.limit = 5, .shuffle = true, .seed = 3})));
}

TEST_CASE("every sample is chosen as often as any other") {
  std::vector<int> times(10);
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    for (const int64_t row : choose_rows(10, 3, seed)) ++times[static_cast<size_t>(row)];
  }
  for (const int n : times) CHECK(n == Approx(600).margin(5 * 20.5));  // 5 standard deviations
}

TEST_CASE("rows are written as ranges") {
  CHECK(rows_text(std::vector<int64_t>{}).empty());
  CHECK(rows_text(std::vector<int64_t>{0, 1, 2, 7, 12, 13}) == "0:3,7,12:14");
  const auto rows = take_rows(sample(4), std::vector<int64_t>{1, 3});
  CHECK(values(rows) == std::vector<int>{11, 13});
  CHECK(take_rows(sample(4), std::vector<int64_t>{4}).error().code == "dataset.slice");
}

TEST_CASE("shards are disjoint, complete, and stable when samples are added") {
  const Dataset dataset = sample(100), more = sample(130);
  std::vector<int64_t> all;
  for (int64_t i = 1; i <= 4; ++i) {
    Slice slice;
    slice.shard = Shard{i, 4};
    const auto part = take(dataset, slice);
    REQUIRE(part);
    CHECK(part->choice == "shard " + std::to_string(i) + "/4");
    CHECK(part->count() > 10);
    all.insert(all.end(), part->rows.begin(), part->rows.end());
    const auto grown = take(more, slice);
    REQUIRE(grown);
    // What was in the shard still is, in the same order, before what is new.
    REQUIRE(grown->count() >= part->count());
    CHECK(std::equal(part->ids.begin(), part->ids.end(), grown->ids.begin()));
  }
  std::sort(all.begin(), all.end());
  CHECK(all == taken(dataset, {})->rows);
  // The well-known SHA-256 of "abc" begins ba7816bf 8f01cfea: the same on every computer.
  CHECK(shard_of("s0", 1) == 1);
  CHECK(shard_of("abc", 1000) == 0xba7816bf8f01cfeaU % 1000 + 1);
}

TEST_CASE("a shard is taken last: the shards of a limited, shuffled choice are that choice") {
  const Dataset dataset = sample(90);
  const auto whole = taken(dataset, {.where = "class=Go", .limit = 20, .shuffle = true, .seed = 7});
  REQUIRE(whole);
  std::vector<std::string> ids;
  for (int64_t i = 1; i <= 2; ++i) {
    Slice slice;
    slice.where = *parse_where("class=Go");
    slice.limit = 20;
    slice.shuffle = true;
    slice.shard = Shard{i, 2};
    const auto part = take(dataset, slice, 7);
    REQUIRE(part);
    CHECK(part->choice == "class=Go; 20 at random, seed 7; shard " + std::to_string(i) + "/2");
    ids.insert(ids.end(), part->ids.begin(), part->ids.end());
  }
  auto expected = whole->ids;
  std::sort(ids.begin(), ids.end());
  std::sort(expected.begin(), expected.end());
  CHECK(ids == expected);
}

TEST_CASE("what is no shard, and one without samples, say so") {
  for (const char* text : {"", "1", "0/2", "3/2", "a/2", "1/0", "-1/2", "1/2/3"}) {
    INFO(text);
    const auto shard = parse_shard(text);
    REQUIRE_FALSE(shard);
    CHECK(shard.error().code == "dataset.slice");
  }
  CHECK(parse_shard("2/4")->count == 4);
  Slice slice;
  slice.shard = Shard{shard_of("s0", 50) % 50 + 1, 50};
  const auto none = take(sample(1), slice);
  REQUIRE_FALSE(none);
  CHECK_THAT(none.error().message, Catch::Contains("no sample left of 1: shard "));
}

}  // namespace assay::dataset
