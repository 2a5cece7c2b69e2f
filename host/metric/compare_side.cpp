#include "metric/compare_side.h"

#include <algorithm>

#include "base/digest.h"
#include "metric/classification.h"
#include "results/incomplete_run.h"
#include "results/npy.h"

namespace assay::metric {
namespace {

using results::ClassCount;
using results::RunFolder;
using results::Summary;

constexpr int kMostClasses = 1 << 20;

// samples.csv and outputs.npy say what was answered; the table alone is cut short by a full disk.
Result<std::vector<Answer>> read_answers(const RunFolder& folder) {
  std::vector<Answer> answers;
  if (!folder.has(results::file::kSamples)) return answers;
  ASSAY_TRY(const auto rows, folder.read_samples());
  for (const auto& row : rows)
    if (row.status == "ok" || row.status == "done") answers.push_back({row.id, row.truth, row.device});
  return answers;
}

std::string outputs_hash(const RunFolder& folder) {
  if (!folder.has(results::file::kOutputs)) return {};
  const auto rows = results::read_npy(folder.path(results::file::kOutputs));
  return rows ? sha256_hex(rows->data) : std::string();
}

// Of a run that kept no single answers: what the table of classes says.
std::vector<ClassCount> counts_of_rows(const Summary& summary) {
  std::vector<ClassCount> counts;
  if (!summary.accuracy) return counts;
  for (const auto& row : summary.accuracy->classes) {
    if (row.support <= 0 || !row.recall_device) continue;
    const auto right = static_cast<int64_t>(*row.recall_device * static_cast<double>(row.support) + 0.5);
    counts.push_back({row.name, row.support, right, ""});
  }
  return counts;
}

std::string hex_of(const std::vector<bool>& bits) {
  std::string out;
  for (size_t at = 0; at < bits.size(); at += 4) {
    int digit = 0;
    for (size_t i = at; i < at + 4; ++i) digit = digit * 2 + (i < bits.size() && bits[i] ? 1 : 0);
    out += "0123456789abcdef"[digit];
  }
  return out;
}

}  // namespace

std::vector<ClassCount> count_classes(const std::vector<Answer>& answers,
                                      const std::vector<std::string>& names) {
  std::vector<std::vector<bool>> hits;
  for (const Answer& answer : answers) {
    // A damaged table must not ask for memory without end.
    if (answer.truth < 0 || answer.truth >= kMostClasses) continue;
    const auto truth = static_cast<size_t>(answer.truth);
    if (truth >= hits.size()) hits.resize(truth + 1);
    hits[truth].push_back(answer.top == answer.truth);
  }
  std::vector<ClassCount> counts;
  for (size_t i = 0; i < hits.size(); ++i) {
    if (hits[i].empty()) continue;
    counts.push_back({i < names.size() ? names[i] : std::to_string(i), static_cast<int64_t>(hits[i].size()),
                      std::count(hits[i].begin(), hits[i].end(), true), hex_of(hits[i])});
  }
  return counts;
}

Result<Side> side_of_summary(const Summary& summary, const RunFolder& folder) {
  Side side{.name = summary.run_id.empty() ? folder.id() : summary.run_id,
            .from = "run",
            .verdict = summary.verdict,
            .identity = results::identity_of(summary),
            .figures = results::figures_of(summary),
            .complete = summary.verdict != "error" && summary.verdict != "interrupted" &&
                        summary.samples_done == summary.samples_asked,
            .class_names = summary.dataset.classes,
            .layers = summary.layers};
  ASSAY_TRY(side.answers, read_answers(folder));
  side.classes = count_classes(side.answers, side.class_names);
  if (side.classes.empty()) side.classes = counts_of_rows(summary);
  side.outputs_sha256 = outputs_hash(folder);
  return side;
}

Result<Side> side_of_run(const std::filesystem::path& run_folder) {
  ASSAY_TRY(const RunFolder folder, RunFolder::open(run_folder));
  ASSAY_TRY(const Summary summary, results::read_any_summary(folder));
  ASSAY_TRY(Side side, side_of_summary(summary, folder));
  side.complete = side.complete && folder.complete();
  return side;
}

Side side_of_baseline(const results::Baseline& baseline, const std::string& name) {
  return {.name = name,
          .from = "baseline",
          .identity = baseline.identity,
          .figures = baseline.figures,
          .repeats = baseline.repeats,
          .class_names = baseline.class_names,
          .classes = baseline.classes,
          .outputs_sha256 = baseline.outputs_sha256};
}

}  // namespace assay::metric
