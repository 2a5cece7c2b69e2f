// How long a stage of the application, or an inference that it made by itself, took: a distribution that the
// agent keeps for hours (agent/assay.h, assay_timing), as the host reads it.
//
// Bins are log-linear, 8 per octave, so a percentile is known to kBinResolution. Times are ticks of the
// board; what a tick is says BoardInfo.clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace assay::link {

enum class TimingOf : uint32_t { kSpan = 0, kModel = 1 };

constexpr double kBinResolution = 1.0 / 8;  // width of a bin over its lower bound, at most

struct Timing {
  std::string name;  // empty: the firmware gave none
  uint32_t count = 0, misses = 0;
  uint32_t deadline_ticks = 0;  // 0: none
  uint64_t ticks = 0, ticks_min = 0, ticks_max = 0;
  uint64_t now_ticks = 0;      // the device's time when it answered
  uint32_t first_octave = 0;   // bin 0 begins at 2^first_octave ticks and holds all that is shorter
  std::vector<uint64_t> bins;  // counts; empty: the firmware keeps none

  // The smallest time that at least `quantile` (0..1) of all took no longer than, to the bin's resolution:
  // the bin's upper bound, within [ticks_min, ticks_max]. nullopt without bins or counts.
  std::optional<uint64_t> percentile(double quantile) const;
};

// The bin that counts `ticks`; of `bins` (> 0) bins.
size_t bin_of(uint64_t ticks, uint32_t first_octave, size_t bins);
// The first tick above the bin.
uint64_t bin_end(size_t bin, uint32_t first_octave);

// Adds what `more` counted: of the same record after a reset, or of another unit. Bins are kept when both
// have the same ones. `now_ticks` and the deadline are those of `more`.
void add(Timing& to, const Timing& more);

}  // namespace assay::link
