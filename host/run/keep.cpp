#include "run/keep.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/files.h"
#include "results/csv.h"
#include "results/npy.h"
#include "run/identity.h"
#include "run/judge.h"

namespace assay::run {
namespace {

constexpr size_t kFlipInputs = 2000;
constexpr size_t kFirstInputs = 8;  // so that a run without flips has something to look at

// Rows of samples in rising order: those of flips, and the first ones.
std::vector<int64_t> chosen_rows(const std::vector<results::Flip>& flips, size_t finished) {
  std::set<int64_t> rows;
  for (const auto& flip : flips) {
    if (rows.size() < kFlipInputs) rows.insert(flip.index);
  }
  for (size_t i = 0; i < std::min(kFirstInputs, finished); ++i) rows.insert(static_cast<int64_t>(i));
  return {rows.begin(), rows.end()};
}

Status keep_inputs(const Prepared& prepared, const References& references, const std::vector<int64_t>& rows,
                   const results::RunFolder& folder) {
  const TensorRows& source = references.inputs_real ? *references.inputs_real : prepared.inputs;
  TensorRows chosen{source.info, {}};
  for (int64_t row : rows) {
    const auto bytes = source.row(static_cast<size_t>(row));
    chosen.data.insert(chosen.data.end(), bytes.begin(), bytes.end());
  }
  ASSAY_CHECK(results::write_npy(folder.path(results::file::kInputs), chosen));
  return results::write_npy(folder.path(results::file::kInputIndex), std::span<const int64_t>(rows));
}

Status keep_references(const References& references, const results::RunFolder& folder) {
  const auto refs = folder.path(results::file::kReferences);
  ASSAY_CHECK(make_directories(refs));
  auto write = [&](const reference::ReferenceOutputs& outputs) {
    return results::write_npy(refs / (outputs.info.id + ".npy"), outputs.outputs);
  };
  if (references.r0) ASSAY_CHECK(write(*references.r0));
  for (const auto& r1 : references.r1) ASSAY_CHECK(write(r1));
  if (references.r2) ASSAY_CHECK(write(*references.r2));
  return {};
}

// What `data mine` asks of a run when its dataset is gone.
Status keep_slices(const dataset::Dataset& data, const results::RunFolder& folder) {
  if (data.slices.empty()) return {};
  results::CsvRow titles = {"index", "id"};
  for (const auto& column : data.slices) titles.push_back(column.name);
  std::string text = results::csv_line(titles);
  for (size_t i = 0; i < data.count(); ++i) {
    results::CsvRow row = {std::to_string(i), data.ids[i]};
    for (const auto& column : data.slices) row.push_back(column.values[i]);
    text += results::csv_line(row);
  }
  return write_file(folder.path(results::file::kSlices), text);
}

// run.json: the cases of which this one is the last.
Status keep_cases(const CaseSpec& spec, const results::RunFolder& folder) {
  nlohmann::ordered_json cases = nlohmann::ordered_json::array();
  for (const results::Variant& variant : spec.measured) {
    cases.push_back({{"name", variant.name}, {"folder", variant.run}, {"refused", variant.refused}});
  }
  cases.push_back({{"name", kDeployedRow}, {"folder", folder.path().filename().string()}, {"refused", ""}});
  const nlohmann::ordered_json json = {{"schema", "assay.run"},
                                       {"schema_version", 1},
                                       {"profile", spec.profile.profile.profile().name()},
                                       {"board", spec.board.board().name()},
                                       {"cases", cases}};
  return write_file(folder.path(results::file::kCases),
                    json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace

Status keep_preparation(const CaseSpec& spec, const Prepared& prepared, const results::RunFolder& folder) {
  if (!spec.measured.empty()) ASSAY_CHECK(keep_cases(spec, folder));
  if (!prepared.plan.bytes.empty())
    ASSAY_CHECK(write_file(folder.path(results::file::kPlan), prepared.plan.bytes));
  ASSAY_CHECK(keep_slices(prepared.dataset, folder));
  const bool real = !prepared.dataset.quantised && prepared.input.scale != 0;
  return write_file(folder.path(results::file::kGraph), graph_json(prepared, real));
}

Status keep_results(const Prepared& prepared, const References& references, const Replay& replay,
                    const std::vector<results::Flip>& flips, const results::Summary& summary,
                    const results::RunFolder& folder) {
  if (replay.finished() > 0) {
    ASSAY_CHECK(results::write_npy(folder.path(results::file::kOutputs), replay.outputs));
    if (!replay.ticks.empty()) {
      ASSAY_CHECK(
          results::write_npy(folder.path(results::file::kTicks), std::span<const int64_t>(replay.ticks)));
    }
    ASSAY_CHECK(keep_inputs(prepared, references, chosen_rows(flips, replay.finished()), folder));
  }
  ASSAY_CHECK(keep_references(references, folder));
  ASSAY_CHECK(folder.write_flips(flips));
  ASSAY_CHECK(folder.write_ops(summary.layers));
  if (summary.memory) ASSAY_CHECK(folder.write_memory(*summary.memory));
  return {};
}

}  // namespace assay::run
