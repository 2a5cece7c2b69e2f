// A CSV with a line of titles: one row a sample, its columns the inputs, the label, the id, and what to slice
// by.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "config/profile.pb.h"
#include "dataset/csv_titles.h"
#include "dataset/formats.h"
#include "dataset/labels.h"

namespace assay::dataset {
namespace {

constexpr size_t kMaxBytes = size_t{2} << 30;

// How one number is kept.
struct Numeric {
  ElementType type;
  double low, high;
  bool whole;
  void (*store)(double value, uint8_t* into);
};
template <class T>
constexpr Numeric numeric(ElementType type) {
  return {type, static_cast<double>(std::numeric_limits<T>::lowest()),
          static_cast<double>(std::numeric_limits<T>::max()), std::numeric_limits<T>::is_integer,
          [](double value, uint8_t* into) {
            const T typed = static_cast<T>(value);
            std::memcpy(into, &typed, sizeof typed);
          }};
}
constexpr Numeric kNumerics[] = {
    numeric<float>(ElementType::kFloat32), numeric<double>(ElementType::kFloat64),
    numeric<int8_t>(ElementType::kInt8),   numeric<uint8_t>(ElementType::kUint8),
    numeric<int16_t>(ElementType::kInt16), numeric<int32_t>(ElementType::kInt32),
};

// float32, unless [data] says otherwise; int8 where the numbers are the model's own.
Result<const Numeric*> numeric_of(const config::Data& data) {
  ElementType type = data.quantised() ? ElementType::kInt8 : ElementType::kFloat32;
  if (!data.type().empty()) {
    ASSAY_TRY(type, element_type(data.type()));
  }
  for (const Numeric& numeric : kNumerics) {
    if (numeric.type == type) return &numeric;
  }
  return fail("dataset.type", fmt::format("a CSV is not read as {}", element_name(type)), data.path());
}

struct Columns {
  std::optional<size_t> label, id;
  std::vector<size_t> slices, inputs;
};

// The label's column: named in [data], else by its title. A `y` beside an `x` is a coordinate.
Result<std::optional<size_t>> label_column(const config::Data& data, const CsvTitles& titles,
                                           const std::string& where) {
  std::optional<size_t> column;
  if (!data.label_column().empty()) {
    ASSAY_TRY(column, titles.require(data.label_column(), "label_column", where));
  } else {
    column = titles.first_of(kLabelTitles);
    if (column && titles.names()[*column] == "y" && titles.find("x")) column.reset();
  }
  if (!column || data.labels().empty()) return column;
  return fail(
      "dataset.malformed",
      fmt::format("labels come from `labels` in [data] and from column '{}'", titles.names()[*column]), where,
      "Remove one of the two.");
}

Result<Columns> columns_of(const config::Data& data, const CsvTitles& titles, const std::string& where) {
  Columns columns;
  ASSAY_TRY(columns.label, label_column(data, titles, where));
  if (!data.id_column().empty()) {
    ASSAY_TRY(columns.id, titles.require(data.id_column(), "id_column", where));
  } else {
    columns.id = titles.first_of(kIdTitles);
  }
  std::vector<bool> taken(titles.size());
  for (const std::string& name : data.slice_columns()) {
    ASSAY_TRY(const size_t column, titles.require(name, "slice_columns", where));
    if (!taken[column]) columns.slices.push_back(column);
    taken[column] = true;
  }
  if (columns.label) taken[*columns.label] = true;
  if (columns.id) taken[*columns.id] = true;
  for (size_t i = 0; i < taken.size(); ++i) {
    if (!taken[i]) columns.inputs.push_back(i);
  }
  if (!columns.inputs.empty()) return columns;
  return fail("dataset.shape", "no column is left for the inputs", where,
              "Add the inputs, or correct label_column, id_column and slice_columns in [data].");
}

class RowReader {
 public:
  RowReader(CsvRecords& records, const CsvTitles& titles, const Columns& columns, const Numeric& numeric)
      : records_(records), titles_(titles), columns_(columns), numeric_(numeric) {}

  Status append_inputs(std::vector<uint8_t>& data) const {
    const size_t size = element_size(numeric_.type), used = data.size();
    const size_t row = columns_.inputs.size() * size;
    if (used + row > kMaxBytes) {
      return fail("dataset.malformed", "the samples take more than 2 GiB", records_.where(),
                  "Split the table, or store the samples as .npy.");
    }
    data.resize(used + row);
    uint8_t* into = data.data() + used;
    for (const size_t column : columns_.inputs) {
      ASSAY_TRY(const double value, number(column));
      numeric_.store(value, into);
      into += size;
    }
    return {};
  }

 private:
  Result<double> number(size_t column) const {
    std::string_view text = records_.fields()[column];
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size() || error == std::errc::invalid_argument) return no_number(column);
    // Out of range: too large, or so small that it is 0.
    if (error != std::errc()) value = std::strtod(std::string(text).c_str(), nullptr);
    if (std::isnan(value) || (std::isinf(value) && error == std::errc())) {
      return fail("dataset.nan", fmt::format("{} in column '{}'", text, titles_.names()[column]),
                  records_.where(column), "Repair or remove the sample.");
    }
    if (value < numeric_.low || value > numeric_.high || (numeric_.whole && value != std::floor(value))) {
      return fail("dataset.type",
                  fmt::format("'{}' in column '{}' is no {}", text, titles_.names()[column],
                              element_name(numeric_.type)),
                  records_.where(column), "Correct the number, or `type` in [data].");
    }
    return value;
  }

  tl::unexpected<Error> no_number(size_t column) const {
    const std::string_view text = records_.fields()[column];
    const std::string what = text.empty() ? fmt::format("no value in column '{}'", titles_.names()[column])
                                          : fmt::format("'{}' in column '{}' is no number",
                                                        text.substr(0, 40), titles_.names()[column]);
    return fail("dataset.malformed", what, records_.where(column),
                "Correct the value; a column that is no input belongs into label_column, id_column or "
                "slice_columns of [data].");
  }

  CsvRecords& records_;
  const CsvTitles& titles_;
  const Columns& columns_;
  const Numeric& numeric_;
};

}  // namespace

Result<Stored> read_csv_dataset(const config::Data& data) {
  ASSAY_TRY(CsvRecords records, CsvRecords::open(data.path()));
  ASSAY_TRY(const CsvTitles titles, CsvTitles::read(records));
  ASSAY_TRY(const Columns columns, columns_of(data, titles, records.where()));
  ASSAY_TRY(const Numeric* numeric, numeric_of(data));
  const ClassNames classes({data.classes().begin(), data.classes().end()});
  const RowReader rows(records, titles, columns, *numeric);
  Stored stored;
  stored.inputs.info.type = numeric->type;
  stored.inputs.info.dims = {1, static_cast<int64_t>(columns.inputs.size())};
  for (const size_t column : columns.slices) stored.slices.push_back({titles.names()[column], {}});
  for (;;) {
    ASSAY_TRY(const bool more, records.next());
    if (!more) break;
    ASSAY_CHECK(titles.check_width(records));
    ASSAY_CHECK(rows.append_inputs(stored.inputs.data));
    const auto fields = records.fields();
    if (columns.label) {
      ASSAY_TRY(const int64_t label,
                classes.number_of(fields[*columns.label], records.where(*columns.label)));
      stored.labels.push_back(label);
    }
    if (columns.id) stored.ids.emplace_back(fields[*columns.id]);
    for (size_t i = 0; i < columns.slices.size(); ++i)
      stored.slices[i].values.emplace_back(fields[columns.slices[i]]);
  }
  if (!data.labels().empty()) ASSAY_CHECK(add_labels(data, stored));
  return stored;
}

}  // namespace assay::dataset
