#include <signal.h>

#include <numeric>

#include "catch.h"
#include "link/session.h"
#include "link/simulated_board.h"
#include "link/streams.h"

using namespace assay;
using namespace std::chrono_literals;

TEST_CASE("an agent in another process is reached through pipes, and its end is an error") {
  auto process = Subprocess::start({.argv = {ASSAY_BIN_DIR "/assay_echo_agent"},
                                    .in = Pipe::kPipe,
                                    .out = Pipe::kPipe,
                                    .err = Pipe::kInherit});
  REQUIRE(process);
  const pid_t pid = process->pid();
  auto session = link::Session::connect(link::pipe_stream(std::move(*process), "echo agent"));
  REQUIRE(session);
  CHECK(session->board().board == "simulated");
  std::vector<uint8_t> input(sim::kInputBytes);
  std::iota(input.begin(), input.end(), 0);
  const std::span<const uint8_t> inputs[] = {input};
  auto inference = session->infer(0, inputs);
  REQUIRE(inference);
  CHECK(inference->outputs[0] == sim::SimulatedBoard::expected_output(input));
  kill(pid, SIGKILL);
  auto after = session->infer(0, inputs);
  REQUIRE_FALSE(after);
  CHECK(after.error().code == "link.lost");
}
