#include "link/lossy_stream.h"

#include <deque>
#include <thread>
#include <vector>

namespace assay::sim {
namespace {

using Bytes = std::vector<uint8_t>;

// Cuts a byte stream in frames with their delimiters.
std::vector<Bytes> split(Bytes& buffer) {
  std::vector<Bytes> frames;
  size_t begin = 0;
  for (size_t i = 0; i < buffer.size(); ++i) {
    if (buffer[i] != 0 || i == begin) continue;
    frames.emplace_back(buffer.begin() + static_cast<std::ptrdiff_t>(begin),
                        buffer.begin() + static_cast<std::ptrdiff_t>(i + 1));
    begin = i + 1;
  }
  buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(begin));
  return frames;
}

// One direction: held-back frames come out after later ones.
class Direction {
 public:
  Direction(const Faults& faults, std::mt19937& random) : faults_(faults), random_(random) {}

  std::vector<Bytes> pass(std::span<const uint8_t> bytes) {
    partial_.insert(partial_.end(), bytes.begin(), bytes.end());
    std::vector<Bytes> out;
    for (Bytes& frame : split(partial_)) {
      if (chance(faults_.drop)) continue;
      if (chance(faults_.flip)) frame[below(frame.size())] ^= static_cast<uint8_t>(1u << below(8));
      if (chance(faults_.lose_byte))
        frame.erase(frame.begin() + static_cast<std::ptrdiff_t>(below(frame.size())));
      if (chance(faults_.noise)) out.push_back(noise());
      if (chance(faults_.reorder)) {
        held_.push_back(frame);
        continue;
      }
      if (chance(faults_.duplicate)) out.push_back(frame);
      out.push_back(std::move(frame));
      if (!held_.empty() && chance(0.3)) {
        out.push_back(held_.front());
        held_.pop_front();
      }
    }
    return out;
  }

 private:
  bool chance(double p) { return std::uniform_real_distribution<>(0, 1)(random_) < p; }
  size_t below(size_t n) { return n ? std::uniform_int_distribution<size_t>(0, n - 1)(random_) : 0; }
  Bytes noise() {
    Bytes bytes(1 + below(40));
    for (auto& byte : bytes) byte = static_cast<uint8_t>(below(256));
    return bytes;
  }

  const Faults& faults_;
  std::mt19937& random_;
  Bytes partial_;
  std::deque<Bytes> held_;
};

class LossyStream : public link::ByteStream {
 public:
  LossyStream(SimulatedBoard& board, Faults faults, uint32_t seed, std::chrono::nanoseconds* waited)
      : board_(board),
        faults_(faults),
        random_(seed),
        waited_(waited),
        up_(faults_, random_),
        down_(faults_, random_) {
    board_.before_run([this] {
      if (chance(faults_.reset_in_run)) SimulatedBoard::die();
    });
  }
  ~LossyStream() override { board_.before_run(nullptr); }

  Status write(std::span<const uint8_t> bytes, Deadline) override {
    for (const Bytes& frame : up_.pass(bytes)) {
      if (chance(faults_.reset)) board_.reset();
      board_.receive(frame);
      take_sent();
    }
    return {};
  }

  Result<size_t> read(std::span<uint8_t> into, Deadline deadline) override {
    take_sent();  // what the firmware says unasked
    if (to_host_.empty()) {
      const auto asked = deadline.time() - std::chrono::steady_clock::now();
      if (waited_ && asked.count() > 0) *waited_ += asked;
      std::this_thread::sleep_until(deadline.time());  // nothing moves while the host waits
    }
    const size_t count = std::min(into.size(), to_host_.size());
    std::copy_n(to_host_.begin(), count, into.begin());
    to_host_.erase(to_host_.begin(), to_host_.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }

  std::string name() const override { return "simulated"; }

 private:
  void take_sent() {
    for (const Bytes& sent : down_.pass(board_.take_sent()))
      to_host_.insert(to_host_.end(), sent.begin(), sent.end());
  }
  bool chance(double p) { return p > 0 && std::uniform_real_distribution<>(0, 1)(random_) < p; }

  SimulatedBoard& board_;
  Faults faults_;
  std::mt19937 random_;
  std::chrono::nanoseconds* waited_;
  Direction up_, down_;
  std::deque<uint8_t> to_host_;
};

}  // namespace

std::unique_ptr<link::ByteStream> lossy_stream(SimulatedBoard& board, Faults faults, uint32_t seed,
                                               std::chrono::nanoseconds* waited) {
  return std::make_unique<LossyStream>(board, faults, seed, waited);
}

}  // namespace assay::sim
