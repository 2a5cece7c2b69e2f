// One worker process from request to result, watched all the while. reference.h says what it is for.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "reference/reference.h"
#include "reference/table.h"

namespace assay {
class Subprocess;
}

namespace assay::reference {

// Prefix of the temporary folders of requests.
inline constexpr const char* kWorkFolder = "assay-reference-";

struct WorkerFiles {
  std::filesystem::path python, script;
};

// Where they are: from `options`, else what Assay ships. reference.unavailable when the script or Python is
// missing.
Result<WorkerFiles> find_worker(const Options& options);

// Version of each runtime's package, absent where it is not installed. Takes some ten milliseconds and
// imports no package. Codes: reference.unavailable, reference.worker_garbage, reference.worker_timeout,
// base.interrupted.
Result<std::map<std::string, std::string>> runtime_versions(const WorkerFiles& files,
                                                            std::chrono::milliseconds no_progress,
                                                            Deadline deadline);

// The end of what a process wrote to its stderr, as one line.
std::string last_words_of(Subprocess& process);

// Runs `job` and returns its outputs as the worker described them; codes as in run_reference(). `inputs` is
// a .npy that holds job.inputs.
Result<TensorRows> run_worker(const WorkerFiles& files, const Job& job, const RuntimeSpec& spec,
                              const std::filesystem::path& inputs, std::chrono::milliseconds no_progress,
                              const std::function<void(int64_t done, int64_t total)>& progress,
                              Deadline deadline);

}  // namespace assay::reference
