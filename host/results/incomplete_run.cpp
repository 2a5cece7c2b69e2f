#include "results/incomplete_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error_codes.h"
#include "base/file_lock.h"
#include "base/files.h"
#include "results/case_lock.h"

namespace assay::results {
namespace {

// Lines that are whole and stand for a finished sample; a damaged journal counts as far as it is whole.
int64_t journalled(const RunFolder& folder) {
  const auto text = read_text(folder.path(file::kSamples));
  return text ? std::max<int64_t>(0, std::count(text->begin(), text->end(), '\n') - 1) : 0;
}

std::string last_phase(const RunFolder& folder) {
  const auto batch = read_events(folder.path(file::kEvents));
  if (!batch) return "";
  for (auto event = batch->events.rbegin(); event != batch->events.rend(); ++event) {
    const EventValue* phase = event->find("phase");
    if (phase && std::holds_alternative<std::string>(*phase)) return std::get<std::string>(*phase);
  }
  return "";
}

}  // namespace

Summary summary_of_incomplete(const RunFolder& folder) {
  Summary summary;
  summary.run_id = folder.id();
  summary.verdict = "interrupted";
  summary.validity = "invalid";
  summary.exit_code = static_cast<int>(exit_code_of("run.incomplete"));
  const auto text = read_text(folder.path(file::kProfileLock));
  const auto lock =
      text ? CaseLock::parse(*text, folder.path(file::kProfileLock).string()) : Result<CaseLock>(CaseLock());
  if (lock) {
    summary.profile = lock->text("profile.name");
    summary.title = lock->text("profile.title").empty() ? summary.profile : lock->text("profile.title");
    summary.target.board = lock->text("board.name");
    summary.target.board_title = lock->text("board.title");
    summary.subject.model_file = summary.subject.model_name = lock->text("model.file");
    summary.subject.model_sha256 = lock->text("model.sha256");
    summary.samples_asked = lock->integer("data.samples");
    summary.dataset.name = lock->text("data.name");
    summary.dataset.hash = lock->text("data.hash");
    summary.dataset.count = summary.samples_asked;
  }
  summary.samples_done = journalled(folder);
  const std::string phase = last_phase(folder);
  const std::string where = fmt::format("{} of {} samples{}", summary.samples_done, summary.samples_asked,
                                        phase.empty() ? "" : ", last heard of in phase " + phase);
  const auto owner = FileLock::owner(folder.path(file::kLock));
  if (owner && *owner) {
    summary.sentence =
        fmt::format("Still going ({}): {}.",
                    (*owner)->pid ? fmt::format("process {}", (*owner)->pid) : "another process", where);
  } else {
    summary.sentence = fmt::format("Incomplete: the run ended without a verdict after {}.", where);
    summary.issues.push_back(
        {"run.incomplete", "error",
         fmt::format("killed, or the disk was full; go on with: assay run --resume {}", folder.id())});
  }
  return summary;
}

Result<Summary> read_any_summary(const RunFolder& folder) {
  if (!folder.has(file::kSummary)) return summary_of_incomplete(folder);
  ASSAY_TRY(Summary summary, folder.read_summary());
  // Judged, then cut off. The run itself also comes here, for its reports: then it holds the lock.
  const auto owner = FileLock::owner(folder.path(file::kLock));
  const bool held = owner && owner->has_value();
  if (!folder.complete() && !held) {
    summary.issues.push_back(
        {"run.incomplete", "warning",
         fmt::format("the run ended before its reports were written; go on with: assay run --resume {}",
                     folder.id())});
  }
  return summary;
}

}  // namespace assay::results
