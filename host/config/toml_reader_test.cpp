#include "config/toml_reader.h"

#include "base/files.h"
#include "catch.h"
#include "config/catalogue.h"
#include "config/nearest.h"

using namespace assay;

namespace {

constexpr const char* kGood = R"([profile]
name = "p"
[model]
file = "m.tflite"
[data]
path = "data"
[[gate]]
metric = "accuracy.delta"
margin_pp = 2.0
)";

Result<config::Profile> parse(const std::string& text, config::Places* places = nullptr) {
  const auto file = std::filesystem::temp_directory_path() / "assay_toml_reader_test.toml";
  REQUIRE(write_file(file, text));
  config::Profile profile;
  ASSAY_CHECK(config::read_toml(file, profile, places));
  return profile;
}

struct BadCase {
  const char *name, *from, *to, *code, *message, *place;
};

}  // namespace

TEST_CASE("a profile is read, paths become relative to its file, places are kept") {
  config::Places places;
  auto profile = parse(kGood, &places);
  REQUIRE(profile);
  CHECK(profile->profile().name() == "p");
  CHECK(profile->model().file() == (std::filesystem::temp_directory_path() / "m.tflite").string());
  REQUIRE(profile->gate_size() == 1);
  CHECK(profile->gate(0).margin_pp() == 2.0);
  CHECK_FALSE(profile->gate(0).has_min());
  CHECK(places.at("gate[0].metric") == "assay_toml_reader_test.toml:8");
}

TEST_CASE("what is wrong in a TOML file is named with line, column and remedy") {
  const BadCase cases[] = {
      {"unknown key", "margin_pp", "margn_pp", "config.unknown_key", "gate[0].margn_pp", ":9:1"},
      {"wrong type", "2.0", "\"2\"", "config.type", "'gate[0].margin_pp' must be a number, not a string",
       ":9:13"},
      {"missing key", "metric = \"accuracy.delta\"\n", "", "config.missing_key", "gate[0].metric", ":7:1"},
      {"not finite", "2.0", "nan", "config.value", "finite", ":9:13"},
      {"syntax", "[model]", "[model", "config.syntax", "", ":3"},
      {"duplicate key", "path = \"data\"", "path = \"a\"\npath = \"b\"", "config.syntax", "path", ":7"},
      {"a table where an array belongs", "[[gate]]", "[gate]", "config.type", "array of tables", ":7"},
      {"empty", "\"m.tflite\"", "\"\"", "config.value", "must not be empty", ":4:8"},
  };
  for (const BadCase& bad : cases) {
    CAPTURE(bad.name);
    std::string text = kGood;
    text.replace(text.find(bad.from), strlen(bad.from), bad.to);
    auto profile = parse(text);
    REQUIRE_FALSE(profile);
    CHECK(profile.error().code == bad.code);
    CHECK_THAT(profile.error().message, Catch::Contains(bad.message));
    CHECK_THAT(profile.error().where, Catch::Contains(bad.place));
  }
  std::string text = kGood;
  text.replace(text.find("margin_pp"), 9, "margn_pp");
  CHECK_THAT(parse(text).error().remedy, Catch::Contains("Did you mean 'margin_pp'?"));
}

TEST_CASE("the nearest word is near") {
  CHECK(config::nearest("mps2-an385", {"posix", "mps2-an386"}) == "mps2-an386");
  CHECK(config::nearest("zebra", {"posix", "mps2-an386"}).empty());
}

TEST_CASE("every board and profile of the tree loads") {
  setenv("ASSAY_DATA_DIR", ASSAY_SOURCE_DIR, 1);
  CHECK(config::board_names().size() >= 2);
  for (const auto& name : config::board_names()) {
    auto board = config::load_board(name);
    INFO(name << ": " << (board ? "" : board.error().text()));
    CHECK(board);
  }
  for (const auto& name : config::profile_names()) {
    auto profile = config::load_profile(name);
    INFO(name << ": " << (profile ? "" : profile.error().text()));
    CHECK(profile);
  }
  auto missing = config::load_board("mps2-an38");
  REQUIRE_FALSE(missing);
  CHECK_THAT(missing.error().remedy, Catch::Contains("'mps2-an386'"));
}
