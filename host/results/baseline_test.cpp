#include "results/baseline.h"

#include "results/fixture.h"

using namespace assay;
using namespace assay::results;

namespace {

Baseline sample() {
  Baseline b{.run_id = "f1d1052",
             .started = "2026-11-24T21:40:05Z",
             .git_commit = "bfc91a1b7190",
             .class_names = {"yes", "no"},
             .outputs_sha256 = std::string(64, 'c'),
             .repeats = 3};
  b.identity = {.profile = "kws",
                .model_name = "kws.tflite",
                .model_sha256 = std::string(64, 'a'),
                .dataset_name = "test",
                .dataset_hash = "d",
                .ids_sha256 = "i",
                .samples = 70,
                .board = "mps2-an386",
                .mode = "exact",
                .clock_kind = "instructions (emulated)",
                .engine = "native",
                .toolchain = "gcc 12.2.1",
                .firmware_build_id = "f"};
  auto latency = *describe_figure("latency.median"), top1 = *describe_figure("accuracy.top1");
  latency.figure = {
      .value = 479707.5, .unit = "instructions", .kind = "emulated", .n = 3, .lo = 479000, .hi = 480001};
  top1.exact = true, top1.figure = {.value = 0.1 + 0.2, .unit = "1", .kind = "emulated", .n = 70};
  b.figures = {latency, top1};
  b.classes = {{"yes", 40, 39, "fffffffffe"}, {"no", 30, 30, ""}};
  return b;
}

std::filesystem::path written(const OutFolder& folder, const std::string& text) {
  const auto file = folder.root / "baseline.toml";
  REQUIRE(write_file(file, text));
  return file;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("A baseline is read as it was written, and written the same again") {
  const OutFolder folder;
  Baseline b = sample();
  b.identity.model_name = "a \"b\"\\ #c\n\x7f = [x] \xc3\xa9";
  b.classes[0].name = "]\n[run]\nid = \"evil\"";
  const auto read = read_baseline(written(folder, baseline_text(b)));
  REQUIRE(read);
  CHECK(read->identity.model_name == b.identity.model_name);
  CHECK(read->classes[0].name == b.classes[0].name);
  CHECK(read->run_id == "f1d1052");
  CHECK(read->repeats == 3);
  // Sorted by name, to the last digit.
  REQUIRE(read->figures.size() == 2);
  CHECK(read->figures[0].name == "accuracy.top1");
  CHECK(read->figures[0].figure.value == 0.1 + 0.2);
  CHECK(read->figures[0].exact);
  CHECK(read->figures[1].figure.hi == 480001.0);
  CHECK(baseline_text(*read) == baseline_text(b));
}

TEST_CASE("One figure stands on one line, so that a diff reads well") {
  Baseline b = sample();
  const std::string before = baseline_text(b);
  b.figures[0].figure.value = 480000;
  const std::string now = baseline_text(b);
  int differing = 0;
  for (size_t x = 0, y = 0; x < before.size() && y < now.size();
       x = before.find('\n', x) + 1, y = now.find('\n', y) + 1)
    differing += before.substr(x, before.find('\n', x) - x) != now.substr(y, now.find('\n', y) - y);
  CHECK(differing == 1);
}

TEST_CASE("A damaged baseline is named with the line, never half read") {
  const OutFolder folder;
  const std::string text = baseline_text(sample());
  struct Row {
    std::string text;
    const char* words;
  };
  const Row rows[] = {
      {"", "no baseline"},
      {"hello", "no baseline"},
      {text.substr(0, text.size() / 2), "baseline.toml"},
      {replaced(text, "value = 479707.5", "value = nan"), "finite"},
      {replaced(text, "value = 479707.5", "value = \"many\""), "must be a number"},
      {replaced(text, "accuracy.top1", "accuracy.top9"), "no figure is called 'accuracy.top9'"},
      {replaced(text, "accuracy.top1", "latency.median"), "stands there twice"},
      {replaced(text, "right = 39", "right = 41"), "41 right of 40"},
      {replaced(text, "fffffffffe", "ff"), "hits of class"},
      {replaced(text, "fffffffffe", "fffffffffz"), "hits of class"},
      {replaced(text, "repeats = 3", "repeats = 0"), "repeats"},
      {replaced(text, "\nboard = ", "\nbored = "), "bored"},
  };
  for (const Row& row : rows) {
    const auto read = read_baseline(written(folder, row.text));
    CAPTURE(row.words);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "baseline.corrupt");
    CHECK(read.error().text().find(row.words) != std::string::npos);
  }
  const auto newer =
      read_baseline(written(folder, replaced(text, "schema = 1", "schema = 2\nfuture = true")));
  REQUIRE_FALSE(newer);
  CHECK(newer.error().code == "baseline.other_schema");
  CHECK(read_baseline(folder.root / "none.toml").error().code == "baseline.missing");
  CHECK(read_baseline(folder.root).error().code == "baseline.corrupt");
}

TEST_CASE("The file is named by profile, board and toolchain, and stays in its folder") {
  Identity identity = sample().identity;
  CHECK(baseline_file("b", identity) == "b/kws/mps2-an386-gcc-12.2.1.toml");
  identity.toolchain.clear(), identity.profile = "../../etc", identity.board = "a/b c";
  CHECK(baseline_file("b", identity) == "b/-..-..-etc/a-b-c.toml");
}

TEST_CASE("A folder that cannot be written is said to be") {
  const OutFolder folder;
  REQUIRE(write_file(folder.root / "plain", std::string_view("x")));
  const Status status = write_baseline(folder.root / "plain/kws/b.toml", sample());
  REQUIRE_FALSE(status);
  CHECK(status.error().code == "baseline.read_only");
  CHECK(write_baseline(folder.root / "new/kws/b.toml", sample()));
}
