#include "link/transfer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "protocol/bounds.h"

namespace assay::link {
namespace {

constexpr uint8_t kDataUpload = 0, kDataRead = 1;

// The longest that an acknowledgement takes on a working line.
std::chrono::milliseconds retransmit_after(const Conversation& line) {
  const auto window = std::chrono::milliseconds(line.board().window() / line.options().line_bytes_per_ms);
  const auto measured = std::chrono::duration_cast<std::chrono::milliseconds>(line.round_trip());
  return std::max(line.options().rto_min, std::min(4 * (measured + window), std::chrono::milliseconds(5000)));
}

}  // namespace

Result<size_t> send_piece(Conversation& line, uint8_t transfer, std::span<const uint8_t> bytes,
                          size_t offset) {
  const auto piece = bytes.subspan(offset, std::min<size_t>(line.board().mtu(), bytes.size() - offset));
  ASSAY_CHECK(line.send(FrameKind::kData, kDataUpload, static_cast<uint32_t>(offset << 8 | transfer), piece));
  return piece.size();
}

Status stream_up(Conversation& line, uint8_t transfer, std::span<const uint8_t> bytes, size_t first_unsent) {
  const size_t per_frame = line_size(line.board().mtu());
  const size_t frames = std::max<size_t>(1, line.board().window() / per_frame);
  size_t credit = frames, acked = 0, sent = first_unsent;
  std::optional<size_t> rewound_at;  // a base is rewound once; what else is lost there is left to the timer
  int silent = 0;
  auto rto = retransmit_after(line);
  Deadline deadline = Deadline::in(rto);
  while (acked < bytes.size()) {
    while (sent < bytes.size() && sent - acked < std::min(frames, credit) * line.board().mtu()) {
      ASSAY_TRY(const size_t count, send_piece(line, transfer, bytes, sent));
      sent += count;
    }
    ASSAY_TRY(const auto frame, line.next(deadline));
    if (!frame) {
      if (++silent >= line.options().tries) {
        ASSAY_CHECK(line.recover());
        if (silent >= 2 * line.options().tries) {
          return fail("link.no_answer", fmt::format("an upload stands at byte {} of {}", acked, bytes.size()),
                      line.name());
        }
      }
      line.count_retry();
      sent = acked;
      rewound_at.reset();
      rto = std::min(rto * 2, std::chrono::milliseconds(5000));
      deadline = Deadline::in(rto);
      continue;
    }
    if (frame->kind != FrameKind::kAck || static_cast<uint8_t>(frame->word) != transfer) continue;
    const size_t offset = frame->word >> 8;
    credit = std::max<size_t>(1, frame->detail);
    if (offset > acked && offset <= bytes.size()) {
      acked = offset;
      sent = std::max(sent, acked);
      silent = 0;
      rto = retransmit_after(line);
      deadline = Deadline::in(rto);
    } else if (offset == acked && sent > acked && rewound_at != acked) {
      line.count_retry();
      sent = acked;
      rewound_at = acked;
    }
  }
  return {};
}

Result<wire::Status> upload_object(Conversation& line, uint8_t transfer, uint32_t model, uint32_t input,
                                   std::span<const uint8_t> bytes) {
  wire::Open open;
  open.set_transfer(transfer);
  open.set_model(model);
  open.set_input(input);
  open.set_bytes(static_cast<uint32_t>(bytes.size()));
  ASSAY_TRY(const Reply opened, line.request(wire::MESSAGE_OPEN, open));
  if (opened.status != wire::STATUS_OK) {
    return fail(refusal(wire::MESSAGE_OPEN, opened.status,
                        fmt::format("model {}, input {}, {} bytes", model, input, bytes.size())));
  }
  ASSAY_CHECK(stream_up(line, transfer, bytes));
  wire::Close close;
  close.set_transfer(transfer);
  close.set_crc32(crc32_of(bytes));
  ASSAY_TRY(const Reply closed, line.request(wire::MESSAGE_CLOSE, close));
  return closed.status;
}

void Pieces::add(size_t offset, std::span<const uint8_t> piece) {
  if (offset > bytes_.size() || piece.size() > bytes_.size() - offset) return;
  std::copy(piece.begin(), piece.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
  const auto have = have_.begin() + static_cast<std::ptrdiff_t>(offset);
  missing_ -= static_cast<size_t>(std::count(have, have + static_cast<std::ptrdiff_t>(piece.size()), false));
  std::fill_n(have, piece.size(), true);
}

size_t Pieces::missing_at() const {
  return static_cast<size_t>(std::find(have_.begin(), have_.end(), false) - have_.begin());
}

size_t Pieces::missing_until(size_t from) const {
  return static_cast<size_t>(std::find(have_.begin() + static_cast<std::ptrdiff_t>(from), have_.end(), true) -
                             have_.begin());
}

Status fill_holes_with(Conversation& line, const std::function<Result<Reply>(size_t, size_t)>& ask_for,
                       Pieces& pieces, const std::function<Error(wire::Status)>& refused) {
  int silent = 0;
  while (!pieces.complete()) {
    const size_t begin = pieces.missing_at(), end = pieces.missing_until(begin);
    line.on_data = [&](const Frame& frame) {
      if (frame.detail == kDataRead && static_cast<uint8_t>(frame.word) == line.last_id())
        pieces.add(frame.word >> 8, frame.payload);
    };
    auto reply = ask_for(begin, end - begin);
    Status status;
    if (!reply) {
      status = fail(reply.error());
    } else if (reply->status != wire::STATUS_OK) {
      status = fail(refused(reply->status));
    }
    // Quiet for one retransmission time means that the rest was lost.
    size_t missing = pieces.missing();
    for (auto quiet = Deadline::in(retransmit_after(line)); status && pieces.missing_at() < end;) {
      auto frame = line.next(quiet);
      if (!frame) {
        status = fail(frame.error());
      } else if (!*frame) {
        line.count_retry();
        break;
      } else if (pieces.missing() < missing) {
        missing = pieces.missing();
        quiet = Deadline::in(retransmit_after(line));
      }
    }
    line.on_data = nullptr;
    ASSAY_CHECK(std::move(status));
    if (pieces.missing_at() == begin && ++silent > line.options().tries) {
      return fail("link.no_answer", fmt::format("a download stays incomplete at byte {}", begin),
                  line.name());
    }
  }
  return {};
}

Status fill_holes(Conversation& line, uint32_t model, uint32_t output, uint32_t generation, Pieces& pieces) {
  wire::Read read;
  read.set_model(model);
  read.set_output(output);
  read.set_generation(generation);
  const std::string what = fmt::format("model {}, output {}", model, output);
  const auto ask_for = [&](size_t offset, size_t bytes) {
    read.set_offset(static_cast<uint32_t>(offset));
    read.set_bytes(static_cast<uint32_t>(bytes));
    return line.request(wire::MESSAGE_READ, read);
  };
  return fill_holes_with(line, ask_for, pieces,
                         [&](wire::Status status) { return refusal(wire::MESSAGE_READ, status, what); });
}

}  // namespace assay::link
