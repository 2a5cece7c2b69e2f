#include "base/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

namespace assay {
namespace {

std::atomic<int> g_signal{0};
std::atomic<bool> g_hung_up{false};
std::atomic<const char*> g_last_words{nullptr};  // not null: end at once
int g_pipe[2] = {-1, -1};

// Async-signal-safe calls only.
extern "C" void on_signal(int number) {
  const int error = errno;
  const int counted = number == SIGHUP ? SIGTERM : number;
  if (const char* words = g_last_words.load()) {
    [[maybe_unused]] auto written = write(STDERR_FILENO, words, strlen(words));
    _exit(128 + counted);
  }
  int expected = 0;
  if (g_signal.compare_exchange_strong(expected, counted)) {
    g_hung_up = number == SIGHUP;
    const char byte = 0;
    [[maybe_unused]] auto written = write(g_pipe[1], &byte, 1);
  } else if (number !=
             SIGHUP) {  // a closing terminal sends several signals: only a person's second one means hurry
    _exit(128 + counted);
  }
  errno = error;
}

}  // namespace

void install_interrupt_handlers() {
  if (g_pipe[0] < 0 && pipe2(g_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    const bool keep =
        number == SIGHUP && sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
    if (!keep) sigaction(number, &action, nullptr);
  }
  // Their calls fail instead, with words: a reader that left, a size limit.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

int interrupted() { return g_signal.load(); }
int interrupt_fd() { return g_pipe[0]; }
Error interruption() {
  if (interrupted() != SIGTERM) return Error{"base.interrupted", "interrupted by Ctrl-C", "", ""};
  return Error{"base.interrupted", g_hung_up ? "the terminal was closed" : "terminated by SIGTERM", "", ""};
}

EndAtOnce::EndAtOnce(std::string words) : words_(std::move(words)) { g_last_words = words_.c_str(); }
EndAtOnce::~EndAtOnce() { g_last_words = nullptr; }

}  // namespace assay
