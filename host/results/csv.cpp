#include "results/csv.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"

namespace assay::results {
namespace {

std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string out = "\"";
  for (char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

// Reads one record from `at` on. False: the text ended before the record's newline.
struct RecordReader {
  std::string_view text;
  size_t at = 0;
  int line = 1;
  bool open_quote = false;

  bool next(CsvRow& row) {
    row.assign(1, "");
    bool in_quotes = false;
    while (at < text.size()) {
      const char c = text[at++];
      if (c == '\n') ++line;
      if (in_quotes) {
        if (c != '"') {
          row.back() += c;
        } else if (at < text.size() && text[at] == '"') {
          row.back() += text[at++];
        } else {
          in_quotes = false;
        }
      } else if (c == '"' && row.back().empty()) {
        in_quotes = true;
      } else if (c == ',') {
        row.emplace_back();
      } else if (c == '\n') {
        return true;
      } else if (c != '\r' || at >= text.size() || text[at] != '\n') {
        row.back() += c;
      }
    }
    open_quote = in_quotes;
    return false;
  }
};

}  // namespace

std::string csv_line(const CsvRow& row) {
  std::string line;
  for (size_t i = 0; i < row.size(); ++i) line += (i ? "," : "") + quoted(row[i]);
  return line + "\n";
}

int CsvTable::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? -1 : static_cast<int>(found - header.begin());
}

Result<CsvTable> parse_csv(std::string_view text, const std::string& where, bool journal) {
  CsvTable table;
  RecordReader reader{text};
  bool complete = true;
  while (complete && reader.at < text.size()) {
    const int line = reader.line;
    CsvRow row;
    complete = reader.next(row);
    if (!complete && journal) break;
    if (!complete && reader.open_quote)
      return fail("results.bad_csv", fmt::format("line {}: a quote never closes", line), where);
    if (row.size() == 1 && row[0].empty()) continue;
    if (table.header.empty()) {
      table.header = std::move(row);
      continue;
    }
    if (row.size() != table.header.size()) {
      return fail("results.bad_csv",
                  fmt::format("line {} has {} fields, the header {}", line, row.size(), table.header.size()),
                  where);
    }
    table.rows.push_back(std::move(row));
    table.lines.push_back(line);
  }
  return table;
}

Result<CsvTable> read_csv(const std::filesystem::path& path, bool journal) {
  ASSAY_TRY(const auto text, read_text(path));
  return parse_csv(text, path.string(), journal);
}

}  // namespace assay::results
