// What Assay asks of a debug probe, whatever tool drives it.
//
// To add a tool: write <tool>_probe.cpp with a class that implements Probe and a function that opens one; add
// one line to kTools in probe_table.cpp and the name to `Probe.tool` in config/board.proto. The tool runs as
// a child process (base/subprocess.h); its whole output goes to Options::log from the first byte; every wait
// is bounded; a failure is one of the codes below with the tool's own last words in the message.
//
// Codes of every method: probe.timeout (the tool was killed), probe.died (with how it ended),
// base.interrupted, and
//   open    probe.tool_missing, probe.tool_version, probe.no_probe, probe.busy, probe.no_permission,
//   probe.no_target,
//           probe.bad_config
//   read    probe.read_failed
//   write   probe.write_failed, probe.unsupported
//   verify  probe.verify_mismatch, probe.read_failed
//   reset   probe.no_target
// After probe.timeout or probe.died the tool is gone: open a new probe.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/board.pb.h"
#include "probe/live_memory.h"
#include "probe/unit.h"

namespace assay::probe {

enum class Phase { kOpen, kCompare, kWrite, kVerify, kReset };
std::string_view phase_name(Phase phase);  // "open", "compare", "write", "verify", "reset"

struct Progress {
  Phase phase = Phase::kOpen;
  uint64_t bytes_done = 0;
  uint64_t bytes_total = 0;              // 0: this phase moves no bytes
  std::chrono::milliseconds elapsed{0};  // in this phase

  // [0, 1], or -1 where the tool tells nothing about how far it is.
  double fraction() const {
    return bytes_total ? static_cast<double>(bytes_done) / static_cast<double>(bytes_total) : -1;
  }
};
// Called on the caller's thread, at each step and about five times a second in between.
using OnProgress = std::function<void(const Progress&)>;

struct Options {
  std::filesystem::path log;      // appended to; folder must exist
  double timeout_multiplier = 1;  // stretches every budget (slow hosts, slow links)
  OnProgress on_progress;         // may be empty
};

struct Identity {
  std::string tool;          // "openocd"
  std::string tool_version;  // "0.12.0"
  std::string probe_serial;  // empty: the tool was not told and does not say
  std::string probe;  // the probe's own version words, "V3J13M3 (API v3) VID:PID 0483:374F"; may be empty
};

struct Extent {
  uint32_t address = 0;
  uint32_t bytes = 0;
};

// Bytes of a file that belong at target addresses.
struct Image {
  enum class Format { kElf, kBinary };
  enum class Memory { kRam, kFlash };  // written with plain stores, or through a flash algorithm

  std::filesystem::path file;
  Format format = Format::kBinary;
  Memory memory = Memory::kRam;
  std::vector<Extent> extents;  // what of the file is loaded where; a binary has one, at file offset 0

  uint64_t bytes() const;
};

enum class ResetMode { kRun, kHalt };

// An open probe with its target halted. Not thread-safe. Use it on the thread that opened it: the tool dies
// with that thread (parent-death signal).
class Probe {
 public:
  virtual ~Probe() = default;
  virtual Identity identity() const = 0;
  // Target memory as bytes; works while the target runs. Aligned requests use 32-bit accesses.
  virtual Result<std::vector<uint8_t>> read(uint32_t address, uint32_t bytes) = 0;
  // These two halt the target first.
  virtual Status write(const Image& image) = 0;
  virtual Status verify(const Image& image) = 0;
  // kRun leaves the core alone from then on (no polling), so that the probe never disturbs what is measured.
  virtual Status reset(ResetMode mode) = 0;
  // Hands memory and core to the caller, who has them until this Probe is closed or reset(); after
  // reset(kHalt) the core is halted. Owned by the Probe. probe.no_target.
  virtual Result<LiveMemory*> live() = 0;
  // Ends the tool. The target stays as it is. Idempotent; the destructor does it too.
  virtual void close() = 0;
};

// Connects with the tool that `board` names ([probe] tool), examines the core and halts it.
// probe.unsupported when the board has no probe or names a tool that this build lacks.
Result<std::unique_ptr<Probe>> open_probe(const config::Board& board, const Endpoint& endpoint,
                                          const Options& options);

struct Tool {
  std::string_view name;
  Result<std::unique_ptr<Probe>> (*open)(const config::Board&, const Endpoint&, const Options&);
};
std::span<const Tool> tools();

}  // namespace assay::probe
