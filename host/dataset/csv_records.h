// Records of a CSV of any size, one at a time: datasets do not fit the tables of results/csv.h, which keep
// every field as a string of its own.
//
// RFC 4180: commas, quoted fields with doubled quotes and line breaks inside, LF or CRLF, the last line with
// or without its end. A byte order mark of UTF-8 and empty lines are skipped. Memory: one record (at most
// kMaxRecordBytes) and one chunk of the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace assay::dataset {

class CsvRecords {
 public:
  static constexpr size_t kMaxRecordBytes = size_t{16} << 20;

  // base.file.
  static Result<CsvRecords> open(const std::filesystem::path& path);
  CsvRecords(CsvRecords&& other) noexcept;
  CsvRecords& operator=(CsvRecords&&) = delete;
  ~CsvRecords();

  // Reads the next record; false after the last one. dataset.malformed (file:line): a quote that never
  // closes, text after a closing quote, a NUL byte (UTF-16, or no text at all), a record that is too large;
  // base.file.
  Result<bool> next();

  // Of the record that next() read; valid until the next call.
  std::span<const std::string_view> fields() const { return fields_; }
  int64_t line() const { return line_; }  // where the record begins, from 1
  // "file:line:column" of a field: the byte in its line where it begins, from 1. The line is the record's.
  std::string where(size_t field) const;
  std::string where() const;  // "file:line"

 private:
  CsvRecords() = default;
  Status fill(size_t& end);
  Status split(std::string_view record);
  Status unquote(std::string_view record, size_t& at, std::string_view& field);
  tl::unexpected<Error> malformed(std::string what, std::string remedy = {}) const;

  std::filesystem::path path_;
  int fd_ = -1;
  bool ended_ = false;   // the file is read to its end
  std::string buffer_;   // what was read and not yet given out, from position_ on
  size_t position_ = 0;  // first byte of the next record
  int64_t next_line_ = 1, line_ = 0;
  std::vector<std::string_view> fields_;
  std::vector<size_t> starts_;  // byte of each field in the record
  std::string unquoted_;        // the text of quoted fields, which views point into
};

}  // namespace assay::dataset
