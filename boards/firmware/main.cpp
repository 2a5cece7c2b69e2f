// The main program of every image built here: the agent, a board, and the models that the image presents.
//
// Nothing of a board is here: boards/board.h is what it provides, board_config.h is its board.toml. Nothing
// of an engine either: stock_models.cpp has the native engine and the plan that the host wrote into the model
// region, the examples of runners/ have theirs.
#include "agent/assay.h"
#include "board_config.h"
#include "boards/board.h"
#include "runners/firmware_models.h"

namespace assay::boards {
namespace {

// More operators than any plan of the MLPerf Tiny size has.
assay_op_record op_records[128];

assay_port make_port() {
  const Memory of = memory();
  const Extras has = extras();
  assay_port port = {
      .board = kBoardName,
      .core_clock_hz = core_clock_hz(),
      .tick_hz = kTickHz,
      .clock = kClockKind,
      .tick_numerator = kTickNumerator,
      .tick_denominator = kTickDenominator,
      .emulated = kEmulated,
      .reset_cause = reset_cause(),
      .boot_id = boot_id(),
      .tick = tick,
      .rx = rx,
      .tx = tx,
      .marker = has.marker,
      .link = has.link,
      .idle = has.idle,
      .reset = [] { reset(); },
      .stack_low = of.stack_low,
      .stack_high = of.stack_high,
      .static_bytes = of.static_bytes,
      .op_records = op_records,
      .op_record_count = sizeof op_records / sizeof *op_records,
      .rx_window = rx_window(),
  };
  build_id(port.build_id);
  unit_id(port.unit_id);
  return port;
}

// What the host should know of this boot.
void announce(const char* problem) {
  if (problem) assay_log(1, problem);
  char fault[96];
  if (last_fault(fault, sizeof fault)) assay_log(0, fault);
}

}  // namespace
}  // namespace assay::boards

int main(int argc, char** argv) {
  using namespace assay::boards;
  if (!start(argc, argv)) return 2;

  const assay_port port = make_port();
  uint8_t count = 0;
  const char* problem = nullptr;
  const assay_model* models = assay_firmware_models(&count, &problem);
  assay_init(&port, models, count);

  uint16_t told = 0;
  for (;;) {
    assay_poll();
    // Nobody listened at boot, so each new session is told.
    if (assay_session() != told) {
      told = assay_session();
      announce(problem);
    }
    wait();
  }
}
