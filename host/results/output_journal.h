// outputs.part: the device's outputs as they come, so that a killed run loses no finished sample.
//
// Records of one size follow a header, all little-endian, record i being sample i of the run:
//   header   "ASSAYOP1", uint32 bytes of an output row, uint32 CRC-32 of what stands before
//   record   uint32 index, int64 raw ticks, the output row, uint32 CRC-32 of what stands before
// A sample is finished when its record is whole; its line in samples.csv can be made from it again, so the
// record is written first. outputs.npy and ticks.npy are made of the records at the end, and the file goes
// away with the verdict.
//
// A record costs one write(2), no flush (append_file.h): it survives the process, not always a power cut;
// then the CRC ends the whole records where the damage begins.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "results/append_file.h"

namespace assay::results {

struct JournalledOutputs {
  std::vector<uint8_t> rows;  // row_bytes each
  std::vector<int64_t> ticks;
  size_t count() const { return ticks.size(); }
};

class OutputJournal {
 public:
  // The whole records of a file; none when it is missing or belongs to rows of another size. base.file.
  static Result<JournalledOutputs> read(const std::filesystem::path& path, size_t row_bytes);
  // Goes on after the first `count` records. base.file, base.disk_full.
  static Result<OutputJournal> open(const std::filesystem::path& path, size_t row_bytes, size_t count);

  // The next sample. `row` has the size given to open(). base.file, base.disk_full: the sample is not
  // finished.
  Status append(std::span<const uint8_t> row, int64_t ticks);

 private:
  OutputJournal(AppendFile file, size_t count) : file_(std::move(file)), count_(count) {}
  AppendFile file_;
  size_t count_;
};

}  // namespace assay::results
