#include "dataset/labels.h"

#include <fmt/format.h>

#include <charconv>

#include "results/csv.h"
#include "results/npy.h"

namespace assay::dataset {
namespace {

std::optional<int64_t> integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Status add_line(const results::CsvRow& row, const std::string& where, Labels& labels) {
  auto malformed = [&](std::string what) {
    return fail("dataset.malformed", std::move(what), where,
                "Write `file,n_classes,class` or `id,class` per line.");
  };
  if (row.size() != 2 && row.size() != 3)
    return malformed(fmt::format("{} columns, 2 or 3 expected", row.size()));
  const auto label = integer(row.back());
  if (!label) return malformed(fmt::format("'{}' is no class number", row.back()));
  if (row.size() == 3) {
    const auto count = integer(row[1]);
    if (!count || *count < 1) return malformed(fmt::format("'{}' is no number of classes", row[1]));
    if (labels.class_count && *labels.class_count != *count) {
      return malformed(fmt::format("{} classes, {} in the lines before", *count, *labels.class_count));
    }
    labels.class_count = count;
  }
  labels.ids.push_back(row.front());
  labels.values.push_back(*label);
  return {};
}

Result<Labels> read_table(const std::filesystem::path& path) {
  auto table = results::read_csv(path);
  if (!table) return fail("dataset.malformed", table.error().message, table.error().where);
  Labels labels;
  // Such tables mostly come without titles: then the first line is a sample.
  if (!table->header.empty() && integer(table->header.back())) {
    ASSAY_CHECK(add_line(table->header, path.string() + ":1", labels));
  }
  for (size_t i = 0; i < table->rows.size(); ++i) {
    ASSAY_CHECK(add_line(table->rows[i], fmt::format("{}:{}", path.string(), table->lines[i]), labels));
  }
  return labels;
}

}  // namespace

Result<Labels> read_labels(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return fail("dataset.not_found", "the file of labels does not exist", path.string(),
                "Correct `labels` in [data], or remove it for a dataset without labels.");
  }
  if (path.extension() != ".npy") return read_table(path);
  Labels labels;
  ASSAY_TRY(labels.values, results::read_npy_integers(path));
  return labels;
}

}  // namespace assay::dataset
