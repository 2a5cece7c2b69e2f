#include <filesystem>

#include "base/files.h"
#include "catch.h"
#include "report/formats.h"
#include "report_fixture.h"
#include "results/npy.h"
#include "results/run_folder.h"

using namespace assay;
namespace fixture = assay::report_fixture;

namespace {

// A run folder in a place of its own, removed at the end.
struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("assay_load_view_" + std::to_string(::getpid()));
  Folder() { std::filesystem::remove_all(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

TensorRows two_inputs() {
  TensorRows rows;
  rows.info = {"inputs", ElementType::kFloat32, {1, 100, 1, 6}};
  const auto view = fixture::watch_raw();
  for (const auto& preview : {view.previews[0], view.previews[1]}) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(preview.real.data());
    rows.data.insert(rows.data.end(), bytes, bytes + preview.real.size() * 4);
  }
  return rows;
}

}  // namespace

TEST_CASE("A view comes back from a run folder, with inputs real and as quantised") {
  const Folder temporary;
  const auto made = fixture::watch_raw();
  const auto folder = results::RunFolder::create(temporary.path);
  REQUIRE(folder);
  REQUIRE(folder->write_summary(made.summary));
  REQUIRE(folder->write_flips(made.flips));
  REQUIRE(results::write_npy(folder->path("inputs.npy"), two_inputs()));
  const std::vector<int64_t> index{made.previews[0].index, made.previews[1].index};
  REQUIRE(results::write_npy(folder->path("inputs_index.npy"), std::span<const int64_t>(index)));
  REQUIRE(write_file(folder->path("graph.json"), std::string_view(R"({"input":{"scale":6.18,"zero_point":0},
    "preview":{"kind":"series","channels":["ax","ay","az","gx","gy","gz"],"rate_hz":25}})")));
  const auto view = report::load_view(temporary.path);
  REQUIRE(view);
  CHECK(view->flips.size() == made.flips.size());
  CHECK(view->input.dims == std::vector<int64_t>{100, 6});
  REQUIRE(view->previews.size() == 2);
  const auto* preview = view->preview(made.previews[1].index);
  REQUIRE(preview);
  CHECK(preview->sample == made.previews[1].sample);
  CHECK(preview->real == made.previews[1].real);
  CHECK(preview->quantised[3] == Approx(made.previews[1].quantised[3]));
  CHECK(preview->quantised[0] == 0);

  SECTION("and every report can be written beside it") {
    REQUIRE(report::write_reports(*view, temporary.path));
    for (const char* name : {"report.html", "report.css", "junit.xml"})
      CHECK(std::filesystem::file_size(temporary.path / name) > 1000);
  }
  SECTION("damaged inputs become a note, not an error") {
    REQUIRE(write_file(folder->path("graph.json"), std::string_view("[")));
    const auto damaged = report::load_view(temporary.path);
    REQUIRE(damaged);
    CHECK(damaged->previews.empty());
    REQUIRE_FALSE(damaged->summary.issues.empty());
    CHECK(damaged->summary.issues.back().code == "results.bad_run");
  }
}

TEST_CASE("Classes and channels without names are numbered in words, named ones stay") {
  const Folder temporary;
  auto made = fixture::digits();
  const auto folder = results::RunFolder::create(temporary.path);
  REQUIRE(folder);
  made.summary.input_channels = {{"0", 40.0, 0.1, 0}};
  REQUIRE(folder->write_summary(made.summary));
  const auto named = report::load_view(temporary.path);
  REQUIRE(named);
  CHECK(named->summary.accuracy->classes[3].name == "3");
  CHECK(named->summary.input_channels[0].name == "input");
  made.summary.dataset.classes.clear();
  REQUIRE(folder->write_summary(made.summary));
  const auto nameless = report::load_view(temporary.path);
  REQUIRE(nameless);
  CHECK(nameless->summary.accuracy->classes[3].name == "class 3");
  CHECK(nameless->summary.dataset.classes.size() == 10);
  CHECK(report::find_format("html")->render(*nameless).find("title=\"class 3\"") != std::string::npos);
}

TEST_CASE("Rows of time by features are drawn though nothing says what they are") {
  const Folder temporary;
  auto made = fixture::digits();
  const auto folder = results::RunFolder::create(temporary.path);
  REQUIRE(folder);
  REQUIRE(folder->write_summary(made.summary));
  REQUIRE(folder->write_flips(made.flips));
  TensorRows rows;
  rows.info = {"inputs", ElementType::kInt8, {1, 49, 10, 1}};
  for (int i = 0; i < 490; ++i) rows.data.push_back(static_cast<uint8_t>(i * 37));
  REQUIRE(results::write_npy(folder->path("inputs.npy"), rows));
  const std::vector<int64_t> index{made.flips[0].index};
  REQUIRE(results::write_npy(folder->path("inputs_index.npy"), std::span<const int64_t>(index)));
  const auto view = report::load_view(temporary.path);
  REQUIRE(view);
  CHECK(view->input.kind == "map");
  CHECK(report::find_format("html")->render(*view).find("<img class=\"px map\"") != std::string::npos);
}

TEST_CASE("A folder without a summary is an error") { CHECK_FALSE(report::load_view("/nonexistent")); }

TEST_CASE("Formats are found by name and render") {
  for (const auto& format : report::formats()) {
    CHECK(report::find_format(format.name) == &format);
    CHECK_FALSE(format.render(fixture::bare()).empty());
  }
  CHECK(report::find_format("pdf") == nullptr);
}
