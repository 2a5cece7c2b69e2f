#include "metric/compare.h"

#include <algorithm>

#include "catch.h"

using namespace assay;
using namespace assay::metric;
namespace word = assay::results::word;

namespace {

results::NamedFigure figure(const char* name, double value, const char* unit = "instructions",
                            const char* kind = "emulated", bool exact = true) {
  auto named = results::describe_figure(name);
  REQUIRE(named);
  named->exact = exact;
  named->figure = {.value = value, .unit = unit, .kind = kind};
  return *named;
}

// 100 samples of two classes, all answered right but the first `wrong` of class "b".
Side side(int wrong = 0, double latency = 1000) {
  Side s{.name = "one", .from = "run", .verdict = "pass", .class_names = {"a", "b"}};
  s.identity = {.profile = "digits",
                .model_name = "m",
                .model_sha256 = std::string(64, 'a'),
                .dataset_hash = "d",
                .ids_sha256 = "i",
                .samples = 100,
                .board = "mps2-an386",
                .mode = "exact",
                .clock_kind = "instructions (emulated)",
                .engine = "native",
                .toolchain = "gcc 12.2.1"};
  for (int i = 0; i < 100; ++i) {
    const int truth = i < 60 ? 0 : 1;
    const bool miss = truth == 1 && i - 60 < wrong;
    s.answers.push_back({"s" + std::to_string(i), truth, miss ? 0 : truth});
  }
  s.classes = count_classes(s.answers, s.class_names);
  s.outputs_sha256 = "o" + std::to_string(wrong);
  s.figures = {figure("accuracy.top1", (100 - wrong) / 100.0, "1"), figure("latency.median", latency),
               figure("flash.total", 5000, "B", "measured")};
  s.layers = {
      {.index = 0, .op = "CONV_2D", .kernel = "reference", .output_shape = "1x8", .median = latency / 2},
      {.index = 1, .op = "SOFTMAX", .kernel = "reference", .output_shape = "1x2", .median = latency / 4}};
  return s;
}

const results::ComparedFigure& row(const results::Comparison& comparison, const std::string& name) {
  const auto found = std::find_if(comparison.figures.begin(), comparison.figures.end(),
                                  [&](const auto& r) { return r.name == name; });
  REQUIRE(found != comparison.figures.end());
  return *found;
}

bool carries(const std::vector<std::string>& codes, const char* code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace

TEST_CASE("A run compared with itself is identical in every row") {
  const auto c = compare(side(), side());
  for (const auto& r : c.figures) CHECK(r.word == word::kIdentical);
  for (const auto& r : c.classes) CHECK(r.word == word::kIdentical);
  for (const auto& r : c.operators) CHECK(r.word == word::kIdentical);
  CHECK(c.word == word::kIdentical);
  CHECK(c.subject.empty());
  CHECK(c.outputs_equal == true);
  CHECK(c.sentence == "Identical, to the last bit of the outputs.");
}

TEST_CASE("With the same model a single flip is a fact, and its class is named") {
  const auto c = compare(side(0), side(1));
  CHECK(row(c, "accuracy.top1").word == word::kWorse);
  CHECK(c.classes[0].word == word::kIdentical);
  CHECK(c.classes[1].word == word::kWorse);
  CHECK(c.classes[1].broken == 1);
  CHECK(c.paired->broken == 1);
  CHECK(c.paired->changed.at(0).id == "s60");
  CHECK(c.word == word::kWorse);
  CHECK(c.sentence == "Worse: accuracy.top1, class b.");
  CHECK(compare(side(1), side(0)).word == word::kBetter);
}

TEST_CASE("As many broken as fixed in one class is a change, not nothing") {
  Side before = side(1), now = side(0);
  now.answers[70].top = 0;
  now.classes = count_classes(now.answers, now.class_names);
  now.figures[0] = before.figures[0];
  const auto c = compare(before, now);
  CHECK(c.classes[1].before == c.classes[1].now);
  CHECK(c.classes[1].word == word::kChanged);
  CHECK(row(c, "accuracy.top1").word == word::kChanged);
}

TEST_CASE("Of another model a difference must be larger than chance") {
  Side other = side(2);
  other.identity.model_sha256 = std::string(64, 'b');
  auto c = compare(side(0), other);
  const auto& top1 = row(c, "accuracy.top1");
  CHECK(top1.word == word::kNoEvidence);  // 2 of 100: a loss of more than 2 pp is not ruled out
  CHECK(carries(top1.codes, "compare.few_samples"));
  CHECK(carries(top1.codes, "compare.other_model"));
  CHECK(top1.note.find("not ruled out") != std::string::npos);
  CHECK_FALSE(c.outputs_equal);
  Side much_worse = side(20);
  much_worse.identity.model_sha256 = std::string(64, 'b');
  c = compare(side(0), much_worse);
  CHECK(row(c, "accuracy.top1").word == word::kWorse);
  CHECK(c.classes[1].word == word::kWorse);
  CHECK(c.paired->sentence.starts_with("Inferior by more than 2 pp"));
  CHECK(compare(side(0), other, {.margin_pp = 10})
            .paired->sentence.starts_with("Not inferior by more than 10 pp"));
}

TEST_CASE("What makes figures incomparable is named, and there is no delta then") {
  struct Row {
    std::string results::Identity::*key;
    const char* code;
    const char* figure;
    bool blocked;
  };
  const Row rows[] = {
      {&results::Identity::board, "compare.other_board", "latency.median", true},
      {&results::Identity::board, "compare.other_board", "flash.total", true},
      {&results::Identity::board, "compare.other_board", "accuracy.top1", false},
      {&results::Identity::clock_kind, "compare.other_clock", "latency.median", true},
      {&results::Identity::mode, "compare.other_mode", "latency.median", true},
      {&results::Identity::dataset_hash, "compare.other_dataset", "accuracy.top1", true},
      {&results::Identity::dataset_hash, "compare.other_dataset", "latency.median", false},
      {&results::Identity::ids_sha256, "compare.other_samples", "accuracy.top1", true},
      {&results::Identity::toolchain, "compare.other_toolchain", "latency.median", false},
      {&results::Identity::model_sha256, "compare.other_model", "latency.median", false},
  };
  for (const Row& r : rows) {
    Side now = side();
    now.identity.*r.key = "another";
    const auto c = compare(side(), now);
    CAPTURE(r.code, r.figure);
    const auto& compared = row(c, r.figure);
    CHECK(carries(compared.codes, r.code));
    CHECK((compared.word == word::kNotComparable) == r.blocked);
    CHECK(compared.delta.has_value() != r.blocked);
    CHECK(std::any_of(c.comparability.begin(), c.comparability.end(),
                      [&](const auto& i) { return i.code == r.code && i.message != r.code; }));
    CHECK(std::any_of(c.subject.begin(), c.subject.end(), [&](const auto& s) { return s.code == r.code; }));
  }
}

TEST_CASE("Of other samples those that both saw are compared, by id") {
  Side now = side(3);
  now.answers.erase(now.answers.begin(), now.answers.begin() + 50);
  std::reverse(now.answers.begin(), now.answers.end());
  now.classes = count_classes(now.answers, now.class_names);
  now.identity.ids_sha256 = "other", now.identity.samples = 50;
  const auto c = compare(side(0), now);
  REQUIRE(c.paired);
  CHECK(c.paired->n == 50);
  CHECK(c.paired->only_before == 50);
  CHECK(c.paired->broken == 3);
  CHECK(row(c, "accuracy.top1").word == word::kNotComparable);
  REQUIRE(c.classes.size() == 2);
  CHECK(c.classes[1].support == 40);
  CHECK(c.classes[1].word == word::kWorse);
}

TEST_CASE("A run that ended early proves nothing") {
  Side now = side(5, 2000);
  now.complete = false;
  const auto c = compare(side(), now);
  for (const auto& r : c.figures) {
    CHECK(r.word == word::kNoEvidence);
    CHECK(carries(r.codes, "compare.incomplete"));
  }
  CHECK(c.word == word::kNoEvidence);
}

TEST_CASE("Figures that scatter need a tolerance, repeats and a clock that is theirs alone") {
  Side before = side(), now = side(0, 1015);
  before.figures[1].exact = now.figures[1].exact = false;
  before.figures[1].figure.kind = now.figures[1].figure.kind = "measured";
  CHECK(row(compare(before, now), "latency.median").word == word::kWithin);
  now.figures[1].figure.value = 1030;
  CHECK(row(compare(before, now), "latency.median").word == word::kWorse);
  CHECK(row(compare(before, now, {.tolerances = {{"latency.median", 0, 50}}}), "latency.median").word ==
        word::kWithin);
  before.from = "baseline";
  auto c = compare(before, now);
  CHECK(row(c, "latency.median").word == word::kNoEvidence);
  CHECK(carries(row(c, "latency.median").codes, "compare.few_repeats"));
  before.repeats = 3, before.figures[1].figure.lo = 990, before.figures[1].figure.hi = 1012;
  CHECK(row(compare(before, now), "latency.median").word == word::kWithin);
  now.figures[1].figure.value = 1040;
  CHECK(row(compare(before, now), "latency.median").word == word::kWorse);
  before.figures[1].figure.kind = now.figures[1].figure.kind = "host";
  c = compare(before, now);
  CHECK(row(c, "latency.median").word == word::kNoEvidence);
  CHECK(carries(row(c, "latency.median").codes, "compare.host_clock"));
}

TEST_CASE("The depth of a stack may differ by an interrupt's frame, and by no more") {
  Side before = side(), now = side();
  for (Side* run : {&before, &now}) {
    auto stack = results::describe_figure("memory.stack");
    REQUIRE(stack);
    stack->figure = {.value = 820, .unit = "B", .kind = "emulated"};
    run->figures.push_back(*stack);
  }
  before.from = "baseline";
  now.figures.back().figure.value = 820 + 128;
  CHECK(row(compare(before, now), "memory.stack").word == word::kWithin);
  now.figures.back().figure.value += 1;
  CHECK(row(compare(before, now), "memory.stack").word == word::kNoEvidence);
  before.from = "run";
  CHECK(row(compare(before, now), "memory.stack").word == word::kWorse);
}

TEST_CASE("Invalid, void and absent figures are no evidence, unlike units not comparable") {
  Side now = side();
  now.figures[1].figure.validity = "invalid";
  CHECK(carries(row(compare(side(), now), "latency.median").codes, "compare.invalid"));
  now = side();
  now.figures.erase(now.figures.begin() + 1);
  CHECK(row(compare(side(), now), "latency.median").word == word::kNoEvidence);
  now = side();
  now.figures[1].figure.unit = "cycles";
  CHECK(row(compare(side(), now), "latency.median").word == word::kNotComparable);
  Side before = side();
  now = side();
  before.identity.mode = now.identity.mode = "realtime";
  const auto c = compare(before, now);
  CHECK(row(c, "latency.median").word == word::kNoEvidence);
  CHECK(carries(row(c, "latency.median").codes, "compare.realtime_counts"));
}

TEST_CASE("Operators are matched by kind and shape in their order, the rest is listed") {
  Side before = side(), now = side();
  now.layers.insert(now.layers.begin(),
                    {.index = 0, .op = "PAD", .kernel = "reference", .output_shape = "1x10", .median = 9});
  now.layers[1].index = 1, now.layers[1].median = 600, now.layers[1].kernel = "dsp";
  now.layers[2].index = 2;
  before.layers.push_back(
      {.index = 2, .op = "MEAN", .kernel = "reference", .output_shape = "1x2", .median = 5});
  const auto c = compare(before, now);
  REQUIRE(c.operators.size() == 4);
  CHECK(c.operators[0].word == "only now");
  CHECK(c.operators[1].word == word::kWorse);
  CHECK(c.operators[1].delta == 100);
  CHECK(c.operators[1].index_before == 0);
  CHECK(c.operators[2].word == word::kIdentical);
  CHECK(c.operators[3].word == "only before");
}

TEST_CASE("Without labels agreement is what is said") {
  Side before = side(), now = side();
  for (Side* s : {&before, &now}) {
    for (auto& answer : s->answers) answer.truth = -1;
    s->classes.clear();
  }
  now.answers[5].top = 1;
  const auto c = compare(before, now);
  REQUIRE(c.paired);
  CHECK_FALSE(c.paired->labelled);
  CHECK(c.paired->agreement == Approx(0.99));
  CHECK(c.paired->changed.at(0).kind == "changed");
}
