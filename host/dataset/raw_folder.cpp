// A folder of raw tensors, as MLPerf Tiny keeps its inputs: one sample a file, or, as its anomaly detection
// has it, recordings of which a window of so many bytes is a sample.
#include <fmt/format.h>

#include "config/profile.pb.h"
#include "dataset/formats.h"
#include "dataset/sample_files.h"
#include "dataset/sources.h"

namespace assay::dataset {
namespace {

constexpr const char* kRecording = "recording";

// The facts of one file, for each of its windows.
void repeat_facts(const Stored& facts, size_t file, size_t windows, Stored& stored) {
  for (size_t i = 0; i < windows; ++i) {
    if (!facts.labels.empty()) stored.labels.push_back(facts.labels[file]);
    for (size_t c = 0; c < facts.slices.size(); ++c)
      stored.slices[c].values.push_back(facts.slices[c].values[file]);
  }
}

// Windows are named by the byte at which they begin: "machine.bin@512".
Status add_windows(const SampleFile& file, std::span<const uint8_t> bytes, Stored& stored, size_t& count) {
  const auto window = static_cast<size_t>(file.window_bytes), stride = static_cast<size_t>(file.stride_bytes);
  if (bytes.size() < window) {
    return fail("dataset.shape", fmt::format("{} bytes, a window of them has {}", bytes.size(), window),
                file.path.string(), "Correct the window in the table of labels, or the file.");
  }
  for (size_t at = 0; at + window <= bytes.size(); at += stride, ++count) {
    ASSAY_CHECK(stored.add_sample(fmt::format("{}@{}", file.id, at), {1, file.window_bytes},
                                  bytes.subspan(at, window)));
  }
  return {};
}

Status add_file(const SampleFile& file, Stored& stored, size_t& count) {
  ASSAY_TRY(const auto bytes, read_unchanged(file.path));
  if (bytes.empty())
    return fail("dataset.shape", "the file is empty", file.path.string(), "Write one whole sample per file.");
  if (file.window_bytes > 0) return add_windows(file, bytes, stored, count);
  count = 1;
  return stored.add_sample(file.id, {1, static_cast<int64_t>(bytes.size())}, bytes);
}

}  // namespace

Result<Stored> read_raw_folder(const config::Data& data) {
  ASSAY_TRY(const SampleFiles list, list_samples(data, {.extensions = ".bin"}));
  Stored stored;
  stored.untyped = true;
  stored.inputs.info.type = ElementType::kUint8;
  stored.inputs.info.dims = {1, 0};
  stored.class_count = list.facts.class_count;
  stored.classes = list.facts.classes;
  bool windowed = false, named = false;
  for (const SliceColumn& column : list.facts.slices) {
    stored.slices.push_back({column.name, {}});
    named = named || column.name == kRecording;
  }
  SliceColumn recording{kRecording, {}};
  for (size_t i = 0; i < list.files.size(); ++i) {
    size_t count = 0;
    ASSAY_CHECK(add_file(list.files[i], stored, count));
    repeat_facts(list.facts, i, count, stored);
    recording.values.insert(recording.values.end(), count, list.files[i].id);
    windowed = windowed || list.files[i].window_bytes > 0;
  }
  if (windowed && !named) stored.slices.push_back(std::move(recording));
  return stored;
}

}  // namespace assay::dataset
