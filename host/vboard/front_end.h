// A way for debug tools to reach a virtual board: a listening socket of one protocol over MemoryPort.
//
// To add one (remote_bitbang, pyOCD's remote probe): implement this and name it where Unit makes its front
// ends.
#pragma once

#include <poll.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace assay::vboard {

class FrontEnd {
 public:
  virtual ~FrontEnd() = default;
  // Appends what to wait for.
  virtual void add_waits(std::vector<pollfd>& waits) const = 0;
  // Serves what is ready, without blocking. Errors end the board; a bad client only loses its connection.
  virtual Status serve() = 0;
  virtual bool has_client() const = 0;
};

}  // namespace assay::vboard
