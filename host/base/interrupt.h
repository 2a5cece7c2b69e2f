// Ctrl-C, SIGTERM and a closed terminal as a flag that every bounded wait looks at.
//
// install_interrupt_handlers() once in main; long loops ask interrupted() and return interruption(). A second
// Ctrl-C or SIGTERM within the clean-up ends the process at once (children die with it: see subprocess.h).
// Work that cannot look at the flag and leaves nothing behind when it is cut off (preparing, judging) stands
// in an EndAtOnce scope.
#pragma once

#include <string>

#include "base/result.h"

namespace assay {

// SIGINT, SIGTERM, SIGHUP (unless it is ignored, as under nohup: then it stays so). SIGPIPE is ignored.
void install_interrupt_handlers();
// 0, or SIGINT or SIGTERM, whichever arrived first; SIGHUP counts as SIGTERM.
int interrupted();
// A file descriptor that becomes readable when a signal arrives, for poll(); -1 before installation.
int interrupt_fd();
// The error to return: base.interrupted.
Error interruption();

// As long as it lives, the first signal ends the process with 128 + its number. `words` go to stderr then. No
// two at a time.
class EndAtOnce {
 public:
  explicit EndAtOnce(std::string words);
  ~EndAtOnce();
  EndAtOnce(const EndAtOnce&) = delete;
  EndAtOnce& operator=(const EndAtOnce&) = delete;

 private:
  std::string words_;
};

}  // namespace assay
