// Who watches a run: the terminal, events.jsonl, later the dashboard. A run tells phases and progress; it
// never prints.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay::run {

// The phases of a run in order; names are what users read.
enum class Phase : uint8_t {
  kPrepared,
  kLeased,
  kFlashed,
  kLoaded,
  kConnected,
  kRunning,
  kReferences,
  kTapped,
  kJudged
};
std::string_view phase_name(Phase phase);  // "Prepared", ...

class Observer {
 public:
  virtual ~Observer() = default;
  // A phase ended: what came of it, in words, and how long it took.
  virtual void done(Phase phase, const std::string& detail, double seconds) = 0;
  // Within a phase: `done` of `total` (0: unknown), and words that follow the rate ("0 retries").
  virtual void progress(Phase phase, int64_t done, int64_t total, const std::string& detail) = 0;
  // A line that a user should see: a warning with its code.
  virtual void warning(const std::string& code, const std::string& message) = 0;
};

}  // namespace assay::run
