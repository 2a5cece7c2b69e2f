// Tables of the run folder as CSV (RFC 4180, with \n line ends): quoting in one place.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace assay::results {

using CsvRow = std::vector<std::string>;

// One line with its newline; fields with a comma, quote, CR or LF are quoted.
std::string csv_line(const CsvRow& row);

struct CsvTable {
  CsvRow header;
  std::vector<CsvRow> rows;
  std::vector<int> lines;  // line number of each row, from 1
  // The column's index, or -1.
  int column(std::string_view name) const;
};

// Both \n and \r\n end a line. results.bad_csv names file and line: a row with another number of fields than
// the header, a quote that never closes. With `journal`, a last row without its newline is dropped instead:
// the writer was cut off in it.
Result<CsvTable> parse_csv(std::string_view text, const std::string& where, bool journal = false);
Result<CsvTable> read_csv(const std::filesystem::path& path, bool journal = false);

}  // namespace assay::results
