// Progress of a run on stderr: one line per phase; on a terminal the current one is rewritten with rate and
// ETA, in a pipe a plain line says now and then how far it is.
#pragma once

#include <chrono>
#include <mutex>

#include "run/observer.h"

namespace assay::cli {

class ProgressLines final : public run::Observer {
 public:
  explicit ProgressLines(bool quiet);
  ~ProgressLines() override;

  void done(run::Phase phase, const std::string& detail, double seconds) override;
  void progress(run::Phase phase, int64_t done, int64_t total, const std::string& detail) override;
  void warning(const std::string& code, const std::string& message) override;

 private:
  using Clock = std::chrono::steady_clock;
  void clear_line();
  std::string live_text(run::Phase phase, int64_t done, int64_t total, const std::string& detail) const;

  std::mutex mutex_;
  bool quiet_, terminal_, colour_, unicode_, live_ = false;
  run::Phase phase_ = run::Phase::kPrepared;
  Clock::time_point phase_start_ = Clock::now(), last_print_ = Clock::now();
};

}  // namespace assay::cli
