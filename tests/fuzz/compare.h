// The agent's codecs against the host's and Google's, on any bytes. A difference is told in words; "" is
// agreement.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "link/frame.h"

namespace assay::fuzz {

using Random = std::mt19937;

struct Outcome {
  std::string difference;
  int accepted = 0, rejected = 0;  // frames or messages in the input
};

Outcome compare_frame_decoders(std::span<const uint8_t> line);
std::string compare_frame_encoders(const link::Frame& frame);
Outcome compare_readers(std::span<const uint8_t> message);
// A Tensor, a Done, a Timing and a page of bins with values from `random`.
std::string compare_writers(Random& random);

// One to three frames, some damaged, with noise around them.
std::vector<uint8_t> damaged_line(Random& random);
link::Frame any_frame(Random& random);
// Fields of every wire type, some damaged; never groups, which the agent refuses by design.
std::vector<uint8_t> any_message(Random& random);

}  // namespace assay::fuzz
