#include "base/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace assay {
namespace {

std::atomic<int> g_signal{0};
int g_pipe[2] = {-1, -1};

extern "C" void on_signal(int number) {
  int expected = 0;
  if (!g_signal.compare_exchange_strong(expected, number)) _exit(128 + number);
  const char byte = 0;
  [[maybe_unused]] auto written = write(g_pipe[1], &byte, 1);
}

}  // namespace

void install_interrupt_handlers() {
  if (g_pipe[0] < 0 && pipe2(g_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int interrupted() { return g_signal.load(); }
int interrupt_fd() { return g_pipe[0]; }
Error interruption() {
  return Error{"base.interrupted",
               interrupted() == SIGTERM ? "terminated by SIGTERM" : "interrupted by Ctrl-C", "", ""};
}

}  // namespace assay
