// The stock firmware: the agent, the native engine, and whatever plan the host wrote into the model region.
//
// Nothing of a board is here: boards/board.h is what it provides, board_config.h is its board.toml.
#include "agent/assay.h"
#include "board_config.h"
#include "boards/board.h"
#include "boards/firmware/arena.h"
#include "runners/native/native_runner.h"

namespace assay::boards {
namespace {

// More operators than any plan of the MLPerf Tiny size has.
assay_op_record op_records[128];
native::NativeRunner runner;

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
void announce(engine::Status status) {
  if (status != engine::Status::kOk) assay_log(1, native::status_text(status));
  char fault[96];
  if (last_fault(fault, sizeof fault)) assay_log(0, fault);
}

}  // namespace
}  // namespace assay::boards

int main(int argc, char** argv) {
  using namespace assay;
  using namespace assay::boards;
  if (!start(argc, argv)) return 2;

  const assay_port port = make_port();
  const Region plan = plan_region();
  const engine::Status status =
      plan.bytes ? runner.open(plan.data, plan.bytes, arena(), kArenaSize) : engine::Status::kBadMagic;
  const bool loaded = status == engine::Status::kOk;
  assay_init(&port, loaded ? &runner.model() : nullptr, loaded ? 1 : 0);

  uint16_t told = 0;
  for (;;) {
    assay_poll();
    // Nobody listened at boot, so each new session is told.
    if (assay_session() != told) {
      told = assay_session();
      announce(status);
    }
    wait();
  }
}
