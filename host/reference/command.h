// Any program as a reference: kind "command" of [[references.other]].
//
// It is started once for every `chunk` samples, in the folder of the profile, with one more argument: a
// folder that holds `inputs.npy` (one sample a row, as declared: the deployed model's integers or real
// float32) and `request.json` ({"first", "count", "total", "model", "input", "output"}). It writes
// `outputs.npy` there, one row a sample, and exits with 0. What it prints on stdout is not looked at; the end
// of its stderr is told when it fails. 10,000 samples are ten starts by default, not 10,000.
#pragma once

#include <functional>

#include "reference/reference.h"

namespace assay::reference {

// Words as a shell splits them: blanks, '...', "..." and \x; no expansion of any kind.
// config.value: a quote that never closes, or no word at all.
Result<std::vector<std::string>> words_of(const std::string& command);

// Everything of a command that decides its outputs, as text for the cache's key: its words, the content of
// the files that the words name (seen from its folder) and of those that it `uses`, its version, the chunk.
// base.file: a file of `uses` cannot be read.
Result<std::string> command_identity(const Job::Command& command);

// Codes as in run_reference().
Result<TensorRows> run_command(const Job& job, std::chrono::milliseconds no_progress,
                               const std::function<void(int64_t done, int64_t total)>& progress,
                               Deadline deadline);

}  // namespace assay::reference
