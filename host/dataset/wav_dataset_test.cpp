#include "dataset/file_fixture.h"

namespace assay::dataset {
namespace {

const std::vector<int16_t> kFour = {0, 1, -1, -32768};

void folder_per_class(const Scratch& scratch) {
  std::filesystem::create_directories(scratch.path / "yes");
  std::filesystem::create_directories(scratch.path / "no");
  scratch.file("yes/a.wav", wav_of(raw_of(kFour), 16));
  scratch.file("no/b.wav", wav_of(raw_of<int16_t>({5, 6, 7, 8}), 16));
}

}  // namespace

TEST_CASE("16-bit sound keeps its integers, in folders of classes") {
  const Scratch scratch;
  folder_per_class(scratch);
  const Dataset dataset = opened(data_at(scratch.path));
  CHECK(dataset.format == "wav");
  CHECK(dataset.kind == "audio");
  CHECK(dataset.rate_hz == 16000);
  CHECK(dataset.ids == std::vector<std::string>{"no/b.wav", "yes/a.wav"});
  CHECK(dataset.classes == std::vector<std::string>{"no", "yes"});
  CHECK(dataset.labels == std::vector<int>{0, 1});
  CHECK(dataset.inputs.info.dims == std::vector<int64_t>{1, 4, 1});
  CHECK(values_of<int16_t>(dataset) == std::vector<int16_t>{5, 6, 7, 8, 0, 1, -1, -32768});
  config::Data data = data_at(scratch.path);
  data.add_classes("yes"), data.add_classes("no");
  CHECK(opened(data).labels == std::vector<int>{1, 0});
  data.set_classes(1, "nope");
  check_refused(data, "dataset.label_range", {"'no'", "Classes: yes, nope"});
}

TEST_CASE("every width of sound is read to the bit") {
  const Scratch scratch;
  const auto read = [&](const std::string& bytes) { return opened(data_at(scratch.file("a.wav", bytes))); };
  CHECK(values_of<float>(read(wav_of(raw_of<float>({0.5F, -1.5F}), 32, 1, 8000, true))) ==
        std::vector<float>{0.5F, -1.5F});
  CHECK(values_of<uint8_t>(read(wav_of(std::string("\x80\x00\xff", 3), 8))) ==
        std::vector<uint8_t>{128, 0, 255});
  CHECK(values_of<int32_t>(read(wav_of(std::string("\x01\x00\x00\x00\x00\x80\xff\xff\x7f", 9), 24))) ==
        std::vector<int32_t>{1, -8388608, 8388607});
  CHECK(values_of<int32_t>(read(wav_of(raw_of<int32_t>({-2147483647, 7}), 32))) ==
        std::vector<int32_t>{-2147483647, 7});
  const Dataset stereo = read(wav_of(raw_of<int16_t>({1, 2, 3, 4}), 16, 2));
  CHECK(stereo.inputs.info.dims == std::vector<int64_t>{1, 2, 2});
}

TEST_CASE("a table of labels chooses, orders and slices sounds") {
  const Scratch scratch;
  scratch.file("a.wav", wav_of(raw_of(kFour), 16));
  scratch.file("b.wav", wav_of(raw_of(kFour), 16));
  scratch.file("unused.wav", "no sound");
  scratch.file("labels.csv", "file,label,room\nb.wav,1,hall\na.wav,0,car\n");
  const Dataset dataset = opened(data_at(scratch.path));
  CHECK(dataset.ids == std::vector<std::string>{"b.wav", "a.wav"});
  CHECK(dataset.labels == std::vector<int>{1, 0});
  CHECK(dataset.slices.at(0).values == std::vector<std::string>{"hall", "car"});
  scratch.file("labels.csv", "file,label\nb.wav,1\nb.wav,0\n");
  check_refused(data_at(scratch.path), "dataset.duplicate_id", {"'b.wav'"});
  scratch.file("labels.csv", "file,label\nb.mp3,1\n");
  scratch.file("b.mp3", "x");
  check_refused(data_at(scratch.path), "dataset.mixed", {"'b.mp3'", ".wav"});
  scratch.file("labels.csv", "file,label\n../b.wav,1\n");
  check_refused(data_at(scratch.path), "dataset.not_found", {"../b.wav"});
}

TEST_CASE("sound is never resampled, mixed or cut off in silence") {
  const Scratch scratch;
  config::Data data = data_at(scratch.file("a.wav", wav_of(raw_of(kFour), 16, 1, 44100)));
  data.set_rate_hz(16000);
  check_refused(data, "dataset.rate", {"44100 Hz", "16000 Hz", "a.wav"});
  data = data_at(scratch.path);
  scratch.file("b.wav", wav_of(raw_of(kFour), 16, 1, 8000));
  check_refused(data, "dataset.rate", {"8000 Hz", "44100 Hz", "b.wav"});
  scratch.file("b.wav", wav_of(std::string(3, 'x'), 8, 1, 44100));
  check_refused(data, "dataset.type", {"uint8", "int16"});
  scratch.file("b.wav", wav_of(raw_of(kFour), 16, 2, 44100));
  check_refused(data, "dataset.shape", {"2 channels", "have 1"});
  scratch.file("b.wav", wav_of(raw_of<int16_t>({1, 2, 3}), 16, 1, 44100));
  check_refused(data, "dataset.shape", {"'b.wav' is 3x1", "'a.wav' is 4x1", "window"});
  scratch.file("b.wav", wav_of(raw_of(kFour), 16, 1, 44100).substr(0, 47));
  check_refused(data, "dataset.malformed", {"cut off", "byte 36 states 8 bytes, the file has 3"});
  scratch.file("b.wav", "RIFFxxxx");
  check_refused(data, "dataset.malformed", {"no RIFF/WAVE header"});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  check_refused(data_at(scratch.file("n.wav", wav_of(raw_of<float>({0, nan}), 32, 1, 8000, true))),
                "dataset.nan", {"nan at element 1", "n.wav"});
}

TEST_CASE("names that are no UTF-8, strays beside classes and mixed folders are refused") {
  const Scratch scratch;
  folder_per_class(scratch);
  scratch.file("stray.wav", wav_of(raw_of(kFour), 16));
  check_refused(data_at(scratch.path), "dataset.mixed",
                {"2 samples lie in sub-folders and 1 beside them", "stray.wav"});
  std::filesystem::remove(scratch.path / "stray.wav");
  scratch.file("yes/caf\xe9.wav", wav_of(raw_of(kFour), 16));
  check_refused(data_at(scratch.path), "dataset.malformed", {"caf\\xe9.wav", "no UTF-8"});
  std::filesystem::remove(scratch.path / "yes/caf\xe9.wav");
  scratch.file("no/p.png", png_of(1, 1, 1, {7}));
  check_refused(data_at(scratch.path), "dataset.mixed", {"2 wav", "1 image"});
}

}  // namespace assay::dataset
