#include "results/tables.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <map>

#include "results/csv.h"

namespace assay::results {
namespace {

// Text of one field and back. Integers below 0 that mean "none" are optional or `Class`.
struct Class {
  int& value;
};
struct ConstClass {
  const int& value;
};

std::string text_of(const std::string& value) { return value; }
std::string text_of(bool value) { return value ? "1" : "0"; }
std::string text_of(int value) { return std::to_string(value); }
std::string text_of(int64_t value) { return std::to_string(value); }
std::string text_of(double value) { return std::isfinite(value) ? fmt::format("{}", value) : ""; }
std::string text_of(ConstClass c) { return c.value < 0 ? "" : std::to_string(c.value); }
template <class T>
std::string text_of(const std::optional<T>& value) {
  return value ? text_of(*value) : "";
}

template <class T>
bool number(const std::string& text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}
bool value_of(const std::string& text, std::string& value) {
  value = text;
  return true;
}
bool value_of(const std::string& text, bool& value) {
  value = text == "1";
  return value || text == "0";
}
bool value_of(const std::string& text, int& value) { return number(text, value); }
bool value_of(const std::string& text, int64_t& value) { return number(text, value); }
bool value_of(const std::string& text, double& value) {
  if (text.empty()) value = std::nan("");
  return text.empty() || number(text, value);
}
bool value_of(const std::string& text, Class c) {
  c.value = -1;
  return text.empty() || number(text, c.value);
}
template <class T>
bool value_of(const std::string& text, std::optional<T>& value) {
  value.reset();
  return text.empty() || value_of(text, value.emplace());
}

auto class_field(int& value) { return Class{value}; }
auto class_field(const int& value) { return ConstClass{value}; }

// The columns of each table, in file order.
void columns(auto& row, auto&& visit) requires std::is_same_v<std::remove_cvref_t<decltype(row)>, SampleRow> {
  visit("index", row.index), visit("id", row.id), visit("status", row.status);
  visit("truth", class_field(row.truth)), visit("device", class_field(row.device)), visit("ticks", row.ticks);
  visit("first_run", row.first_run), visit("retries", row.retries);
}
void columns(auto& row, auto&& visit) requires std::is_same_v<std::remove_cvref_t<decltype(row)>, Flip> {
  visit("sample", row.sample), visit("index", row.index), visit("truth", class_field(row.truth));
  visit("reference", class_field(row.reference)), visit("device", class_field(row.device));
  visit("r1", class_field(row.r1)), visit("r2", class_field(row.r2)), visit("kind", row.kind);
  visit("reference_margin", row.reference_margin), visit("device_margin", row.device_margin);
  visit("envelope", row.envelope);
}
void columns(auto& row, auto&& visit) requires std::is_same_v<std::remove_cvref_t<decltype(row)>, Layer> {
  visit("index", row.index), visit("op", row.op), visit("kernel", row.kernel);
  visit("output_shape", row.output_shape), visit("median", row.median), visit("share", row.share);
  visit("macs", row.macs), visit("arena_bytes_live", row.arena_bytes_live), visit("note", row.note);
}

template <class Row>
std::string header_line() {
  const Row row;
  CsvRow names;
  columns(row, [&](const char* name, const auto&) { names.push_back(name); });
  return csv_line(names);
}

template <class Row>
std::string row_line(const Row& row) {
  CsvRow texts;
  columns(row, [&](const char*, const auto& value) { texts.push_back(text_of(value)); });
  return csv_line(texts);
}

template <class Row>
std::string table_text(const std::vector<Row>& rows) {
  std::string text = header_line<Row>();
  for (const Row& row : rows) text += row_line(row);
  return text;
}

// Columns are found by name, so that a later version may add some.
template <class Row>
Result<std::vector<Row>> parse_table(std::string_view text, const std::string& where, bool journal) {
  ASSAY_TRY(const CsvTable table, parse_csv(text, where, journal));
  std::vector<Row> rows;
  for (size_t i = 0; i < table.rows.size(); ++i) {
    Row row;
    std::string wrong;
    columns(row, [&](const char* name, auto&& value) {
      const int at = table.column(name);
      if (!wrong.empty()) return;
      if (at < 0) {
        wrong = fmt::format("column '{}' is missing", name);
      } else if (!value_of(table.rows[i][static_cast<size_t>(at)], value)) {
        wrong = fmt::format("line {}: '{}' is no value of column '{}'", table.lines[i],
                            table.rows[i][static_cast<size_t>(at)], name);
      }
    });
    if (!wrong.empty()) return fail("results.bad_csv", wrong, where);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::string samples_header() { return header_line<SampleRow>(); }
std::string sample_line(const SampleRow& row) { return row_line(row); }

Result<std::vector<SampleRow>> parse_samples(std::string_view text, const std::string& where) {
  ASSAY_TRY(auto rows, parse_table<SampleRow>(text, where, true));
  std::map<int64_t, SampleRow> by_index;
  for (SampleRow& row : rows) by_index[row.index] = std::move(row);
  rows.clear();
  for (auto& [index, row] : by_index) rows.push_back(std::move(row));
  return rows;
}

std::string flips_text(const std::vector<Flip>& flips) { return table_text(flips); }
Result<std::vector<Flip>> parse_flips(std::string_view text, const std::string& where) {
  return parse_table<Flip>(text, where, false);
}

std::string ops_text(const std::vector<Layer>& layers) { return table_text(layers); }
Result<std::vector<Layer>> parse_ops(std::string_view text, const std::string& where) {
  return parse_table<Layer>(text, where, false);
}

}  // namespace assay::results
