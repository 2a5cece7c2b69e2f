#include "vboard/unit.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/interrupt.h"
#include "vboard/kept_memory.h"
#include "vboard/memory_port.h"
#include "vboard/stlink_server.h"

namespace assay::vboard {
namespace {

constexpr auto kIdleLook = std::chrono::seconds(1);

class Unit {
 public:
  Unit(const UnitOptions& options, UnitState state, MemoryMap map, KeptMemory kept, Emulator emulator)
      : options_(options),
        state_(std::move(state)),
        map_(std::move(map)),
        kept_(std::move(kept)),
        emulator_(std::move(emulator)),
        core_(emulator_, emulator_.bus(), map_),
        port_(core_, emulator_.bus(), map_,
              [this](const Region& region, uint64_t offset, std::span<const uint8_t> bytes) {
                return kept_.keep(region, offset, bytes);
              }) {}

  Status serve(const std::function<void(const std::string&)>& ready) {
    ASSAY_CHECK(kept_.restore(map_, emulator_.bus()));
    ASSAY_CHECK(core_.run().reset());  // reads the restored vectors and runs, or stays locked up
    ASSAY_TRY(StlinkServer stlink, StlinkServer::listen(port_, state_.serial()));
    const std::string line = ready_line(stlink.tcp_port());
    ASSAY_CHECK(state_.publish(line));
    ready(line);
    return loop(stlink);
  }

  // An error of a dead emulator names its last words.
  Error explained(Error error) {
    if (error.code != "vboard.qemu_died") return error;
    error.message = "the emulator ended: " + emulator_.last_words();
    return error;
  }

 private:
  std::string ready_line(uint16_t port) {
    nlohmann::ordered_json line;
    line["event"] = "ready";
    line["pid"] = getpid();
    line["qemu_pid"] = emulator_.pid();
    line["unit"] = state_.serial();
    line["board"] = options_.board.board().name();
    line["stlink_port"] = port;
    line["serial"] = "unix:" + emulator_.serial_socket().string();
    line["state"] = state_.folder().string();
    line["mode"] = mode_name(options_.mode);
    line["qemu"] = emulator_.qmp().version();
    return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }

  Status loop(FrontEnd& front_end) {
    auto active = Deadline::Clock::now();
    while (!interrupted()) {
      std::vector<pollfd> waits = {{interrupt_fd(), POLLIN, 0},
                                   {options_.end_with_stdin ? STDIN_FILENO : -1, POLLIN, 0},
                                   {emulator_.stop_fd(), POLLIN, 0},
                                   {emulator_.qmp().fd(), POLLIN, 0}};
      front_end.add_waits(waits);
      const int timeout =
          options_.idle_exit ? static_cast<int>(std::chrono::milliseconds(kIdleLook).count()) : -1;
      poll(waits.data(), waits.size(), timeout);
      if (waits[1].revents && stdin_ended()) return {};
      if (waits[2].revents || waits[3].revents) ASSAY_CHECK(watch_emulator());
      ASSAY_CHECK(front_end.serve());
      if (options_.idle_exit) {
        ASSAY_TRY(const bool serial, emulator_.serial_connected());
        const auto now = Deadline::Clock::now();
        if (serial || front_end.has_client()) active = now;
        if (now - active >= *options_.idle_exit) return {};
      }
    }
    return {};
  }

  Status watch_emulator() {
    if (!emulator_.running()) return fail("vboard.qemu_died", "the emulator ended");
    ASSAY_TRY(const int resets, emulator_.qmp().take_guest_resets());
    if (resets > 0) ASSAY_CHECK(core_.run().note_guest_reset());
    return core_.run().poll();
  }

  static bool stdin_ended() {
    char chunk[256];
    return read(STDIN_FILENO, chunk, sizeof chunk) <= 0;
  }

  const UnitOptions& options_;
  UnitState state_;
  MemoryMap map_;
  KeptMemory kept_;
  Emulator emulator_;
  CoreDebug core_;
  MemoryPort port_;
};

}  // namespace

Status run_unit(const UnitOptions& options, const std::function<void(const std::string&)>& ready) {
  ASSAY_TRY(MemoryMap map, MemoryMap::of_board(options.board));
  ASSAY_TRY(UnitState state, UnitState::acquire(options.state));
  ASSAY_TRY(KeptMemory kept, KeptMemory::open(map, state.folder()));
  ASSAY_TRY(Emulator emulator,
            Emulator::start(options.board, options.mode, state.sockets(), state.folder() / "qemu.log"));
  Unit unit(options, std::move(state), std::move(map), std::move(kept), std::move(emulator));
  if (auto served = unit.serve(ready); !served) return fail(unit.explained(served.error()));
  return {};
}

}  // namespace assay::vboard
