// What is known about one case: the contents of summary.json as types.
//
// `metric` computes the parts, `run` joins them, `report` and the GUI only read. A figure that was not
// measured is an empty optional, never 0. JSON keys equal the member names; docs/schema/summary.schema.json
// is checked against both.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace assay::results {

// One number with all that makes it honest.
struct Figure {
  double value = 0;
  std::string unit;                // "instructions", "cycles", "ns", "B", "samples/s", "1" (a share), ...
  std::string kind;                // measured | emulated | modelled | host
  std::optional<int64_t> n;        // observations behind it
  std::optional<double> lo, hi;    // 95 % interval
  std::string validity = "valid";  // valid | degraded | invalid
};

struct Issue {                          // anything a reader must know: a warning with a stable code
  std::string code, severity, message;  // severity: note | warning | error
};

// One rule of the profile and what came of it.
struct Gate {
  std::string metric;    // "accuracy.delta", "attribution.port", "latency.median", "memory.ram", ...
  std::string rule;      // ">= -2.0 pp", "= 0 bits": as printed
  std::string observed;  // "-47.8 pp [-51.6, -44.0], n 707"
  std::string verdict;   // pass | fail | inconclusive
  std::string reason;    // one sentence: why it failed or why nothing can be said
  std::string where;     // profile.toml:9
};

struct Subject {
  std::string way_in = "stock agent", runner, engine, model_file, model_name, model_sha256;
  int64_t model_bytes = 0;
  std::string firmware_build_id, firmware_file, toolchain;
};

struct Target {
  std::string board, board_title, unit, core, probe, mode;  // mode: exact | realtime | process | recorded
  bool emulated = false;
  std::string clock_kind;  // "instructions (emulated)", "cycles", "host ns"
  std::optional<int64_t> core_clock_hz, ram_bytes, flash_bytes;
};

struct Dataset {
  std::string name, hash, input_key;
  int64_t count = 0;
  std::vector<std::string> classes;
  bool labelled = false;
  bool quantised = false;  // stored in the model's own integers
  std::string choice;      // how the samples were chosen, in words; empty: all of them
  std::string ids_sha256;  // of the ids of the samples, one a line: runs with equal ones saw the same samples
  std::string preprocess;  // the steps that prepared every sample; empty: none
};

struct Reference {
  std::string id;       // "r0", "r1.litert_ref", "r1.litert_xnnpack", "r1.tflite_micro", "r2"
  std::string level;    // R0 | R1 | R2
  std::string runtime;  // "LiteRT", "tflite-micro", "native engine, host build"
  std::string version, resolver, model_file, model_sha256;
  int64_t count = 0;
  bool primary = false;  // of the R1 set: the one that accuracy R1 names
  std::optional<Figure> top1;
};

struct ClassRow {
  std::string name;
  int64_t support = 0;
  std::optional<double> recall_reference, recall_device, delta;  // shares 0..1; delta = device - reference
  double reference_lo = 0, reference_hi = 0, device_lo = 0, device_hi = 0;  // Wilson 95 %
  int64_t broken = 0, fixed = 0, both_wrong = 0;
  bool sufficient = false;  // support >= 30
  std::optional<double> p_holm;
  std::optional<double> delta_lo, delta_hi;  // 95 % of delta, paired bootstrap; without a flip -+3/support
  std::optional<double> precision_reference, precision_device;  // absent where a side never answers the class
};

struct Confusion {
  std::string subject;                       // "R0" or "D"
  std::vector<std::vector<int64_t>> counts;  // [truth][prediction]
};

struct Accuracy {
  std::optional<Figure> r0, r1, r2, device;  // top-1
  std::string baseline_level;                // what "reference" means in the rows below: R0, else R1, else R2
  std::vector<ClassRow> classes;
  std::optional<int> worst_class;  // index, among those with sufficient support
  int64_t broken = 0, fixed = 0, both_wrong = 0;
  std::optional<Figure> delta;  // device - reference, paired bootstrap interval
  std::optional<double> mcnemar_p;
  std::optional<double> agreement;  // top-1, device against reference
  std::vector<Confusion> confusion;
  int64_t argmax_ties = 0;              // of the device
  std::map<std::string, int64_t> ties;  // of every side: "r0", "r1.litert_ref", "r2", "device"
};

// The same deltas over the samples of one slice.
struct SliceRow {
  std::string column, value;  // column is empty for a named slice of the profile
  int64_t support = 0;
  std::optional<double> accuracy_reference, accuracy_device, delta;  // shares; delta = device - reference
  std::optional<double> delta_lo, delta_hi;  // 95 %, paired bootstrap; without a flip -+3/support
  int64_t broken = 0, fixed = 0, both_wrong = 0;
  bool sufficient = false;          // support >= 30; else neither tested nor judged
  std::optional<double> p, p_holm;  // exact McNemar; corrected over all sufficient slices
  bool worse = false;               // p_holm < 0.05 and more broken than fixed
};

// What the task asks of a model, for each side that exists.
struct TaskFigure {
  std::string name;    // "rmse", "auc", "map50", "false_alarms_per_hour", ...
  std::string better;  // higher | lower
  std::string counts;  // what n counts: "samples", "classes", "events", "hours", ...
  std::optional<Figure> r0, r1, r2, device;
  std::optional<Figure> delta;  // device - baseline; an interval where one is defined
};

struct TaskClass {  // of detection: average precision at IoU 0.5
  std::string name;
  int64_t support = 0;  // boxes of the truth
  std::optional<double> ap_reference, ap_device, delta;
  bool sufficient = false;  // support >= 30
};

struct TaskEvent {   // of streaming
  std::string name;  // class
  double start_s = 0, end_s = 0;
  std::optional<double> reference_s, device_s;  // delay from the start to the detection; absent: missed
};

struct Task {
  std::string kind;            // classification | regression | anomaly | detection | streaming
  std::string baseline_level;  // what delta compares with: R0, else R1, else R2
  std::string rule;            // what was declared, in words
  std::vector<TaskFigure> figures;
  std::vector<TaskClass> classes;
  std::vector<TaskEvent> events;
};

// How a tensor metric spreads over the samples. p95 and worst lie at its bad end: high for errors, low for
// sqnr_db, nse and cosine.
struct SampleSpread {
  std::string metric;  // "mae", "rmse", "max_abs", "l2r_ref", "l2r_dev", "sqnr_db", "nse", "cosine"
  int64_t n = 0;       // samples for which it is defined
  double p50 = 0, p95 = 0, worst = 0;
  std::string worst_sample;
};

// Two sides element by element, in real units, over all samples: e = b - a.
struct TensorPair {
  std::string a, b;                   // "R0", "R1", "R2", "D"
  int64_t samples = 0, elements = 0;  // elements: of all samples, what the means divide by
  std::optional<double> mae, bias, deviation, rmse, max_abs;  // deviation: of e, ddof 1
  std::string max_abs_sample;
  int64_t max_abs_index = 0, max_abs_element = 0;  // row in the dataset order of the run; element within it
  bool exact = false;                              // sum e^2 = 0
  std::optional<double> l2r_ref, l2r_dev;          // ||e|| / ||a||, ||e|| / ||b||
  std::optional<double> sqnr_db, nse, cosine;      // sqnr_db is absent when exact
  int64_t nan_a = 0, nan_b = 0, inf_a = 0, inf_b = 0;
  int64_t nonfinite_disagreements = 0;  // elements where only one side is finite, or they differ in how not
  std::optional<double> saturation_a, saturation_b;  // share stored at a limit of its integer type
  std::vector<SampleSpread> per_sample;
};

// k = device_q - reference_q over all output elements.
struct LsbHistogram {
  std::string a, b;               // "r2", "device"
  std::map<int, int64_t> counts;  // -8..8
  int64_t below = 0, above = 0;   // tails
  int64_t elements = 0, samples = 0, samples_exact = 0;
  int max_abs = 0;
};

struct Attribution {
  // Flips by owner. Absent where the two sides are not both there.
  std::optional<int64_t> compression_flips, compression_broken, compression_fixed;  // R0 against R1 (primary)
  std::optional<double> compression_pp;             // accuracy R1 - R0, percentage points
  std::optional<int64_t> rounding_flips;            // R2 top-1 is no R1 member's top-1
  std::optional<int64_t> rounding_samples_outside;  // samples with an element of R2 outside the envelope
  std::optional<double> rounding_pp;                // accuracy R2 - R1
  std::optional<int64_t> port_bits;                 // differing bits between R2 and D outputs
  std::optional<int64_t> port_flips;
  std::optional<double> port_pp;
  std::optional<double> port_tolerance;   // declared, in real units: then port_outside decides, not port_bits
  std::optional<double> port_max_error;   // largest |device - R2| of an output, in real units
  std::optional<int64_t> port_outside;    // outputs beyond the tolerance
  std::optional<int64_t> envelope_flips;  // samples where members of the R1 set disagree on top-1
  std::optional<double> envelope_lo, envelope_hi;  // accuracies over the R1 set
  std::optional<int> envelope_max_lsb;             // widest [min, max] of an element
  std::string owner;                               // compression | rounding | port | none | unknown
  std::string sentence;                            // "Quantising to int8 lost 47.8 points of accuracy. ..."
  std::vector<LsbHistogram> histograms;
};

// One operator of the device against the host build, over the samples that were captured. Absent: not
// captured, or no steps to count (floats have no LSB).
struct OperatorDivergence {
  int index = 0;  // in execution order, as Layer::index
  std::string op, kernel, output_shape;
  bool captured = false;
  std::string note;      // why it was not
  int64_t elements = 0;  // of all captured samples
  // Accumulated: D against R2, each on its own inputs. Local: D against this operator alone, run here on D's
  // inputs.
  std::optional<int64_t> differing, local_differing;  // elements
  std::optional<int64_t> max_lsb, local_max_lsb;
  std::optional<double> max_abs, local_max_abs;  // largest |d - r| in real units
  std::optional<double> sqnr_db, local_sqnr_db;  // absent also where exact
};

// The element that is furthest off.
struct WorstElement {
  std::string sample;
  std::vector<int64_t> at;                       // NHWC index
  double device = 0, reference = 0;              // real
  std::optional<int64_t> device_q, reference_q;  // as stored
};

// Which operator of the device is the first that differs from R2, found by replaying samples on tapped plans.
struct Divergence {
  std::string state;  // diverges | agrees | output_only | incomplete
  std::string sentence;
  std::vector<std::string> samples;  // ids that were captured
  std::string choice;                // how they were chosen, in words
  int plans = 0;                     // tapped plans or models that it took
  std::string search;      // "bisection": operators were captured only until the first was found; else empty
  std::string assumption;  // what the bisection takes for granted
  bool reproduced = true;  // outputs under the tapped plans are those of the run
  int64_t tolerance_lsb = 0;
  double tolerance = 0;      // of floats, relative to the largest |r| of the tensor
  std::optional<int> first;  // index of the first operator beyond the tolerance
  std::string op, kernel, input_shape, filter_shape, output_shape;  // of it
  std::optional<WorstElement> worst;
  std::optional<bool> inputs_equal;  // absent: not all of its inputs were captured
  std::vector<OperatorDivergence> operators;
};

// Loss on the way in: one row per input channel of the deployed model's input tensor.
struct InputChannel {
  std::string name;
  std::optional<double> sqnr_db;
  double zero_share = 0;  // share of values that quantise to the zero point
  double saturated_share = 0;
};

struct Flip {
  std::string sample;  // id: file name or row number
  int64_t index = 0;   // row in the dataset order of the run
  int truth = -1, reference = -1, device = -1, r1 = -1, r2 = -1;
  std::string kind;                                // broken | fixed | both wrong
  double reference_margin = 0, device_margin = 0;  // top1 - top2 of dequantised outputs
  bool envelope = false;                           // the desktop runtimes disagree among themselves on it
};

struct Latency {
  std::string kind;                                        // "instructions (emulated)", "cycles", "host ns"
  std::optional<Figure> median, p5, p95, min, max, first;  // first: the cold run, not part of the others
  int64_t n = 0;                                           // warm runs
  std::vector<int64_t> histogram;                          // 40 bins over min..max of warm runs
  std::optional<Figure>
      profiler_overhead;  // share: (sum of operators + gaps) against the uninstrumented total
};

struct Layer {
  int index = 0;
  std::string op, kernel, output_shape, note;
  std::optional<double> median;  // in Latency.kind units
  std::optional<double> share;   // of the median inference, 0..1
  std::optional<int64_t> macs;
  int64_t arena_bytes_live = 0;  // planned, at this operator
};

struct ArenaTensor {
  std::string name;
  int64_t offset = 0, bytes = 0;
  int first_op = 0, last_op = 0;
};

struct Memory {
  std::optional<Figure> ram_total, static_ram, arena_planned, arena_touched, stack_touched, io_buffers;
  std::vector<ArenaTensor> arena;
};

struct FlashSection {
  std::string owner, section;
  int64_t bytes = 0;
};  // owner: agent, runner, model, startup, libc

struct FlashSymbol {              // a function, constant or initial value, or several of one name
  std::string name, section, op;  // op: as in FlashOperator
  int64_t bytes = 0;
};

struct FlashOperator {  // the code that serves an operator
  std::string op;       // "CONV_2D", "CONV_2D/FULLY_CONNECTED", "shared", "model data"
  int64_t bytes = 0;
  std::optional<bool> used;  // by the model; absent where it is no operator
};

struct Flash {
  std::optional<Figure> total, firmware, model;
  std::vector<FlashSection> sections;
  std::vector<FlashSymbol> symbols;      // the largest of the image, largest first
  std::vector<FlashOperator> operators;  // of the whole image, largest first
};

struct Variant {  // an alternative in the profile, run on the desktop; `assay whatif` runs it on the board
                  // too
  std::string name, model_file, where, note;  // where: "desktop, LiteRT 2.3.0 BUILTIN_REF"
  std::optional<Figure> top1;
  int64_t broken = 0, fixed = 0;
  std::string worst_class;
  std::optional<double> worst_delta;
  int64_t model_bytes = 0;
  std::optional<bool> would_pass;
  std::optional<int64_t> worst_n;  // support of worst_class
  // Of its own case on the board; absent when it ran on the desktop only.
  std::optional<Figure> latency, ram, flash;
  std::string refused;  // why it did not run on the board; empty: it did, or nobody asked
  std::string run;      // folder of its case, beside this run's
};

struct Link {
  int64_t frames_sent = 0, frames_received = 0, bytes_up = 0, bytes_down = 0;
  int64_t retries = 0, crc_errors = 0, resets = 0, dropped_events = 0;
  std::optional<Figure> samples_per_second, round_trip_median_us;
};

struct Provenance {
  std::string assay_version, git_commit, started, host, command, qemu, probe_tool, python;
  bool git_dirty = false;
  double duration_s = 0;
  std::map<std::string, double> phase_s;
  int64_t seed = 0;
};

// How one figure stands to the baseline; words and codes are those of comparison.h.
struct BaselineRow {
  std::string figure, word, unit, kind, note;
  std::optional<double> before, now;
  std::vector<std::string> codes;
};

struct SinceBaseline {
  std::string file, run_id, git_commit;  // the baseline, and the run that it was made of
  std::string word, sentence;            // of the whole
  std::vector<std::string> subject;      // "firmware 51bd02 > 9c1e77": what changed in the subject
  std::vector<BaselineRow> rows;         // of the figures that it holds the board to
};

struct Artifact {
  std::string file, sha256, role;
  int64_t bytes = 0;
};

struct Summary {
  std::string schema = "assay.summary";
  int schema_version = 1;
  std::string run_id, profile, title;
  std::string verdict = "inconclusive";  // pass | fail | inconclusive | error | interrupted
  int exit_code = 5;
  std::string validity = "valid";
  std::string sentence;  // the verdict in one sentence
  int64_t samples_done = 0, samples_asked = 0;
  std::vector<Issue> issues;
  std::vector<Gate> gates;
  Subject subject;
  Target target;
  Dataset dataset;
  std::vector<Reference> references;
  std::optional<Accuracy> accuracy;
  std::optional<Task> task;
  std::vector<SliceRow> slices;  // worst first
  std::vector<TensorPair> tensors;
  std::optional<Attribution> attribution;
  std::optional<Divergence> divergence;
  std::vector<InputChannel> input_channels;
  std::optional<Latency> latency;
  std::optional<Memory> memory;
  std::optional<Flash> flash;
  std::vector<Layer> layers;
  std::vector<Variant> variants;
  std::optional<Link> link;
  std::optional<SinceBaseline> baseline;  // absent: the run was not held to one
  Provenance provenance;
  std::vector<Artifact> artifacts;
};

}  // namespace assay::results
