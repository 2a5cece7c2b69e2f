#include "metric/divergence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace assay::metric {
namespace {

using results::Divergence;
using results::OperatorDivergence;

// Device against one other side.
struct Comparison {
  int64_t elements = 0, differing = 0, max_lsb = 0;
  double max_abs = 0, largest = 0;  // |d - r|, |r|: real units
  double error = 0, power = 0;      // sums of squares
  size_t worst_row = 0, worst_element = 0;
  bool nonfinite = false;  // one side is not finite where the other is, or is another one
  bool integers = true;

  std::optional<double> sqnr_db() const {
    if (nonfinite || error == 0 || power == 0) return std::nullopt;
    return 10 * std::log10(power / error);
  }
  bool beyond(const TappedRun& run) const {
    if (nonfinite) return true;
    return integers ? max_lsb > run.tolerance_lsb : max_abs > run.tolerance * largest;
  }
};

bool is_integer(ElementType type) { return type != ElementType::kFloat32 && type != ElementType::kFloat64; }

Status check_sides(const TensorRows& device, const TensorRows& other, size_t rows, const std::string& op) {
  const bool alike = device.info.type == other.info.type && device.info.dims == other.info.dims;
  if (alike && device.rows() == rows && other.rows() == rows) return {};
  return fail("metric.not_comparable",
              fmt::format("{}: the device has {} rows of {} {}, the host build {} of {} {}, for {} samples",
                          op, device.rows(), device.info.shape(), element_name(device.info.type),
                          other.rows(), other.info.shape(), element_name(other.info.type), rows));
}

void compare_element(double device, double reference, double scale, Comparison& found, bool& worse) {
  ++found.elements;
  // NaN and infinity are values too: equal ones agree, others differ beyond any tolerance.
  const bool both_nan = std::isnan(device) && std::isnan(reference);
  if (std::isfinite(reference)) {
    found.largest = std::max(found.largest, std::abs(reference) * scale);
    found.power += reference * reference * scale * scale;
  }
  if (device == reference || both_nan) return;
  ++found.differing;
  double distance = std::abs(device - reference);
  if (!std::isfinite(distance)) {
    worse = !found.nonfinite;
    found.nonfinite = true;
    return;
  }
  if (found.integers) found.max_lsb = std::max(found.max_lsb, static_cast<int64_t>(distance));
  distance *= scale;
  found.error += distance * distance;
  worse = !found.nonfinite && distance > found.max_abs;
  found.max_abs = std::max(found.max_abs, distance);
}

Comparison compare(const TensorRows& device, const TensorRows& reference) {
  Comparison found;
  found.integers = is_integer(device.info.type);
  const size_t size = element_size(device.info.type);
  const auto elements = static_cast<size_t>(device.info.elements());
  const double scale = device.info.scale != 0 ? device.info.scale : 1;
  // The zero point belongs to power, not to distance.
  const auto zero = device.info.scale != 0 ? static_cast<double>(device.info.zero_point) : 0.0;
  for (size_t row = 0; row < device.rows(); ++row) {
    const uint8_t* d = device.row(row).data();
    const uint8_t* r = reference.row(row).data();
    for (size_t i = 0; i < elements; ++i, d += size, r += size) {
      bool worse = false;
      compare_element(stored_value(device.info.type, d) - zero, stored_value(device.info.type, r) - zero,
                      scale, found, worse);
      if (worse) found.worst_row = row, found.worst_element = i;
    }
  }
  return found;
}

std::vector<int64_t> index_of(const TensorInfo& info, size_t element) {
  std::vector<int64_t> at(info.dims.size());
  for (size_t d = info.dims.size(); d-- > 0;) {
    const auto size = static_cast<size_t>(std::max<int64_t>(1, info.dims[d]));
    at[d] = static_cast<int64_t>(element % size);
    element /= size;
  }
  return at;
}

results::WorstElement worst_of(const TappedOperator& op, const Comparison& found, const TappedRun& run) {
  results::WorstElement worst;
  const TensorInfo& info = op.device->info;
  const size_t at = found.worst_element * element_size(info.type);
  const double device = stored_value(info.type, op.device->row(found.worst_row).data() + at);
  const double reference = stored_value(info.type, op.reference->row(found.worst_row).data() + at);
  const auto real = [&](double stored) {
    return info.scale != 0 ? info.scale * (stored - static_cast<double>(info.zero_point)) : stored;
  };
  worst.sample = run.samples[found.worst_row];
  worst.at = index_of(info, found.worst_element);
  worst.device = real(device);
  worst.reference = real(reference);
  if (is_integer(info.type)) {
    worst.device_q = static_cast<int64_t>(device);
    worst.reference_q = static_cast<int64_t>(reference);
  }
  return worst;
}

std::string joined(const std::vector<int64_t>& at) {
  std::string text;
  for (int64_t index : at) text += (text.empty() ? "" : ",") + std::to_string(index);
  return "[" + text + "]";
}

std::string kernel_words(const std::string& kernel) { return kernel.substr(0, kernel.find('/')) + " kernel"; }

// What is known of the operators in front of `first` that were not captured.
std::string gap_words(const TappedRun& run, const Divergence& d) {
  int from = -1, to = -1;
  for (const auto& op : d.operators) {
    if (d.first && op.index >= *d.first) break;
    if (op.captured || run.operators[static_cast<size_t>(op.index)].skipped) continue;
    if (from < 0) from = op.index;
    to = op.index;
  }
  if (from < 0) return "";
  return from == to
             ? fmt::format(" Operator #{} was not captured and may be at fault instead.", from)
             : fmt::format(" Between #{} and #{} operators were not captured and may be at fault instead.",
                           from, to);
}

std::string cause_words(const Divergence& d, const OperatorDivergence& op, const TappedOperator& tapped) {
  if (!d.inputs_equal) return "not all of its inputs were captured together with it";
  if (*d.inputs_equal)
    return op.local_differing == 0 ? "its inputs were equal, and run here on them it agrees with the device: "
                                     "the two host runs differ"
                                   : "its inputs were equal, so the fault lies in it";
  std::string sources;
  for (int source : tapped.sources) {
    if (source >= 0) sources += (sources.empty() ? "#" : ", #") + std::to_string(source);
  }
  return fmt::format("its inputs differed already by no more than the tolerance (from {}); {}", sources,
                     op.local_differing.value_or(0) == 0
                         ? "on them it computes what the host build computes"
                         : "run here on them it differs too, so the fault lies in it");
}

std::string distance_words(const OperatorDivergence& op) {
  if (op.max_lsb) return fmt::format("worst by {} LSB", *op.max_lsb);
  if (op.max_abs) return fmt::format("worst by {:.3g}", *op.max_abs);
  return "worst is not a finite number";
}

std::string diverging_sentence(const TappedRun& run, const Divergence& d, const OperatorDivergence& op) {
  const TappedOperator& tapped = run.operators[static_cast<size_t>(op.index)];
  const std::string of = d.samples.size() == 1 ? "" : fmt::format(" of {} samples", d.samples.size());
  return fmt::format("Operator #{} {} ({}) is the first that differs: {} of {} elements{}, {} at {}; {}.{}",
                     *d.first, d.op, kernel_words(d.kernel), op.differing.value_or(0), op.elements, of,
                     distance_words(op), joined(d.worst->at), cause_words(d, op, tapped), gap_words(run, d));
}

std::string agreeing_sentence(const TappedRun& run, const Divergence& d) {
  if (d.state == "incomplete") return "No operator could be captured.";
  const bool whole =
      std::all_of(d.operators.begin(), d.operators.end(), [](const auto& op) { return op.captured; });
  const std::string which =
      whole ? fmt::format("All {} operators agree", d.operators.size()) : "All captured operators agree";
  if (!run.output_differs)
    return which + " with the host build to the " +
           (d.tolerance_lsb == 0 && d.tolerance == 0 ? "bit." : "tolerance.");
  return which +
         " with the host build, but the output of the run does not: the fault shows only where tensors share "
         "memory "
         "(a buffer read after its reuse, a write beyond a tensor), or it does not repeat." +
         gap_words(run, d);
}

void fill_operator(const TappedOperator& tapped, OperatorDivergence& op, const Comparison& found) {
  op.captured = true;
  op.elements = found.elements;
  op.differing = found.differing;
  if (found.integers) op.max_lsb = found.max_lsb;
  if (!found.nonfinite) op.max_abs = found.max_abs;
  op.sqnr_db = found.sqnr_db();
  if (!tapped.local) return;
  const Comparison local = compare(*tapped.device, *tapped.local);
  op.local_differing = local.differing;
  if (local.integers) op.local_max_lsb = local.max_lsb;
  if (!local.nonfinite) op.local_max_abs = local.max_abs;
  op.local_sqnr_db = local.sqnr_db();
}

// nullopt: an input was not captured, or in a replay that is not repeated by this one.
std::optional<bool> inputs_equal(const TappedRun& run, size_t index, const Divergence& d) {
  if (!belongs_together(run.operators, index, run.reproduced)) return std::nullopt;
  const TappedOperator& tapped = run.operators[index];
  bool equal = true;
  for (int source : tapped.sources) {
    if (source < 0) continue;  // what the host sent
    equal = equal && d.operators[static_cast<size_t>(source)].differing == 0;
  }
  return equal;
}

void name_first(const TappedRun& run, size_t index, const Comparison& found, Divergence& d) {
  const TappedOperator& tapped = run.operators[index];
  d.first = static_cast<int>(index);
  d.op = tapped.op, d.kernel = tapped.kernel;
  d.input_shape = tapped.input_shape, d.filter_shape = tapped.filter_shape,
  d.output_shape = tapped.output_shape;
  d.worst = worst_of(tapped, found, run);
  d.inputs_equal = inputs_equal(run, index, d);
}

}  // namespace

bool belongs_together(const std::vector<TappedOperator>& operators, size_t index, bool reproduced) {
  const TappedOperator& tapped = operators[index];
  return std::all_of(tapped.sources.begin(), tapped.sources.end(), [&](int source) {
    if (source < 0) return true;  // what the host sent
    const TappedOperator& from = operators[static_cast<size_t>(source)];
    return from.device && (reproduced || from.plan == tapped.plan);
  });
}

Result<bool> differs_beyond(const TensorRows& device, const TensorRows& reference, const TappedRun& run) {
  ASSAY_CHECK(check_sides(device, reference, device.rows(), device.info.name));
  return compare(device, reference).beyond(run);
}

Result<Divergence> find_divergence(const TappedRun& run) {
  Divergence d;
  d.samples = run.samples;
  d.reproduced = run.reproduced;
  d.tolerance_lsb = run.tolerance_lsb;
  d.tolerance = run.tolerance;
  bool any = false;
  for (size_t i = 0; i < run.operators.size(); ++i) {
    const TappedOperator& tapped = run.operators[i];
    d.operators.push_back({.index = static_cast<int>(i),
                           .op = tapped.op,
                           .kernel = tapped.kernel,
                           .output_shape = tapped.output_shape,
                           .note = tapped.note});
    if (!tapped.device || !tapped.reference) continue;
    ASSAY_CHECK(check_sides(*tapped.device, *tapped.reference, run.samples.size(), tapped.op));
    if (tapped.local) ASSAY_CHECK(check_sides(*tapped.device, *tapped.local, run.samples.size(), tapped.op));
    const Comparison found = compare(*tapped.device, *tapped.reference);
    fill_operator(tapped, d.operators.back(), found);
    any = true;
    if (!d.first && found.beyond(run)) name_first(run, i, found, d);
  }
  if (d.first) {
    const auto first = static_cast<size_t>(*d.first);
    d.state = "diverges";
    d.sentence = diverging_sentence(run, d, d.operators[first]);
  } else {
    d.state = !any ? "incomplete" : run.output_differs ? "output_only" : "agrees";
    d.sentence = agreeing_sentence(run, d);
  }
  if (d.first && !run.reproduced)
    d.sentence +=
        " The outputs under the tapped plans are not those of the run: the fault depends on what memory held "
        "before.";
  return d;
}

}  // namespace assay::metric
