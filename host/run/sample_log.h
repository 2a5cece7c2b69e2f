// The two journals of a replay: outputs.part, which decides what is finished, and samples.csv, which people
// read.
#pragma once

#include "results/output_journal.h"
#include "results/run_folder.h"
#include "run/prepared.h"

namespace assay::run {

class SampleLog {
 public:
  // Takes over what earlier attempts finished; samples.csv is made again from it. base.file, base.disk_full.
  static Result<SampleLog> open(const Prepared& prepared, const results::RunFolder& folder);

  // Once, before the first write().
  results::JournalledOutputs take_finished() { return std::move(finished_); }
  // The next sample, both rows before anything else happens. base.file, base.disk_full.
  Status write(std::span<const uint8_t> output, int64_t ticks);

 private:
  SampleLog(const Prepared& prepared, results::JournalledOutputs finished, results::OutputJournal outputs,
            results::SampleJournal samples)
      : prepared_(prepared),
        finished_(std::move(finished)),
        next_(finished_.count()),
        outputs_(std::move(outputs)),
        samples_(std::move(samples)) {}

  const Prepared& prepared_;
  results::JournalledOutputs finished_;
  size_t next_;
  results::OutputJournal outputs_;
  results::SampleJournal samples_;
};

}  // namespace assay::run
