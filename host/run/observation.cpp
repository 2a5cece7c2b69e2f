#include "run/observation.h"

#include <algorithm>

namespace assay::run {
namespace {

// What was counted between two readings of one boot. Extremes are known to a bin.
link::Timing difference(const link::Timing& now, const link::Timing& before) {
  link::Timing delta = now;
  delta.count -= std::min(delta.count, before.count);
  delta.misses -= std::min(delta.misses, before.misses);
  delta.ticks -= std::min(delta.ticks, before.ticks);
  if (delta.count == 0) delta.ticks_min = delta.ticks_max = 0;
  if (before.bins.size() != now.bins.size()) return delta;
  std::optional<size_t> last;
  for (size_t i = 0; i < delta.bins.size(); ++i) {
    delta.bins[i] -= std::min(delta.bins[i], before.bins[i]);
    if (delta.bins[i] > 0) last = i;
  }
  if (last && *last + 1 < delta.bins.size())
    delta.ticks_max = std::min(now.ticks_max, link::bin_end(*last, now.first_octave) - 1);
  return delta;
}

}  // namespace

TickUnit tick_unit(const link::BoardInfo& board) {
  if (board.clock == link::ClockKind::kInstructions) {
    if (board.tick_numerator == 0 || board.tick_denominator == 0) return {};
    return {static_cast<double>(board.tick_numerator) / board.tick_denominator, "instructions"};
  }
  if (board.tick_hz == 0 || board.emulated) return {};
  return {1e6 / board.tick_hz, "us"};
}

void Observation::begin_boot() {
  for (auto* all : {&models_, &spans_}) {
    for (Kept& kept : *all) {
      link::add(kept.finished, kept.latest);
      kept.latest = {};
    }
  }
}

ObservedRecord Observation::merged(Kept& kept, link::TimingOf of, size_t index, const link::Timing& now) {
  ObservedRecord record{of, now.name, kept.finished, difference(now, kept.latest)};
  if (record.name.empty()) record.name = std::to_string(index);
  link::add(record.total, now);
  kept.latest = now;
  return record;
}

const Snapshot& Observation::take(double seconds, const std::vector<link::Timing>& models,
                                  const std::vector<link::Timing>& spans, const link::MemoryUse& memory) {
  models_.resize(std::max(models_.size(), models.size()));
  spans_.resize(std::max(spans_.size(), spans.size()));
  snapshot_.seconds = seconds;
  snapshot_.records.clear();
  for (size_t i = 0; i < models.size(); ++i)
    snapshot_.records.push_back(merged(models_[i], link::TimingOf::kModel, i, models[i]));
  for (size_t i = 0; i < spans.size(); ++i)
    snapshot_.records.push_back(merged(spans_[i], link::TimingOf::kSpan, i, spans[i]));
  // The paint is fresh after a reset: the peak of all boots is the mark.
  if (memory.stack_touched)
    snapshot_.stack_touched = std::max(snapshot_.stack_touched.value_or(0), *memory.stack_touched);
  if (memory.stack_bytes) snapshot_.stack_bytes = memory.stack_bytes;
  return snapshot_;
}

}  // namespace assay::run
