// A virtual board and an OpenOCD for tests: both are real processes, both end with the test.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/subprocess.h"

namespace assay::vboard_test {

// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class RunningBoard {
 public:
  // Starts assay-vboard on `state` and waits for its ready line; fails the test otherwise.
  explicit RunningBoard(const std::filesystem::path& state, std::vector<std::string> arguments = {});

  int port() const { return ready_["stlink_port"]; }
  pid_t qemu_pid() const { return ready_["qemu_pid"]; }
  std::string serial_path() const { return std::string(ready_["serial"]).substr(5); }  // without "unix:"
  const nlohmann::json& ready() const { return ready_; }
  Subprocess& process() { return process_; }
  // Waits up to `limit` for the end.
  ExitStatus end(std::chrono::milliseconds limit);
  std::string errors() const;  // what it printed on stderr

 private:
  std::filesystem::path errors_;
  Subprocess process_;
  nlohmann::json ready_;
};

// argv of the program under test.
std::vector<std::string> vboard(std::vector<std::string> arguments);
// Runs it to its end.
Output run_vboard(std::vector<std::string> arguments);

// The ELF of firmware.S, built once.
std::filesystem::path firmware();

struct OpenOcd {
  ExitStatus status;
  std::string text;
  bool ok() const { return status.code == 0 && status.signal == 0; }
  bool says(std::string_view words) const { return text.find(words) != std::string::npos; }
  // The number that the script printed as "name=0x12".
  uint32_t value(const std::string& name) const;
};
// Runs a Tcl script after "init" and before "shutdown". `show NAME ADDRESS` and `show_register NAME REGISTER`
// print what value() reads.
OpenOcd openocd(const RunningBoard& board, const std::string& script, const std::string& work_area = "0");

bool process_exists(pid_t pid);
// Whether `condition` becomes true within `limit`.
template <class Condition>
bool becomes_true(Condition condition, std::chrono::milliseconds limit) {
  for (const Deadline deadline = Deadline::in(limit); !deadline.passed(); usleep(2000)) {
    if (condition()) return true;
  }
  return condition();
}

}  // namespace assay::vboard_test
