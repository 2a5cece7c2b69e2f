#include "metric/evaluate.h"

#include <rapidcheck.h>
#include <algorithm>
#include <chrono>

#include "catch.h"
#include "metric/attribution.h"
#include "metric/sides_for_test.h"

using namespace assay;
using namespace assay::metric;

namespace {

// 40 samples of two classes, half of each; `wrong` marks answers that are not the label.
std::vector<int> truth(int n = 40) {
  std::vector<int> y;
  for (int i = 0; i < n; ++i) y.push_back(i % 2);
  return y;
}
std::vector<int> with_wrong(std::vector<int> y, int from, int count) {
  for (int i = from; i < from + count; ++i) y[static_cast<size_t>(i)] = 1 - y[static_cast<size_t>(i)];
  return y;
}

// Sides that live as long as the observations that point to them.
struct Case {
  TensorRows r0, r1a, r1b, r2, device;
  Observations o;
  Case(int wrong_r1, int wrong_r2, int wrong_device) {
    r0 = answers(truth(), 2);
    r1a = answers(with_wrong(truth(), 0, wrong_r1), 2);
    r1b = r1a;
    r2 = answers(with_wrong(truth(), 0, wrong_r2), 2);
    device = answers(with_wrong(truth(), 0, wrong_device), 2);
    o.labels = truth();
    o.classes = {"a", "b"};
    o.r0 = &r0;
    o.r1 = {{"r1.litert_ref", &r1a}, {"r1.tflite_micro", &r1b}};
    o.r2 = &r2;
    o.device = &device;
    o.device_kind = "emulated";
  }
};

}  // namespace

TEST_CASE("compression owns a loss that is there before the engine") {
  const Case c(20, 20, 20);
  const auto e = evaluate(c.o).value();
  CHECK(e.accuracy->r0->value == 1);
  CHECK(e.accuracy->r1->value == 0.5);
  CHECK(e.accuracy->device->value == 0.5);
  CHECK(e.accuracy->device->kind == "emulated");
  CHECK(e.accuracy->baseline_level == "R0");
  CHECK(e.accuracy->delta->value == -0.5);
  CHECK(*e.accuracy->delta->hi < -0.3);
  CHECK(e.accuracy->broken == 20);
  CHECK(*e.attribution->compression_flips == 20);
  CHECK(*e.attribution->compression_pp == -50);
  CHECK(*e.attribution->rounding_flips == 0);
  CHECK(*e.attribution->port_bits == 0);
  CHECK(e.attribution->owner == "compression");
  CHECK(e.attribution->sentence ==
        "Quantising to int8 lost 50.0 points of accuracy. The board itself lost none.");
  CHECK(e.flips.size() == 20);
  CHECK(e.flips[0].kind == "broken");
  CHECK(e.flips[0].r1 == e.flips[0].device);
}

TEST_CASE("rounding and port own what arises in them") {
  const auto rounding = evaluate(Case(0, 6, 6).o).value();
  CHECK(*rounding.attribution->rounding_flips == 6);
  CHECK(*rounding.attribution->rounding_samples_outside == 6);
  CHECK(*rounding.attribution->rounding_pp == Approx(-15));
  CHECK(rounding.attribution->owner == "rounding");
  const auto port = evaluate(Case(0, 0, 4).o).value();
  CHECK(*port.attribution->port_flips == 4);
  CHECK(*port.attribution->port_bits == 4 * 2 * 4);  // 0x80 and 0x64 change places: 4 bits an element
  CHECK(port.attribution->owner == "port");
  CHECK(port.attribution->sentence ==
        "Quantising to int8 lost no accuracy. The board itself lost 10.0 points of accuracy (4 answers, 32 "
        "output bits).");
  // A port that loses less than compression did does not own the loss.
  CHECK(evaluate(Case(20, 20, 21).o)->attribution->owner == "compression");
  const auto none = evaluate(Case(0, 0, 0).o).value();
  CHECK(none.attribution->owner == "none");
  CHECK(none.accuracy->delta->lo == Approx(-3.0 / 40));
}

TEST_CASE("one differing bit is the port's when the port must be exact") {
  Case c(0, 0, 0);
  c.device.data[0] ^= 1;
  CHECK(evaluate(c.o)->attribution->owner == "port");
  CHECK(evaluate(c.o)->attribution->sentence.find("1 output bit, but no answer changed") !=
        std::string::npos);
  c.o.exact_port = false;
  CHECK(evaluate(c.o)->attribution->owner == "none");
}

TEST_CASE("a model that only its own engine runs is judged without desktop runtimes") {
  Case lost(0, 20, 20);
  lost.o.r1.clear();
  CHECK(evaluate(lost.o)->attribution->owner ==
        "unknown");  // a runtime that is missing is not one that cannot be
  lost.o.only_own_engine = true;
  const auto e = evaluate(lost.o).value();
  CHECK(*e.attribution->compression_flips == 20);
  CHECK(*e.attribution->compression_pp == -50);
  CHECK_FALSE(e.attribution->rounding_flips);
  CHECK(e.attribution->owner == "compression");
  Case exact(0, 0, 0);
  exact.o.r1.clear();
  exact.o.only_own_engine = true;
  CHECK(evaluate(exact.o)->attribution->owner == "none");
  exact.o.r2 = nullptr;
  CHECK(evaluate(exact.o)->attribution->owner == "unknown");
}

TEST_CASE("without a host build the port is not attributable") {
  Case c(1, 0, 1);
  c.o.r2 = nullptr;
  const auto e = evaluate(c.o).value();
  CHECK_FALSE(e.attribution->port_bits);
  CHECK_FALSE(e.attribution->rounding_flips);
  CHECK(e.attribution->owner == "unknown");
  CHECK(e.attribution->sentence ==
        "Quantising to int8 lost 2.5 points of accuracy, within the noise of 40 samples. "
        "What the board lost cannot be told: its engine has no host build to compare with.");
}

TEST_CASE("flips on which the desktop runtimes disagree are marked") {
  Case c(2, 2, 2);
  c.r1b = answers(with_wrong(truth(), 1, 1), 2);
  const auto e = evaluate(c.o).value();
  CHECK(*e.attribution->envelope_flips == 1);  // sample 0
  CHECK(*e.attribution->envelope_hi == Approx(39.0 / 40));
  CHECK(*e.attribution->envelope_max_lsb == 228);
  REQUIRE(e.flips.size() == 2);
  const auto marked = [&](int64_t index) {
    return std::find_if(e.flips.begin(), e.flips.end(), [&](const auto& f) { return f.index == index; })
        ->envelope;
  };
  CHECK(marked(0));
  CHECK_FALSE(marked(1));
}

TEST_CASE("without labels only agreement is known") {
  Case c(0, 0, 3);
  c.o.labels.clear();
  const auto e = evaluate(c.o).value();
  CHECK_FALSE(e.accuracy);
  CHECK(*e.agreement == Approx(37.0 / 40));
  CHECK_FALSE(e.attribution->compression_pp);
  CHECK(e.attribution->owner == "port");
  CHECK(e.flips[0].kind == "changed");
  CHECK(e.flips[0].truth == -1);
}

TEST_CASE("parts that do not belong together are refused") {
  Case c(0, 0, 0);
  const auto message = [&] {
    const auto e = evaluate(c.o);
    REQUIRE_FALSE(e);
    CHECK(e.error().code == "metric.bad_observations");
    return e.error().message;
  };
  c.o.labels.pop_back();
  CHECK(message() == "39 labels for 40 samples");
  c.o.labels.push_back(2);
  CHECK(message() == "label 2 of sample 39 is none of the model's 2 classes");
  c.o.labels = truth();
  c.r2.data.resize(10);
  CHECK(message().find("R2 has 5 rows of 2 outputs, the device 40") == 0);
  c.o.device = nullptr;
  CHECK(message() == "there are no device outputs");
}

TEST_CASE("NaN of the device is an error, ties are a note") {
  const auto device = float_rows({{std::nanf(""), 1}, {2, 2}});
  Observations o;
  o.labels = {1, 0};
  o.device = &device;
  const auto e = evaluate(o).value();
  CHECK(e.accuracy->argmax_ties == 1);
  CHECK_FALSE(e.accuracy->delta);
  CHECK_FALSE(e.accuracy->classes[0].delta);
  CHECK_FALSE(e.attribution);
  REQUIRE(e.issues.size() == 3);
  CHECK(e.issues[0].code == "metric.nonfinite");
}

TEST_CASE("stages sum to the whole for any answers") {
  CHECK(rc::check("compression + rounding + port = delta", [] {
    const auto n = *rc::gen::inRange<size_t>(1, 40);
    const auto side = [&] { return *rc::gen::container<std::vector<int>>(n, rc::gen::inRange(0, 3)); };
    const auto y = side();
    const TensorRows r0 = answers(side(), 3), r1 = answers(side(), 3), r2 = answers(side(), 3),
                     d = answers(side(), 3);
    Observations o;
    o.labels = y;
    o.r0 = &r0, o.r1 = {{"r1", &r1}}, o.r2 = &r2, o.device = &d;
    const auto e = evaluate(o).value();
    const auto& a = *e.attribution;
    RC_ASSERT(std::abs(*a.compression_pp + *a.rounding_pp + *a.port_pp - e.accuracy->delta->value * 100) <
              1e-9);
    RC_ASSERT(static_cast<int64_t>(e.flips.size()) ==
              e.accuracy->broken + e.accuracy->fixed + e.accuracy->both_wrong);
    RC_ASSERT(std::abs(*e.agreement * static_cast<double>(n) - static_cast<double>(n - e.flips.size())) <
              1e-9);
    RC_ASSERT(*a.rounding_samples_outside >= *a.rounding_flips);
  }));
}

TEST_CASE("ten thousand samples of twelve classes are evaluated at once") {
  std::vector<int> y, d;
  for (int i = 0; i < 10000; ++i) y.push_back(i % 12), d.push_back(i % 97 ? i % 12 : (i + 1) % 12);
  const TensorRows r = answers(y, 12), device = answers(d, 12);
  Observations o;
  o.labels = y;
  o.r0 = &r, o.r1 = {{"a", &r}, {"b", &r}}, o.r2 = &r, o.device = &device;
  const auto start = std::chrono::steady_clock::now();
  const auto e = evaluate(o);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  REQUIRE(e);
  CHECK(e->flips.size() == 104);
  WARN("10,000 samples x 12 classes: " << seconds << " s");
  CHECK(seconds < 30);  // instrumented build on a busy machine; the release build has the budget of 1 s
}
