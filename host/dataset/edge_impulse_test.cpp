#include <limits>

#include "dataset/file_fixture.h"

namespace assay::dataset {
namespace {

using Json = nlohmann::json;
const Json kRows = Json::parse("[[1, -2], [3.5, 4], [5, 6]]");

}  // namespace

TEST_CASE("recordings of Edge Impulse are labelled by their names, JSON and CBOR alike") {
  const Scratch scratch;
  scratch.file("walk.s1.json", recording_of(kRows).dump());
  scratch.file("idle.s2.cbor", cbor_of(recording_of(Json::parse("[[0, 0], [0, 0], [0, 0]]"))));
  scratch.file("notes.json", "{\"by\": \"somebody\"}");
  std::filesystem::remove(scratch.path / "notes.json");
  const Dataset dataset = opened(data_at(scratch.path));
  CHECK(dataset.format == "edge_impulse");
  CHECK(dataset.kind == "series");
  CHECK(dataset.rate_hz == 100);
  CHECK(dataset.channels == std::vector<std::string>{"accX m/s2", "accY m/s2"});
  CHECK(dataset.classes == std::vector<std::string>{"idle", "walk"});
  CHECK(dataset.labels == std::vector<int>{0, 1});
  CHECK(dataset.inputs.info.dims == std::vector<int64_t>{1, 3, 2});
  CHECK(values_of<float>(dataset) == std::vector<float>{0, 0, 0, 0, 0, 0, 1, -2, 3.5F, 4, 5, 6});
}

TEST_CASE("info.labels gives label, category and metadata") {
  const Scratch scratch;
  std::filesystem::create_directories(scratch.path / "training");
  std::filesystem::create_directories(scratch.path / "testing");
  scratch.file("training/x.json", recording_of(kRows).dump());
  scratch.file("testing/y.json", recording_of(kRows).dump());
  scratch.file("info.labels", R"({"version": 1, "files": [
    {"path": "testing/y.json", "category": "testing", "label": {"type": "label", "label": "run"}, "metadata": {"site": "Oslo"}},
    {"path": "training/x.json", "category": "training", "label": {"type": "label", "label": "jump"}}]})");
  const Dataset dataset = opened(data_at(scratch.path));
  CHECK(dataset.ids == std::vector<std::string>{"testing/y.json", "training/x.json"});
  CHECK(dataset.labels == std::vector<int>{1, 0});
  REQUIRE(dataset.slices.size() == 2);
  CHECK(dataset.slices[0].name == "category");
  CHECK(dataset.slices[0].values == std::vector<std::string>{"testing", "training"});
  CHECK(dataset.slices[1].values == std::vector<std::string>{"Oslo", ""});
  scratch.file("info.labels",
               R"({"version": 1, "files": [{"path": "testing/y.json", "label": {"type": "boxes"}}]})");
  check_refused(data_at(scratch.path), "dataset.malformed", {"info.labels:files[0]", "'boxes'"});
  scratch.file(
      "info.labels",
      R"({"version": 1, "files": [{"path": "testing/y.json"}, {"path": "training/x.json", "label": "a"}]})");
  check_refused(data_at(scratch.path), "dataset.label_missing", {"1 of 2", "'testing/y.json'"});
  scratch.file("info.labels", "{\"version\": 1, ");
  check_refused(data_at(scratch.path), "dataset.malformed", {"no JSON", "info.labels"});
}

TEST_CASE("labels that change inside a recording become the labels of its windows") {
  const Scratch scratch;
  Json rows = Json::array();
  for (int i = 0; i < 10; ++i) rows.push_back({i, -i});
  scratch.file("a.json", recording_of(rows).dump());
  const auto labels = [&](int first, int second, int last) {
    scratch.file("info.labels",
                 Json({{"version", 1},
                       {"files",
                        {{{"path", "a.json"},
                          {"label",
                           {{"type", "multi-label"},
                            {"labels",
                             {{{"label", "up"}, {"startIndex", 0}, {"endIndex", first}},
                              {{"label", "down"}, {"startIndex", second}, {"endIndex", last}}}}}}}}}})
                     .dump());
  };
  labels(4, 5, 9);
  config::Data data = data_at(scratch.path);
  check_refused(data, "dataset.label_missing", {"has 2 labels", "window"});
  auto* preprocess = data.mutable_preprocess();
  preprocess->set_version(1);
  auto* step = preprocess->add_step();
  step->set_op("window");
  step->set_length(2);
  // Rows 4 and 5 are a window across the change.
  Dataset dataset = opened(data);
  CHECK(dataset.ids == std::vector<std::string>{"a.json@0", "a.json@2", "a.json@6", "a.json@8"});
  CHECK(dataset.labels == std::vector<int>{1, 1, 0, 0});
  CHECK(values_of<float>(dataset)[8] == 6);
  // The same in milliseconds: 10 ms a row.
  labels(49, 50, 99);
  CHECK(opened(data).labels == std::vector<int>{1, 1, 0, 0});
  labels(4, 5, 40);
  check_refused(data, "dataset.malformed", {"ends at 40", "10 rows and 100 ms", "a.json"});
}

TEST_CASE("bad recordings name file and row") {
  const Scratch scratch;
  const auto refused = [&](const std::string& text, const std::string& code,
                           const std::vector<std::string>& parts) {
    check_refused(data_at(scratch.file("a.json", text)), code, parts);
  };
  refused(recording_of(Json::parse("[[1, 2], [3]]")).dump(), "dataset.malformed",
          {"row 1 has 1 values, there are 2 sensors", "a.json"});
  refused(recording_of(Json::parse("[[1, 2], 3]")).dump(), "dataset.malformed", {"row 1"});
  refused(recording_of(Json::parse("[[1, \"x\"]]")).dump(), "dataset.malformed", {"row 0", "is no number"});
  refused(recording_of(Json::array()).dump(), "dataset.malformed", {"no values"});
  refused(recording_of(kRows).dump().substr(0, 90), "dataset.malformed", {"no JSON at byte 91 of 90"});
  refused(recording_of(Json::parse("[1, 2]"), Json::parse(R"([{"name":"a","units":"mps-2"}])")).dump(),
          "dataset.units", {"'mps-2'", "Did you mean 'mps2'?", "a.json"});
  check_refused(data_at(scratch.file("b.cbor", cbor_of(recording_of(kRows)).substr(0, 60))),
                "dataset.malformed", {"no CBOR at byte 61 of 60"});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  check_refused(data_at(scratch.file("b.cbor", cbor_of(recording_of({{1, nan}})))), "dataset.nan",
                {"nan in row 0", "b.cbor"});
}

TEST_CASE("recordings of one dataset agree in rate, sensors and units") {
  const Scratch scratch;
  scratch.file("a.json", recording_of(kRows).dump());
  const auto with = [&](const std::string& sensors) {
    scratch.file("b.json", recording_of(kRows, Json::parse(sensors)).dump());
  };
  config::Data data = data_at(scratch.path);
  with(R"([{"name":"accX","units":"g"},{"name":"accY","units":"g"}])");
  check_refused(data, "dataset.units", {"'accX' is in 'g'", "before in 'm/s2'"});
  with(R"([{"name":"gyrX","units":"m/s2"},{"name":"accY","units":"m/s2"}])");
  check_refused(data, "dataset.shape", {"gyrX"});
  Json slow = recording_of(kRows);
  slow["payload"]["interval_ms"] = 20;
  scratch.file("b.json", slow.dump());
  check_refused(data, "dataset.rate", {"50 Hz", "100 Hz"});
  std::filesystem::remove(scratch.path / "b.json");
  data.set_rate_hz(62.5);
  check_refused(data, "dataset.rate", {"100 Hz (every 10 ms)", "62.5 Hz"});
  data.clear_rate_hz();
  data.add_units("m/s2"), data.add_units("g");
  check_refused(data, "dataset.units", {"'accY' is in 'm/s2', [data] says 'g'"});
  // A unit that Assay does not know is right when the profile lists it.
  config::Data known = data_at(scratch.file(
      "c.json",
      recording_of(Json::parse("[1, 2]"), Json::parse(R"([{"name":"a","units":"furlong"}])")).dump()));
  known.add_units("furlong");
  CHECK(opened(known).channels == std::vector<std::string>{"a furlong"});
}

}  // namespace assay::dataset
