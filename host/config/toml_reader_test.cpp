#include "config/toml_reader.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "bad_input_record.h"
#include "base/error_codes.h"
#include "base/files.h"
#include "catch.h"
#include "config/catalogue.h"
#include "config/nearest.h"
#include "config/quantity.h"

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

namespace {

// A folder of TOML files that goes away; read() reads one of them as a profile or a board.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "assay-config-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(const std::string& name, const std::string& text) {
    REQUIRE(make_directories((path / name).parent_path()));
    REQUIRE(write_file(path / name, text));
  }
  Result<config::Profile> read(const std::string& name, config::Places* places = nullptr) {
    config::Profile profile;
    ASSAY_CHECK(config::read_toml(path / name, profile, places));
    return profile;
  }
  std::filesystem::path path;
};

// `profile` is refused with the code, a message and a place that hold these.
void check_refused(const char* name, const Result<config::Profile>& profile, const char* code,
                   const std::string& message, const std::string& place) {
  CAPTURE(name);
  REQUIRE_FALSE(profile);
  CHECK(profile.error().code == code);
  CHECK_THAT(profile.error().message, Catch::Contains(message));
  CHECK_THAT(profile.error().where, Catch::Contains(place));
  CHECK(exit_code_of(profile.error().code) == Exit::kUsage);
  tests::record_bad_input("config", name, profile.error());
}

}  // namespace

TEST_CASE("include takes what the own file does not say, key by key, and keeps the places") {
  Folder folder;
  folder.write("base/base.toml",
               "[profile]\nname = \"base\"\ntitle = \"from base\"\n[model]\nfile = "
               "\"m.tflite\"\n[[gate]]\nmetric = \"accuracy.top1\"\nmin = 1\n");
  folder.write("two.toml", "[profile]\ndescription = \"from two\"\ntitle = \"from two\"\n");
  folder.write(
      "profile.toml",
      "include = [\"base/base.toml\", \"two.toml\"]\n[profile]\nname = \"own\"\n[data]\npath = \"d\"\n");
  config::Places places;
  auto profile = folder.read("profile.toml", &places);
  INFO((profile ? "" : profile.error().text()));
  REQUIRE(profile);
  CHECK(profile->profile().name() == "own");
  CHECK(profile->profile().title() == "from two");  // the later of two wins
  CHECK(profile->profile().description() == "from two");
  CHECK(profile->model().file() ==
        (folder.path / "base/m.tflite").string());  // relative to where the key stands
  CHECK(profile->data().path() == (folder.path / "d").string());
  CHECK(profile->gate_size() == 1);
  CHECK(places.at("gate[0].min") == "base/base.toml:8");
  CHECK(places.at("profile.name") == "profile.toml:3");
  folder.write(
      "profile.toml",
      "include = \"base/base.toml\"\n[data]\npath = \"d\"\n[[gate]]\nmetric = \"latency.p95\"\nmax = 2\n");
  profile = folder.read("profile.toml");
  REQUIRE(profile);
  REQUIRE(profile->gate_size() == 1);  // arrays are replaced, not joined
  CHECK(profile->gate(0).metric() == "latency.p95");
}

TEST_CASE("a wrong include is refused with the file, the line and the chain") {
  Folder folder;
  const auto head = "include = \"a.toml\"\n" + std::string(kGood);
  folder.write("p.toml", head);
  check_refused("missing include", folder.read("p.toml"), "config.unreadable", "a.toml does not exist",
                "p.toml:1:11");
  folder.write("a.toml", "include = [\"b.toml\"]\n");
  folder.write("b.toml", "\ninclude = \"./a.toml\"\n");
  check_refused("cyclic include", folder.read("p.toml"), "config.include",
                "p.toml -> a.toml -> b.toml -> a.toml", "b.toml:2:11");
  folder.write("a.toml", "include = \"p.toml\"\n");
  check_refused("a file that includes the one that includes it", folder.read("p.toml"), "config.include",
                "p.toml -> a.toml -> p.toml", "a.toml:1:11");
  folder.write("a.toml", "[model]\nfile = 3\n");
  folder.write("p.toml", "include = \"a.toml\"\n[profile]\nname = \"p\"\n[data]\npath = \"d\"\n");
  check_refused("wrong type in an included file", folder.read("p.toml"), "config.type",
                "'model.file' must be a string", "a.toml:2:8");
  folder.write("a.toml", "[modell]\n");
  check_refused("unknown table in an included file", folder.read("p.toml"), "config.unknown_key", "modell",
                "a.toml:1:");
  folder.write("a.toml", "[model\n");
  check_refused("syntax in an included file", folder.read("p.toml"), "config.syntax", "", "a.toml:1");
  std::filesystem::remove(folder.path / "a.toml");
  std::filesystem::create_directory(folder.path / "a.toml");
  check_refused("include of a folder", folder.read("p.toml"), "config.unreadable", "is a folder",
                "p.toml:1:11");
  folder.write("p.toml", "include = [\"a.toml\", 7]\n");
  std::filesystem::remove(folder.path / "a.toml");
  folder.write("a.toml", "");
  check_refused("include of a number", folder.read("p.toml"), "config.type", "file names", "p.toml:1:22");
  for (int i = 0; i < 12; ++i)
    folder.write("deep" + std::to_string(i) + ".toml",
                 "include = \"deep" + std::to_string(i + 1) + ".toml\"\n");
  check_refused("a chain of twelve includes", folder.read("deep0.toml"), "config.include",
                "more than 8 files", "deep7.toml:1:11");
}

TEST_CASE("a file that is no text of a person is refused before it is parsed") {
  Folder folder;
  check_refused("missing file", folder.read("none.toml"), "config.unreadable", "none.toml does not exist",
                "");
  check_refused("folder instead of a file", folder.read("."), "config.unreadable", "is a folder", "");
  folder.write("big.toml", std::string(10 << 20, '#'));
  check_refused("ten megabytes", folder.read("big.toml"), "config.unreadable", "has 10485760 bytes", "");
  REQUIRE(mkfifo((folder.path / "pipe.toml").c_str(), 0600) == 0);
  check_refused("a pipe that nobody writes", folder.read("pipe.toml"), "config.unreadable", "no plain file",
                "");
  folder.write("loop/x", "");
  std::filesystem::create_symlink("loop.toml", folder.path / "loop.toml");
  check_refused("a symbolic link to itself", folder.read("loop.toml"), "config.unreadable", "loop.toml", "");
  folder.write("latin.toml", "[profile]\nname = \"caf\xe9\"\n");
  check_refused("not UTF-8", folder.read("latin.toml"), "config.syntax", "utf-8", "latin.toml:2");
  folder.write("utf16.toml", std::string("\xff\xfe[\0p\0", 6));
  check_refused("UTF-16", folder.read("utf16.toml"), "config.syntax", "", "utf16.toml:1");
  folder.write("nul.toml", std::string("[profile]\nname = \"a\0b\"\n", 23));
  check_refused("a NUL byte", folder.read("nul.toml"), "config.syntax", "", "nul.toml:2");
  folder.write("empty.toml", "");
  check_refused("empty file", folder.read("empty.toml"), "config.missing_key", "'profile'", "empty.toml");
  folder.write("nested.toml", "a = " + std::string(100000, '['));
  check_refused("a hundred thousand brackets", folder.read("nested.toml"), "config.syntax", "",
                "nested.toml:1");
}

TEST_CASE("a byte order mark and CRLF change nothing") {
  std::string windows = "\xef\xbb\xbf";
  for (const char* c = kGood; *c; ++c) windows += *c == '\n' ? "\r\n" : std::string(1, *c);
  config::Places places;
  auto profile = parse(windows, &places);
  INFO((profile ? "" : profile.error().text()));
  REQUIRE(profile);
  CHECK(profile->profile().name() == "p");
  CHECK(places.at("gate[0].metric") == "assay_toml_reader_test.toml:8");
}

TEST_CASE("quantities carry their unit, and a wrong one lists the right ones") {
  CHECK(*config::quantity("4 MiB", "bytes") == 4194304);
  CHECK(*config::quantity("1.5kB", "bytes") == 1500);
  CHECK(*config::quantity("25 MHz", "Hz") == 25e6);
  Folder folder;
  const auto with_rate = [&](const std::string& value) {
    std::string text = kGood;
    text.insert(text.find("[[gate]]"), "rate_hz = " + value + "\n");
    folder.write("p.toml", text);
    return folder.read("p.toml");
  };
  CHECK(with_rate("\"0.025 kHz\"")->data().rate_hz() == 25);
  CHECK(with_rate("25")->data().rate_hz() == 25);
  check_refused("bad unit", with_rate("\"25 MiB\""), "config.unit", "none of: Hz, kHz, MHz, GHz",
                "p.toml:7:11");
  check_refused("a unit in the wrong case", with_rate("\"25 mhz\""), "config.unit", "'mhz'", "p.toml:7:11");
  check_refused("text without a unit", with_rate("\"25\""), "config.unit", "has no unit", "p.toml:7:11");
  check_refused("a unit without a number", with_rate("\"Hz\""), "config.unit", "does not begin with a number",
                "p.toml:7:11");
  check_refused("a number that is infinite", with_rate("\"1e999 Hz\""), "config.unit", "1e999",
                "p.toml:7:11");

  config::Board board;
  const std::string table = "[model_region]\naddress = 0\narena_bytes = 1\nsize = ";
  for (const auto& [value, code] :
       {std::pair("\"1.5 B\"", "config.value"), std::pair("\"64 KB\"", "config.unit"),
        std::pair("\"-1 B\"", "config.value"), std::pair("\"9e300 GB\"", "config.value")}) {
    folder.write("board.toml", table + value + "\n");
    auto read = config::read_toml(folder.path / "board.toml", board);
    REQUIRE_FALSE(read);
    CAPTURE(value, read.error().message);
    CHECK(read.error().code == code);
    CHECK_THAT(read.error().where, Catch::Contains("board.toml:4:8"));
  }
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
  auto missing = config::load_board("mps2-an3866");
  REQUIRE_FALSE(missing);
  CHECK_THAT(missing.error().remedy, Catch::Contains("'mps2-an386'"));
}
