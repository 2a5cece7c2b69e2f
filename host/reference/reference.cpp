#include "reference/reference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "base/digest.h"
#include "base/interrupt.h"
#include "base/paths.h"
#include "base/scratch_folder.h"
#include "reference/cache.h"
#include "reference/check_outputs.h"
#include "reference/command.h"
#include "reference/fit_outputs.h"
#include "reference/inputs_file.h"
#include "reference/table.h"
#include "reference/worker.h"

namespace assay::reference {
namespace {

// Python and what is installed for it: asked once.
struct Desktop {
  WorkerFiles files;
  std::string worker_sha256;
  std::map<std::string, std::string> versions;
};

// What all jobs of a call share.
struct Shared {
  Result<Desktop> desktop = fail("base.interrupted", "no job needs it");
  InputsFiles inputs;
  std::filesystem::path cache;
};

Result<Desktop> find_desktop(const Options& options, Deadline deadline) {
  Desktop desktop;
  ASSAY_TRY(desktop.files, find_worker(options));
  ASSAY_TRY(desktop.worker_sha256, sha256_file(desktop.files.script));
  ASSAY_TRY(desktop.versions, runtime_versions(desktop.files, options.no_progress, deadline));
  return desktop;
}

bool needs_desktop(const Job& job) {
  const auto spec = find_runtime(job.runtime);
  return spec && (*spec)->how == How::kWorker;
}

using Report = std::function<void(int64_t, int64_t)>;

// A job that is known to be possible: all that decides its outputs, and how they are made.
struct Ready {
  std::string version;
  CacheKey key;
  std::function<Result<TensorRows>()> make;
  bool cached = true;
};

Result<Ready> ready_worker(const Job& job, const RuntimeSpec& spec, const Options& options, Shared& shared,
                           const Report& report, Deadline deadline) {
  if (!shared.desktop) return fail(shared.desktop.error());
  const Desktop& desktop = *shared.desktop;
  const auto version = desktop.versions.find(job.runtime);
  if (version == desktop.versions.end()) {
    return fail("reference.unavailable",
                fmt::format("{} is not installed for {}", spec.package, desktop.files.python.string()), {},
                fmt::format("Run `assay doctor --fix`, or `pip install {}` for that Python.", spec.package));
  }
  if (std::string_view(spec.model) == ".onnx" && job.model.extension() != spec.model) {
    return fail("reference.refused", fmt::format("{} runs .onnx files", spec.runtime), job.model.string(),
                "Name one as `model` of this reference.");
  }
  Ready ready{.version = version->second};
  ready.key = {.runtime = job.runtime,
               .version = version->second,
               .worker_sha256 = desktop.worker_sha256,
               .output = job.output,
               .more = job.layout};
  ready.make = [&, limit = options.no_progress]() -> Result<TensorRows> {
    ASSAY_TRY(const auto file, shared.inputs.file(*job.inputs));
    return run_worker(desktop.files, job, spec, file, limit, report, deadline);
  };
  return ready;
}

Result<Ready> ready_command(const Job& job, const RuntimeSpec&, const Options& options, Shared&,
                            const Report& report, Deadline deadline) {
  if (!job.command) return fail("reference.unavailable", fmt::format("{} has no command", job.id));
  Ready ready{.version = job.command->version};
  ready.key = {.runtime = job.runtime, .version = job.command->version, .output = job.output};
  ASSAY_TRY(ready.key.more, command_identity(*job.command));
  ready.make = [&, limit = options.no_progress] { return run_command(job, limit, report, deadline); };
  return ready;
}

Result<Ready> ready_recorded(const Job& job, const RuntimeSpec&, const Options&, Shared&, const Report&,
                             Deadline) {
  if (!job.recorded) return fail("reference.unavailable", fmt::format("{} has no recorded outputs", job.id));
  Ready ready{.cached = false};
  ready.make = [&]() -> Result<TensorRows> { return *job.recorded; };
  return ready;
}

struct Way {
  How how;
  Result<Ready> (*ready)(const Job&, const RuntimeSpec&, const Options&, Shared&, const Report&, Deadline);
};
constexpr Way kWays[] = {
    {How::kWorker, ready_worker}, {How::kCommand, ready_command}, {How::kRecorded, ready_recorded}};

Result<TensorRows> usable(TensorRows rows, const Job& job) {
  if (rows.rows() != job.inputs->rows()) {
    return fail("reference.shape",
                fmt::format("{} gives {} rows for {} samples", job.id, rows.rows(), job.inputs->rows()),
                job.model.string());
  }
  ASSAY_CHECK(check_finite(rows, job));
  ASSAY_TRY(TensorRows fitted, fit_outputs(std::move(rows), job));
  ASSAY_CHECK(check_expected(fitted.info, job));
  return fitted;
}

Result<ReferenceOutputs> run_job(const Job& job, const Options& options, Shared& shared, Deadline deadline) {
  ASSAY_TRY(const RuntimeSpec* spec, find_runtime(job.runtime));
  const size_t samples = job.inputs->rows();
  if (samples == 0) return fail("reference.shape", fmt::format("{}: no samples", job.id), job.model.string());
  const Report report = [&](int64_t done, int64_t total) {
    if (options.progress) options.progress(job.id, done, total);
  };
  const auto way =
      std::find_if(std::begin(kWays), std::end(kWays), [&](const Way& w) { return w.how == spec->how; });
  ASSAY_TRY(Ready ready, way->ready(job, *spec, options, shared, report, deadline));
  ReferenceOutputs result;
  std::string model_sha256;
  if (!job.model.empty()) {
    ASSAY_TRY(model_sha256, sha256_file(job.model));
  }
  result.info = {
      .id = job.id,
      .level = job.level,
      .runtime = spec->runtime,
      .version = ready.version,
      .resolver = job.command ? fmt::format("{}", fmt::join(job.command->words, " ")) : spec->resolver,
      .model_file = job.model.filename().string(),
      .model_sha256 = model_sha256,
      .count = static_cast<int64_t>(samples),
      .primary = job.primary};
  const bool cached = options.use_cache && ready.cached;
  if (cached) {
    ready.key.model_sha256 = model_sha256;
    ready.key.inputs_sha256 = shared.inputs.hash(*job.inputs);
    if (auto kept = read_cache(shared.cache, ready.key, samples)) {
      if (auto rows = usable(std::move(*kept), job)) {
        result.outputs = std::move(*rows);
        result.from_cache = true;
      }
    }
  }
  if (!result.from_cache) {
    const auto start = std::chrono::steady_clock::now();
    ASSAY_TRY(TensorRows made, ready.make());
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    ASSAY_TRY(result.outputs, usable(made, job));
    // A full disk costs time at the next run, not this result.
    if (cached) static_cast<void>(write_cache(shared.cache, ready.key, made).has_value());
  }
  report(result.info.count, result.info.count);
  return result;
}

size_t at_a_time(const Options& options, size_t jobs) {
  const size_t cores = std::max(1u, std::thread::hardware_concurrency());
  return std::clamp<size_t>(options.parallel > 0 ? static_cast<size_t>(options.parallel) : cores, 1, jobs);
}

}  // namespace

Result<ReferenceOutputs> run_reference(const Job& job, const Options& options, Deadline deadline) {
  return std::move(run_references({job}, options, deadline).front());
}

std::vector<Result<ReferenceOutputs>> run_references(const std::vector<Job>& jobs, const Options& options,
                                                     Deadline deadline) {
  std::vector<Result<ReferenceOutputs>> results(
      jobs.size(), Result<ReferenceOutputs>(fail("base.interrupted", "not started")));
  if (jobs.empty()) return results;
  ScratchFolder::sweep(kWorkFolder);  // of workers whose host was killed
  Shared shared;
  shared.cache = options.cache.empty() ? cache_dir() / "refs" : options.cache;
  if (std::any_of(jobs.begin(), jobs.end(), needs_desktop)) shared.desktop = find_desktop(options, deadline);
  std::mutex mutex;
  Options serial = options;
  if (options.progress) {
    serial.progress = [&](const std::string& id, int64_t done, int64_t total) {
      const std::lock_guard lock(mutex);
      options.progress(id, done, total);
    };
  }
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t i; (i = next++) < jobs.size();) {
      results[i] = interrupted() ? Result<ReferenceOutputs>(fail(interruption()))
                                 : run_job(jobs[i], serial, shared, deadline);
    }
  };
  // Children get SIGKILL when the *thread* that started them ends; each of these outlives its own.
  std::vector<std::thread> threads;
  const size_t count = at_a_time(options, jobs.size());
  for (size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return results;
}

}  // namespace assay::reference
