// The one table of the members of summary.h: reading, writing, the schema test and the fill-everything test
// walk it.
//
// A new member of summary.h is one line here; summary_json_test.cpp reads summary.h and fails when a line is
// missing. `visit` is called as visit("name", member) in the order in which summary.json prints the keys.
#pragma once

#include <type_traits>

#include "results/summary.h"

namespace assay::results {

// True where T is S or const S, so that one function serves reading and writing.
template <class T, class S>
concept Is = std::is_same_v<std::remove_cvref_t<T>, S>;

#define ASSAY_FIELDS(type) \
  template <class V>       \
  void fields(Is<type> auto& s, V&& visit)

ASSAY_FIELDS(Figure) {
  visit("value", s.value), visit("unit", s.unit), visit("kind", s.kind), visit("n", s.n), visit("lo", s.lo);
  visit("hi", s.hi), visit("validity", s.validity);
}
ASSAY_FIELDS(Issue) { visit("code", s.code), visit("severity", s.severity), visit("message", s.message); }
ASSAY_FIELDS(Gate) {
  visit("metric", s.metric), visit("rule", s.rule), visit("observed", s.observed),
      visit("verdict", s.verdict);
  visit("reason", s.reason), visit("where", s.where);
}
ASSAY_FIELDS(Subject) {
  visit("way_in", s.way_in), visit("runner", s.runner), visit("engine", s.engine);
  visit("model_file", s.model_file), visit("model_name", s.model_name), visit("model_sha256", s.model_sha256);
  visit("model_bytes", s.model_bytes), visit("firmware_build_id", s.firmware_build_id);
  visit("firmware_file", s.firmware_file), visit("toolchain", s.toolchain);
}
ASSAY_FIELDS(Target) {
  visit("board", s.board), visit("board_title", s.board_title), visit("unit", s.unit), visit("core", s.core);
  visit("probe", s.probe), visit("mode", s.mode), visit("emulated", s.emulated),
      visit("clock_kind", s.clock_kind);
  visit("core_clock_hz", s.core_clock_hz), visit("ram_bytes", s.ram_bytes),
      visit("flash_bytes", s.flash_bytes);
}
ASSAY_FIELDS(Dataset) {
  visit("name", s.name), visit("hash", s.hash), visit("input_key", s.input_key), visit("count", s.count);
  visit("classes", s.classes), visit("labelled", s.labelled), visit("quantised", s.quantised);
  visit("choice", s.choice), visit("ids_sha256", s.ids_sha256), visit("preprocess", s.preprocess);
}
ASSAY_FIELDS(Reference) {
  visit("id", s.id), visit("level", s.level), visit("runtime", s.runtime), visit("version", s.version);
  visit("resolver", s.resolver), visit("model_file", s.model_file), visit("model_sha256", s.model_sha256);
  visit("count", s.count), visit("primary", s.primary), visit("top1", s.top1);
}
ASSAY_FIELDS(ClassRow) {
  visit("name", s.name), visit("support", s.support), visit("recall_reference", s.recall_reference);
  visit("recall_device", s.recall_device), visit("delta", s.delta), visit("reference_lo", s.reference_lo);
  visit("reference_hi", s.reference_hi), visit("device_lo", s.device_lo), visit("device_hi", s.device_hi);
  visit("broken", s.broken), visit("fixed", s.fixed), visit("both_wrong", s.both_wrong);
  visit("sufficient", s.sufficient), visit("p_holm", s.p_holm);
  visit("delta_lo", s.delta_lo), visit("delta_hi", s.delta_hi);
  visit("precision_reference", s.precision_reference), visit("precision_device", s.precision_device);
}
ASSAY_FIELDS(Confusion) { visit("subject", s.subject), visit("counts", s.counts); }
ASSAY_FIELDS(Accuracy) {
  visit("r0", s.r0), visit("r1", s.r1), visit("r2", s.r2), visit("device", s.device);
  visit("baseline_level", s.baseline_level), visit("classes", s.classes), visit("worst_class", s.worst_class);
  visit("broken", s.broken), visit("fixed", s.fixed), visit("both_wrong", s.both_wrong),
      visit("delta", s.delta);
  visit("mcnemar_p", s.mcnemar_p), visit("agreement", s.agreement), visit("confusion", s.confusion);
  visit("argmax_ties", s.argmax_ties), visit("ties", s.ties);
}
ASSAY_FIELDS(SliceRow) {
  visit("column", s.column), visit("value", s.value), visit("support", s.support);
  visit("accuracy_reference", s.accuracy_reference), visit("accuracy_device", s.accuracy_device);
  visit("delta", s.delta), visit("delta_lo", s.delta_lo), visit("delta_hi", s.delta_hi);
  visit("broken", s.broken), visit("fixed", s.fixed), visit("both_wrong", s.both_wrong);
  visit("sufficient", s.sufficient), visit("p", s.p), visit("p_holm", s.p_holm), visit("worse", s.worse);
}
ASSAY_FIELDS(TaskFigure) {
  visit("name", s.name), visit("better", s.better), visit("counts", s.counts), visit("r0", s.r0);
  visit("r1", s.r1), visit("r2", s.r2), visit("device", s.device), visit("delta", s.delta);
}
ASSAY_FIELDS(TaskClass) {
  visit("name", s.name), visit("support", s.support), visit("ap_reference", s.ap_reference);
  visit("ap_device", s.ap_device), visit("delta", s.delta), visit("sufficient", s.sufficient);
}
ASSAY_FIELDS(TaskEvent) {
  visit("name", s.name), visit("start_s", s.start_s), visit("end_s", s.end_s);
  visit("reference_s", s.reference_s), visit("device_s", s.device_s);
}
ASSAY_FIELDS(Task) {
  visit("kind", s.kind), visit("baseline_level", s.baseline_level), visit("rule", s.rule);
  visit("figures", s.figures), visit("classes", s.classes), visit("events", s.events);
}
ASSAY_FIELDS(SampleSpread) {
  visit("metric", s.metric), visit("n", s.n), visit("p50", s.p50), visit("p95", s.p95);
  visit("worst", s.worst), visit("worst_sample", s.worst_sample);
}
ASSAY_FIELDS(TensorPair) {
  visit("a", s.a), visit("b", s.b), visit("samples", s.samples), visit("elements", s.elements);
  visit("mae", s.mae), visit("bias", s.bias), visit("deviation", s.deviation), visit("rmse", s.rmse);
  visit("max_abs", s.max_abs), visit("max_abs_sample", s.max_abs_sample);
  visit("max_abs_index", s.max_abs_index), visit("max_abs_element", s.max_abs_element);
  visit("exact", s.exact), visit("l2r_ref", s.l2r_ref), visit("l2r_dev", s.l2r_dev);
  visit("sqnr_db", s.sqnr_db), visit("nse", s.nse), visit("cosine", s.cosine), visit("nan_a", s.nan_a);
  visit("nan_b", s.nan_b), visit("inf_a", s.inf_a), visit("inf_b", s.inf_b);
  visit("nonfinite_disagreements", s.nonfinite_disagreements), visit("saturation_a", s.saturation_a);
  visit("saturation_b", s.saturation_b), visit("per_sample", s.per_sample);
}
ASSAY_FIELDS(LsbHistogram) {
  visit("a", s.a), visit("b", s.b), visit("counts", s.counts), visit("below", s.below),
      visit("above", s.above);
  visit("elements", s.elements), visit("samples", s.samples), visit("samples_exact", s.samples_exact);
  visit("max_abs", s.max_abs);
}
ASSAY_FIELDS(Attribution) {
  visit("compression_flips", s.compression_flips), visit("compression_broken", s.compression_broken);
  visit("compression_fixed", s.compression_fixed), visit("compression_pp", s.compression_pp);
  visit("rounding_flips", s.rounding_flips), visit("rounding_samples_outside", s.rounding_samples_outside);
  visit("rounding_pp", s.rounding_pp), visit("port_bits", s.port_bits), visit("port_flips", s.port_flips);
  visit("port_tolerance", s.port_tolerance), visit("port_max_error", s.port_max_error);
  visit("port_outside", s.port_outside);
  visit("port_pp", s.port_pp), visit("envelope_flips", s.envelope_flips), visit("envelope_lo", s.envelope_lo);
  visit("envelope_hi", s.envelope_hi), visit("envelope_max_lsb", s.envelope_max_lsb), visit("owner", s.owner);
  visit("sentence", s.sentence), visit("histograms", s.histograms);
}
ASSAY_FIELDS(OperatorDivergence) {
  visit("index", s.index), visit("op", s.op), visit("kernel", s.kernel),
      visit("output_shape", s.output_shape);
  visit("captured", s.captured), visit("note", s.note), visit("elements", s.elements);
  visit("differing", s.differing), visit("local_differing", s.local_differing), visit("max_lsb", s.max_lsb);
  visit("local_max_lsb", s.local_max_lsb), visit("max_abs", s.max_abs),
      visit("local_max_abs", s.local_max_abs);
  visit("sqnr_db", s.sqnr_db), visit("local_sqnr_db", s.local_sqnr_db);
}
ASSAY_FIELDS(WorstElement) {
  visit("sample", s.sample), visit("at", s.at), visit("device", s.device), visit("reference", s.reference);
  visit("device_q", s.device_q), visit("reference_q", s.reference_q);
}
ASSAY_FIELDS(Divergence) {
  visit("state", s.state), visit("sentence", s.sentence), visit("samples", s.samples),
      visit("choice", s.choice);
  visit("plans", s.plans), visit("search", s.search), visit("assumption", s.assumption);
  visit("reproduced", s.reproduced), visit("tolerance_lsb", s.tolerance_lsb);
  visit("tolerance", s.tolerance), visit("first", s.first), visit("op", s.op), visit("kernel", s.kernel);
  visit("input_shape", s.input_shape), visit("filter_shape", s.filter_shape),
      visit("output_shape", s.output_shape);
  visit("worst", s.worst), visit("inputs_equal", s.inputs_equal), visit("operators", s.operators);
}
ASSAY_FIELDS(InputChannel) {
  visit("name", s.name), visit("sqnr_db", s.sqnr_db), visit("zero_share", s.zero_share);
  visit("saturated_share", s.saturated_share);
}
ASSAY_FIELDS(Latency) {
  visit("kind", s.kind), visit("median", s.median), visit("p5", s.p5), visit("p95", s.p95),
      visit("min", s.min);
  visit("max", s.max), visit("first", s.first), visit("n", s.n), visit("histogram", s.histogram);
  visit("profiler_overhead", s.profiler_overhead);
}
ASSAY_FIELDS(Layer) {
  visit("index", s.index), visit("op", s.op), visit("kernel", s.kernel),
      visit("output_shape", s.output_shape);
  visit("note", s.note), visit("median", s.median), visit("share", s.share), visit("macs", s.macs);
  visit("arena_bytes_live", s.arena_bytes_live);
}
ASSAY_FIELDS(ArenaTensor) {
  visit("name", s.name), visit("offset", s.offset), visit("bytes", s.bytes), visit("first_op", s.first_op);
  visit("last_op", s.last_op);
}
ASSAY_FIELDS(Memory) {
  visit("ram_total", s.ram_total), visit("static_ram", s.static_ram), visit("arena_planned", s.arena_planned);
  visit("arena_touched", s.arena_touched), visit("stack_touched", s.stack_touched);
  visit("io_buffers", s.io_buffers), visit("arena", s.arena);
}
ASSAY_FIELDS(FlashSection) { visit("owner", s.owner), visit("section", s.section), visit("bytes", s.bytes); }
ASSAY_FIELDS(FlashSymbol) {
  visit("name", s.name), visit("section", s.section), visit("op", s.op), visit("bytes", s.bytes);
}
ASSAY_FIELDS(FlashOperator) { visit("op", s.op), visit("bytes", s.bytes), visit("used", s.used); }
ASSAY_FIELDS(Flash) {
  visit("total", s.total), visit("firmware", s.firmware), visit("model", s.model),
      visit("sections", s.sections);
  visit("symbols", s.symbols), visit("operators", s.operators);
}
ASSAY_FIELDS(Variant) {
  visit("name", s.name), visit("model_file", s.model_file), visit("where", s.where), visit("note", s.note);
  visit("top1", s.top1), visit("broken", s.broken), visit("fixed", s.fixed),
      visit("worst_class", s.worst_class);
  visit("worst_delta", s.worst_delta), visit("model_bytes", s.model_bytes), visit("would_pass", s.would_pass);
  visit("worst_n", s.worst_n), visit("latency", s.latency), visit("ram", s.ram), visit("flash", s.flash);
  visit("refused", s.refused), visit("run", s.run);
}
ASSAY_FIELDS(Link) {
  visit("frames_sent", s.frames_sent), visit("frames_received", s.frames_received);
  visit("bytes_up", s.bytes_up), visit("bytes_down", s.bytes_down), visit("retries", s.retries);
  visit("crc_errors", s.crc_errors), visit("resets", s.resets), visit("dropped_events", s.dropped_events);
  visit("samples_per_second", s.samples_per_second), visit("round_trip_median_us", s.round_trip_median_us);
}
ASSAY_FIELDS(Provenance) {
  visit("assay_version", s.assay_version), visit("git_commit", s.git_commit), visit("started", s.started);
  visit("host", s.host), visit("command", s.command), visit("qemu", s.qemu),
      visit("probe_tool", s.probe_tool);
  visit("python", s.python), visit("git_dirty", s.git_dirty), visit("duration_s", s.duration_s);
  visit("phase_s", s.phase_s), visit("seed", s.seed);
}
ASSAY_FIELDS(BaselineRow) {
  visit("figure", s.figure), visit("word", s.word), visit("unit", s.unit), visit("kind", s.kind);
  visit("note", s.note), visit("before", s.before), visit("now", s.now), visit("codes", s.codes);
}
ASSAY_FIELDS(SinceBaseline) {
  visit("file", s.file), visit("run_id", s.run_id), visit("git_commit", s.git_commit), visit("word", s.word);
  visit("sentence", s.sentence), visit("subject", s.subject), visit("rows", s.rows);
}
ASSAY_FIELDS(Artifact) {
  visit("file", s.file), visit("sha256", s.sha256), visit("role", s.role), visit("bytes", s.bytes);
}
ASSAY_FIELDS(Summary) {
  visit("schema", s.schema), visit("schema_version", s.schema_version), visit("run_id", s.run_id);
  visit("profile", s.profile), visit("title", s.title), visit("verdict", s.verdict);
  visit("exit_code", s.exit_code), visit("validity", s.validity), visit("sentence", s.sentence);
  visit("samples_done", s.samples_done), visit("samples_asked", s.samples_asked), visit("issues", s.issues);
  visit("gates", s.gates), visit("subject", s.subject), visit("target", s.target),
      visit("dataset", s.dataset);
  visit("references", s.references), visit("accuracy", s.accuracy), visit("task", s.task);
  visit("slices", s.slices), visit("tensors", s.tensors), visit("attribution", s.attribution);
  visit("divergence", s.divergence), visit("input_channels", s.input_channels);
  visit("latency", s.latency), visit("memory", s.memory);
  visit("flash", s.flash), visit("layers", s.layers), visit("variants", s.variants), visit("link", s.link);
  visit("baseline", s.baseline), visit("provenance", s.provenance), visit("artifacts", s.artifacts);
}
#undef ASSAY_FIELDS

struct IgnoreField {
  void operator()(const char*, const auto&) const {}
};
// Structs of summary.h that have a table above.
template <class T>
concept Described = requires(T& value) {
  fields(value, IgnoreField{});
};

}  // namespace assay::results
