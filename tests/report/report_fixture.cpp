#include "report_fixture.h"

#include <algorithm>
#include <cmath>

namespace assay::report_fixture {
namespace {

using report::Preview;
using report::View;
using results::ClassRow;
using results::Figure;
using results::Flip;
using results::Summary;

// The same sequence on every machine, unlike <random>'s distributions.
struct Sequence {
  uint64_t state = 1;
  double next() {  // 0..1
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state >> 11) / 9007199254740992.0;
  }
};

struct Interval {
  double lo, hi;
};
// Wilson 95 %.
Interval wilson(double p, double n) {
  constexpr double z = 1.95996;
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {centre - half, centre + half};
}

Figure share(double value, int64_t n, const char* kind) {
  const Interval interval = wilson(value, static_cast<double>(n));
  return {value, "1", kind, n, interval.lo, interval.hi, "valid"};
}
Figure figure(double value, const char* unit, const char* kind, std::optional<int64_t> n = {}) {
  return {value, unit, kind, n, {}, {}, "valid"};
}

// How one class answers: predictions of the reference and the device, sample by sample.
struct ClassAnswers {
  std::vector<int> reference, device;
};

// First `right` samples are right, the others go through `wrong` {class, how many}.
std::vector<int> answers(int truth, int first_right, int right, int support,
                         const std::vector<std::pair<int, int>>& wrong) {
  std::vector<int> spare;
  for (const auto& [cls, n] : wrong) spare.insert(spare.end(), static_cast<size_t>(n), cls);
  std::vector<int> out;
  size_t used = 0;
  for (int i = 0; i < support; ++i) {
    const bool ok = i >= first_right && i < first_right + right;
    out.push_back(ok || spare.empty() ? truth : spare[used++ % spare.size()]);
  }
  return out;
}

const char* kind_of(int truth, int reference, int device) {
  return reference == truth ? "broken" : device == truth ? "fixed" : "both wrong";
}

// Fills classes, confusion, counts and flips from the answers.
void compare(View& view, const std::vector<ClassAnswers>& classes, double low_margin, double high_margin) {
  Summary& s = view.summary;
  results::Accuracy& accuracy = s.accuracy.emplace();
  accuracy.baseline_level = "R0";
  const size_t n = classes.size();
  results::Confusion r0{"R0", std::vector(n, std::vector<int64_t>(n, 0))}, device{"D", r0.counts};
  Sequence random{7};
  int64_t index = 0, right_reference = 0, right_device = 0;
  for (size_t c = 0; c < n; ++c) {
    ClassRow row;
    row.name = s.dataset.classes[c];
    row.support = static_cast<int64_t>(classes[c].reference.size());
    int64_t ref_ok = 0, dev_ok = 0;
    for (size_t i = 0; i < classes[c].reference.size(); ++i, ++index) {
      const int truth = static_cast<int>(c), ref = classes[c].reference[i], dev = classes[c].device[i];
      ++r0.counts[c][static_cast<size_t>(ref)], ++device.counts[c][static_cast<size_t>(dev)];
      ref_ok += ref == truth, dev_ok += dev == truth;
      if (ref == dev) continue;
      Flip flip{"w" + std::to_string(100 + index * 7 % 907),
                index,
                truth,
                ref,
                dev,
                dev,
                dev,
                kind_of(truth, ref, dev),
                0,
                0,
                false};
      flip.reference_margin = low_margin + (high_margin - low_margin) * std::pow(random.next(), 0.4);
      flip.device_margin = random.next();
      flip.envelope = view.flips.size() % 400 == 9;
      (flip.kind == "broken" ? row.broken : flip.kind == "fixed" ? row.fixed : row.both_wrong) += 1;
      view.flips.push_back(flip);
    }
    const auto support = static_cast<double>(row.support);
    row.recall_reference = static_cast<double>(ref_ok) / support,
    row.recall_device = static_cast<double>(dev_ok) / support;
    row.delta = *row.recall_device - *row.recall_reference;
    const Interval a = wilson(*row.recall_reference, support), b = wilson(*row.recall_device, support);
    row.reference_lo = a.lo, row.reference_hi = a.hi, row.device_lo = b.lo, row.device_hi = b.hi;
    row.sufficient = row.support >= 30;
    row.p_holm = row.broken + row.fixed == 0 ? 1.0 : row.broken > 16 ? 1e-5 : 0.07;
    accuracy.broken += row.broken, accuracy.fixed += row.fixed, accuracy.both_wrong += row.both_wrong;
    right_reference += ref_ok, right_device += dev_ok;
    accuracy.classes.push_back(row);
    if (row.sufficient && (!accuracy.worst_class ||
                           *row.delta < *accuracy.classes[static_cast<size_t>(*accuracy.worst_class)].delta))
      accuracy.worst_class = static_cast<int>(c);
  }
  std::stable_sort(view.flips.begin(), view.flips.end(),
                   [](const Flip& a, const Flip& b) { return a.reference_margin > b.reference_margin; });
  s.samples_done = s.samples_asked = s.dataset.count = index;
  const auto total = static_cast<double>(index);
  accuracy.r0 = share(static_cast<double>(right_reference) / total, index, "host");
  accuracy.device = share(static_cast<double>(right_device) / total, index, "emulated");
  accuracy.r1 = accuracy.r2 = share(static_cast<double>(right_device) / total, index, "host");
  accuracy.confusion = {r0, device};
  accuracy.mcnemar_p = accuracy.broken + accuracy.fixed > 25 ? 1e-9 : 1.0;
  accuracy.agreement = 1 - static_cast<double>(view.flips.size()) / total;
}

Preview motion(int64_t index, const std::string& id, double scale) {
  Preview p{id, index, {}, {}};
  Sequence random{static_cast<uint64_t>(index) * 77 + 5};
  double phase[6], speed[6], noise[6] = {};
  for (int c = 0; c < 6; ++c) phase[c] = random.next() * 6.28, speed[c] = 0.06 + 0.1 * random.next();
  for (int t = 0; t < 100; ++t)
    for (int c = 0; c < 6; ++c) {
      noise[c] = 0.8 * noise[c] + 0.2 * (random.next() - 0.5);
      const double swing =
          std::sin(phase[c] + speed[c] * t) + 0.35 * std::sin(2.7 * speed[c] * t + c) + noise[c];
      const double value = c < 3 ? 0.45 * swing + (c == 0 ? 0.8 : c == 1 ? -0.2 : 0.1) : 48 * swing;
      p.real.push_back(static_cast<float>(value));
      p.quantised.push_back(static_cast<float>(std::round(value / scale) * scale));
    }
  return p;
}

Preview glyph(int64_t index, const std::string& id, int digit) {
  Preview p{id, index, {}, {}};
  Sequence random{static_cast<uint64_t>(index) + 3};
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 8; ++x) {
      const double ring = std::abs(std::hypot(x - 3.5, (y - 3.5) * (0.7 + 0.05 * digit)) - 2.4);
      p.real.push_back(static_cast<float>(std::clamp(16 - 9 * ring + 4 * (random.next() - 0.5), 0.0, 16.0)));
    }
  return p;
}

void add_ops(Summary& s, const std::vector<results::Layer>& layers, double total) {
  s.layers = layers;
  for (auto& layer : s.layers) layer.share = *layer.median / total;
  results::Latency& latency = s.latency.emplace();
  latency.kind = "instructions (emulated)";
  const auto instr = [](double v) { return figure(v, "instructions", "emulated", 706); };
  latency.median = instr(total), latency.p5 = instr(total - 194), latency.p95 = instr(total + 322);
  latency.min = instr(total - 314), latency.max = instr(total + 777), latency.first = instr(total - 22);
  latency.n = 706;
  for (int bin = 0; bin < 40; ++bin)
    latency.histogram.push_back(
        std::lround(62 * std::exp(-std::pow((bin - 11 + (bin > 11 ? -(bin - 11) * 0.45 : 0)) / 5.0, 2))));
  latency.profiler_overhead = figure(0.0003, "1", "emulated");
}

void add_target(Summary& s) {
  s.target = {"mps2-an386",
              "Arm MPS2+ AN386",
              "vboard:an386-0",
              "Cortex-M4F",
              "ST-LINK over TCP",
              "exact",
              true,
              "instructions (emulated)",
              25'000'000,
              4194304,
              4194304};
  s.subject.way_in = "stock agent", s.subject.runner = "native", s.subject.engine = "native/dsp",
  s.subject.toolchain = "gcc 12.2 -O2 -mcpu=cortex-m4";
  s.subject.firmware_build_id = "9c1e770d53fa11",
  s.subject.firmware_file = "firmware/assay-agent-mps2-an386.elf";
  s.provenance = {"0.1.0",
                  "f03a7c19d0",
                  "2026-11-24 21:40 UTC",
                  "bench",
                  "assay run profiles/watch_raw --board mps2-an386 --seed 1",
                  "7.2.0",
                  "OpenOCD 0.12.0",
                  "3.11.2",
                  false,
                  9.4,
                  {{"flash", 1.9}, {"reference", 3.1}, {"run", 4.2}},
                  1};
  s.link = results::Link{
      2121, 2121, 434176, 38912, 0, 0, 0, 0, figure(96.4, "samples/s", "host"), figure(310, "us", "host")};
  s.flash = results::Flash{figure(33690, "B", "measured"),
                           figure(21607, "B", "measured"),
                           figure(12083, "B", "measured"),
                           {{"model", ".plan", 12083},
                            {"runner", ".text", 13414},
                            {"agent", ".text", 5530},
                            {"startup", ".text", 1511},
                            {"libc", ".text", 1152}}};
}

void add_memory(Summary& s) {
  results::Memory& memory = s.memory.emplace();
  memory.ram_total = figure(7782, "B", "measured"), memory.static_ram = figure(3482, "B", "measured");
  memory.arena_planned = memory.arena_touched = figure(1760, "B", "measured");
  memory.stack_touched = figure(1228, "B", "measured"), memory.io_buffers = figure(1312, "B", "measured");
  memory.arena = {{"input", 0, 600, -1, 0},    {"t1", 800, 600, 0, 1}, {"t2", 0, 800, 1, 2},
                  {"t3", 800, 400, 2, 3},      {"t4", 0, 800, 3, 4},   {"t5", 800, 800, 4, 5},
                  {"im2col", 1600, 160, 5, 5}, {"t6", 0, 800, 5, 6},   {"t7", 832, 416, 6, 7},
                  {"t8", 0, 832, 7, 8},        {"t9", 832, 64, 8, 9},  {"t10", 0, 7, 9, 10},
                  {"t11", 16, 7, 10, 10}};
}

std::vector<results::Reference> runtimes(double float_top1, double most, double other, int64_t n) {
  return {{"r0", "R0", "LiteRT", "2.3.0", "BUILTIN_REF", "motion_raw_degs.tflite", "a7709d15e2b4aa", n, false,
           share(float_top1, n, "host")},
          {"r1.litert_ref", "R1", "LiteRT", "2.3.0", "BUILTIN_REF", "motion_raw_degs_int8.tflite",
           "4f2a91c07be3aa", n, true, share(most, n, "host")},
          {"r1.litert_builtin", "R1", "LiteRT", "2.3.0", "BUILTIN", "motion_raw_degs_int8.tflite",
           "4f2a91c07be3aa", n, false, share(most, n, "host")},
          {"r1.litert_xnnpack", "R1", "LiteRT", "2.3.0", "XNNPACK", "motion_raw_degs_int8.tflite",
           "4f2a91c07be3aa", n, false, share(other, n, "host")},
          {"r1.tflite_micro", "R1", "tflite-micro", "8f6596d", "", "motion_raw_degs_int8.tflite",
           "4f2a91c07be3aa", n, false, share(most, n, "host")},
          {"r2", "R2", "native engine, host build", "0.1.0", "portable twins", "motion_raw_degs_int8.tflite",
           "4f2a91c07be3aa", n, false, share(most, n, "host")}};
}

void add_watch_gates(Summary& s) {
  s.gates = {{"accuracy.delta", ">= -2.0 pp", "-47.8 pp [-51.6, -44.0], n 707", "fail",
              "The lower bound lies under the limit.", "profile.toml:14"},
             {"accuracy.worst_class", ">= -5.0 pp", "-100.0 pp, ROW, n 91", "fail",
              "ROW is never recognised.", "profile.toml:18"},
             {"attribution.port", "= 0 bits", "0 bits, n 707", "pass", "", "profile.toml:22"},
             {"latency.median", "<= 300000 instructions", "254118 instructions (emulated), n 706", "pass", "",
              "profile.toml:26"},
             {"memory.ram", "<= 16 KiB", "7.6 KiB", "pass", "", "profile.toml:30"},
             {"memory.flash", "<= 64 KiB", "32.9 KiB", "pass", "", "profile.toml:34"}};
}

std::vector<results::Layer> watch_layers() {
  const auto layer = [](int i, const char* op, const char* kernel, const char* shape, double median,
                        std::optional<int64_t> macs, const char* note = "") {
    return results::Layer{i, op, kernel, shape, note, median, {}, macs, 1400};
  };
  return {layer(0, "DEPTHWISE_CONV_2D", "reference/dw_s8", "100x1x6", 16320, 600,
                "no dsp kernel for a 1x1 depthwise filter"),
          layer(1, "CONV_2D", "dsp/conv_s8", "50x1x16", 42800, 24000),
          layer(2, "DEPTHWISE_CONV_2D", "dsp/dw_s8", "25x1x16", 16000, 2000),
          layer(3, "CONV_2D", "dsp/conv_1x1", "25x1x32", 31040, 12800),
          layer(4, "DEPTHWISE_CONV_2D", "dsp/dw_s8", "25x1x32", 32000, 4000),
          layer(5, "CONV_2D", "dsp/conv_1x1", "25x1x32", 44480, 25600),
          layer(6, "DEPTHWISE_CONV_2D", "dsp/dw_s8", "13x1x32", 16640, 2080),
          layer(7, "CONV_2D", "dsp/conv_1x1", "13x1x64", 46259, 26624),
          layer(8, "MEAN", "reference/mean_s8", "64", 5888, 832, "no dsp kernel for MEAN"),
          layer(9, "FULLY_CONNECTED", "dsp/fc_s8", "7", 792, 448),
          layer(10, "SOFTMAX", "reference/softmax_s8", "7", 711, {}, "no dsp kernel for SOFTMAX")};
}

}  // namespace

View watch_raw() {
  View view;
  Summary& s = view.summary;
  s.run_id = "r3f2a91", s.profile = "watch_raw", s.title = "smartwatch motion", s.verdict = "fail",
  s.exit_code = 1;
  s.subject.model_name = "int8", s.subject.model_file = "profiles/watch_raw/motion_raw_degs_int8.tflite",
  s.subject.model_sha256 = "4f2a91c07be3aa", s.subject.model_bytes = 19344;
  add_target(s);
  s.dataset.name = "SPAR smartwatch, subjects 8 to 10", s.dataset.hash = "77ab03f9164d00",
  s.dataset.labelled = true;
  s.dataset.classes = {"PEN", "ABD", "FEL", "IR", "ER", "TRAP", "ROW"};
  enum { PEN, ABD, FEL, IR, ER, TRAP, ROW };
  compare(view,
          {{answers(PEN, 0, 76, 77, {{IR, 1}}), answers(PEN, 17, 59, 77, {{FEL, 18}})},
           {answers(ABD, 0, 66, 125, {{FEL, 47}, {ER, 9}, {PEN, 3}}),
            answers(ABD, 0, 0, 125, {{FEL, 109}, {PEN, 16}})},
           {answers(FEL, 0, 121, 124, {{ABD, 3}}), answers(FEL, 12, 112, 124, {{PEN, 12}})},
           {answers(IR, 0, 52, 104, {{ER, 44}, {ROW, 8}}), answers(IR, 0, 0, 104, {{TRAP, 58}, {PEN, 46}})},
           {answers(ER, 0, 103, 106, {{IR, 3}}), answers(ER, 0, 0, 106, {{TRAP, 81}, {PEN, 25}})},
           {answers(TRAP, 0, 80, 80, {}), answers(TRAP, 0, 80, 80, {})},
           {answers(ROW, 0, 91, 91, {}), answers(ROW, 0, 0, 91, {{TRAP, 84}, {FEL, 7}})}},
          0.31, 0.998);
  s.accuracy->delta = Figure{-0.478, "1", "emulated", 707, -0.516, -0.440, "valid"};
  s.references = runtimes(s.accuracy->r0->value, s.accuracy->r1->value, 252.0 / 707, 707);
  results::Attribution& a = s.attribution.emplace();
  a.compression_flips = static_cast<int64_t>(view.flips.size()), a.compression_broken = 341,
  a.compression_fixed = 3, a.compression_pp = -47.81;
  a.rounding_flips = 0, a.rounding_samples_outside = 0, a.rounding_pp = 0, a.port_bits = 0, a.port_flips = 0,
  a.port_pp = 0;
  a.envelope_flips = 1, a.envelope_lo = s.accuracy->r1->value, a.envelope_hi = 252.0 / 707,
  a.envelope_max_lsb = 16;
  a.owner = "compression",
  a.sentence = "Quantising to int8 lost 47.8 points of accuracy. The board itself lost none.";
  s.sentence = a.sentence;
  s.input_channels = {{"ax", 0.0, 1.0, 0},   {"ay", 0.0, 1.0, 0},   {"az", 0.0, 1.0, 0},
                      {"gx", 28.4, 0.08, 0}, {"gy", 37.3, 0.03, 0}, {"gz", 29.0, 0.07, 0}};
  add_ops(s, watch_layers(), 254118);
  add_memory(s);
  const auto variant = [](const char* name, double top1, int64_t broken, int64_t fixed, const char* worst,
                          double delta, int64_t bytes, bool pass) {
    return results::Variant{name,  "",    "LiteRT 2.3.0", "",  share(top1, 707, "host"), broken, fixed,
                            worst, delta, bytes,          pass};
  };
  s.variants = {variant("int8 per-tensor", 0.1245, 506, 5, "FEL", -0.976, 18640, false),
                variant("int16x8, same inputs", 0.8317, 4, 3, "IR", -0.019, 21094, true),
                variant("int8, normalise first", 0.8458, 4, 9, "IR", -0.010, 19149, true)};
  add_watch_gates(s);
  view.input = {"series", {"ax", "ay", "az", "gx", "gy", "gz"}, {100, 6}, 25, 6.18};
  for (const Flip& flip : view.flips) view.previews.push_back(motion(flip.index, flip.sample, 6.18));
  view.operator_errors.push_back({-1, 33.1, {}, 0, 0});
  const double accumulated[] = {1.7, 2.4, 2.1, 1.9, 1.6, 1.5, 1.2, 1.1, 0.8, 0.4, 0.2};
  for (int i = 0; i < 11; ++i)
    view.operator_errors.push_back({i, accumulated[i], 31.0 + 9 * std::sin(i * 1.7), 0, 0});
  return view;
}

View digits() {
  View view;
  Summary& s = view.summary;
  s.run_id = "d19c04b", s.profile = "digits", s.title = "handwritten digits", s.verdict = "pass",
  s.exit_code = 0, s.sentence = "All gates hold.";
  s.subject.model_name = "int8", s.subject.model_file = "digits_int8.tflite",
  s.subject.model_sha256 = "0123456789abcdef", s.subject.model_bytes = 9812;
  add_target(s);
  s.dataset.name = "UCI optical digits", s.dataset.hash = "aa11bb22cc33dd", s.dataset.labelled = true;
  std::vector<ClassAnswers> classes;
  for (int c = 0; c < 10; ++c) {
    s.dataset.classes.push_back(std::to_string(c));
    const int wrong = c % 3 == 0 ? 3 : c % 3 == 1 ? 4 : 3;
    ClassAnswers one{answers(c, 0, 60 - wrong, 60, {{(c + 3) % 10, 2}, {(c + 5) % 10, 2}}), {}};
    one.device = one.reference;
    // Two narrow flips in all, both wrong: 0.33 %.
    if (c == 4 || c == 8) one.device[59] = (c + 1) % 10;
    classes.push_back(one);
  }
  compare(view, classes, 0.01, 0.06);
  const double top1 = s.accuracy->r0->value;
  s.accuracy->delta = Figure{0, "1", "emulated", 600, -0.005, 0.005, "valid"};
  s.references = runtimes(top1, top1, top1 - 1.0 / 600, 600);
  results::Attribution& a = s.attribution.emplace();
  a.compression_flips = 2, a.compression_broken = 0, a.compression_fixed = 0, a.compression_pp = 0,
  a.rounding_flips = 0, a.rounding_samples_outside = 0, a.rounding_pp = 0;
  a.port_bits = 0, a.port_flips = 0, a.port_pp = 0, a.envelope_flips = 1, a.envelope_lo = top1 - 1.0 / 600,
  a.envelope_hi = top1, a.envelope_max_lsb = 9;
  a.owner = "none", a.sentence = "The device is as accurate as the float model. Nothing was lost on the way.";
  s.input_channels = {{"grey", 46.2, 0.49, 0.0}};
  add_ops(s, watch_layers(), 254118);
  add_memory(s);
  s.gates = {{"accuracy.delta", ">= -1.0 pp", "0.0 pp [-0.5, 0.5], n 600", "pass", "", "profile.toml:12"},
             {"attribution.port", "= 0 bits", "0 bits, n 600", "pass", "", "profile.toml:15"}};
  view.input = {"image", {}, {8, 8, 1}, 0, 0.0627};
  for (const Flip& flip : view.flips) view.previews.push_back(glyph(flip.index, flip.sample, flip.truth));
  return view;
}

View large() {
  View view = watch_raw();
  Summary& s = view.summary;
  s.dataset.classes.clear(), view.flips.clear(), view.previews.clear();
  std::vector<ClassAnswers> classes;
  for (int c = 0; c < 30; ++c) {
    s.dataset.classes.push_back("class-" + std::to_string(c));
    classes.push_back({answers(c, 0, 320, 334, {{(c + 1) % 30, 10}, {(c + 7) % 30, 4}}),
                       answers(c, 0, 190, 334, {{(c + 2) % 30, 60}, {(c + 11) % 30, 80}})});
  }
  compare(view, classes, 0.05, 0.99);
  for (const Flip& flip : view.flips) view.previews.push_back(motion(flip.index, flip.sample, 6.18));
  const auto one = s.layers[1];
  s.layers.assign(80, one);
  for (int i = 0; i < 80; ++i)
    s.layers[static_cast<size_t>(i)].index = i, s.layers[static_cast<size_t>(i)].median = 1000.0 + 37 * i;
  add_ops(s, s.layers, 210000);
  return view;
}

}  // namespace assay::report_fixture
