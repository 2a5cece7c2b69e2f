#include "dataset/formats.h"

#include "dataset/fixture.h"
#include "dataset/text_array.h"

namespace assay::dataset {
namespace {

// Three samples of 2 x 2 int16, stored in each format.
const std::vector<int16_t> kValues = {1, -2, 3, -4, 5, 6, 7, 8, 300, -300, 0, 32767};
const std::vector<std::string> kNames = {"a.bin", "b.bin", "c.bin"};
const TensorRows kRows = rows_of(ElementType::kInt16, {1, 2, 2}, kValues);

config::Data write_as(const std::string& format, const Scratch& scratch) {
  config::Data data;
  if (format == "raw") {
    for (size_t i = 0; i < 3; ++i) REQUIRE(write_file(scratch.path / kNames[i], kRows.row(i)));
    scratch.file("y_labels.csv", "a.bin,3,2\nb.bin,3,0\nc.bin,3,1\n");
    data.set_path(scratch.path.string());
    data.set_type("int16");
  } else if (format == "csv") {
    data.set_path(scratch.file(
        "d.csv", "id,a,b,c,d,label\na.bin,1,-2,3,-4,2\nb.bin,5,6,7,8,0\nc.bin,300,-300,0,32767,1\n"));
    data.set_type("int16");
  } else if (format == "npy") {
    REQUIRE(results::write_npy(scratch.path / "d.npy", kRows));
    data.set_path((scratch.path / "d.npy").string());
    data.set_labels(scratch.file("labels.csv", "a.bin,2\nb.bin,0\nc.bin,1\n"));
  } else if (format == "npz") {
    const auto labels = rows_of<uint8_t>(ElementType::kUint8, {1}, {2, 0, 1});
    data.set_path(write_npz(scratch.path / "d.npz",
                            {{"x", npy_of(kRows)}, {"y", npy_of(labels)}, {"ids", text_npy(kNames, 8)}}));
    data.set_ids("ids");
  } else {
    FAIL("format without a conformance case: " << format);
  }
  return data;
}

}  // namespace

TEST_CASE("every format gives the same samples") {
  for (const Format& format : formats()) {
    INFO(format.name);
    const Scratch scratch;
    const auto dataset = open_dataset(write_as(format.name, scratch));
    if (!dataset) FAIL(dataset.error().text());
    CHECK(dataset->format == format.name);
    CHECK(dataset->inputs.data == kRows.data);
    CHECK(dataset->inputs.info.type == ElementType::kInt16);
    CHECK(dataset->labels == std::vector<int>{2, 0, 1});
    CHECK(dataset->ids == kNames);
    CHECK(dataset->rows == std::vector<int64_t>{0, 1, 2});
  }
}

TEST_CASE("the content hash knows no container but every value") {
  const Scratch scratch, other;
  const auto npy = open_dataset(write_as("npy", scratch));
  config::Data data = write_as("npz", other);
  const auto npz = open_dataset(data);
  REQUIRE(npy);
  REQUIRE(npz);
  CHECK(npy->hash == npz->hash);
  CHECK(npy->hash.size() == 64);

  auto changed = kValues;
  changed[5] = 60;
  REQUIRE(results::write_npy(scratch.path / "d.npy", rows_of(ElementType::kInt16, {1, 2, 2}, changed)));
  data = write_as("npz", other);
  data.set_path((scratch.path / "d.npy").string());
  data.clear_ids();
  data.set_labels(scratch.path / "labels.csv");
  const auto again = open_dataset(data);
  REQUIRE(again);
  CHECK(again->hash != npy->hash);
}

TEST_CASE("damaged files are errors") {
  const Scratch scratch;
  const config::Data good = write_as("npz", scratch);
  const auto bytes = read_bytes(good.path());
  REQUIRE(bytes);
  config::Data data = good;
  data.set_path((scratch.path / "damaged.npz").string());
  int refused = 0;
  // Every length, then every byte turned over: no crash, and nothing read beyond the end.
  for (size_t i = 0; i < 2 * bytes->size(); ++i) {
    auto damaged = *bytes;
    if (i < bytes->size()) {
      damaged.resize(i);
    } else {
      damaged[i - bytes->size()] ^= 0xff;
    }
    REQUIRE(write_file(data.path(), std::span<const uint8_t>(damaged)));
    const auto dataset = open_dataset(data);
    if (!dataset) {
      ++refused;
      CHECK_FALSE(dataset.error().code.empty());
    }
  }
  CHECK(refused > static_cast<int>(bytes->size()));  // every truncation and many of the turned bytes
}

TEST_CASE("damaged text arrays are errors") {
  const auto good = text_npy({"one", "two"}, 5);
  REQUIRE(parse_text_array(good, "t"));
  CHECK(*parse_text_array(good, "t") == std::vector<std::string>{"one", "two"});
  for (size_t i = 0; i < good.size(); ++i) {
    const std::vector<uint8_t> cut(good.begin(), good.begin() + i);
    CHECK_FALSE(parse_text_array(cut, "t"));
    auto turned = good;
    turned[i] ^= 0x5a;
    const auto texts = parse_text_array(turned, "t");
    if (texts) CHECK(texts->size() == 2);
  }
}

}  // namespace assay::dataset
