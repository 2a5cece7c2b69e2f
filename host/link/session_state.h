// What the files of Session share; not for users of session.h.
//
// A group of requests is one file (session_models.cpp, session_timings.cpp, session_taps.cpp): it asks on
// state_->line and turns answers into the structs of session.h.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "link/conversation.h"
#include "link/session.h"

namespace assay::link {

struct Session::State {
  State(std::unique_ptr<ByteStream> stream, LinkOptions options)
      : line(std::move(stream), std::move(options)) {}

  uint8_t next_transfer() {
    transfer = transfer == 0xFF ? 1 : static_cast<uint8_t>(transfer + 1);
    return transfer;
  }

  Conversation line;
  BoardInfo board;
  std::vector<ModelInfo> models;
  uint8_t transfer = 0;
  uint32_t tap_room = 0;  // bytes that the firmware's tap buffer holds
};

// A request whose answer must be OK and decode as Body.
template <class Body>
Result<Body> ask(Conversation& line, wire::Message message, const google::protobuf::Message& request) {
  ASSAY_TRY(const Reply reply, line.request(message, request));
  if (reply.status != wire::STATUS_OK) return fail(refusal(message, reply.status, line.name()));
  return decode<Body>(reply.payload, line.name());
}

// A name from the wire, for messages and files: no control characters.
std::string printable(std::string name);

// Everything the firmware says of model `index`: its border, its names.
Result<ModelInfo> ask_model(Conversation& line, uint32_t index);

}  // namespace assay::link
