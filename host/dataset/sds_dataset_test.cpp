#include "dataset/file_fixture.h"

namespace assay::dataset {
namespace {

// Two rows of {int16 x, float t}, no padding between them.
std::string row(int16_t x, float t) { return raw_of<int16_t>({x}) + raw_of<float>({t}); }

}  // namespace

TEST_CASE("SDS records become rows of real values, whatever the blocks were") {
  const Scratch scratch;
  scratch.file("Gyro.sds.yml", kGyroYml);
  std::filesystem::create_directories(scratch.path / "wave");
  std::filesystem::create_directories(scratch.path / "rest");
  const std::string rows = row(-2, 0.5F) + row(100, 20);
  scratch.file("wave/Gyro.0.sds", sds_of({rows}));
  scratch.file("rest/Gyro.1.sds", sds_of({rows.substr(0, 5), "", rows.substr(5)}));
  const Dataset dataset = opened(data_at(scratch.path));
  CHECK(dataset.format == "sds");
  CHECK(dataset.kind == "series");
  CHECK(dataset.rate_hz == 100);
  CHECK(dataset.channels == std::vector<std::string>{"x dps", "t degree Celsius"});
  CHECK(dataset.ids == std::vector<std::string>{"rest/Gyro.1.sds", "wave/Gyro.0.sds"});
  CHECK(dataset.labels == std::vector<int>{0, 1});
  CHECK(dataset.inputs.info.dims == std::vector<int64_t>{1, 2, 2});
  CHECK(values_of<float>(dataset) == std::vector<float>{-1, 1.5F, 50, 21, -1, 1.5F, 50, 21});
}

TEST_CASE("SDS sound states its rate in the audio entry") {
  const Scratch scratch;
  scratch.file("Mic.sds.yml",
               "sds:\n  name: Mic\n  content:\n  - audio:\n      sample-frequency: 16000\n      bit-depth: "
               "16\n      audio-channels: 1\n");
  const Dataset dataset = opened(data_at(scratch.file("Mic.0.sds", sds_of({raw_of<int16_t>({1, -32768})}))));
  CHECK(dataset.kind == "audio");
  CHECK(dataset.rate_hz == 16000);
  CHECK(values_of<float>(dataset) == std::vector<float>{1, -32768});
}

TEST_CASE("SDS recordings that are cut or not described say where") {
  const Scratch scratch;
  const std::string good = sds_of({row(1, 2), row(3, 4)});
  config::Data data = data_at(scratch.file("Gyro.0.sds", good));
  check_refused(data, "dataset.not_found", {"Gyro.sds.yml", "no description"});
  scratch.file("Gyro.sds.yml", kGyroYml);
  CHECK(opened(data).count() == 1);
  scratch.file("Gyro.0.sds", good.substr(0, 17));
  check_refused(data, "dataset.malformed", {"record 1 at byte 14 has 3 of 8 bytes", "Gyro.0.sds"});
  scratch.file("Gyro.0.sds", good.substr(0, 25));
  check_refused(data, "dataset.malformed", {"record 1 at byte 14 states 6 bytes, 3 are left"});
  scratch.file("Gyro.0.sds", sds_of({row(1, 2) + "x"}));
  check_refused(data, "dataset.malformed", {"7 bytes", "rows of 6"});
  scratch.file("Gyro.0.sds", good);
  data.set_rate_hz(50);
  check_refused(data, "dataset.rate", {"100 Hz", "50 Hz"});
  data.clear_rate_hz();
  const auto described = [&](const std::string& from, const std::string& to, const std::string& code,
                             const std::vector<std::string>& parts) {
    std::string text = kGyroYml;
    text.replace(text.find(from), from.size(), to);
    scratch.file("Gyro.sds.yml", text);
    check_refused(data, code, parts);
  };
  described("type: float", "type: uint32_t:1", "dataset.type",
            {"bit fields such as uint32_t:1", "Gyro.sds.yml:10"});
  described("type: float", "type: complex", "dataset.type", {"'complex'"});
  described("unit: dps", "unit: dsp", "dataset.units", {"'dsp'", "Gyro.sds.yml", "`units` in [data]"});
  described("scale: 0.5", "scale: half", "dataset.malformed", {"`scale` is no number", "Gyro.sds.yml:7"});
  described("content:", "contents:", "dataset.malformed", {"no list `content`"});
  described("sds:", "sds: [", "dataset.malformed", {"no YAML", "Gyro.sds.yml:"});
}

}  // namespace assay::dataset
