#include "run/recorder.h"

namespace assay::run {
namespace {

constexpr std::string_view kPhases[] = {"Prepared", "Leased",     "Flashed", "Loaded", "Connected",
                                        "Running",  "References", "Tapped",  "Judged"};

}  // namespace

std::string_view phase_name(Phase phase) { return kPhases[static_cast<size_t>(phase)]; }

void Recorder::write(results::EventKind kind, const std::vector<results::EventField>& fields) {
  const Status written = writer_.write(kind, fields);
  if (!written && !write_error_) write_error_ = written.error();
}

void Recorder::done(Phase phase, const std::string& detail, double seconds) {
  const std::lock_guard lock(mutex_);
  seconds_[std::string(phase_name(phase))] += seconds;
  write(results::EventKind::kPhase,
        {{"phase", std::string(phase_name(phase))}, {"detail", detail}, {"seconds", seconds}});
  next_.done(phase, detail, seconds);
}

void Recorder::progress(Phase phase, int64_t done, int64_t total, const std::string& detail) {
  const std::lock_guard lock(mutex_);
  write(results::EventKind::kProgress,
        {{"phase", std::string(phase_name(phase))}, {"done", done}, {"total", total}, {"detail", detail}});
  next_.progress(phase, done, total, detail);
}

void Recorder::warning(const std::string& code, const std::string& message) {
  const std::lock_guard lock(mutex_);
  write(results::EventKind::kLog, {{"level", "warning"}, {"code", code}, {"text", message}});
  next_.warning(code, message);
}

void Recorder::verdict(const std::string& verdict, int exit_code, const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  write(results::EventKind::kVerdict,
        {{"verdict", verdict}, {"exit_code", exit_code}, {"sentence", sentence}});
}

void Recorder::error(const Error& error) {
  const std::lock_guard lock(mutex_);
  write(results::EventKind::kError,
        {{"code", error.code}, {"message", error.message}, {"where", error.where}});
}

std::map<std::string, double> Recorder::phase_seconds() const {
  const std::lock_guard lock(mutex_);
  return seconds_;
}

std::optional<Error> Recorder::write_error() const {
  const std::lock_guard lock(mutex_);
  return write_error_;
}

}  // namespace assay::run
