#include "link/inference.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::link {
namespace {

constexpr uint8_t kDataPushed = 2;
constexpr size_t kRequestLine = 64;  // an Open or Invoke frame on the line, at most

bool input_missing(wire::Status status) {
  return status == wire::STATUS_NOT_OPEN || status == wire::STATUS_INCOMPLETE ||
         status == wire::STATUS_BAD_CRC;
}

Result<InvokeResult> translate(const wire::Done& done, const std::string& where) {
  if (done.status() == wire::STATUS_ENGINE) {
    return fail("link.engine_error",
                fmt::format("the engine failed with code {} after {} runs", done.engine_code(), done.runs()),
                where);
  }
  if (done.status() != wire::STATUS_OK && done.status() != wire::STATUS_NEEDS_INPUT) {
    return fail("link.bad_answer", "DONE with status " + status_name(done.status()), where);
  }
  return InvokeResult{done.runs(),      done.ticks(),      done.ticks_min(),
                      done.ticks_max(), done.generation(), done.status() == wire::STATUS_NEEDS_INPUT};
}

// Until the request is accepted. Retries for as long as the runs may take: while they go on, the board is
// deaf.
Result<std::optional<wire::Status>> await_accepted(Conversation& line, uint16_t id, size_t bytes_ahead,
                                                   Deadline deadline) {
  auto wait =
      line.options().retry_first + std::chrono::milliseconds(bytes_ahead / line.options().line_bytes_per_ms);
  const auto sent = std::chrono::steady_clock::now();
  for (int attempt = 0;; ++attempt, wait = std::min(wait * 2, std::chrono::milliseconds(2000))) {
    const Deadline step = Deadline::in(std::min(wait, deadline.left()));
    for (;;) {
      ASSAY_TRY(const auto frame, line.next(step));
      if (line.done && line.done->id() == id) return std::optional(wire::STATUS_OK);  // RESP was lost
      if (!frame) break;
      if (frame->kind != FrameKind::kResp || frame->detail != wire::MESSAGE_INVOKE ||
          static_cast<uint16_t>(frame->word) != id) {
        continue;
      }
      if (attempt == 0) line.note_round_trip(sent);
      return std::optional(static_cast<wire::Status>(frame->word >> 16));
    }
    if (deadline.passed()) return std::optional<wire::Status>();
    line.count_retry();
    ASSAY_CHECK(line.repeat());
  }
}

// Until DONE; asks for the result when the line stays silent for longer and longer.
Result<wire::Done> await_done(Conversation& line, uint16_t id, Deadline deadline,
                              std::chrono::milliseconds limit) {
  wire::ResultRequest body;
  body.set_id(id);
  bool asked = false;
  for (auto wait = line.options().poll_first;; wait = std::min(wait * 2, std::chrono::milliseconds(8000))) {
    const Deadline step = Deadline::in(std::min(wait, deadline.left()));
    for (;;) {
      if (line.done && line.done->id() == id) return *line.done;
      ASSAY_TRY(const auto frame, line.next(step));
      if (!frame) break;
      if (!asked || frame->kind != FrameKind::kResp || frame->detail != wire::MESSAGE_RESULT ||
          static_cast<uint16_t>(frame->word) != line.last_id()) {
        continue;
      }
      if (frame->word >> 16 == wire::STATUS_OK) {
        ASSAY_TRY(const auto told, decode<wire::Done>(frame->payload, line.name()));
        if (told.id() == id) return told;
        return fail("link.bad_answer", fmt::format("asked for run {}, told of run {}", id, told.id()),
                    line.name());
      }
      // Accepted once and unknown now: the board started anew under the same boot id.
      return line.end_by_reset("the board no longer knows the run that it accepted");
    }
    if (line.done && line.done->id() == id) return *line.done;
    if (deadline.passed()) {
      return fail("link.run_timeout",
                  fmt::format("the inference did not end in time: run() has not returned for {} s",
                              std::chrono::duration<double>(limit).count()),
                  line.name());
    }
    line.count_retry();
    if (asked) {
      ASSAY_CHECK(line.repeat());
    } else {
      ASSAY_TRY([[maybe_unused]] const uint16_t posted, line.post(wire::MESSAGE_RESULT, body));
      asked = true;
    }
  }
}

size_t missing_bytes(const std::vector<Pieces>& outputs) {
  size_t missing = 0;
  for (const Pieces& output : outputs) missing += output.missing();
  return missing;
}

}  // namespace

bool fits_window(const wire::Board& board, size_t bytes) {
  const size_t full = bytes / board.mtu(), rest = bytes % board.mtu();
  return 2 * kRequestLine + full * line_size(board.mtu()) + (rest ? line_size(rest) : 0) <= board.window();
}

Status burst_up(Conversation& line, uint8_t transfer, uint32_t model, uint32_t input,
                std::span<const uint8_t> bytes) {
  wire::Open open;
  open.set_transfer(transfer);
  open.set_model(model);
  open.set_input(input);
  open.set_bytes(static_cast<uint32_t>(bytes.size()));
  ASSAY_TRY([[maybe_unused]] const uint16_t id, line.post(wire::MESSAGE_OPEN, open));
  for (size_t sent = 0; sent < bytes.size();) {
    ASSAY_TRY(const size_t count, send_piece(line, transfer, bytes, sent));
    sent += count;
  }
  return {};
}

Result<Invoked> run_invoke(Conversation& line, const InvokeRequest& request, std::vector<Pieces>& outputs) {
  wire::Invoke body;
  body.set_model(request.model);
  body.set_count(request.options.count);
  body.set_flags((request.options.ops ? wire::INVOKE_OPS : 0) | (request.push ? wire::INVOKE_PUSH : 0) |
                 (request.options.quiet ? wire::INVOKE_QUIET : 0) |
                 (request.options.reset_state ? wire::INVOKE_RESET_STATE : 0));
  body.set_transfer(request.transfer);
  body.set_crc32(request.crc32);
  line.done.reset();
  const auto limit = line.scaled(request.options.timeout);
  const Deadline deadline = Deadline::in(limit);
  ASSAY_TRY(const uint16_t id, line.post(wire::MESSAGE_INVOKE, body));
  struct SinkGuard {
    Conversation& line;
    ~SinkGuard() { line.on_data = nullptr; }
  } guard{line};
  line.on_data = [&](const Frame& frame) {
    const size_t index = frame.detail >> 2;
    if ((frame.detail & 3) != kDataPushed || static_cast<uint8_t>(frame.word) != static_cast<uint8_t>(id))
      return;
    if (index < outputs.size()) outputs[index].add(frame.word >> 8, frame.payload);
  };
  ASSAY_TRY(const auto accepted, await_accepted(line, id, request.bytes_ahead, deadline));
  if (!accepted) return fail("link.no_answer", "the agent did not accept Invoke in time", line.name());
  if (request.transfer && input_missing(*accepted)) return Invoked{true, id, {}};
  if (*accepted != wire::STATUS_OK)
    return fail(refusal(wire::MESSAGE_INVOKE, *accepted, fmt::format("model {}", request.model)));
  ASSAY_TRY(const wire::Done done, await_done(line, id, deadline, limit));
  ASSAY_TRY(const InvokeResult result, translate(done, line.name()));
  size_t missing = missing_bytes(outputs);
  for (auto quiet = Deadline::in(line.options().rto_min); request.push && missing > 0;) {
    ASSAY_TRY(const auto frame, line.next(quiet));
    if (!frame) break;  // the rest was lost: the caller reads the holes
    // Only what was missing keeps the wait alive: an agent may repeat itself for ever.
    const size_t now = missing_bytes(outputs);
    if (now < missing) quiet = Deadline::in(line.options().rto_min);
    missing = now;
  }
  return Invoked{false, id, result};
}

}  // namespace assay::link
