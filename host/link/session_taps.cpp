// The output of an operator inside a run, copied by the firmware (assay_tap).
#include <fmt/format.h>

#include "link/session_state.h"
#include "link/transfer.h"
#include "protocol/bounds.h"

namespace assay::link {
namespace {

struct TapError {
  wire::Status status;
  const char *code, *words;
};

// Named, because each has another remedy.
constexpr TapError kTapErrors[] = {
    {wire::STATUS_ABSENT, "link.no_taps", "the firmware has no tap buffer"},
    {wire::STATUS_TAP_MISSED, "link.tap_missed", "the run ended without a tap of the selected operator"},
    {wire::STATUS_TAP_OUTSIDE, "link.tap_outside",
     "the selected operator's tap was called, but not inside a run that the host asked for"},
    {wire::STATUS_STALE, "link.tap_stale", "another run came after the one whose tap is asked for"},
};

Error tap_error(wire::Message message, wire::Status status, const std::string& where) {
  for (const TapError& each : kTapErrors) {
    if (each.status == status) return Error{each.code, each.words, where, ""};
  }
  return refusal(message, status, where);
}

Result<uint32_t> select(Conversation& line, uint32_t model, uint32_t op, bool off) {
  wire::SelectTap request;
  request.set_model(model);
  request.set_op(op);
  request.set_off(off ? 1 : 0);
  ASSAY_TRY(const Reply reply, line.request(wire::MESSAGE_SELECT_TAP, request));
  if (reply.status == wire::STATUS_NOT_FOUND) {
    return fail("link.refused", fmt::format("model {} of the firmware has no operator {}", model, op),
                line.name());
  }
  if (reply.status != wire::STATUS_OK)
    return fail(tap_error(wire::MESSAGE_SELECT_TAP, reply.status, line.name()));
  ASSAY_TRY(const auto told, decode<wire::SelectTapReply>(reply.payload, line.name()));
  return told.buffer_bytes();
}

}  // namespace

Result<uint32_t> Session::select_tap(uint32_t model, uint32_t op) {
  ASSAY_TRY(const uint32_t room, select(state_->line, model, op, false));
  state_->tap_room = room;
  return room;
}

Status Session::clear_tap() {
  ASSAY_TRY([[maybe_unused]] const uint32_t room, select(state_->line, 0, 0, true));
  return {};
}

Result<std::vector<uint8_t>> Session::read_tap(uint32_t generation) {
  Conversation& line = state_->line;
  wire::ReadTap request;
  request.set_generation(generation);
  ASSAY_TRY(const Reply reply, line.request(wire::MESSAGE_READ_TAP, request));
  if (reply.status != wire::STATUS_OK)
    return fail(tap_error(wire::MESSAGE_READ_TAP, reply.status, line.name()));
  ASSAY_TRY(const auto told, decode<wire::TapReply>(reply.payload, line.name()));
  if (told.tensor_bytes() > state_->tap_room || told.tensor_bytes() > ASSAY_TRANSFER_MAX) {
    return fail("link.tap_too_large",
                fmt::format("the tapped tensor has {} bytes, the firmware's tap buffer holds {}",
                            told.tensor_bytes(), state_->tap_room),
                line.name());
  }
  Pieces pieces(told.tensor_bytes());
  request.set_generation(told.generation());
  const auto ask_for = [&](size_t offset, size_t bytes) {
    request.set_offset(static_cast<uint32_t>(offset));
    request.set_bytes(static_cast<uint32_t>(bytes));
    return line.request(wire::MESSAGE_READ_TAP, request);
  };
  ASSAY_CHECK(fill_holes_with(line, ask_for, pieces, [&](wire::Status status) {
    return tap_error(wire::MESSAGE_READ_TAP, status, line.name());
  }));
  return pieces.take();
}

}  // namespace assay::link
