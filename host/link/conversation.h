// Sessions and requests on one stream: what session.h builds on. All retry timers of the protocol live here.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "assay.pb.h"
#include "link/frame.h"
#include "link/session.h"

namespace assay::link {

struct Reply {
  uint16_t id = 0;
  wire::Status status = wire::STATUS_OK;
  std::vector<uint8_t> payload;
};

// The name without its prefix: "BAD_CRC".
std::string status_name(wire::Status status);
// link.refused (or link.limit), with what was asked and why not.
Error refusal(wire::Message message, wire::Status status, const std::string& where);

class Conversation {
 public:
  Conversation(std::unique_ptr<ByteStream> stream, LinkOptions options);

  // A new session. link.protocol_version, link.no_answer.
  Status connect();
  const wire::Board& board() const { return board_; }
  const LinkOptions& options() const { return options_; }
  // A time limit with the user's multiplier.
  std::chrono::milliseconds scaled(std::chrono::milliseconds limit) const;
  std::string name() const { return stream_->name(); }

  // Sends and waits for the answer, whatever its status.
  Result<Reply> request(wire::Message message, const google::protobuf::Message& body);
  // Sends a new request without waiting; its id.
  Result<uint16_t> post(wire::Message message, const google::protobuf::Message& body);
  uint16_t last_id() const { return id_; }
  // Sends the last request again, with its id.
  Status repeat();
  Status send(FrameKind kind, uint8_t detail, uint32_t word, std::span<const uint8_t> payload);

  // The next RESP, DATA, ACK or DONE event of this session; nullopt at the deadline. Log events are delivered
  // on the way, stale frames dropped; link.target_reset and link.lost when the session is gone.
  Result<std::optional<Frame>> next(Deadline deadline);

  // After silence: HELLO with the same nonce. Success: the session still exists.
  Status recover();

  // What arrived while a request waited for something else.
  std::function<void(const Frame&)> on_data;
  std::optional<wire::Done> done;  // the last DONE event

  void count_retry() { ++stats_.retries; }
  void note_round_trip(std::chrono::steady_clock::time_point sent);
  std::chrono::microseconds round_trip() const { return round_trip_; }  // smoothed
  LinkStats stats() const;
  // The session is over: every later call returns this.
  tl::unexpected<Error> end(Error error);
  // The session is over because the board was reset, as `words` says; asks the board for the cause.
  tl::unexpected<Error> end_by_reset(const std::string& words);

 private:
  Result<std::optional<Frame>> read_frame(Deadline deadline);
  Result<std::optional<Frame>> hello_once(bool resume, Deadline deadline, wire::Board& board);
  Status session_error(uint8_t reason, uint32_t boot_id, const wire::Board* told = nullptr);
  void take_event(const Frame& frame);

  std::unique_ptr<ByteStream> stream_;
  LinkOptions options_;
  FrameDecoder decoder_;
  std::vector<uint8_t> pending_;  // bytes read, not yet decoded
  size_t pending_at_ = 0;
  Deadline::Clock::time_point late_read_{};  // the passed deadline after which the stream was read last
  wire::Board board_;
  std::optional<Error> ended_;
  uint32_t nonce_ = 0;
  uint16_t session_ = 0;
  uint16_t id_ = 0;
  std::vector<uint8_t> last_request_;
  std::optional<uint16_t> event_seq_;
  int64_t event_gaps_ = 0;
  LinkStats stats_;
  std::chrono::microseconds round_trip_{1000};
  std::vector<int64_t> round_trips_us_;
};

// Decodes; link.bad_answer when the bytes are no such message.
template <class Body>
Result<Body> decode(std::span<const uint8_t> payload, const std::string& where) {
  Body body;
  if (!body.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return fail("link.bad_answer", "an answer cannot be decoded as " + body.GetTypeName(), where);
  }
  return body;
}

}  // namespace assay::link
