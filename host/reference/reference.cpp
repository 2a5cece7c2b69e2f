#include "reference/reference.h"

#include <fmt/format.h>

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
#include "reference/table.h"
#include "reference/worker.h"

namespace assay::reference {
namespace {

// What all jobs of a call share: asked once.
struct Shared {
  WorkerFiles files;
  std::string worker_sha256;
  std::map<std::string, std::string> versions;
  std::filesystem::path cache;
};

Result<Shared> prepare(const Options& options, Deadline deadline) {
  Shared shared;
  ScratchFolder::sweep(kWorkFolder);  // of workers whose host was killed
  ASSAY_TRY(shared.files, find_worker(options));
  ASSAY_TRY(shared.worker_sha256, sha256_file(shared.files.script));
  ASSAY_TRY(shared.versions, runtime_versions(shared.files, options.no_progress, deadline));
  shared.cache = options.cache.empty() ? cache_dir() / "refs" : options.cache;
  return shared;
}

Result<ReferenceOutputs> run_job(const Job& job, const Options& options, const Shared& shared,
                                 Deadline deadline) {
  ASSAY_TRY(const RuntimeSpec* spec, find_runtime(job.runtime));
  const auto version = shared.versions.find(job.runtime);
  if (version == shared.versions.end()) {
    return fail("reference.unavailable",
                fmt::format("{} is not installed for {}", spec->package, shared.files.python.string()), {},
                fmt::format("Run `assay doctor --fix`, or `pip install {}` for that Python.", spec->package));
  }
  const size_t samples = job.inputs->rows();
  if (samples == 0) return fail("reference.shape", fmt::format("{}: no samples", job.id), job.model.string());
  ReferenceOutputs result;
  ASSAY_TRY(const std::string model_sha256, sha256_file(job.model));
  result.info = {.id = job.id,
                 .level = job.level,
                 .runtime = spec->runtime,
                 .version = version->second,
                 .resolver = spec->resolver,
                 .model_file = job.model.filename().string(),
                 .model_sha256 = model_sha256,
                 .count = static_cast<int64_t>(samples),
                 .primary = job.primary};
  const CacheKey key{model_sha256,    hash_of(*job.inputs), job.runtime,
                     version->second, shared.worker_sha256, job.output};
  auto report = [&](int64_t done, int64_t total) {
    if (options.progress) options.progress(job.id, done, total);
  };
  if (options.use_cache) {
    if (auto kept = read_cache(shared.cache, key, samples); kept && check_expected(kept->info, job)) {
      result.outputs = std::move(*kept);
      result.from_cache = true;
    }
  }
  if (!result.from_cache) {
    const auto start = std::chrono::steady_clock::now();
    ASSAY_TRY(result.outputs, run_worker(shared.files, job, *spec, options.no_progress, report, deadline));
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    // A full disk costs time at the next run, not this result.
    if (options.use_cache) static_cast<void>(write_cache(shared.cache, key, result.outputs).has_value());
  }
  report(result.info.count, result.info.count);
  return result;
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
  const auto shared = prepare(options, deadline);
  if (!shared) {
    for (auto& result : results) result = fail(shared.error());
    return results;
  }
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
                                 : run_job(jobs[i], serial, *shared, deadline);
    }
  };
  // Children get SIGKILL when the *thread* that started them ends; each of these outlives its own.
  std::vector<std::thread> threads;
  const size_t count = std::clamp<size_t>(static_cast<size_t>(std::max(options.parallel, 1)), 1, jobs.size());
  for (size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return results;
}

}  // namespace assay::reference
