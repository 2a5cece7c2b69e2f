// An agent that misbehaves: the real one behind a stream that rewrites its frames, or sends without end.
// Whatever comes, the host ends soon with a stable code; nothing is allocated from a number on the wire,
// nothing hangs.
#include <deque>
#include <thread>

#include "assay.pb.h"
#include "bad_input_record.h"
#include "catch.h"
#include "link/byte_stream.h"
#include "link/frame.h"
#include "link/session.h"
#include "link/simulated_board.h"

using namespace assay;
using namespace std::chrono_literals;
using link::Frame;
using link::FrameKind;
using Bytes = std::vector<uint8_t>;

namespace {

struct Mischief {
  // What the host gets for a frame of the agent; null: the frame.
  std::function<Bytes(Frame)> rewrite;
  // What the host gets whenever nothing else waits, for ever; null: silence. The frame is the agent's last
  // one.
  std::function<Bytes(const Frame&)> flood;
};

class HostileStream : public link::ByteStream {
 public:
  explicit HostileStream(Mischief mischief) : mischief_(std::move(mischief)) {}

  Status write(std::span<const uint8_t> bytes, Deadline) override {
    board_.receive(bytes);
    for (const uint8_t byte : board_.take_sent()) {
      const auto frame = decoder_.feed(byte);
      if (!frame) continue;
      last_ = *frame;
      const Bytes line = mischief_.rewrite ? mischief_.rewrite(*frame) : link::encode_frame(*frame);
      to_host_.insert(to_host_.end(), line.begin(), line.end());
    }
    return {};
  }

  Result<size_t> read(std::span<uint8_t> into, Deadline deadline) override {
    if (to_host_.empty() && mischief_.flood && last_) {
      const Bytes more = mischief_.flood(*last_);
      to_host_.assign(more.begin(), more.end());
    }
    if (to_host_.empty()) std::this_thread::sleep_until(deadline.time());
    const size_t count = std::min(into.size(), to_host_.size());
    std::copy_n(to_host_.begin(), count, into.begin());
    to_host_.erase(to_host_.begin(), to_host_.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }

  std::string name() const override { return "hostile"; }

 private:
  Mischief mischief_;
  sim::SimulatedBoard board_;
  link::FrameDecoder decoder_{4096};
  std::optional<Frame> last_;
  std::deque<uint8_t> to_host_;
};

// Everything a run asks of a session, in its order; the first error.
Error error_of(Mischief mischief) {
  link::LinkOptions options;
  options.retry_first = 2ms;
  options.line_bytes_per_ms = 1000;
  options.rto_min = 2ms;
  options.poll_first = 5ms;
  const auto all = [&]() -> Status {
    ASSAY_TRY(auto session,
              link::Session::connect(std::make_unique<HostileStream>(std::move(mischief)), options));
    ASSAY_CHECK(session.models());
    const Bytes input(sim::kInputBytes, 7);
    const std::span<const uint8_t> inputs[] = {input};
    ASSAY_CHECK(session.infer(0, inputs, {.ops = true, .timeout = 300ms}));
    ASSAY_CHECK(session.op_records());
    ASSAY_CHECK(session.memory(0));
    return {};
  };
  const Status ended = all();
  REQUIRE_FALSE(ended);
  return ended.error();
}

Bytes payload_of(const google::protobuf::Message& body) {
  const std::string text = body.SerializeAsString();
  return {text.begin(), text.end()};
}

// Rewrites the message in frames of one kind and number with `change`.
template <class Body, class Change>
Mischief in_message(FrameKind kind, int detail, Change change) {
  return {[=](Frame frame) {
            if (frame.kind == kind && (detail < 0 || frame.detail == detail)) {
              Body body;
              REQUIRE(body.ParseFromArray(frame.payload.data(), static_cast<int>(frame.payload.size())));
              change(body, frame);
              frame.payload = payload_of(body);
            }
            return link::encode_frame(frame);
          },
          nullptr};
}

template <class Change>
Mischief in_frame(FrameKind kind, int detail, Change change) {
  return {[=](Frame frame) {
            if (frame.kind == kind && (detail < 0 || frame.detail == detail)) return change(frame);
            return link::encode_frame(frame);
          },
          nullptr};
}

template <class Change>
Mischief in_board(Change change) {
  return in_message<wire::Board>(FrameKind::kBoard, -1, [=](wire::Board& board, Frame&) { change(board); });
}

Bytes nothing(const Frame&) { return {}; }

Bytes log_frame(const Frame& last, uint16_t number) {
  wire::Log log;
  log.set_level(2);
  log.set_text("still alive");
  return link::encode_frame({FrameKind::kEvt, wire::MESSAGE_LOG, last.session, number, payload_of(log)});
}

struct Case {
  const char *name, *code, *words;
  Mischief mischief;
};

void check(std::vector<Case> cases) {
  for (Case& c : cases) {
    CAPTURE(c.name);
    const auto begin = std::chrono::steady_clock::now();
    const Error error = error_of(std::move(c.mischief));
    INFO(error.text());
    CHECK(error.code == c.code);
    CHECK_THAT(error.message, Catch::Contains(c.words));
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    tests::record_bad_input("wire", c.name, error);
  }
}

}  // namespace

TEST_CASE("a BOARD that cannot be is refused") {
  check({
      {"a newer agent", "link.protocol_version", "version 9, this program 1",
       in_board([](wire::Board& b) { b.set_proto(9); })},
      {"frames of four gigabytes", "link.limit", "mtu 4294967295",
       in_board([](wire::Board& b) { b.set_mtu(0xFFFFFFFF); })},
      {"frames of no bytes", "link.limit", "mtu 0", in_board([](wire::Board& b) { b.set_mtu(0); })},
      {"four billion models", "link.limit", "4294967295 models",
       in_board([](wire::Board& b) { b.set_model_count(0xFFFFFFFF); })},
      {"a BOARD of noise", "link.bad_answer", "BOARD",
       in_frame(FrameKind::kBoard, -1,
                [](Frame f) {
                  f.payload.assign(60, 0xFF);
                  return link::encode_frame(f);
                })},
      {"a board name that is not UTF-8", "link.bad_answer", "BOARD",
       in_frame(FrameKind::kBoard, -1,
                [](Frame f) {
                  f.payload = {7 << 3 | 2, 2, 0xC3, 0x28};
                  return link::encode_frame(f);
                })},
      {"a BOARD for another session", "link.no_answer", "no BOARD",
       in_frame(FrameKind::kBoard, -1,
                [](Frame f) {
                  f.session ^= 0x5555;
                  return link::encode_frame(f);
                })},
  });
}

TEST_CASE("bytes that are no frames end in no answer, also without end") {
  check({
      {"half of each frame",
       "link.no_answer",
       "no BOARD",
       {[](const Frame& f) {
          Bytes line = link::encode_frame(f);
          line.resize(line.size() / 2);
          return line;
        },
        nullptr}},
      {"garbage without end, no delimiter",
       "link.no_answer",
       "no BOARD",
       {nothing, [](const Frame&) { return Bytes(4096, 0x55); }}},
      {"garbage without end, with delimiters",
       "link.no_answer",
       "no BOARD",
       {nothing,
        [](const Frame&) {
          Bytes noise;
          for (int i = 0; i < 4096; ++i) noise.push_back(static_cast<uint8_t>(i * 7 % 251 == 3 ? 0 : i * 31));
          return noise;
        }}},
      {"zeros without end",
       "link.no_answer",
       "no BOARD",
       {nothing, [](const Frame&) { return Bytes(4096, 0); }}},
      {"frames of another framing version",
       "link.no_answer",
       "no BOARD",
       {[](const Frame& f) {
          Bytes line = link::encode_frame(f);
          line[2] ^= 0xC0;
          return line;
        },
        nullptr}},
  });
}

TEST_CASE("answers to something else are no answers") {
  check({
      {"answers with the next sequence number", "link.no_answer", "no answer to MESSAGE_MODEL_INFO",
       in_frame(FrameKind::kResp, -1,
                [](Frame f) {
                  ++f.word;
                  return link::encode_frame(f);
                })},
      {"answers to another message", "link.no_answer", "no answer to MESSAGE_MODEL_INFO",
       in_frame(FrameKind::kResp, -1,
                [](Frame f) {
                  f.detail = wire::MESSAGE_MEMORY;
                  return link::encode_frame(f);
                })},
      {"log lines without end",
       "link.no_answer",
       "no answer",
       {[](const Frame& f) { return f.kind == FrameKind::kResp ? Bytes() : link::encode_frame(f); },
        [n = uint16_t{0}](const Frame& f) mutable { return log_frame(f, ++n); }}},
      {"wrong answers without end",
       "link.no_answer",
       "no answer",
       {[](const Frame& f) { return f.kind == FrameKind::kResp ? Bytes() : link::encode_frame(f); },
        [](Frame f) {
          f.word += 77;
          return link::encode_frame(f);
        }}},
      {"an unknown status", "link.refused", "status 99",
       in_frame(FrameKind::kResp, wire::MESSAGE_MODEL_INFO,
                [](Frame f) {
                  f.word = (f.word & 0xFFFF) | 99u << 16;
                  return link::encode_frame(f);
                })},
  });
}

TEST_CASE("huge lengths and impossible tensors are refused before anything is allocated") {
  const auto in_model = [](auto change) {
    return in_message<wire::ModelInfo>(FrameKind::kResp, wire::MESSAGE_MODEL_INFO,
                                       [=](wire::ModelInfo& m, Frame&) { change(m); });
  };
  const auto in_tensor = [](auto change) {
    return in_message<wire::Tensor>(FrameKind::kResp, wire::MESSAGE_TENSOR,
                                    [=](wire::Tensor& t, Frame&) { change(t); });
  };
  check({
      {"four billion inputs", "link.limit", "4294967295 inputs",
       in_model([](auto& m) { m.set_input_count(0xFFFFFFFF); })},
      {"four billion operators", "link.limit", "4294967295 operators",
       in_model([](auto& m) { m.set_op_count(0xFFFFFFFF); })},
      {"a tensor of four gigabytes", "link.limit", "4294967295 bytes",
       in_tensor([](auto& t) { t.set_bytes(0xFFFFFFFF); })},
      {"dimensions whose product overflows", "link.limit", "cannot be", in_tensor([](auto& t) {
         t.clear_dims();
         for (int i = 0; i < 6; ++i) t.add_dims(0xFFFFFFFF);
       })},
      {"a tensor of eleven dimensions", "link.limit", "cannot be", in_tensor([](auto& t) {
         for (int i = 0; i < 9; ++i) t.add_dims(1);
       })},
      {"an element type that does not exist", "link.limit", "type 200",
       in_tensor([](auto& t) { t.set_type(200); })},
      {"a size that is not the shape's", "link.bad_tensor", "do not agree",
       in_tensor([](auto& t) { t.set_bytes(t.bytes() - 1); })},
  });
}

TEST_CASE("an inference that never ends, or ends as something else, is given up in time") {
  const auto in_done = [](auto change) {
    return in_message<wire::Done>(FrameKind::kEvt, wire::MESSAGE_DONE,
                                  [=](wire::Done& d, Frame&) { change(d); });
  };
  check({
      {"no DONE and no Result",
       "link.run_timeout",
       "did not end in time",
       {[](const Frame& f) {
          const bool gone = f.kind == FrameKind::kEvt || f.kind == FrameKind::kData ||
                            (f.kind == FrameKind::kResp && f.detail == wire::MESSAGE_RESULT);
          return gone ? Bytes() : link::encode_frame(f);
        },
        nullptr}},
      {"no DONE but log lines without end",
       "link.run_timeout",
       "did not end in time",
       {[](const Frame& f) {
          const bool gone = f.kind == FrameKind::kEvt || f.kind == FrameKind::kData ||
                            (f.kind == FrameKind::kResp && f.detail == wire::MESSAGE_RESULT);
          return gone ? Bytes() : link::encode_frame(f);
        },
        [n = uint16_t{0}](const Frame& f) mutable {
          return f.kind == FrameKind::kEvt || f.detail == wire::MESSAGE_RESULT ? log_frame(f, ++n) : Bytes();
        }}},
      {"DONE of a status that does not exist", "link.bad_answer", "status 77",
       in_done([](auto& d) { d.set_status(static_cast<wire::Status>(77)); })},
      {"DONE with an engine error", "link.engine_error", "code -5", in_done([](auto& d) {
         d.set_status(wire::STATUS_ENGINE);
         d.set_engine_code(-5);
       })},
      {"outputs that lie beyond their end", "link.no_answer", "stays incomplete",
       in_frame(FrameKind::kData, -1,
                [](Frame f) {
                  f.word = 0xFFFFFF00 | (f.word & 0xFF);
                  return link::encode_frame(f);
                })},
      {"useless data without end instead of the outputs",
       "link.no_answer",
       "stays incomplete",
       {[](const Frame& f) { return f.kind == FrameKind::kData ? Bytes() : link::encode_frame(f); },
        [](Frame f) {
          if (f.kind != FrameKind::kData) return Bytes();
          f.payload.clear();
          return link::encode_frame(f);
        }}},
      {"an error of another boot", "link.target_reset", "was reset",
       in_frame(FrameKind::kEvt, wire::MESSAGE_DONE,
                [](const Frame& f) {
                  return link::encode_frame({FrameKind::kErr, 1, f.session, f.session, {1, 2, 3, 4}});
                })},
  });
}

TEST_CASE("measurements that cannot be are refused") {
  const auto in_page = [](auto change) {
    return in_message<wire::OpPage>(FrameKind::kResp, wire::MESSAGE_OP_PAGE,
                                    [=](wire::OpPage& p, Frame&) { change(p); });
  };
  check({
      {"four billion operator records", "link.bad_answer", "a page of operators",
       in_page([](auto& p) { p.set_total(0xFFFFFFFF); })},
      {"an empty page of a table that is not", "link.bad_answer", "0 times",
       in_page([](auto& p) { p.clear_ticks(); })},
      {"times without counts", "link.bad_answer", "0 counts", in_page([](auto& p) { p.clear_calls(); })},
      {"a refused memory request", "link.refused", "MEMORY: ABSENT",
       in_frame(FrameKind::kResp, wire::MESSAGE_MEMORY,
                [](Frame f) {
                  f.word = (f.word & 0xFFFF) | wire::STATUS_ABSENT << 16;
                  return link::encode_frame(f);
                })},
  });
}
