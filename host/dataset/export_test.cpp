#include "dataset/export.h"

#include "config/toml_reader.h"
#include "dataset/file_fixture.h"
#include "dataset/slice.h"

namespace assay::dataset {
namespace {

config::Data data_of(const std::filesystem::path& toml) {
  config::Profile profile;
  // A profile includes what was written.
  const auto file = toml.parent_path().parent_path() / "profile.toml";
  REQUIRE(write_file(file, "include = \"" + toml.lexically_relative(file.parent_path()).string() +
                               "\"\n[profile]\nname = \"p\"\n[model]\nfile = \"m\"\n"));
  const auto read = config::read_toml(file, profile);
  if (!read) FAIL(read.error().text());
  return profile.data();
}

}  // namespace

TEST_CASE("an exported dataset is the dataset: values, labels, ids, slices, hash") {
  const Scratch scratch;
  scratch.file("a.wav", wav_of(raw_of<int16_t>({1, -2, 3}), 16));
  scratch.file("b \"x\".wav", wav_of(raw_of<int16_t>({4, 5, 6}), 16));
  scratch.file("labels.csv", "file,label,room\n\"b \"\"x\"\".wav\",no,\"a, b\"\na.wav,yes,\n");
  config::Data data = data_at(scratch.path);
  data.add_classes("no"), data.add_classes("yes");
  data.set_scale(0.5);
  const Dataset before = opened(data);
  const Scratch target;
  const auto exported = export_dataset(before, target.path / "own");
  if (!exported) FAIL(exported.error().text());
  const Dataset after = opened(data_of(target.path / "own/data.toml"));
  CHECK(after.hash == before.hash);
  CHECK(after.vouched_files == 2);
  CHECK(after.ids == before.ids);
  CHECK(after.labels == before.labels);
  CHECK(after.classes == before.classes);
  CHECK(after.kind == "audio");
  CHECK(after.rate_hz == 16000);
  CHECK(after.scale == before.scale);
  REQUIRE(after.slices.size() == 1);
  CHECK(after.slices[0].values == std::vector<std::string>{"a, b", ""});

  const auto again = export_dataset(before, target.path / "own");
  REQUIRE_FALSE(again);
  CHECK(again.error().code == "dataset.exists");
}

TEST_CASE("a changed export is refused by its manifest") {
  const Scratch scratch, target;
  scratch.file("a.wav", wav_of(raw_of<int16_t>({1, 2}), 16));
  REQUIRE(export_dataset(opened(data_at(scratch.path)), target.path / "own"));
  auto bytes = *read_bytes(target.path / "own/samples.npz");
  bytes.back() ^= 1;
  REQUIRE(write_file(target.path / "own/samples.npz", std::span<const uint8_t>(bytes)));
  check_refused(data_of(target.path / "own/data.toml"), "dataset.changed",
                {"samples.npz has other contents"});
}

}  // namespace assay::dataset
