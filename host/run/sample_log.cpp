#include "run/sample_log.h"

#include <algorithm>

#include "base/files.h"

namespace assay::run {
namespace {

int argmax(const TensorInfo& info, std::span<const uint8_t> row) {
  const std::vector<double> values = real_values(info, row);
  return values.empty() ? -1
                        : static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

results::SampleRow sample_row(const Prepared& prepared, size_t index, std::span<const uint8_t> output,
                              int64_t ticks) {
  results::SampleRow row;
  row.index = static_cast<int64_t>(index);
  row.id = prepared.dataset.ids[index];
  row.status = "ok";
  if (prepared.dataset.labelled()) row.truth = prepared.dataset.labels[index];
  row.device = argmax(prepared.output, output);
  row.ticks = ticks;
  row.first_run = index == 0;
  return row;
}

}  // namespace

Result<SampleLog> SampleLog::open(const Prepared& prepared, const results::RunFolder& folder) {
  const auto part = folder.path(results::file::kOutputsPart);
  const size_t bytes = prepared.output.bytes();
  ASSAY_TRY(results::JournalledOutputs finished, results::OutputJournal::read(part, bytes));
  const size_t count = std::min(finished.count(), prepared.inputs.rows());
  finished.ticks.resize(count);
  finished.rows.resize(count * bytes);
  if (folder.has(results::file::kSamples)) {
    std::string text = results::samples_header();
    for (size_t i = 0; i < count; ++i) {
      text += results::sample_line(
          sample_row(prepared, i, std::span(finished.rows).subspan(i * bytes, bytes), finished.ticks[i]));
    }
    ASSAY_CHECK(write_file(folder.path(results::file::kSamples), text));
  }
  ASSAY_TRY(auto outputs, results::OutputJournal::open(part, bytes, count));
  ASSAY_TRY(auto samples, folder.sample_journal());
  return SampleLog(prepared, std::move(finished), std::move(outputs), std::move(samples));
}

Status SampleLog::write(std::span<const uint8_t> output, int64_t ticks) {
  ASSAY_CHECK(outputs_.append(output, ticks));
  ASSAY_CHECK(samples_.write(sample_row(prepared_, next_, output, ticks)));
  ++next_;
  return {};
}

}  // namespace assay::run
