#include "dataset/labels.h"

#include <fmt/format.h>

#include <charconv>
#include <unordered_map>

#include "config/profile.pb.h"
#include "dataset/csv_titles.h"
#include "dataset/formats.h"
#include "results/npy.h"

namespace assay::dataset {
namespace {

constexpr const char* kForm =
    "Write `file,n_classes,class` or `id,class` per line, or a line of titles first.";

std::optional<int64_t> integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Which column is what; the others are slices.
struct Columns {
  size_t id = 0, label = 0;
  std::optional<size_t> class_count;
  std::optional<size_t> window;  // and the stride in the column after it
  std::vector<size_t> slices;
};

class TableReader {
 public:
  TableReader(CsvRecords& records, const ClassNames& classes) : records_(records), classes_(classes) {}

  Result<Labels> read() {
    ASSAY_TRY(bool more, records_.next());
    if (!more) return labels_;
    width_ = records_.fields().size();
    if (first_is_sample()) {
      if (width_ != 2 && width_ != 3 && width_ != 5)
        return malformed(fmt::format("{} columns without titles, 2, 3 or 5 expected", width_));
      columns_ = {.id = 0, .label = width_ == 2 ? size_t{1} : size_t{2}};
      if (width_ != 2) columns_.class_count = 1;
      if (width_ == 5) columns_.window = 3;
    } else {
      ASSAY_CHECK(read_titles());
      ASSAY_TRY(more, records_.next());
    }
    while (more) {
      ASSAY_CHECK(add_line());
      ASSAY_TRY(more, records_.next());
    }
    return std::move(labels_);
  }

 private:
  tl::unexpected<Error> malformed(std::string what) const {
    return fail("dataset.malformed", std::move(what), records_.where(), kForm);
  }

  // Such tables mostly come without titles.
  bool first_is_sample() const {
    const std::string_view last = records_.fields().back();
    return integer(last).has_value() || classes_.number_of(last, "").has_value();
  }

  Status read_titles() {
    const CsvTitles titles({records_.fields().begin(), records_.fields().end()});
    if (width_ < 2) return malformed("1 column, at least 2 expected");
    const auto label = titles.first_of(kLabelTitles);
    if (!label && width_ > 3) return malformed("no column is called label, class or y");
    columns_.label = label.value_or(width_ - 1);
    columns_.id = titles.first_of(kIdTitles).value_or(columns_.label == 0 ? 1 : 0);
    columns_.class_count = titles.find("n_classes");
    if (!columns_.class_count && width_ == 3 && columns_.id == 0 && columns_.label == 2 && !label)
      columns_.class_count = 1;
    for (size_t i = 0; i < width_; ++i) {
      if (i == columns_.id || i == columns_.label || i == columns_.class_count) continue;
      columns_.slices.push_back(i);
      labels_.slices.push_back({titles.names()[i], {}});
    }
    return {};
  }

  Status add_line() {
    const auto row = records_.fields();
    if (row.size() != width_)
      return malformed(fmt::format("{} fields, the lines before have {}", row.size(), width_));
    ASSAY_TRY(const int64_t label, classes_.number_of(row[columns_.label], records_.where()));
    if (columns_.class_count) {
      const std::string_view text = row[*columns_.class_count];
      const auto count = integer(text);
      if (!count || *count < 1) return malformed(fmt::format("'{}' is no number of classes", text));
      if (labels_.class_count.value_or(*count) != *count)
        return malformed(fmt::format("{} classes, {} in the lines before", *count, *labels_.class_count));
      labels_.class_count = count;
    }
    if (columns_.window) ASSAY_CHECK(add_window(row[*columns_.window], row[*columns_.window + 1]));
    labels_.ids.emplace_back(row[columns_.id]);
    labels_.values.push_back(label);
    for (size_t i = 0; i < columns_.slices.size(); ++i)
      labels_.slices[i].values.emplace_back(row[columns_.slices[i]]);
    return {};
  }

  Status add_window(std::string_view bytes, std::string_view stride) {
    const auto window = integer(bytes), step = integer(stride);
    if (!window || !step || *window < 1 || *step < 1)
      return malformed(
          fmt::format("window of '{}' bytes every '{}' bytes, both must be numbers above 0", bytes, stride));
    labels_.window_bytes.push_back(*window);
    labels_.stride_bytes.push_back(*step);
    return {};
  }

  CsvRecords& records_;
  const ClassNames& classes_;
  size_t width_ = 0;
  Columns columns_;
  Labels labels_;
};

Status must_exist(const std::filesystem::path& path, const char* what, const char* key) {
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) return {};
  return fail("dataset.not_found", fmt::format("the file of {} does not exist", what), path.string(),
              fmt::format("Correct `{0}` in [data], or remove it for a dataset without {0}.", key));
}

// For each sample the line of the table; line numbers where the table has no ids.
Result<std::vector<size_t>> lines_of(const std::vector<std::string>& ids,
                                     const std::vector<std::string>& listed, bool by_id, size_t lines,
                                     const std::string& where) {
  std::vector<size_t> order(ids.size());
  if (!by_id) {
    if (lines != ids.size())
      return fail("dataset.label_missing", fmt::format("{} lines for {} samples", lines, ids.size()), where,
                  "Write one line per sample, or add a column `id`.");
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    return order;
  }
  std::unordered_map<std::string_view, size_t> line_of;
  for (size_t i = 0; i < listed.size(); ++i) line_of.emplace(listed[i], i);
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto found = line_of.find(ids[i]);
    if (found == line_of.end())
      return fail("dataset.label_missing", fmt::format("no line for sample '{}'", ids[i]), where,
                  "Add the sample to the table.");
    order[i] = found->second;
  }
  return order;
}

}  // namespace

Result<Labels> read_labels(const std::filesystem::path& path, const ClassNames& classes) {
  ASSAY_CHECK(must_exist(path, "labels", "labels"));
  if (path.extension() != ".npy") {
    ASSAY_TRY(CsvRecords records, CsvRecords::open(path));
    return TableReader(records, classes).read();
  }
  Labels labels;
  ASSAY_TRY(labels.values, results::read_npy_integers(path));
  return labels;
}

Status add_labels(const config::Data& data, Stored& stored) {
  const ClassNames classes({data.classes().begin(), data.classes().end()});
  ASSAY_TRY(Labels labels, read_labels(data.labels(), classes));
  if (!stored.ids.empty() && !labels.ids.empty() && stored.ids != labels.ids) {
    return fail("dataset.label_missing", "the samples and the table of labels have different ids",
                data.labels(), "List every sample once, in the order of the dataset.");
  }
  if (!labels.ids.empty()) stored.ids = std::move(labels.ids);
  stored.labels = std::move(labels.values);
  stored.class_count = labels.class_count;
  for (SliceColumn& column : labels.slices) stored.slices.push_back(std::move(column));
  return {};
}

Result<std::vector<SliceColumn>> read_slices(const std::filesystem::path& path,
                                             const std::vector<std::string>& ids) {
  ASSAY_CHECK(must_exist(path, "slices", "slices"));
  ASSAY_TRY(CsvRecords records, CsvRecords::open(path));
  ASSAY_TRY(const CsvTitles titles, CsvTitles::read(records));
  const auto id = titles.first_of(kIdTitles);
  std::vector<SliceColumn> table;
  for (const std::string& name : titles.names()) table.push_back({name, {}});
  for (;;) {
    ASSAY_TRY(const bool more, records.next());
    if (!more) break;
    ASSAY_CHECK(titles.check_width(records));
    for (size_t i = 0; i < table.size(); ++i) table[i].values.emplace_back(records.fields()[i]);
  }
  static const std::vector<std::string> kNone;
  ASSAY_TRY(const auto order, lines_of(ids, id ? table[*id].values : kNone, id.has_value(),
                                       table.front().values.size(), path.string()));
  std::vector<SliceColumn> slices;
  for (size_t i = 0; i < table.size(); ++i) {
    if (i == id) continue;
    slices.push_back({table[i].name, {}});
    for (const size_t line : order) slices.back().values.push_back(table[i].values[line]);
  }
  return slices;
}

}  // namespace assay::dataset
