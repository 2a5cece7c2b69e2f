// Outputs of the references for all samples of a run: R0, the R1 set, and R2 where a profile declares it (the
// native engine's own is native.h). table.h lists the kinds.
//
// A desktop runtime is Python with a compiled package, so each job is a supervised process: it may crash,
// hang or print rubbish, and costs no more than its own result. What was computed once is kept, keyed by
// everything that decides it.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/tensor.h"
#include "results/summary.h"

namespace assay::reference {

struct Job {
  // A program of the user's: command.h.
  struct Command {
    std::vector<std::string> words;
    std::filesystem::path folder;  // in which it runs
    std::vector<std::filesystem::path> uses;
    std::string version;
    int64_t chunk = 1024;                // samples a start
    std::chrono::milliseconds limit{0};  // of one start; 0: Options::no_progress
  };
  std::string id;                      // of the result: "r0", "r1.litert_ref"; also in progress
  std::string level;                   // R0 | R1 | R2
  std::string runtime;                 // an id of kinds()
  std::filesystem::path model;         // .tflite, .onnx; of recorded outputs their file
  const TensorRows* inputs = nullptr;  // borrowed: as the reference takes them, rows = samples
  bool primary = false;
  int output = 0;  // which output of the model
  // What a row of outputs must be; 0 and nullopt: not known. Another one is reference.shape and never kept.
  int64_t output_elements = 0;
  std::optional<ElementType> output_type = std::nullopt;
  std::string layout;                    // "nchw": the runtime turns each NHWC sample first
  std::optional<Command> command;        // kind command
  const TensorRows* recorded = nullptr;  // kind recorded: borrowed, one row a sample
  // The deployed model's output, for references that do not tell scale and zero point: integers of its type
  // are its own, and at R1 and R2 real values are rounded to it, so that they can be compared step by step.
  std::optional<TensorInfo> deployed_output = std::nullopt;
};

struct ReferenceOutputs {
  results::Reference info;  // count, version, resolver, model hash filled in
  TensorRows outputs;       // one row a sample; info: name, type, dims, scale, zero point
  bool from_cache = false;
  double seconds = 0;  // wall time of the worker, 0 from the cache
};

// Called from worker threads, one call at a time.
using Progress = std::function<void(const std::string& id, int64_t done, int64_t total)>;

struct Options {
  std::filesystem::path python;  // empty: assay::python()
  std::filesystem::path worker;  // empty: the one that Assay ships
  std::filesystem::path cache;   // empty: <cache_dir>/refs
  bool use_cache = true;
  // A worker that reports nothing new for so long is killed. Loading a runtime takes up to some seconds.
  std::chrono::milliseconds no_progress{60'000};
  Progress progress;
  int parallel = 0;  // jobs at a time; 0: as many as there are cores
};

// Codes:
//   reference.unknown         no such kind
//   reference.unavailable     no Python, or no package: the remedy names what to install
//   reference.refused         the runtime does not accept the model
//   reference.shape           inputs, or what the worker returned, do not fit the model
//   reference.worker_died     it ended early: exit status and its last words
//   reference.worker_garbage  it said or returned what it should not
//   reference.worker_timeout  no progress, or the deadline passed
//   reference.nonfinite       NaN or infinity among the outputs
//   base.interrupted, base.file
// A cache entry that is damaged is computed again; a cache that cannot be written is no error.
Result<ReferenceOutputs> run_reference(const Job& job, const Options& options, Deadline deadline);

// Several at once, `options.parallel` at a time; results in the order of the jobs, each with its own error.
std::vector<Result<ReferenceOutputs>> run_references(const std::vector<Job>& jobs, const Options& options,
                                                     Deadline deadline);

}  // namespace assay::reference
