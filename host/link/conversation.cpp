#include "link/conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "base/digest.h"
#include "base/interrupt.h"
#include "protocol/bounds.h"

namespace assay::link {
namespace {

using namespace std::chrono_literals;

constexpr uint8_t kErrNoSession = 1;
constexpr uint32_t kMaxModels = 64;
constexpr int kHellos = 3;
constexpr size_t kKeptRoundTrips = 4096;
constexpr auto kWriteTime = std::chrono::seconds(10);

std::vector<uint8_t> bytes_of(const google::protobuf::Message& body) {
  std::vector<uint8_t> bytes(body.ByteSizeLong());
  body.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

uint32_t get32(const std::vector<uint8_t>& from) {
  return from[0] | from[1] << 8 | from[2] << 16 | static_cast<uint32_t>(from[3]) << 24;
}

uint16_t session_for(uint32_t nonce, uint32_t boot_id) {
  uint8_t key[8];
  for (int i = 0; i < 4; ++i) {
    key[i] = static_cast<uint8_t>(nonce >> (8 * i));
    key[4 + i] = static_cast<uint8_t>(boot_id >> (8 * i));
  }
  const auto session = static_cast<uint16_t>(crc32_of(key));
  return session ? session : 1;
}

uint32_t new_nonce() {
  std::random_device source;
  return source() | 1u;  // never 0, which proto3 would leave out
}

}  // namespace

std::string_view reset_cause_name(uint32_t cause) {
  constexpr std::string_view kNames[] = {"unknown", "power", "pin", "software", "watchdog", "fault"};
  return kNames[cause < std::size(kNames) ? cause : 0];
}

std::string status_name(wire::Status status) {
  const std::string& name = wire::Status_Name(status);
  return name.empty() ? fmt::format("status {}", static_cast<int>(status))
                      : name.substr(sizeof "STATUS_" - 1);
}

Error refusal(wire::Message message, wire::Status status, const std::string& where) {
  return Error{status == wire::STATUS_LIMIT ? "link.limit" : "link.refused",
               fmt::format("the agent refused {}: {}", wire::Message_Name(message), status_name(status)),
               where, ""};
}

Conversation::Conversation(std::unique_ptr<ByteStream> stream, LinkOptions options)
    : stream_(std::move(stream)), options_(std::move(options)), decoder_(ASSAY_MTU_MAX) {
  options_.retry_first = std::max(1ms, scaled(options_.retry_first));
  // What a damaged agent sends is an error of this session, not a line of the library's on stderr.
  google::protobuf::SetLogHandler(nullptr);
}

std::chrono::milliseconds Conversation::scaled(std::chrono::milliseconds limit) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(limit * options_.timeout_multiplier);
}

tl::unexpected<Error> Conversation::end(Error error) {
  if (error.code == "link.target_reset") ++stats_.resets;
  ended_ = error;
  return fail(std::move(error));
}

Status Conversation::send(FrameKind kind, uint8_t detail, uint32_t word, std::span<const uint8_t> payload) {
  if (ended_) return fail(*ended_);
  const Frame frame{kind, detail, session_, word, {payload.begin(), payload.end()}};
  const auto line = encode_frame(frame);
  ++stats_.frames_sent;
  stats_.bytes_up += static_cast<int64_t>(line.size());
  return stream_->write(line, Deadline::in(kWriteTime));
}

Result<std::optional<Frame>> Conversation::read_frame(Deadline deadline) {
  for (;;) {
    while (pending_at_ < pending_.size()) {
      auto frame = decoder_.feed(pending_[pending_at_++]);
      if (frame) {
        ++stats_.frames_received;
        return frame;
      }
    }
    if (interrupted()) return fail(interruption());
    // What waits when the deadline passes is taken once; an agent that sends without end does not outlive it.
    if (deadline.passed() && std::exchange(late_read_, deadline.time()) == deadline.time())
      return std::optional<Frame>();
    pending_.resize(4096);
    auto got = stream_->read(pending_, deadline);
    pending_.resize(got ? *got : 0);
    pending_at_ = 0;
    if (!got) return fail(got.error());
    stats_.bytes_down += static_cast<int64_t>(*got);
    if (*got == 0) return std::optional<Frame>();
  }
}

void Conversation::take_event(const Frame& frame) {
  const auto seq = static_cast<uint16_t>(frame.word);
  stats_.dropped_events = event_gaps_ + static_cast<uint16_t>(frame.word >> 16);
  if (event_seq_) {
    const auto step = static_cast<int16_t>(seq - *event_seq_);
    if (step <= 0) return;  // a duplicate
    event_gaps_ += step - 1;
    stats_.dropped_events += step - 1;
  }
  event_seq_ = seq;
  if (frame.detail == wire::MESSAGE_LOG && options_.log) {
    wire::Log log;
    if (log.ParseFromArray(frame.payload.data(), static_cast<int>(frame.payload.size()))) {
      options_.log(static_cast<int>(log.level()), log.text());
    }
  }
}

tl::unexpected<Error> Conversation::end_by_reset(const std::string& words) {
  wire::Board board;
  const auto answer = hello_once(true, Deadline::in(options_.retry_first), board);
  const bool told = answer && *answer;
  const std::string cause =
      told ? fmt::format("; reset cause: {}", reset_cause_name(board.reset_cause())) : "";
  return end({"link.target_reset", words + cause, name(), ""});
}

// The device said that it no longer has this session. `told`: its BOARD, when that is how it said so.
Status Conversation::session_error(uint8_t reason, uint32_t boot_id, const wire::Board* told) {
  if (reason != kErrNoSession && boot_id == board_.boot_id())
    return end({"link.lost", "another host took the board over", name(), ""});
  const std::string words =
      fmt::format("the board was reset: boot id {:08x}, was {:08x}", boot_id, board_.boot_id());
  if (!told) return end_by_reset(words);
  return end({"link.target_reset",
              fmt::format("{}; reset cause: {}", words, reset_cause_name(told->reset_cause())), name(), ""});
}

Result<std::optional<Frame>> Conversation::next(Deadline deadline) {
  if (ended_) return fail(*ended_);
  for (;;) {
    ASSAY_TRY(auto frame, read_frame(deadline));
    if (!frame) return std::optional<Frame>();
    if (frame->kind == FrameKind::kErr && frame->word == session_ && frame->payload.size() == 4) {
      ASSAY_CHECK(session_error(frame->detail, get32(frame->payload)));
    }
    if (frame->session != session_) continue;
    switch (frame->kind) {
      case FrameKind::kEvt:
        take_event(*frame);
        if (frame->detail != wire::MESSAGE_DONE) continue;
        done.emplace();
        if (!done->ParseFromArray(frame->payload.data(), static_cast<int>(frame->payload.size()))) continue;
        return frame;
      case FrameKind::kData:
        if (on_data) on_data(*frame);
        return frame;
      case FrameKind::kResp:
      case FrameKind::kAck:
        return frame;
      default:
        continue;  // BOARD of an earlier HELLO
    }
  }
}

// The BOARD frame that answers, nullopt at the deadline.
Result<std::optional<Frame>> Conversation::hello_once(bool resume, Deadline deadline, wire::Board& board) {
  wire::Hello hello;
  hello.set_nonce(nonce_);
  hello.set_proto_min(ASSAY_PROTO_VERSION);
  hello.set_proto_max(ASSAY_PROTO_VERSION);
  hello.set_resume(resume ? 1 : 0);
  const uint16_t kept = std::exchange(session_, 0);
  auto sent = send(FrameKind::kHello, 0, 0, bytes_of(hello));
  session_ = kept;
  ASSAY_CHECK(std::move(sent));
  for (;;) {
    ASSAY_TRY(auto frame, read_frame(deadline));
    if (!frame) return std::optional<Frame>();
    // What the firmware says meanwhile is not lost; results of a run are asked for again.
    if (resume && frame->kind == FrameKind::kEvt && frame->session == session_ &&
        frame->detail == wire::MESSAGE_LOG)
      take_event(*frame);
    if (frame->kind != FrameKind::kBoard) continue;
    if (!board.ParseFromArray(frame->payload.data(), static_cast<int>(frame->payload.size()))) {
      return fail("link.bad_answer", "BOARD cannot be decoded", name());
    }
    if (board.proto() != ASSAY_PROTO_VERSION) {
      return fail("link.protocol_version",
                  fmt::format("the agent speaks protocol version {}, this program {}", board.proto(),
                              ASSAY_PROTO_VERSION),
                  name());
    }
    // A BOARD that answers another nonce (of a host before us) is stale, and so is one that resumes nothing.
    if (frame->session == session_for(nonce_, board.boot_id()) || (resume && frame->session == 0))
      return frame;
  }
}

Status Conversation::connect() {
  nonce_ = new_nonce();
  auto wait = options_.retry_first;
  for (int attempt = 0; attempt < options_.tries; ++attempt, wait *= 2) {
    const auto sent = std::chrono::steady_clock::now();
    if (attempt > 0) count_retry();
    ASSAY_TRY(const auto answer, hello_once(false, Deadline::in(wait), board_));
    if (!answer) continue;
    note_round_trip(sent);
    session_ = answer->session;
    if (board_.mtu() < ASSAY_MTU_MIN || board_.mtu() > ASSAY_MTU_MAX || board_.model_count() > kMaxModels) {
      return fail(
          "link.limit",
          fmt::format("BOARD is out of bounds: mtu {}, {} models", board_.mtu(), board_.model_count()),
          name());
    }
    return {};
  }
  return fail("link.no_answer", fmt::format("no BOARD after {} HELLOs", options_.tries), name());
}

Status Conversation::recover() {
  auto wait = options_.retry_first;
  for (int attempt = 0; attempt < kHellos; ++attempt, wait *= 2) {
    wire::Board board;
    count_retry();
    ASSAY_TRY(const auto answer, hello_once(true, Deadline::in(wait), board));
    if (!answer) continue;
    if (answer->session == session_) return {};
    return session_error(answer->detail, board.boot_id(), &board);
  }
  return fail("link.no_answer", "the board is silent", name());
}

Result<uint16_t> Conversation::post(wire::Message message, const google::protobuf::Message& body) {
  ++id_;
  last_request_ = bytes_of(body);
  last_request_.insert(last_request_.begin(), static_cast<uint8_t>(message));
  ASSAY_CHECK(repeat());
  return id_;
}

Status Conversation::repeat() {
  return send(FrameKind::kReq, last_request_[0], id_, std::span(last_request_).subspan(1));
}

Result<Reply> Conversation::request(wire::Message message, const google::protobuf::Message& body) {
  ASSAY_TRY(const uint16_t id, post(message, body));
  for (int round = 0; round < 2; ++round) {
    auto wait = options_.retry_first;
    for (int attempt = 0; attempt < options_.tries; ++attempt, wait *= 2) {
      const auto sent = std::chrono::steady_clock::now();
      const Deadline deadline = Deadline::in(wait);
      for (;;) {
        ASSAY_TRY(const auto frame, next(deadline));
        if (!frame) break;
        if (frame->kind != FrameKind::kResp || static_cast<uint16_t>(frame->word) != id ||
            frame->detail != message)
          continue;
        if (attempt == 0 && round == 0) note_round_trip(sent);
        return Reply{id, static_cast<wire::Status>(frame->word >> 16), frame->payload};
      }
      count_retry();
      if (attempt + 1 < options_.tries) ASSAY_CHECK(repeat());
    }
    if (round == 0) {
      ASSAY_CHECK(recover());
      ASSAY_CHECK(repeat());
    }
  }
  return fail("link.no_answer",
              fmt::format("no answer to {} after {} tries", wire::Message_Name(message), 2 * options_.tries),
              name());
}

void Conversation::note_round_trip(std::chrono::steady_clock::time_point sent) {
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - sent);
  round_trip_ = (round_trip_ * 7 + took) / 8;
  if (round_trips_us_.size() < kKeptRoundTrips) round_trips_us_.push_back(took.count());
}

LinkStats Conversation::stats() const {
  LinkStats stats = stats_;
  stats.crc_errors = decoder_.rejected();
  if (!round_trips_us_.empty()) {
    auto sorted = round_trips_us_;
    auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    stats.round_trip_median_us = static_cast<double>(*middle);
  }
  return stats;
}

}  // namespace assay::link
