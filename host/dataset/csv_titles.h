// The first line of a CSV: what its columns are called, and which of them plays which part.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/csv_records.h"

namespace assay::dataset {

// Columns that need not be named in [data].
inline constexpr std::array<std::string_view, 3> kLabelTitles = {"label", "class", "y"};
inline constexpr std::array<std::string_view, 2> kIdTitles = {"id", "file"};

class CsvTitles {
 public:
  // Takes the next record as titles. dataset.empty: there is none; dataset.malformed: a title that is empty
  // or there twice, numbers instead of titles, another separator than the comma.
  static Result<CsvTitles> read(CsvRecords& records);
  explicit CsvTitles(std::vector<std::string> names) : names_(std::move(names)) {}

  const std::vector<std::string>& names() const { return names_; }
  size_t size() const { return names_.size(); }
  std::optional<size_t> find(std::string_view title) const;
  std::optional<size_t> first_of(std::span<const std::string_view> titles) const;
  // dataset.not_found names `key` of [data], the nearest title and all of them.
  Result<size_t> require(const std::string& title, const char* key, const std::string& where) const;
  // dataset.malformed when the record has another number of fields.
  Status check_width(const CsvRecords& records) const;

 private:
  std::vector<std::string> names_;
};

}  // namespace assay::dataset
