// Tensors up and down: go-back-N upload with the window of BOARD, download that reads holes again.
#pragma once

#include <span>
#include <vector>

#include "link/conversation.h"

namespace assay::link {

// Sends the DATA of an open transfer until everything is acknowledged; `first_unsent` bytes are on the line
// already.
Status stream_up(Conversation& line, uint8_t transfer, std::span<const uint8_t> bytes,
                 size_t first_unsent = 0);

// Open, DATA, Close; how Close was answered: OK, or BAD_CRC when bytes in place differ.
Result<wire::Status> upload_object(Conversation& line, uint8_t transfer, uint32_t model, uint32_t input,
                                   std::span<const uint8_t> bytes);

// One DATA frame at `offset`; how many bytes it held.
Result<size_t> send_piece(Conversation& line, uint8_t transfer, std::span<const uint8_t> bytes,
                          size_t offset);

// An object that arrives in pieces, in any order.
class Pieces {
 public:
  explicit Pieces(size_t bytes) : bytes_(bytes), have_(bytes), missing_(bytes) {}
  // A piece that reaches beyond the end is dropped.
  void add(size_t offset, std::span<const uint8_t> piece);
  bool complete() const { return missing_ == 0; }
  size_t missing() const { return missing_; }  // bytes
  size_t missing_at() const;                   // first byte that is not there; size when complete
  size_t missing_until(size_t from) const;
  std::vector<uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
  std::vector<bool> have_;
  size_t missing_;
};

// Reads the holes of `pieces`: `ask_for(offset, bytes)` sends the request and returns its answer, after which
// the bytes come as DATA; `refused` words a status that is not OK.
Status fill_holes_with(Conversation& line, const std::function<Result<Reply>(size_t, size_t)>& ask_for,
                       Pieces& pieces, const std::function<Error(wire::Status)>& refused);
// Of an output. link.refused (STALE) when another run replaced the output.
Status fill_holes(Conversation& line, uint32_t model, uint32_t output, uint32_t generation, Pieces& pieces);

}  // namespace assay::link
