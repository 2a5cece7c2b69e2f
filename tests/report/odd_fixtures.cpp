// Runs that go wrong: nearly nothing measured, names that attack the format.
#include "report_fixture.h"

namespace assay::report_fixture {

using report::View;
using results::Summary;

namespace {

results::Figure share(double value, int64_t n) {
  return {.value = value, .unit = "1", .kind = "host", .n = n};
}

}  // namespace

View with_metrics() {
  View view = digits();
  auto& s = view.summary;
  s.slices = {{.column = "room",
               .value = "<b>noise",
               .support = 60,
               .accuracy_reference = 0.9,
               .accuracy_device = 0.7,
               .delta = -0.2,
               .delta_lo = -0.31,
               .delta_hi = -0.1,
               .broken = 12,
               .sufficient = true,
               .p = 0.0005,
               .p_holm = 0.001,
               .worse = true},
              {.value = "evening", .support = 9, .delta = 0.0}};
  s.task = results::Task{.kind = "anomaly", .baseline_level = "R0", .rule = "score: output 0"};
  s.task->figures = {{.name = "auc",
                      .better = "higher",
                      .counts = "samples",
                      .r0 = share(0.93, 600),
                      .device = share(0.91, 600),
                      .delta = share(-0.02, 600)}};
  s.task->figures[0].delta->lo = -0.03, s.task->figures[0].delta->hi = -0.01;
  s.tensors = {{.a = "R2",
                .b = "D",
                .samples = 600,
                .elements = 6000,
                .mae = 0,
                .max_abs = 0,
                .exact = true,
                .cosine = 1},
               {.a = "R0",
                .b = "D",
                .samples = 600,
                .elements = 6000,
                .mae = 0.0123,
                .max_abs = 0.5,
                .max_abs_sample = "<i>a.wav",
                .max_abs_element = 3,
                .l2r_ref = 0.021,
                .l2r_dev = 0.022,
                .sqnr_db = 33.5,
                .nan_b = 2,
                .nonfinite_disagreements = 2}};
  return view;
}

View bare() {
  View view;
  Summary& s = view.summary;
  s.run_id = "0000000", s.profile = "mine", s.verdict = "inconclusive", s.exit_code = 5,
  s.sentence = "12 of 900 samples ran before the run was interrupted.";
  s.samples_done = 12, s.samples_asked = 900;
  s.target.board = "nucleo-l4r5zi";
  s.gates = {{"accuracy.top1", ">= 90 %", "", "inconclusive", "12 samples are too few: 460 are needed.",
              "profile.toml:9"}};
  s.issues = {{"run.interrupted", "warning", "the run was interrupted after 12 of 900 samples"},
              {"data.no_labels", "note", "the dataset has no labels"}};
  return view;
}

View hostile() {
  View view = watch_raw();
  const std::string evil = "<script>alert(1)</script>\"'&]]>";
  Summary& s = view.summary;
  s.title = s.subject.model_name = s.dataset.name = s.subject.model_file = s.provenance.command = evil;
  s.sentence = s.attribution->sentence = evil;
  for (auto& name : s.dataset.classes) name = name + evil;
  for (auto& row : s.accuracy->classes) row.name += evil;
  for (auto& layer : s.layers) layer.op = layer.kernel = layer.note = evil;
  for (auto& flip : view.flips) flip.sample = evil + std::string("\x01\xff");
  for (auto& channel : view.input.channels) channel = evil;
  for (auto& channel : s.input_channels) channel.name = evil;
  for (auto& variant : s.variants) variant.name = variant.note = variant.where = evil;
  for (auto& gate : s.gates) gate.metric = gate.rule = gate.observed = gate.reason = gate.where = evil;
  for (auto& tensor : s.memory->arena) tensor.name = evil;
  s.issues = {{evil, evil, evil}};
  s.run_id = evil;
  return view;
}

View spelled_out() {
  View view = watch_raw();
  Summary& s = view.summary;
  s.dataset.classes = {
      "pendulum",  "abduction", "forward elevation", "internal rotation", "external rotation",
      "trapezius", "row"};
  for (size_t i = 0; i < s.accuracy->classes.size(); ++i) s.accuracy->classes[i].name = s.dataset.classes[i];
  view.input.channels = {"ax g", "ay g", "az g", "wx deg/s", "wy deg/s", "wz deg/s"};
  for (size_t i = 0; i < s.input_channels.size(); ++i) s.input_channels[i].name = view.input.channels[i];
  for (auto& layer : s.layers) layer.kernel = "reference/" + layer.op, layer.note.clear();
  double operators = 0;
  for (const auto& layer : s.layers) operators += *layer.median;
  // Timed passes take longer than the bare inference, so that the operators alone exceed it.
  constexpr double kGaps = 600;
  for (auto& layer : s.layers) layer.share = *layer.median / (operators + kGaps);
  s.layers.push_back({.index = 11,
                      .op = "(gaps)",
                      .note = "between operators",
                      .median = kGaps,
                      .share = kGaps / (operators + kGaps)});
  s.latency->median->value = operators - 10;
  for (auto& tensor : s.memory->arena)
    tensor.name =
        "functional_1/re_lu_1_2/Relu6;functional_1/batch_normalization_1_2/batchnorm/add_1;"
        "functional_1/depthwise_conv2d_1/depthwise;functional_1/batch_normalization_1_2/batchnorm/" +
        tensor.name;
  s.target.ram_bytes = 20 << 20, s.target.flash_bytes = 64 << 20;
  for (auto& variant : s.variants) {
    variant.where = "desktop, LiteRT 2.3.0 BUILTIN_REF";
    variant.note = "the application normalises each axis; int8, per channel";
    variant.worst_class = "internal rotation";
  }
  s.gates.front().rule = "lower 95 % bound >= -2 pp";
  for (auto& flip : view.flips) flip.sample = "s08/r039/" + flip.sample;
  return view;
}

}  // namespace assay::report_fixture
