// A point in time by which a wait must end. Every wait in Assay has one.
#pragma once

#include <algorithm>
#include <chrono>

namespace assay {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  static Deadline in(std::chrono::nanoseconds duration) { return Deadline(Clock::now() + duration); }
  explicit Deadline(Clock::time_point end) : end_(end) {}

  bool passed() const { return Clock::now() >= end_; }
  Clock::time_point time() const { return end_; }
  // Never negative.
  std::chrono::milliseconds left() const {
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now()));
  }

 private:
  Clock::time_point end_;
};

}  // namespace assay
