#include "metric/task.h"

#include <algorithm>
#include <cmath>

#include "catch.h"
#include "config/profile.pb.h"
#include "metric/evaluate.h"
#include "metric/sides_for_test.h"

using namespace assay;
using namespace assay::metric;

namespace {

const results::TaskFigure& figure(const Evaluation& e, const std::string& name) {
  REQUIRE(e.task);
  const auto at = std::find_if(e.task->figures.begin(), e.task->figures.end(),
                               [&](const auto& f) { return f.name == name; });
  REQUIRE(at != e.task->figures.end());
  return *at;
}

std::string issue(const Evaluation& e, const std::string& code) {
  const auto at =
      std::find_if(e.issues.begin(), e.issues.end(), [&](const auto& i) { return i.code == code; });
  return at == e.issues.end() ? "" : at->message;
}

}  // namespace

TEST_CASE("classification: top-k, balanced accuracy, precision and ties of every side") {
  const auto r0 = float_rows({{4, 3, 2, 1}, {4, 3, 2, 1}, {1, 2, 4, 3}, {1, 2, 3, 4}}),
             d = float_rows({{4, 3, 2, 1}, {4, 4, 2, 1}, {1, 2, 3, 4}, {1, 2, 3, 4}});
  Observations o;
  o.labels = {0, 1, 2, 3};
  o.classes = {"a", "b", "c", "d"};
  o.r0 = &r0, o.r1 = {{"r1.x", &r0}}, o.device = &d;
  const auto e = evaluate(o).value();
  CHECK(e.task->kind == "classification");
  CHECK(e.task->baseline_level == "R0");
  CHECK(figure(e, "balanced_accuracy").r0->value == 0.75);
  CHECK(figure(e, "balanced_accuracy").device->value == 0.5);
  CHECK(*figure(e, "balanced_accuracy").device->n == 4);
  CHECK(figure(e, "balanced_accuracy").delta->value == -0.25);
  CHECK(figure(e, "top2").r0->value == 1);  // k = half of four classes
  CHECK(figure(e, "top2").device->value == 1);
  CHECK(*figure(e, "top2").device->n == 4);
  CHECK(*figure(e, "top2").delta->lo == Approx(-0.75));  // no flip: 3 / n
  CHECK(figure(e, "top2_set_agreement").device->value == 1);
  CHECK_FALSE(figure(e, "top2_set_agreement").r0);
  CHECK(e.accuracy->ties.at("device") == 1);
  CHECK(e.accuracy->ties.at("r0") == 0);
  CHECK(e.accuracy->ties.at("r1.x") == 0);
  const auto& a = e.accuracy->classes[0];
  CHECK(*a.precision_reference == 0.5);  // of two answers "a" one is right
  CHECK(*a.precision_device == 0.5);
  CHECK_FALSE(e.accuracy->classes[1].precision_device);  // never answered
  CHECK(*e.accuracy->classes[3].precision_device == 0.5);
}

TEST_CASE("regression: errors in the declared unit, deltas with their interval") {
  const auto r0 = float_rows({{1}, {2}, {3}, {4}}), d = float_rows({{1.5f}, {2}, {3}, {4}});
  Observations o;
  o.r0 = &r0, o.device = &d;
  o.task.kind = "regression";
  o.task.unit = "degC", o.task.unit_scale = 10, o.task.unit_offset = 5;
  o.task.targets = {15, 25, 35, 47};
  const auto e = evaluate(o).value();
  CHECK_FALSE(e.accuracy);
  CHECK_FALSE(e.agreement);
  CHECK(e.flips.empty());
  CHECK(figure(e, "mae").r0->value == Approx(0.5));       // only the last is off, by 2
  CHECK(figure(e, "mae").device->value == Approx(1.75));  // 5 and 2
  CHECK(figure(e, "mae").device->unit == "degC");
  CHECK(figure(e, "mae").delta->value == Approx(1.25));
  CHECK(*figure(e, "mae").delta->lo <= 0.01);  // the one sample that changed may be absent from a resample
  CHECK(*figure(e, "mae").delta->hi > 2);
  CHECK(figure(e, "rmse").device->value == Approx(std::sqrt(29.0 / 4)));
  CHECK(figure(e, "bias").device->value == Approx(0.75));
  CHECK(figure(e, "max_abs").device->value == Approx(5));
  CHECK(figure(e, "r2").r0->value == Approx(1 - 4.0 / 563));  // targets: mean 30.5
  CHECK(e.attribution);
  CHECK_FALSE(e.attribution->compression_flips);
  CHECK(e.tensors.size() == 1);
}

TEST_CASE("regression: what has no value is absent and says why") {
  const auto d = float_rows({{1}, {2}});
  Observations o;
  o.device = &d;
  o.task.kind = "regression";
  CHECK_FALSE(evaluate(o)->task);
  CHECK(issue(*evaluate(o), "metric.no_labels").find("no targets") != std::string::npos);
  o.task.targets = {3, 3};
  const auto flat = evaluate(o).value();
  CHECK_FALSE(figure(flat, "r2").device);
  CHECK(issue(flat, "metric.insufficient").find("all targets are equal") == 0);
  CHECK_FALSE(figure(flat, "mae").delta);  // no reference
  o.task.targets = {3};
  CHECK(evaluate(o).error().message == "1 targets for 2 samples of 1 outputs");
  const auto bad = float_rows({{1}, {NAN}});
  o.device = &bad, o.task.targets = {1, 2};
  const auto damaged = evaluate(o).value();
  CHECK_FALSE(figure(damaged, "mae").device);
  CHECK(issue(damaged, "metric.nonfinite") != "");
  const auto one = float_rows({{1}});
  o.device = &one, o.r0 = &one, o.task.targets = {2};
  const auto single = evaluate(o).value();
  CHECK(figure(single, "mae").device->value == 1);
  CHECK(figure(single, "mae").delta->value == 0);
  CHECK_FALSE(figure(single, "mae").delta->lo);
}

TEST_CASE("anomaly: reconstruction error against the input, AUC, flips at the threshold") {
  const auto in = float_rows({{0, 0}, {0, 0}, {0, 0}, {0, 0}});
  const auto r0 = float_rows({{1, 0}, {0, 1}, {2, 2}, {3, 3}}),
             d = float_rows({{1, 0}, {3, 1}, {2, 2}, {3, 3}});
  Observations o;
  o.inputs_real = &in;
  o.r0 = &r0, o.r2 = &d, o.device = &d;
  o.labels = {0, 0, 1, 5};  // any other than 0 is an anomaly
  o.task.kind = "anomaly";
  o.task.threshold = 1;
  const auto e = evaluate(o).value();
  CHECK(figure(e, "auc").r0->value == 1);         // 0.5 0.5 | 4 9
  CHECK(figure(e, "auc").device->value == 0.75);  // 0.5 5 | 4 9
  CHECK(figure(e, "auc").r2->value == 0.75);
  CHECK(figure(e, "auc").delta->value == -0.25);
  CHECK(*figure(e, "auc").delta->lo == Approx(-1));
  CHECK(figure(e, "threshold_flips").device->value == 1);
  REQUIRE(e.flips.size() == 1);
  CHECK(e.flips[0].kind == "broken");
  CHECK(e.flips[0].index == 1);
  CHECK(e.flips[0].reference_margin == Approx(0.5));
  REQUIRE(e.accuracy);
  CHECK(e.accuracy->device->value == 0.75);
  CHECK(e.accuracy->classes[0].name == "normal");
  CHECK(e.accuracy->classes[1].support == 2);
  CHECK(*e.attribution->port_flips == 0);
  o.task.threshold.reset();
  const auto open = evaluate(o).value();
  CHECK_FALSE(open.accuracy);
  CHECK(open.flips.empty());
  CHECK(figure(open, "auc").device->value == 0.75);
}

TEST_CASE("anomaly: groups, one class only, scores that are no numbers, inputs that do not fit") {
  const auto d = float_rows({{1}, {5}, {3}, {3.5f}});
  Observations o;
  o.device = &d;
  o.labels = {0, 0, 1, 1};
  o.task.kind = "anomaly";
  o.task.score = "output";
  CHECK(figure(*evaluate(o), "auc").device->value == 0.5);
  const std::vector<std::string> files = {"a", "a", "b", "b"};
  o.slice_columns = {{"file", files}};
  o.task.group = "file";
  CHECK(figure(*evaluate(o), "auc").device->value == 1);  // means 3 and 3.25
  CHECK(*figure(*evaluate(o), "auc").device->n == 2);
  CHECK(figure(*evaluate(o), "auc").counts == "groups");
  o.labels = {0, 1, 1, 1};
  CHECK(evaluate(o).error().message.find("group file = a holds normal and anomalous") == 0);
  o.task.group.clear();
  o.labels = {1, 1, 1, 1};
  const auto one = evaluate(o).value();
  CHECK_FALSE(figure(one, "auc").device);
  CHECK(issue(one, "metric.insufficient") == "AUC needs normal and anomalous samples: all 4 are anomalous");
  const auto nan = float_rows({{1}, {NAN}, {3}, {4}});
  o.device = &nan, o.labels = {0, 0, 1, 1};
  CHECK_FALSE(figure(*evaluate(o), "auc").device);
  o.task.score = "reconstruction_mse";
  CHECK(evaluate(o).error().message.find("compares 1 outputs with 0 inputs") != std::string::npos);
}

TEST_CASE("detection: mAP of every side, matches of boxes, classes") {
  const auto r0 =
      float_rows({{0, 0, 1, 1, 0.9f, 0, 0, 4, 1, 5, 0.8f, 1}, {0, 0, 1, 1, 0.9f, 0, 0, 0, 0, 0, 0, 0}});
  const auto d =
      float_rows({{0, 0, 1, 1, 0.9f, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 1, 1, 0.9f, 0, 2, 2, 3, 3, 0.3f, 0}});
  Observations o;
  o.r0 = &r0, o.device = &d;
  o.classes = {"cat", "dog"};
  o.task.kind = "detection";
  o.task.boxes = {{0, 0, 0, 0, 1, 1}, {0, 1, 0, 4, 1, 5}, {1, 0, 0, 0, 1, 1}};
  const auto e = evaluate(o).value();
  CHECK(figure(e, "map50").r0->value == 1);
  CHECK(figure(e, "map50").device->value == 0.5);  // the dog is lost
  CHECK(*figure(e, "map50").device->n == 2);
  CHECK(figure(e, "map").device->value == Approx(0.5));
  CHECK(figure(e, "map50").delta->value == -0.5);
  CHECK(figure(e, "box_matches").device->value == Approx(2.0 / 3));
  CHECK(*figure(e, "box_matches").device->n == 3);
  CHECK(figure(e, "extra_boxes").device->value == 1);
  REQUIRE(e.task->classes.size() == 2);
  CHECK(e.task->classes[1].name == "dog");
  CHECK(*e.task->classes[1].delta == -1);
  CHECK_FALSE(e.task->classes[1].sufficient);
  o.task.boxes.clear();
  const auto unlabelled = evaluate(o).value();
  CHECK(issue(unlabelled, "metric.no_labels") != "");
  CHECK(figure(unlabelled, "box_matches").device->value == Approx(2.0 / 3));
  const auto odd = float_rows({{1, 2, 3}});
  o.device = &odd, o.r0 = nullptr;
  CHECK(evaluate(o).error().code == "metric.bad_task");
}

TEST_CASE("streaming: events, alarms per hour and delays of every side") {
  std::vector<std::vector<float>> quiet(3600, {0.9f, 0.1f}), heard = quiet;
  heard[10] = {0.1f, 0.9f};
  auto alarmed = quiet;
  alarmed[2000] = {0.1f, 0.9f};
  const auto r0 = float_rows(heard), d = float_rows(alarmed);
  Observations o;
  o.r0 = &r0, o.device = &d;
  o.classes = {"silence", "yes"};
  o.task.kind = "streaming";
  o.task.hop_s = 1, o.task.background = {0}, o.task.has_truth = true;
  o.task.events = {{1, 9, 11}};
  const auto e = evaluate(o).value();
  CHECK(figure(e, "events_detected").r0->value == 1);
  CHECK(figure(e, "events_detected").device->value == 0);
  CHECK(figure(e, "events_detected").delta->value == -1);
  CHECK(figure(e, "false_alarms_per_hour").r0->value == 0);
  CHECK(*figure(e, "false_alarms_per_hour").r0->hi == Approx(3.688879454).epsilon(1e-9));  // -ln 0.025
  CHECK(figure(e, "false_alarms_per_hour").device->value == 1);
  CHECK(figure(e, "delay_median").r0->value == 1);
  CHECK_FALSE(figure(e, "delay_median").device);  // found none
  REQUIRE(e.task->events.size() == 1);
  CHECK(e.task->events[0].name == "yes");
  CHECK(*e.task->events[0].reference_s == 1);
  CHECK_FALSE(e.task->events[0].device_s);
  o.task.has_truth = false;
  CHECK_FALSE(evaluate(o)->task);
}

TEST_CASE("slices and damaged numbers reach the evaluation") {
  const std::vector<std::string> rooms(40, "quiet");
  const auto r2 = float_rows(std::vector<std::vector<float>>(40, {1, 0}));
  auto broken = std::vector<std::vector<float>>(40, {1, 0});
  broken[3] = {NAN, 0};
  const auto d = float_rows(broken);
  Observations o;
  o.labels.assign(40, 0);
  o.slice_columns = {{"room", rooms}};
  o.r2 = &r2, o.device = &d;
  const auto e = evaluate(o).value();
  REQUIRE(e.slices.size() == 1);
  CHECK(e.slices[0].broken == 1);
  CHECK(issue(e, "metric.nonfinite_disagreement").find("the port owns this") != std::string::npos);
  CHECK(e.attribution->owner == "port");
  CHECK(issue(e, "metric.insufficient").find("all 40 samples are of one class") == 0);
}

TEST_CASE("every kind of the table has a name in profile.proto, and an unknown one is refused") {
  for (const TaskKind& kind : task_kinds()) CHECK(kind.measure);
  Observations o;
  const auto d = float_rows({{1, 2}});
  o.device = &d;
  o.task.kind = "poetry";
  CHECK(evaluate(o).error().code == "metric.bad_task");
}
