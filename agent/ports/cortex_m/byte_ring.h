// Bytes from one interrupt handler to one reader, without locks. One place always stays free.
//
// Only the handler writes head, only the reader writes tail; on a single core the volatile order is enough. A
// full ring loses the byte and counts it: the host sees a bad frame and sends it again.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace assay::ports {

template <uint32_t kSize>
class ByteRing {
  static_assert((kSize & (kSize - 1)) == 0, "a power of two, so that wrapping is a mask");

 public:
  void put(uint8_t byte) {
    const uint32_t next = (head_ + 1) & (kSize - 1);
    if (next == tail_) {
      lost_ = lost_ + 1;
      return;
    }
    bytes_[head_] = byte;
    head_ = next;
  }
  size_t take(uint8_t* to, size_t room) {
    size_t count = 0;
    const uint32_t head = head_;
    uint32_t tail = tail_;
    while (count < room && tail != head) {
      to[count++] = bytes_[tail];
      tail = (tail + 1) & (kSize - 1);
    }
    tail_ = tail;
    return count;
  }
  bool empty() const { return head_ == tail_; }
  uint32_t lost() const { return lost_; }

 private:
  volatile uint32_t head_ = 0;
  volatile uint32_t tail_ = 0;
  volatile uint32_t lost_ = 0;
  volatile uint8_t bytes_[kSize] = {};
};

}  // namespace assay::ports
