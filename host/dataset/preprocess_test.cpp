#include "dataset/preprocess.h"

#include "config/toml_reader.h"
#include "dataset/file_fixture.h"

namespace assay::dataset {
namespace {

// [data] with these steps, as a profile has them.
config::Data with_steps(const Scratch& scratch, const std::filesystem::path& path, const std::string& steps) {
  config::Profile profile;
  const std::string text = "[profile]\nname = \"p\"\n[model]\nfile = \"m.tflite\"\n[data]\npath = \"" +
                           path.string() + "\"\n[data.preprocess]\nversion = 1\n" + steps;
  const auto read = config::read_toml(scratch.file("profile.toml", text), profile);
  if (!read) FAIL(read.error().text());
  return profile.data();
}
const std::string kStep = "[[data.preprocess.step]]\n";

}  // namespace

TEST_CASE("pictures of any size become one size, as calculated values or as the stored ones") {
  const Scratch scratch, files;
  files.file("a.png", png_of(2, 1, 1, {10, 20}));
  files.file("b.png", png_of(4, 1, 1, {10, 20, 30, 41}));
  const std::string resize = kStep + "op = \"resize\"\nheight = 1\nwidth = 2\nmethod = ";
  Dataset dataset = opened(with_steps(scratch, files.path, resize + "\"bilinear\"\n"));
  CHECK(dataset.inputs.info.type == ElementType::kFloat32);
  CHECK(dataset.inputs.info.dims == std::vector<int64_t>{1, 1, 2, 1});
  CHECK(values_of<float>(dataset) == std::vector<float>{10, 20, 15, 35.5F});
  CHECK(dataset.preprocess == "v1: resize height=1 width=2 method=bilinear");
  const std::string bilinear_hash = dataset.hash;
  dataset = opened(with_steps(scratch, files.path, resize + "\"nearest\"\n"));
  CHECK(dataset.inputs.info.type == ElementType::kUint8);
  CHECK(dataset.inputs.data == std::vector<uint8_t>{10, 20, 20, 41});
  CHECK(dataset.hash != bilinear_hash);
}

TEST_CASE("steps run in their order, and the same values prepared otherwise have another hash") {
  const Scratch scratch, files;
  files.file("a.wav", wav_of(raw_of<int16_t>({0, 2, 4, 6, 8, 10, 12, 14, 16, 18}), 16, 2, 1000));
  const std::string mono = kStep + "op = \"mono\"\n",
                    window = kStep + "op = \"window\"\nlength_ms = 2\nstride_ms = 1\n";
  const Dataset dataset = opened(with_steps(
      scratch, files.path, mono + window + kStep + "op = \"scale\"\nscale = 0.5\nzero_point = 1\n"));
  CHECK(dataset.ids == std::vector<std::string>{"a.wav@0", "a.wav@1", "a.wav@2", "a.wav@3"});
  CHECK(values_of<float>(dataset) == std::vector<float>{0, 2, 2, 4, 4, 6, 6, 8});
  CHECK(dataset.inputs.info.dims == std::vector<int64_t>{1, 2, 1});
  CHECK(dataset.preprocess == "v1: mono; window length_ms=2 stride_ms=1; scale scale=0.5 zero_point=1");
  CHECK(dataset.slices.at(0).name == "recording");
  // Nothing that moves values changes their type.
  const Dataset cut = opened(with_steps(scratch, files.path, window));
  CHECK(cut.inputs.info.type == ElementType::kInt16);
  CHECK(cut.count() == 4);
  const Dataset plain = opened(with_steps(scratch, files.path, ""));
  const Dataset same = opened(with_steps(scratch, files.path, kStep + "op = \"channels\"\norder = [0, 1]\n"));
  CHECK(plain.inputs.data == same.inputs.data);
  CHECK(plain.hash != same.hash);
}

TEST_CASE("steps that do not fit name step and sample") {
  const Scratch scratch, files;
  files.file("a.wav", wav_of(raw_of<int16_t>({1, 2, 3, 4}), 16, 2, 1000));
  const auto refused = [&](const std::string& steps, const std::vector<std::string>& parts) {
    check_refused(with_steps(scratch, files.path, steps), "dataset.preprocess", parts);
  };
  refused(kStep + "op = \"mono\"\n" + kStep + "op = \"crop\"\nheight = 1\nwidth = 1\n",
          {"step 2 (crop)", "the sample is 2x1", "'a.wav'"});
  refused(kStep + "op = \"window\"\nlength = 3\n",
          {"step 1 (window)", "2 rows is shorter than a window of 3"});
  refused(kStep + "op = \"window\"\nlength_ms = 1.5\n", {"1.5 ms at 1000 Hz are 1.5 rows"});
  refused(kStep + "op = \"window\"\nlength = 1\nlength_ms = 1\n", {"one of them"});
  refused(kStep + "op = \"window\"\nstride = 1\n", {"needs `length|length_ms`"});
  refused(kStep + "op = \"mono\"\nwidth = 1\n", {"takes no `width`"});
  refused(kStep + "op = \"resize\"\nheight = 1\nwidth = 1\n", {"needs `method`"});
  config::Data data = with_steps(scratch, files.path, kStep + "op = \"mono\"\n");
  data.set_scale(2);
  check_refused(data, "dataset.preprocess", {"scale again"});
  files.file("b.bin", "1234");
  std::filesystem::remove(files.path / "a.wav");
  refused(kStep + "op = \"reshape\"\ndims = [2, 2]\n", {"type of raw values"});
}

}  // namespace assay::dataset
