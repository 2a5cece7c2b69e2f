// An observer that writes events.jsonl and passes everything on; calls may come from several threads.
#pragma once

#include <map>
#include <mutex>
#include <optional>

#include "results/events.h"
#include "run/observer.h"

namespace assay::run {

class Recorder final : public Observer {
 public:
  Recorder(results::EventWriter writer, Observer& next) : writer_(std::move(writer)), next_(next) {}

  void done(Phase phase, const std::string& detail, double seconds) override;
  void progress(Phase phase, int64_t done, int64_t total, const std::string& detail) override;
  void warning(const std::string& code, const std::string& message) override;
  void verdict(const std::string& verdict, int exit_code, const std::string& sentence);
  void error(const Error& error);

  std::map<std::string, double> phase_seconds() const;
  // The first failure to write an event (a full disk); the run goes on without.
  std::optional<Error> write_error() const;

 private:
  void write(results::EventKind kind, const std::vector<results::EventField>& fields);

  mutable std::mutex mutex_;
  results::EventWriter writer_;
  Observer& next_;
  std::map<std::string, double> seconds_;
  std::optional<Error> write_error_;
};

}  // namespace assay::run
