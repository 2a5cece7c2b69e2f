// OpenOCD as a supervised child: started, spoken to over its Tcl RPC port, and gone when this object is gone.
//
// OpenOCD may sit in a blocking recv for ever, even against SIGTERM (its ST-LINK TCP backend does), so
// whatever misses its budget is killed with its process group. stdout and stderr go to the log file straight
// from the child, so the log is whole even when this program dies.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/subprocess.h"
#include "probe/tcl_rpc.h"

namespace assay::probe {

struct OpenocdConfig {
  std::vector<std::string> lines;  // adapter, transport and target commands, in order
  std::filesystem::path log;       // appended to
  double timeout_multiplier = 1;
};

class OpenocdProcess {
 public:
  using Idle = std::function<void()>;  // called about five times a second while waiting; may be empty

  // Starts without `init`: ports closed but for a Tcl port on 127.0.0.1, no default port. Codes:
  // probe.tool_missing, probe.tool_version, probe.bad_config and the like (by openocd_rules), probe.timeout,
  // base.interrupted, base.file.
  static Result<std::unique_ptr<OpenocdProcess>> start(const OpenocdConfig& config);

  // One command; its output. A failure is explained by openocd_rules, code `otherwise` when no rule fits;
  // `what` names the step for the user. probe.timeout and probe.died end the process.
  Result<std::string> run(std::string_view what, std::string_view command, std::chrono::milliseconds budget,
                          std::string_view otherwise, const Idle& idle = {});

  // Whether a signal ends what is being waited for (base.interrupted) and the process with it; at first it
  // does.
  void heed_signals(bool heed) { rpc_.heed_signals(heed); }
  const std::string& version() const { return version_; }  // "0.12.0"
  std::string log_text() const;  // what this process printed so far (at most the last 256 KiB)
  void close();                  // TERM, then KILL after half a second

 private:
  Result<uint16_t> await_port(Deadline deadline);
  Error died(std::string_view what);

  OpenocdConfig config_;
  Subprocess process_;
  TclRpc rpc_;
  std::string version_;
  size_t log_start_ = 0;  // size of the log before this process
};

// "0.12.0" of "Open On-Chip Debugger 0.12.0-rc1 (...)"; empty when the banner is absent.
std::string openocd_version_in(std::string_view text);

}  // namespace assay::probe
