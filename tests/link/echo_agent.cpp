// The simulated board as a process on its standard input and output, for tests of pipe streams.
#include <poll.h>
#include <unistd.h>

#include "link/simulated_board.h"

int main() {
  assay::sim::SimulatedBoard board;
  for (;;) {
    uint8_t bytes[512];
    const ssize_t got = read(0, bytes, sizeof bytes);
    if (got <= 0) return 0;
    board.receive({bytes, static_cast<size_t>(got)});
    const auto answer = board.take_sent();
    for (size_t at = 0; at < answer.size();) {
      const ssize_t sent = write(1, answer.data() + at, answer.size() - at);
      if (sent <= 0) return 1;
      at += static_cast<size_t>(sent);
    }
  }
}
