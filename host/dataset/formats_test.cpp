#include "dataset/formats.h"

#include "dataset/file_fixture.h"
#include "dataset/text_array.h"

namespace assay::dataset {
namespace {

// Three samples of 2 x 2 int16, stored in each format.
const std::vector<int16_t> kValues = {1, -2, 3, -4, 5, 6, 7, 8, 300, -300, 0, 32767};
const std::vector<std::string> kNames = {"a.bin", "b.bin", "c.bin"};
const TensorRows kRows = rows_of(ElementType::kInt16, {1, 2, 2}, kValues);

// One file a sample: what a format makes of four values, and how its files are called.
struct FileFormat {
  const char *format, *extension;
  std::string (*file)(const std::vector<int16_t>& four);
  double (*kept)(int16_t value);
};
double same(int16_t value) { return value; }
const FileFormat kFileFormats[] = {
    {"wav", ".wav", [](const std::vector<int16_t>& four) { return wav_of(raw_of(four), 16, 2); }, same},
    {"image", ".png",
     [](const std::vector<int16_t>& four) {
       return png_of(2, 2, 1, {four.begin(), four.end()});
     },
     [](int16_t value) -> double { return static_cast<uint8_t>(value); }},
    {"edge_impulse", ".json",
     [](const std::vector<int16_t>& four) {
       return recording_of({{four[0], four[1]}, {four[2], four[3]}}).dump();
     },
     same},
    {"sds", ".sds", [](const std::vector<int16_t>& four) { return sds_of({raw_of(four)}); }, same},
};

const FileFormat* file_format(const std::string& name) {
  for (const FileFormat& format : kFileFormats)
    if (name == format.format) return &format;
  return nullptr;
}

config::Data write_files(const FileFormat& format, const Scratch& scratch) {
  std::string labels = "file,label\n";
  for (size_t i = 0; i < 3; ++i) {
    // "a.0.sds" is a recording of the stream "a".
    const std::string name =
        kNames[i].substr(0, 1) + (format.format == std::string("sds") ? ".0" : "") + format.extension;
    scratch.file(name, format.file({kValues.begin() + i * 4, kValues.begin() + i * 4 + 4}));
    if (name.ends_with("sds"))
      scratch.file(name.substr(0, 1) + ".sds.yml",
                   "sds: {name: s, content: [{value: x, type: int16_t}, {value: y, type: int16_t}]}");
    labels += name + "," + std::to_string((i + 2) % 3) + "\n";
  }
  scratch.file("labels.csv", labels);
  return data_at(scratch.path);
}

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
  } else if (const FileFormat* files = file_format(format)) {
    data = write_files(*files, scratch);
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
    const FileFormat* files = file_format(format.name);
    const TensorInfo& info = dataset->inputs.info;
    REQUIRE(dataset->inputs.data.size() == kValues.size() * element_size(info.type));
    for (size_t i = 0; i < kValues.size(); ++i)
      CHECK(stored_value(info.type, dataset->inputs.data.data() + i * element_size(info.type)) ==
            (files ? files->kept : same)(kValues[i]));
    CHECK(dataset->labels == std::vector<int>{2, 0, 1});
    REQUIRE(dataset->ids.size() == 3);
    for (size_t i = 0; i < 3; ++i) CHECK(dataset->ids[i].substr(0, 1) == kNames[i].substr(0, 1));
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

TEST_CASE("two hundred damaged files of each format: an error or a dataset, never a crash") {
  for (const FileFormat& format : kFileFormats) {
    INFO(format.format);
    const Scratch scratch;
    const config::Data data = write_files(format, scratch);
    const auto victim =
        scratch.path /
        (std::string(format.format) == "sds" ? "b.0.sds" : std::string("b") + format.extension);
    const auto good = read_bytes(victim);
    REQUIRE(good);
    uint64_t random = 12345;
    const auto below = [&](size_t bound) {
      random = random * 6364136223846793005U + 1442695040888963407U;
      return static_cast<size_t>(random >> 33) % bound;
    };
    int refused = 0;
    for (int i = 0; i < 200; ++i) {
      auto damaged = *good;
      if (i < 80) {
        damaged.resize(good->size() * static_cast<size_t>(i) / 80);
      } else {
        for (size_t n = 0; n <= below(4); ++n)
          damaged[below(damaged.size())] = static_cast<uint8_t>(below(256));
      }
      REQUIRE(write_file(victim, std::span<const uint8_t>(damaged)));
      const auto dataset = open_dataset(data);
      if (dataset) continue;
      ++refused;
      CHECK(dataset.error().code.starts_with("dataset."));
      CHECK_FALSE(dataset.error().text().empty());
      if (i < 80) CHECK_THAT(dataset.error().text(), Catch::Contains(victim.filename().string()));
    }
    // Every cut, and some of the changed bytes: the values of a sound may be anything.
    CHECK(refused >= 80);
  }
}

TEST_CASE("damaged descriptions of streams are errors or other streams, never a crash") {
  const Scratch scratch;
  const std::string good = kGyroYml;
  const config::Data data = data_at(scratch.file("Gyro.0.sds", sds_of({std::string(12, '\0')})));
  for (size_t i = 0; i < 200; ++i) {
    std::string damaged = good.substr(0, i < 100 ? good.size() * i / 100 : good.size());
    if (i >= 100) damaged[i * 7 % damaged.size()] = static_cast<char>(i * 31 % 256);
    scratch.file("Gyro.sds.yml", damaged);
    const auto dataset = open_dataset(data);
    if (!dataset) CHECK(dataset.error().code.starts_with("dataset."));
  }
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
