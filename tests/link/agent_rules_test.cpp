// The agent's rules one by one, with frames written by hand: what a host that misbehaves, or a late frame,
// gets.
#include "assay.pb.h"
#include "base/digest.h"
#include "catch.h"
#include "link/frame.h"
#include "link/simulated_board.h"

using namespace assay;
using link::Frame;
using link::FrameKind;

namespace {

class Line {
 public:
  std::vector<Frame> send(const Frame& frame) { return send_bytes(link::encode_frame(frame)); }
  std::vector<Frame> send_bytes(const std::vector<uint8_t>& bytes) {
    board.receive(bytes);
    std::vector<Frame> frames;
    for (const uint8_t byte : board.take_sent()) {
      if (auto frame = decoder.feed(byte)) frames.push_back(*frame);
    }
    return frames;
  }
  void hello(uint32_t nonce) {
    wire::Hello hello;
    hello.set_nonce(nonce);
    hello.set_proto_min(1);
    hello.set_proto_max(1);
    const auto answer = send({FrameKind::kHello, 0, 0, 0, bytes(hello)});
    REQUIRE(answer.size() == 1);
    REQUIRE(answer[0].kind == FrameKind::kBoard);
    session = answer[0].session;
  }
  std::vector<Frame> request(wire::Message message, uint16_t id, const google::protobuf::Message& body) {
    return send({FrameKind::kReq, static_cast<uint8_t>(message), session, id, bytes(body)});
  }
  std::vector<Frame> data(uint32_t offset, size_t size, uint8_t transfer = 1) {
    return send({FrameKind::kData, 0, session, offset << 8 | transfer, std::vector<uint8_t>(size, 7)});
  }
  static std::vector<uint8_t> bytes(const google::protobuf::Message& body) {
    const std::string text = body.SerializeAsString();
    return {text.begin(), text.end()};
  }
  static wire::Open open() {
    wire::Open body;
    body.set_transfer(1);
    body.set_bytes(sim::kInputBytes);
    return body;
  }

  sim::SimulatedBoard board;
  link::FrameDecoder decoder{256};
  uint16_t session = 0;
};

uint32_t status_of(const std::vector<Frame>& answer) {
  REQUIRE(answer.size() >= 1);
  REQUIRE(answer[0].kind == FrameKind::kResp);
  return answer[0].word >> 16;
}

}  // namespace

TEST_CASE("agent: DATA is taken in order only, and a gap repeats the ACK") {
  Line line;
  line.hello(5);
  REQUIRE(status_of(line.request(wire::MESSAGE_OPEN, 1, Line::open())) == wire::STATUS_OK);
  auto acks = line.data(256, 256);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].kind == FrameKind::kAck);
  CHECK(acks[0].word == (0u << 8 | 1));
  CHECK(line.data(0, 256)[0].word == (256u << 8 | 1));
  CHECK(line.data(0, 256)[0].word == (256u << 8 | 1));  // a duplicate moves nothing
  CHECK(line.data(512, 88)[0].word == (256u << 8 | 1));
  CHECK(line.data(256, 256)[0].word == (512u << 8 | 1));
  CHECK(line.data(512, 89)[0].word == (512u << 8 | 1));  // beyond the tensor
  CHECK(line.data(512, 88, 2).empty());                  // another transfer
  CHECK(line.data(512, 88)[0].word == (600u << 8 | 1));
}

TEST_CASE("agent: a broken frame during an upload asks for the missing bytes") {
  Line line;
  line.hello(5);
  line.request(wire::MESSAGE_OPEN, 1, Line::open());
  auto broken = link::encode_frame({FrameKind::kData, 0, line.session, 1, std::vector<uint8_t>(100, 7)});
  broken[40] ^= 0x10;
  const auto answer = line.send_bytes(broken);
  REQUIRE(answer.size() == 1);
  CHECK(answer[0].kind == FrameKind::kAck);
  CHECK(answer[0].word == 1);
}

TEST_CASE("agent: the last answer is repeated, older requests are dropped, ids wrap") {
  Line line;
  line.hello(5);
  wire::Invoke invoke;
  const auto first = line.request(wire::MESSAGE_INVOKE, 0xFFFF, invoke);
  REQUIRE(first.size() == 2);  // accepted, DONE
  CHECK(line.board.executions() == 1);
  const auto again = line.request(wire::MESSAGE_INVOKE, 0xFFFF, invoke);
  REQUIRE(again.size() == 1);
  CHECK(again[0] == first[0]);
  CHECK(line.board.executions() == 1);
  CHECK(line.request(wire::MESSAGE_INVOKE, 0xFFFE, invoke).empty());
  CHECK(line.board.executions() == 1);
  CHECK(line.request(wire::MESSAGE_INVOKE, 0, invoke).size() == 2);
  CHECK(line.board.executions() == 2);
}

TEST_CASE("agent: a frame of another session gets ERR and changes nothing") {
  Line line;
  wire::Invoke invoke;
  const auto early = line.request(wire::MESSAGE_INVOKE, 1, invoke);
  REQUIRE(early.size() == 1);
  CHECK(early[0].kind == FrameKind::kErr);
  CHECK(early[0].detail == 1);
  line.hello(5);
  const uint16_t mine = line.session;
  line.session ^= 0x0101;
  const auto foreign = line.request(wire::MESSAGE_INVOKE, 1, invoke);
  REQUIRE(foreign.size() == 1);
  CHECK(foreign[0].kind == FrameKind::kErr);
  CHECK(foreign[0].detail == 2);
  CHECK(foreign[0].session == mine);
  CHECK(foreign[0].word == line.session);
  CHECK(foreign[0].payload == std::vector<uint8_t>{0x00, 0x10, 0, 0});
  CHECK(line.board.executions() == 0);
}

TEST_CASE("agent: the same nonce keeps the session, another one ends transfers and results") {
  Line line;
  line.hello(5);
  const uint16_t mine = line.session;
  line.request(wire::MESSAGE_OPEN, 1, Line::open());
  line.hello(5);
  CHECK(line.session == mine);
  CHECK(line.data(0, 256)[0].word == (256u << 8 | 1));
  line.hello(6);
  CHECK(line.session != mine);
  CHECK(line.data(256, 256).empty());
}

TEST_CASE("agent: Invoke runs only on the input that its CRC names") {
  Line line;
  line.hello(5);
  line.request(wire::MESSAGE_OPEN, 1, Line::open());
  wire::Invoke invoke;
  invoke.set_transfer(2);
  CHECK(status_of(line.request(wire::MESSAGE_INVOKE, 2, invoke)) == wire::STATUS_NOT_OPEN);
  invoke.set_transfer(1);
  line.data(0, 256);
  CHECK(status_of(line.request(wire::MESSAGE_INVOKE, 3, invoke)) == wire::STATUS_INCOMPLETE);
  line.data(256, 256);
  line.data(512, 88);
  CHECK(status_of(line.request(wire::MESSAGE_INVOKE, 4, invoke)) == wire::STATUS_BAD_CRC);
  CHECK(line.board.executions() == 0);
  invoke.set_crc32(crc32_of(std::vector<uint8_t>(sim::kInputBytes, 7)));
  CHECK(status_of(line.request(wire::MESSAGE_INVOKE, 5, invoke)) == wire::STATUS_OK);
  CHECK(line.board.executions() == 1);
}

TEST_CASE("agent: unknown and undecodable requests are refused by name") {
  Line line;
  line.hello(5);
  CHECK(status_of(line.send({FrameKind::kReq, 200, line.session, 1, {}})) == wire::STATUS_UNKNOWN_MESSAGE);
  CHECK(status_of(line.send({FrameKind::kReq, wire::MESSAGE_OPEN, line.session, 2, {0x08}})) ==
        wire::STATUS_BAD_MESSAGE);
  wire::Read read;
  read.set_offset(200);
  read.set_bytes(101);
  CHECK(status_of(line.request(wire::MESSAGE_READ, 3, read)) == wire::STATUS_LIMIT);
  read.set_bytes(0xFFFFFFFF);
  CHECK(status_of(line.request(wire::MESSAGE_READ, 4, read)) == wire::STATUS_LIMIT);
}
