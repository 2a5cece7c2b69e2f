#include "link/timing.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "protocol/bounds.h"

namespace assay::link {
namespace {

constexpr uint64_t kPerOctave = ASSAY_BINS_PER_OCTAVE;
constexpr uint32_t kPerOctaveBits = 3;
static_assert(1u << kPerOctaveBits == ASSAY_BINS_PER_OCTAVE);

}  // namespace

size_t bin_of(uint64_t ticks, uint32_t first_octave, size_t bins) {
  const auto value = static_cast<uint32_t>(std::min<uint64_t>(ticks, 0xFFFFFFFF));
  if (value >> first_octave == 0) return 0;
  const auto octave = static_cast<uint32_t>(std::bit_width(value)) - 1;
  const size_t bin =
      (octave - first_octave) * kPerOctave + ((value >> (octave - kPerOctaveBits)) & (kPerOctave - 1));
  return std::min(bin, bins - 1);
}

uint64_t bin_end(size_t bin, uint32_t first_octave) {
  const uint64_t octave = first_octave + bin / kPerOctave;
  return (kPerOctave + bin % kPerOctave + 1) << (octave - kPerOctaveBits);
}

std::optional<uint64_t> Timing::percentile(double quantile) const {
  uint64_t total = 0;
  for (const uint64_t each : bins) total += each;
  if (total == 0) return std::nullopt;
  const auto wanted =
      std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(quantile * static_cast<double>(total))));
  uint64_t seen = 0;
  size_t bin = 0;
  for (; bin + 1 < bins.size(); ++bin) {
    seen += bins[bin];
    if (seen >= wanted) break;
  }
  // The last bin has no end of its own: what is above all bins lies there too.
  const uint64_t end = bin + 1 == bins.size() ? ticks_max : bin_end(bin, first_octave) - 1;
  return std::clamp(end, std::min(ticks_min, ticks_max), ticks_max);
}

void add(Timing& to, const Timing& more) {
  if (to.name.empty()) to.name = more.name;
  to.now_ticks = more.now_ticks;
  to.deadline_ticks = more.deadline_ticks;
  if (more.count == 0) return;
  to.ticks_min = to.count > 0 ? std::min(to.ticks_min, more.ticks_min) : more.ticks_min;
  to.ticks_max = std::max(to.ticks_max, more.ticks_max);
  if (to.count == 0) {
    to.bins = more.bins;
    to.first_octave = more.first_octave;
  } else if (to.bins.size() == more.bins.size() && to.first_octave == more.first_octave) {
    for (size_t i = 0; i < more.bins.size(); ++i) to.bins[i] += more.bins[i];
  } else {
    to.bins.clear();
  }
  to.count += more.count;
  to.misses += more.misses;
  to.ticks += more.ticks;
}

}  // namespace assay::link
