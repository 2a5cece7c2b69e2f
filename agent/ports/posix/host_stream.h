// The serial line of an agent that is a process: two file descriptors, or one unix socket with one client.
//
// A closed peer is a pulled plug: the process has nothing left to serve and ends with exit code 0.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace assay::ports {

class HostStream {
 public:
  // Takes two open descriptors, which may be the same one.
  void attach(int in, int out);
  // Binds `path` (an old socket there is replaced), prints "listening <path>" on stdout, waits for one
  // client. False, with the reason on stderr, when the path cannot be bound.
  bool listen_unix(const char* path);

  // Bytes read, 0 when none wait; never blocks.
  size_t read(uint8_t* to, size_t room);
  void write(const uint8_t* bytes, size_t count);
  // Until bytes wait, at most timeout_ms.
  void wait(int timeout_ms) const;

  int in() const { return in_; }
  int out() const { return out_; }

 private:
  int in_ = -1;
  int out_ = -1;
};

}  // namespace assay::ports
