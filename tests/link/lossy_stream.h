// A line between host and board that damages what it carries, the same way for the same seed.
#pragma once

#include <chrono>
#include <memory>
#include <random>

#include "link/byte_stream.h"
#include "link/simulated_board.h"

namespace assay::sim {

// Chances per frame; a "frame" is what stands between two delimiters.
struct Faults {
  double drop = 0, duplicate = 0, flip = 0, lose_byte = 0, reorder = 0, noise = 0;
  double reset = 0;         // of the board, before a frame to it
  double reset_in_run = 0;  // per run
};

// One stream at a time is on a board; `board` must outlive it. `waited`: where the waits that the host asks
// for add up, whatever else the machine does meanwhile; must outlive it too.
std::unique_ptr<link::ByteStream> lossy_stream(SimulatedBoard& board, Faults faults = {}, uint32_t seed = 1,
                                               std::chrono::nanoseconds* waited = nullptr);

}  // namespace assay::sim
