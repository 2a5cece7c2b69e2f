#include "metric/attribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "metric/envelope.h"
#include "metric/port_distance.h"
#include "metric/statistics.h"
#include "metric/tensor_compare.h"

namespace assay::metric {
namespace {

int64_t changed(const std::vector<int>& a, const std::vector<int>& b) {
  return static_cast<int64_t>(a.size()) - hits(a, b);
}

double pp_between(const std::vector<int>& labels, const Decisions& from, const Decisions& to) {
  return (agreement(labels, to.top) - agreement(labels, from.top)) * 100;
}

// `deployed`: what the desktop says the deployed model answers.
void attribute_compression(const Observations& o, const SideDecisions& sides, const Decisions& deployed,
                           AttributionDetail& detail) {
  results::Attribution& a = detail.figures;
  a.compression_flips = changed(sides.r0->top, deployed.top);
  if (o.labels.empty()) return;
  const FlipCounts flips = count_flips(o.labels, sides.r0->top, deployed.top);
  a.compression_broken = flips.broken;
  a.compression_fixed = flips.fixed;
  a.compression_pp = pp_between(o.labels, *sides.r0, deployed);
  const auto n = static_cast<int64_t>(o.labels.size());
  detail.compression_hi = paired_bootstrap(flips.broken, flips.fixed, n, o.seed).hi;
}

void attribute_envelope(const Observations& o, const SideDecisions& sides, AttributionDetail& detail) {
  results::Attribution& a = detail.figures;
  int64_t flips = 0;
  for (size_t i = 0; i < detail.runtimes_disagree.size(); ++i) {
    for (const Decisions& member : sides.r1)
      detail.runtimes_disagree[i] |= member.top[i] != sides.r1[0].top[i];
    flips += detail.runtimes_disagree[i];
  }
  a.envelope_flips = flips;
  for (const Decisions& member : sides.r1) {
    if (o.labels.empty()) break;
    const double accuracy = agreement(o.labels, member.top);
    a.envelope_lo = std::min(a.envelope_lo.value_or(accuracy), accuracy);
    a.envelope_hi = std::max(a.envelope_hi.value_or(accuracy), accuracy);
  }
}

Status attribute_rounding(const Observations& o, const SideDecisions& sides, const Envelope& envelope,
                          AttributionDetail& detail) {
  results::Attribution& a = detail.figures;
  ASSAY_TRY(const auto outside, samples_outside(envelope, *o.r2));
  a.rounding_samples_outside = std::count(outside.begin(), outside.end(), 1);
  int64_t flips = 0;
  for (size_t i = 0; i < outside.size(); ++i) {
    const int top = sides.r2->top[i];
    flips +=
        std::none_of(sides.r1.begin(), sides.r1.end(), [&](const Decisions& m) { return m.top[i] == top; });
  }
  a.rounding_flips = flips;
  if (!o.labels.empty()) a.rounding_pp = pp_between(o.labels, sides.r1[0], *sides.r2);
  return {};
}

Status attribute_port(const Observations& o, const SideDecisions& sides, AttributionDetail& detail) {
  results::Attribution& a = detail.figures;
  // Outputs of another type, as of a board that prints decimals, have no bits in common.
  if (o.r2->info.type == o.device->info.type) {
    ASSAY_TRY(a.port_bits, differing_bits(*o.r2, *o.device));
  }
  if (!a.port_bits || o.port_tolerance) {
    ASSAY_TRY(const PortDistance distance, port_distance(*o.r2, *o.device, o.port_tolerance.value_or(0)));
    a.port_max_error = distance.max_error;
    a.port_tolerance = o.port_tolerance;
    if (o.port_tolerance) a.port_outside = distance.outside;
  }
  a.port_flips = changed(sides.r2->top, sides.device.top);
  if (!o.labels.empty()) a.port_pp = pp_between(o.labels, *sides.r2, sides.device);
  return {};
}

// Histograms exist where both sides are integers of one quantisation; float outputs have none.
void add_histogram(const TensorRows* a, const char* a_name, const TensorRows* b, const char* b_name,
                   results::Attribution& into) {
  if (!a || !b) return;
  auto histogram = lsb_histogram(*a, a_name, *b, b_name);
  if (histogram) into.histograms.push_back(std::move(*histogram));
}

std::string points(double pp) { return fmt::format("{:.1f} points", std::abs(pp)); }

std::string compression_sentence(const AttributionDetail& detail, const std::string& type, int64_t n) {
  if (!detail.figures.compression_pp) return "";
  const double pp = *detail.figures.compression_pp;
  const std::string step =
      type.starts_with("float") ? "Converting the model" : fmt::format("Quantising to {}", type);
  if (std::abs(pp) < 0.05) return step + " lost no accuracy. ";
  const bool clear_loss = pp < 0 && detail.compression_hi && *detail.compression_hi < 0;
  const char* verb = pp < 0 ? "lost" : "gained";
  if (pp > 0 || clear_loss) return fmt::format("{} {} {} of accuracy. ", step, verb, points(pp));
  return fmt::format("{} lost {} of accuracy, within the noise of {} samples. ", step, points(pp), n);
}

std::string answers_text(int64_t count) { return fmt::format("{} answer{}", count, count == 1 ? "" : "s"); }

std::string tolerance_sentence(const results::Attribution& a) {
  const std::string words =
      fmt::format("The board's outputs differ from R2 by at most {:.3g}, {} the tolerance of {:g}",
                  *a.port_max_error, *a.port_outside == 0 ? "within" : "beyond", *a.port_tolerance);
  if (a.port_flips.value_or(0) == 0) return words + "; no answer changed.";
  return fmt::format("{}; {} changed.", words, answers_text(*a.port_flips));
}

std::string port_sentence(const results::Attribution& a, bool first) {
  if (a.port_tolerance) return tolerance_sentence(a);
  if (!a.port_bits && a.port_max_error) {
    return fmt::format(
        "What the board lost cannot be told by bits: its outputs are rounded numbers, at most {:.3g} from "
        "R2.",
        *a.port_max_error);
  }
  if (!a.port_bits)
    return "What the board lost cannot be told: its engine has no host build to compare with.";
  if (*a.port_bits == 0) {
    return first ? "The board gives the same bits as the host build of its engine."
                 : "The board itself lost none.";
  }
  const std::string bits = fmt::format("{} output bit{}", *a.port_bits, *a.port_bits == 1 ? "" : "s");
  if (a.port_flips.value_or(0) == 0) {
    return fmt::format("The board differs from the host build of its engine in {}, but no answer changed.",
                       bits);
  }
  const std::string answers = answers_text(*a.port_flips);
  if (!a.port_pp || std::abs(*a.port_pp) < 0.05)
    return fmt::format("The board itself changed {} ({}).", answers, bits);
  return fmt::format("The board itself {} {} of accuracy ({}, {}).", *a.port_pp < 0 ? "lost" : "gained",
                     points(*a.port_pp), answers, bits);
}

}  // namespace

Result<AttributionDetail> attribute(const Observations& o, const SideDecisions& sides) {
  AttributionDetail detail;
  detail.runtimes_disagree.assign(o.device->rows(), 0);
  detail.rounding_exists = !o.only_own_engine;
  const Decisions* deployed = !sides.r1.empty()               ? &sides.r1[0]
                              : o.only_own_engine && sides.r2 ? &*sides.r2
                                                              : nullptr;
  if (o.r0 && deployed) attribute_compression(o, sides, *deployed, detail);
  if (!o.r1.empty()) {
    std::vector<const TensorRows*> members;
    for (const DesktopRun& run : o.r1) members.push_back(run.outputs);
    ASSAY_TRY(const Envelope envelope, envelope_of(members));
    detail.figures.envelope_max_lsb = envelope.max_lsb();
    attribute_envelope(o, sides, detail);
    if (o.r2) ASSAY_CHECK(attribute_rounding(o, sides, envelope, detail));
  }
  if (o.r2) ASSAY_CHECK(attribute_port(o, sides, detail));
  const TensorRows* primary = o.r1.empty() ? nullptr : o.r1[0].outputs;
  add_histogram(o.r2, "r2", o.device, "device", detail.figures);
  add_histogram(primary, "r1", o.r2 ? o.r2 : o.device, o.r2 ? "r2" : "device", detail.figures);
  detail.figures.owner = decide_owner(detail, o.exact_port);
  detail.figures.sentence = attribution_sentence(detail, std::string(element_name(o.device->info.type)),
                                                 static_cast<int64_t>(o.device->rows()));
  return detail;
}

std::string decide_owner(const AttributionDetail& detail, bool exact_port) {
  struct Stage {
    const char* owner;
    bool guilty;
    double loss_pp;  // what it lost; 0 when unlabelled or gained
  };
  const results::Attribution& a = detail.figures;
  const auto loss = [](const std::optional<double>& pp) { return std::max(0.0, -pp.value_or(0)); };
  const bool rounding_flips = a.rounding_flips.value_or(0) > 0 && a.rounding_pp.value_or(0) <= 0;
  // A declared tolerance says which differences are the port's; without bits and tolerance none can be laid
  // on it.
  const bool port_differs = a.port_tolerance ? a.port_outside.value_or(0) > 0 : a.port_bits.has_value();
  const bool port_judged = a.port_tolerance || a.port_bits;
  const Stage stages[] = {
      {"port", port_differs && a.port_flips.value_or(0) > 0, loss(a.port_pp)},
      {"rounding", rounding_flips, loss(a.rounding_pp)},
      {"compression", detail.compression_hi && *detail.compression_hi < 0, loss(a.compression_pp)},
  };
  const Stage* owner = nullptr;
  for (const Stage& stage : stages) {
    if (stage.guilty && (!owner || stage.loss_pp > owner->loss_pp)) owner = &stage;
  }
  if (owner) return owner->owner;
  if (a.port_tolerance ? a.port_outside.value_or(0) > 0 : exact_port && a.port_bits.value_or(0) > 0)
    return "port";
  return (a.rounding_flips || !detail.rounding_exists) && port_judged ? "none" : "unknown";
}

std::string attribution_sentence(const AttributionDetail& detail, const std::string& type, int64_t n) {
  const results::Attribution& a = detail.figures;
  std::string sentence = compression_sentence(detail, type, n);
  if (a.rounding_flips.value_or(0) > 0) {
    sentence += fmt::format("The rounding of its engine gives {} answer{} that no desktop runtime gives. ",
                            *a.rounding_flips, *a.rounding_flips == 1 ? "" : "s");
  }
  // "none" refers to the accuracy of a sentence before it.
  return sentence + port_sentence(a, !a.compression_pp || a.rounding_flips.value_or(0) > 0);
}

}  // namespace assay::metric
