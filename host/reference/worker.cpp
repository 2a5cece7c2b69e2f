#include "reference/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/paths.h"
#include "base/scratch_folder.h"
#include "base/subprocess.h"
#include "reference/tensor_json.h"
#include "results/npy.h"

namespace assay::reference {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr auto kVersionsTimeout = std::chrono::seconds(30);
constexpr size_t kLastWords = 400;  // of a worker's stderr, in messages

std::string printable(std::string text, size_t limit) {
  if (text.size() > limit) text = "..." + text.substr(text.size() - limit);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

tl::unexpected<Error> unavailable(const RuntimeSpec& spec, const std::string& what) {
  return fail("reference.unavailable", fmt::format("{} {}", spec.id, what), {},
              fmt::format("Run `assay doctor --fix`, or `pip install {}` for that Python.", spec.package));
}

// One conversation with a worker that was started.
class Conversation {
 public:
  Conversation(Subprocess process, const Job& job, const RuntimeSpec& spec)
      : process_(std::move(process)), job_(job), spec_(spec) {}

  // Until "done": the description of the output. Every error ends the worker.
  Result<TensorInfo> finish(std::chrono::milliseconds no_progress,
                            const std::function<void(int64_t, int64_t)>& progress, Deadline deadline) {
    const auto total = static_cast<int64_t>(job_.inputs->rows());
    int64_t done = -1;
    bool ready = false;
    auto silence = Deadline::in(no_progress);
    for (;;) {
      ASSAY_TRY(const std::string line, read_line(std::min(silence.time(), deadline.time()), no_progress));
      const Json event = Json::parse(line, nullptr, false);
      const std::string kind = event.is_object() && event.contains("event") && event["event"].is_string()
                                   ? event["event"].get<std::string>()
                                   : "";
      if (kind == "ready") {
        if (std::exchange(ready, true)) continue;  // no news: the silence goes on
        silence = Deadline::in(no_progress);
      } else if (kind == "progress" && event.contains("done") && event["done"].is_number_integer()) {
        const int64_t now = event["done"];
        if (now <= done) continue;  // no news: the silence goes on
        if (now > total) return garbage(line);
        done = now;
        silence = Deadline::in(no_progress);
        if (progress) progress(done, total);
      } else if (kind == "done") {
        const auto info = tensor_info(event);
        if (!info) return garbage(line);
        return *info;
      } else if (kind == "error") {
        return reported(event, line);
      } else {
        return garbage(line);
      }
    }
  }

 private:
  std::string last_words() {
    const std::string words = last_words_of(process_);
    return words.empty() ? "" : ", it said: " + words;
  }
  Result<std::string> read_line(Deadline::Clock::time_point until, std::chrono::milliseconds no_progress) {
    auto line = process_.read_line(Deadline(until));
    if (line || line.error().code == "base.interrupted") return line;
    if (line.error().code == "base.process_timeout") {
      process_.stop(std::chrono::milliseconds(0));
      return fail("reference.worker_timeout",
                  fmt::format("{} made no progress within {:.1f} s or passed the deadline, and was stopped{}",
                              spec_.id, std::chrono::duration<double>(no_progress).count(), last_words()),
                  job_.model.string());
    }
    const auto status = process_.wait(Deadline::in(std::chrono::seconds(1)));
    const std::string how = status ? status->text() : line.error().message;
    process_.stop(std::chrono::milliseconds(0));
    return fail("reference.worker_died", fmt::format("{} ended early: {}{}", spec_.id, how, last_words()),
                job_.model.string());
  }
  tl::unexpected<Error> garbage(const std::string& line) {
    process_.stop(std::chrono::milliseconds(0));
    return fail("reference.worker_garbage",
                fmt::format("{} said '{}'{}", spec_.id, printable(line, 80), last_words()),
                job_.model.string());
  }
  tl::unexpected<Error> reported(const Json& event, const std::string& line) {
    const auto kind = event.find("kind"), message = event.find("message");
    if (kind == event.end() || !kind->is_string() || message == event.end() || !message->is_string()) {
      return garbage(line);
    }
    const std::string text = printable(*message, kLastWords);
    if (*kind == "unavailable") return unavailable(spec_, text);
    if (*kind == "shape")
      return fail("reference.shape", fmt::format("{}: {}", spec_.id, text), job_.model.string());
    if (*kind != "refused") return garbage(line);
    return fail("reference.refused", fmt::format("{} refuses the model: {}{}", spec_.id, text, last_words()),
                job_.model.string());
  }

  Subprocess process_;
  const Job& job_;
  const RuntimeSpec& spec_;
};

// In `folder`, so that a request names files by plain words: JSON holds no path that is not UTF-8.
ProcessSpec worker_process(const WorkerFiles& files, const fs::path& folder) {
  ProcessSpec spec;
  spec.directory = folder;
  spec.argv = {files.python.string(), "-u", files.script.string()};
  // One thread: results of some kernels depend on how work is split, and several workers run at once.
  spec.environment = {
      {"OMP_NUM_THREADS", "1"}, {"OPENBLAS_NUM_THREADS", "1"}, {"PYTHONDONTWRITEBYTECODE", "1"}};
  spec.in = Pipe::kPipe;
  spec.out = Pipe::kPipe;
  spec.err = Pipe::kPipe;
  return spec;
}

Result<TensorRows> read_outputs(const fs::path& file, const TensorInfo& info, const Job& job,
                                const char* id) {
  auto outputs = results::read_npy(file);
  if (!outputs) {
    return fail("reference.worker_garbage",
                fmt::format("{} wrote no readable outputs: {}", id, outputs.error().text()),
                job.model.string());
  }
  const std::string got = outputs->info.shape();
  const std::string_view got_type = element_name(outputs->info.type);
  if (!adopt_info(*outputs, info) || outputs->rows() != job.inputs->rows()) {
    return fail(
        "reference.shape",
        fmt::format("{} returned {} rows of {} {} for {} samples, it announced {} {}", id, outputs->rows(),
                    got, got_type, job.inputs->rows(), info.shape(), element_name(info.type)),
        job.model.string());
  }
  return outputs;
}

Status link_into(const fs::path& link, const fs::path& file) {
  std::error_code error;
  fs::create_symlink(fs::absolute(file), link, error);
  if (!error) return {};
  return fail("base.file", fmt::format("cannot link {}: {}", file.string(), error.message()), link.string());
}

}  // namespace

Result<WorkerFiles> find_worker(const Options& options) {
  WorkerFiles files{options.python.empty() ? python() : options.python, options.worker};
  // The worker runs in another folder; a bare name is looked up in PATH.
  if (files.python.has_parent_path()) files.python = fs::absolute(files.python);
  if (files.script.empty()) {
    std::error_code error;
    files.script = data_dir() / "host/reference/workers/desktop.py";  // in a source tree
    if (!fs::exists(files.script, error)) files.script = data_dir() / "workers/desktop.py";  // installed
  }
  files.script = fs::absolute(files.script);
  std::error_code error;
  if (!fs::is_regular_file(files.script, error)) {
    return fail("reference.unavailable", "the worker script does not exist", files.script.string(),
                "Reinstall Assay, or set ASSAY_DATA_DIR to its data folder.");
  }
  if (!find_program(files.python.string())) {
    return fail("reference.unavailable", fmt::format("there is no Python at '{}'", files.python.string()), {},
                "Run `assay doctor --fix`, or set ASSAY_PYTHON to a Python that has the desktop runtimes.");
  }
  return files;
}

Result<std::map<std::string, std::string>> runtime_versions(const WorkerFiles& files,
                                                            std::chrono::milliseconds no_progress,
                                                            Deadline deadline) {
  ProcessSpec spec;
  spec.argv = {files.python.string(), files.script.string(), "--versions"};
  spec.environment = {{"PYTHONDONTWRITEBYTECODE", "1"}};
  const auto until =
      std::min(deadline.time(),
               Deadline::in(std::min<std::chrono::milliseconds>(kVersionsTimeout, no_progress)).time());
  auto output = run_process(spec, Deadline(until));
  if (!output && output.error().code == "base.interrupted") return fail(output.error());
  if (!output && output.error().code == "base.process_timeout") {
    return fail("reference.worker_timeout", "the worker did not tell its versions in time",
                files.script.string());
  }
  if (!output) {
    return fail("reference.unavailable", output.error().message, files.python.string(),
                "Run `assay doctor --fix`, or set ASSAY_PYTHON to a Python that has the desktop runtimes.");
  }
  const Json json = Json::parse(output->out, nullptr, false);
  if (output->status.code != 0 || output->status.signal != 0 || !json.is_object()) {
    return fail("reference.worker_garbage",
                fmt::format("the worker told no versions ({}): {}", output->status.text(),
                            printable(output->out + output->err, kLastWords)),
                files.script.string());
  }
  std::map<std::string, std::string> versions;
  for (const auto& [runtime, version] : json.items()) {
    if (version.is_string()) versions[runtime] = version;
  }
  return versions;
}

std::string last_words_of(Subprocess& process) { return printable(process.last_errors(), kLastWords); }

Result<TensorRows> run_worker(const WorkerFiles& files, const Job& job, const RuntimeSpec& spec,
                              const fs::path& inputs, std::chrono::milliseconds no_progress,
                              const std::function<void(int64_t, int64_t)>& progress, Deadline deadline) {
  ASSAY_TRY(const ScratchFolder folder, ScratchFolder::make(kWorkFolder));
  const std::string model = std::string("model") + spec.model;
  const char *samples = "inputs.npy", *outputs = "outputs.npy";
  ASSAY_CHECK(link_into(folder.path() / model, job.model));
  ASSAY_CHECK(link_into(folder.path() / samples, inputs));
  ASSAY_TRY(Subprocess process, Subprocess::start(worker_process(files, folder.path())));
  const Json request = {{"runtime", spec.id}, {"model", model},       {"inputs", samples},
                        {"outputs", outputs}, {"layout", job.layout}, {"output", job.output}};
  const std::string line = request.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  // A worker that is already gone fails the write; what it left behind is told by the conversation.
  if (auto sent = process.write_all(line, Deadline::in(no_progress));
      !sent && sent.error().code == "base.interrupted") {
    return fail(sent.error());
  }
  process.close_in();
  Conversation conversation(std::move(process), job, spec);
  ASSAY_TRY(const TensorInfo info, conversation.finish(no_progress, progress, deadline));
  return read_outputs(folder.path() / outputs, info, job, spec.id);
}

}  // namespace assay::reference
