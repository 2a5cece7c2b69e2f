// Invoke until DONE, and the one-round-trip sample: Open, DATA and Invoke leave in one burst, and the
// answers, DONE and the outputs come back in one.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "link/conversation.h"
#include "link/transfer.h"

namespace assay::link {

struct InvokeRequest {
  uint32_t model = 0;
  InvokeOptions options;
  bool push = false;     // the agent sends outputs after DONE
  uint8_t transfer = 0;  // nonzero: committed by Invoke
  uint32_t crc32 = 0;
  size_t bytes_ahead = 0;  // still on the line in front of this request
};

// Refused with NOT_OPEN, INCOMPLETE or BAD_CRC: the input did not arrive whole, so nothing ran.
struct Invoked {
  bool input_missing = false;
  uint16_t id = 0;
  InvokeResult result;
};

// `outputs`: filled with what the agent pushes (may be empty when push is off).
Result<Invoked> run_invoke(Conversation& line, const InvokeRequest& request, std::vector<Pieces>& outputs);

// Sends Open and all DATA without waiting; the caller follows with run_invoke(transfer, crc).
Status burst_up(Conversation& line, uint8_t transfer, uint32_t model, uint32_t input,
                std::span<const uint8_t> bytes);
// Whether Open, DATA and Invoke fit the window together.
bool fits_window(const wire::Board& board, size_t bytes);

}  // namespace assay::link
