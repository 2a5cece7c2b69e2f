#include "reference/command.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/files.h"
#include "base/scratch_folder.h"
#include "base/subprocess.h"
#include "reference/tensor_json.h"
#include "reference/worker.h"
#include "results/npy.h"

namespace assay::reference {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr auto kLook = std::chrono::milliseconds(20);  // at stderr: a full pipe would stop the command
constexpr const char *kInputs = "inputs.npy", *kOutputs = "outputs.npy", *kRequest = "request.json";

std::string ends(const Job& job, Subprocess& process, const std::string& how) {
  const std::string words = last_words_of(process);
  return fmt::format("{} ({}) {}{}", job.id, job.command->words[0], how,
                     words.empty() ? "" : ", it said: " + words);
}

// To the end of one start; its stderr is drained meanwhile. Every error ends the whole group.
Status finish(const Job& job, Subprocess& process, std::chrono::milliseconds limit, Deadline deadline) {
  const Deadline until(std::min(deadline.time(), Deadline::in(limit).time()));
  for (;;) {
    auto status = process.wait(Deadline(std::min(until.time(), Deadline::in(kLook).time())));
    if (status && status->code == 0 && status->signal == 0) return {};
    if (status) {
      return fail("reference.worker_died", ends(job, process, "ended with " + status->text()),
                  job.model.string());
    }
    if (status.error().code != "base.process_timeout") return fail(status.error());
    static_cast<void>(process.last_errors());
    if (!until.passed()) continue;
    process.stop(std::chrono::milliseconds(0));
    return fail(
        "reference.worker_timeout",
        ends(job, process,
             fmt::format(
                 "was not done with {} samples within {:.1f} s, or passed the deadline, and was stopped",
                 job.command->chunk, std::chrono::duration<double>(limit).count())),
        job.model.string(), "Raise `timeout_s`, or lower `chunk`, of this reference.");
  }
}

Status write_request(const Job& job, const fs::path& folder, const TensorRows& chunk, int64_t first) {
  const Json request = {{"first", first},
                        {"count", chunk.rows()},
                        {"total", job.inputs->rows()},
                        {"model", job.model.empty() ? "" : fs::absolute(job.model).string()},
                        {"input", to_json(job.inputs->info)},
                        {"output", job.deployed_output ? to_json(*job.deployed_output) : Json()}};
  ASSAY_CHECK(
      write_file(folder / kRequest, request.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"));
  return results::write_npy(folder / kInputs, chunk);
}

Result<TensorRows> read_chunk(const Job& job, const fs::path& folder, size_t count, Subprocess& process) {
  std::error_code error;
  if (!fs::exists(folder / kOutputs, error)) {
    return fail("reference.worker_garbage", ends(job, process, "ended well but wrote no outputs.npy"),
                job.model.string());
  }
  auto rows = results::read_npy(folder / kOutputs);
  if (!rows) {
    return fail("reference.worker_garbage",
                ends(job, process, fmt::format("wrote no readable outputs: {}", rows.error().text())),
                job.model.string());
  }
  if (rows->rows() == count) return rows;
  return fail("reference.shape",
              fmt::format("{} wrote {} rows of {} {} for {} samples", job.id, rows->rows(),
                          rows->info.shape(), element_name(rows->info.type), count),
              job.model.string());
}

Result<TensorRows> run_chunk(const Job& job, const TensorRows& chunk, int64_t first,
                             std::chrono::milliseconds limit, Deadline deadline) {
  ASSAY_TRY(const ScratchFolder folder, ScratchFolder::make(kWorkFolder));
  ASSAY_CHECK(write_request(job, folder.path(), chunk, first));
  ProcessSpec spec;
  spec.argv = job.command->words;
  // A program with a path is seen from the profile's folder, as every file that the words name.
  if (spec.argv[0].find('/') != std::string::npos)
    spec.argv[0] = (job.command->folder / spec.argv[0]).string();
  spec.argv.push_back(folder.path().string());
  spec.directory = job.command->folder;
  spec.environment = {{"OMP_NUM_THREADS", "1"}, {"OPENBLAS_NUM_THREADS", "1"}};
  spec.out = Pipe::kNull;
  auto process = Subprocess::start(spec);
  if (!process) {
    return fail("reference.unavailable", fmt::format("{} cannot start: {}", job.id, process.error().message),
                job.command->folder.string(), "Correct `command` of this reference.");
  }
  ASSAY_CHECK(finish(job, *process, limit, deadline));
  return read_chunk(job, folder.path(), chunk.rows(), *process);
}

}  // namespace

Result<std::vector<std::string>> words_of(const std::string& command) {
  std::vector<std::string> words;
  std::string word;
  bool begun = false;
  char quote = 0;
  for (size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (c == '\\' && quote != '\'' && i + 1 < command.size()) {
      word += command[++i];
      begun = true;
    } else if (quote) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      begun = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (begun) words.push_back(std::exchange(word, {}));
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (quote) return fail("config.value", fmt::format("a {} never closes in the command: {}", quote, command));
  if (begun) words.push_back(word);
  if (words.empty() || words[0].empty()) return fail("config.value", "the command is empty");
  return words;
}

Result<std::string> command_identity(const Job::Command& command) {
  std::string text = fmt::format("{}\n{}\n", command.version, command.chunk);
  std::error_code error;
  for (const std::string& word : command.words) {
    text += fmt::format("{} {}\n", word.size(), word);
    const fs::path file = command.folder / word;  // an absolute word stays what it is
    if (!fs::is_regular_file(file, error)) continue;
    if (auto hash = sha256_file(file)) text += *hash + "\n";
  }
  for (const fs::path& file : command.uses) {
    ASSAY_TRY(const std::string hash, sha256_file(file));
    text += hash + "\n";
  }
  return sha256_hex(text);
}

Result<TensorRows> run_command(const Job& job, std::chrono::milliseconds no_progress,
                               const std::function<void(int64_t, int64_t)>& progress, Deadline deadline) {
  const Job::Command& command = *job.command;
  const auto limit = command.limit.count() > 0 ? command.limit : no_progress;
  const auto total = static_cast<int64_t>(job.inputs->rows());
  TensorRows outputs;
  for (int64_t first = 0; first < total; first += command.chunk) {
    const auto count = std::min(command.chunk, total - first);
    const auto bytes = job.inputs->info.bytes();
    const auto from =
        job.inputs->data.begin() + static_cast<std::ptrdiff_t>(static_cast<size_t>(first) * bytes);
    const TensorRows chunk{job.inputs->info,
                           {from, from + static_cast<std::ptrdiff_t>(static_cast<size_t>(count) * bytes)}};
    ASSAY_TRY(TensorRows rows, run_chunk(job, chunk, first, limit, deadline));
    if (first == 0) {
      outputs = std::move(rows);
    } else if (rows.info.type != outputs.info.type || rows.info.dims != outputs.info.dims) {
      return fail("reference.shape",
                  fmt::format("{} wrote {} {} for sample {}, {} {} before", job.id, rows.info.shape(),
                              element_name(rows.info.type), first, outputs.info.shape(),
                              element_name(outputs.info.type)),
                  job.model.string());
    } else {
      outputs.data.insert(outputs.data.end(), rows.data.begin(), rows.data.end());
    }
    if (progress) progress(first + count, total);
  }
  return outputs;
}

}  // namespace assay::reference
