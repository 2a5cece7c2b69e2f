#include "cli/finished_samples.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "metric/classification.h"
#include "results/csv.h"
#include "results/npy.h"
#include "results/run_folder.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
using results::RunFolder;

tl::unexpected<Error> unfit(std::string what, const fs::path& run) {
  return fail("results.bad_run", std::move(what), run.string(),
              "Name finished runs of labelled samples, with references.");
}

// R0, or without it the primary R1: what the summary compares with.
std::string reference_of(const RunFolder& folder, const results::Summary& summary) {
  const auto kept = [&](const std::string& id) {
    std::error_code error;
    return fs::is_regular_file(folder.path(results::file::kReferences) / (id + ".npy"), error);
  };
  if (kept("r0")) return "r0";
  for (const auto& reference : summary.references) {
    if (reference.primary && kept(reference.id)) return reference.id;
  }
  return "";
}

class Gathering {
 public:
  Status add(const fs::path& run) {
    ASSAY_TRY(const RunFolder folder, RunFolder::open(run));
    ASSAY_TRY(const results::Summary summary, folder.read_summary());
    ASSAY_CHECK(check_same(summary, run));
    ASSAY_TRY(const auto samples, folder.read_samples());
    const std::string reference = reference_of(folder, summary);
    if (reference.empty()) return unfit("the run kept no reference", run);
    if (found_.reference.empty()) found_.reference = reference;
    if (found_.reference != reference)
      return unfit(
          fmt::format("the run compares with {}, the runs before with {}", reference, found_.reference), run);
    ASSAY_TRY(const TensorRows outputs,
              results::read_npy(folder.path(results::file::kReferences) / (reference + ".npy")));
    const std::vector<int> decided = metric::decide_rows(outputs).top;
    ASSAY_TRY(const results::CsvTable slices, slices_of(folder));
    for (const results::SampleRow& row : samples) ASSAY_CHECK(add_sample(row, summary, decided, slices, run));
    return {};
  }

  Result<FinishedSamples> finish(const fs::path& last) {
    if (found_.labels.empty()) return unfit("no finished sample has a label", last);
    return std::move(found_);
  }

 private:
  Status check_same(const results::Summary& summary, const fs::path& run) {
    const std::string what = summary.subject.model_sha256 + " " + summary.dataset.hash;
    if (first_.empty()) first_ = what;
    return first_ == what ? Status() : unfit("the run is of another model or dataset than the first", run);
  }

  static Result<results::CsvTable> slices_of(const RunFolder& folder) {
    if (!folder.has(results::file::kSlices)) return results::CsvTable{};
    return results::read_csv(folder.path(results::file::kSlices));
  }

  Status add_sample(const results::SampleRow& row, const results::Summary& summary,
                    const std::vector<int>& decided, const results::CsvTable& slices, const fs::path& run) {
    if (row.truth < 0) return {};
    const auto index = static_cast<size_t>(row.index);
    if (index >= decided.size() || (!slices.header.empty() && index >= slices.rows.size()))
      return unfit(fmt::format("references or slices have no row {}", row.index), run);
    if (!ids_.insert(row.id).second) {
      ++found_.repeated;
      return {};
    }
    const auto& classes = summary.dataset.classes;
    const auto label = static_cast<size_t>(row.truth);
    column(0, "class").push_back(label < classes.size() ? classes[label] : std::to_string(row.truth));
    for (size_t c = 2; c < slices.header.size(); ++c) {
      if (slices.header[c] != "class") column(c - 1, slices.header[c]).push_back(slices.rows[index][c]);
    }
    found_.ids.push_back(row.id);
    found_.labels.push_back(row.truth);
    found_.references.push_back(decided[index]);
    found_.device.push_back(row.device);
    return {};
  }

  // Runs of one dataset have the same columns in one order.
  std::vector<std::string>& column(size_t place, const std::string& name) {
    const auto [at, fresh] = columns_.try_emplace(place, found_.columns.size());
    if (fresh) found_.columns.push_back({name, {}});
    return found_.columns[at->second].values;
  }

  FinishedSamples found_;
  std::string first_;
  std::set<std::string> ids_;
  std::map<size_t, size_t> columns_;
};

}  // namespace

Result<FinishedSamples> finished_samples(const std::vector<fs::path>& runs) {
  Gathering gathering;
  for (const fs::path& run : runs) ASSAY_CHECK(gathering.add(run));
  return gathering.finish(runs.empty() ? fs::path() : runs.back());
}

}  // namespace assay::cli
