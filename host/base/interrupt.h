// Ctrl-C and SIGTERM as a flag that every bounded wait looks at.
//
// install_interrupt_handlers() once in main; long loops ask interrupted() and return interruption(). A second
// signal within the clean-up ends the process at once (children die with it: see subprocess.h).
#pragma once

#include "base/result.h"

namespace assay {

void install_interrupt_handlers();
// 0, or the signal number (SIGINT, SIGTERM) that arrived first.
int interrupted();
// A file descriptor that becomes readable when a signal arrives, for poll(); -1 before installation.
int interrupt_fd();
// The error to return: base.interrupted.
Error interruption();

}  // namespace assay
