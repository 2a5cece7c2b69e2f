// One QEMU process and the three channels to it: gdb server (run control), qtest (memory), machine protocol
// (reset).
//
// Its sockets lie in a private folder of mode 0700 with a short path (a unix socket's path has 107
// characters). QEMU starts stopped and blank: images given to QEMU itself would be copied again at every
// reset and undo what a debugger loaded.
#pragma once

#include <filesystem>
#include <string>

#include "base/subprocess.h"
#include "vboard/gdb_stub.h"
#include "vboard/qmp.h"
#include "vboard/qtest_bus.h"
#include "vboard/target.h"

namespace assay::config {
class Board;
}

namespace assay::vboard {

enum class Mode { kExact, kRealtime };  // kExact: virtual time counts instructions
std::string_view mode_name(Mode mode);

class Emulator final : public Target {
 public:
  // `sockets`: an existing folder for the sockets; `log`: receives what QEMU prints.
  // base.tool_missing, vboard.not_virtual, vboard.qemu_died (with QEMU's words), vboard.qemu_silent.
  static Result<Emulator> start(const config::Board& board, Mode mode, const std::filesystem::path& sockets,
                                const std::filesystem::path& log);

  Result<uint64_t> read_register(int number) override;
  Status write_register(int number, uint64_t value) override;
  Status set_point(const Point& point, bool inserted) override;
  Status reset() override { return qmp_.system_reset(); }
  Status drive(Motion motion) override;
  Result<std::optional<Stop>> wait_stop(std::chrono::milliseconds timeout) override {
    return gdb_.wait_stop(timeout);
  }

  Bus& bus() { return bus_; }
  Qmp& qmp() { return qmp_; }
  int stop_fd() const { return gdb_.fd(); }  // readable when the processor stopped or QEMU ended
  pid_t pid() const { return process_.pid(); }
  bool running() { return process_.running(); }
  // Why it ended: exit status and QEMU's last words.
  std::string last_words();
  std::filesystem::path serial_socket() const { return sockets_ / kSerialSocket; }
  Result<bool> serial_connected() { return qmp_.chardev_connected(kSerialId); }
  void stop() { process_.stop(std::chrono::milliseconds(500)); }

 private:
  static constexpr const char* kSerialSocket = "serial";
  static constexpr const char* kSerialId = "serial0";

  Status set_step_mode(int bits);
  Status connect();

  std::filesystem::path sockets_, log_;
  Subprocess process_;
  GdbStub gdb_;
  Qmp qmp_;
  QtestBus bus_;
  int step_mode_ = -1;
};

}  // namespace assay::vboard
