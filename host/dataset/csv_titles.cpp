#include "dataset/csv_titles.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "config/nearest.h"

namespace assay::dataset {
namespace {

bool is_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::string some_of(const std::vector<std::string>& names) {
  constexpr size_t kShown = 20;
  const auto end = names.begin() + static_cast<ptrdiff_t>(std::min(names.size(), kShown));
  return fmt::format("{}{}", fmt::join(names.begin(), end, ", "), names.size() > kShown ? ", ..." : "");
}

}  // namespace

Result<CsvTitles> CsvTitles::read(CsvRecords& records) {
  ASSAY_TRY(const bool there, records.next());
  if (!there)
    return fail("dataset.empty", "the table is empty", records.where(),
                "Write a line of titles and the samples.");
  const auto fields = records.fields();
  auto malformed = [&](std::string what, std::string remedy) {
    return fail("dataset.malformed", std::move(what), records.where(), std::move(remedy));
  };
  for (const char other : {';', '\t'}) {
    if (fields.size() == 1 && fields[0].find(other) != std::string_view::npos) {
      return malformed(fmt::format("fields are separated by {}", other == ';' ? "';'" : "tabs"),
                       "Save the table with commas as separators and points in numbers.");
    }
  }
  if (std::all_of(fields.begin(), fields.end(), is_number)) {
    return malformed("the first line holds numbers, not the titles of the columns",
                     "Write a first line that names each column.");
  }
  std::vector<std::string> names;
  std::unordered_set<std::string> seen;
  for (const std::string_view field : fields) {
    if (field.empty())
      return malformed(fmt::format("column {} has no title", names.size() + 1), "Name each column once.");
    names.emplace_back(field);
    if (!seen.insert(names.back()).second)
      return malformed(fmt::format("two columns are called '{}'", field), "Name each column once.");
  }
  return CsvTitles(std::move(names));
}

std::optional<size_t> CsvTitles::find(std::string_view title) const {
  const auto found = std::find(names_.begin(), names_.end(), title);
  if (found == names_.end()) return std::nullopt;
  return static_cast<size_t>(found - names_.begin());
}

std::optional<size_t> CsvTitles::first_of(std::span<const std::string_view> titles) const {
  for (const std::string_view title : titles) {
    if (const auto found = find(title)) return found;
  }
  return std::nullopt;
}

Result<size_t> CsvTitles::require(const std::string& title, const char* key, const std::string& where) const {
  if (const auto found = find(title)) return *found;
  const std::string near = config::nearest(title, names_);
  return fail("dataset.not_found", fmt::format("no column '{}', which `{}` in [data] names", title, key),
              where,
              fmt::format("{}Columns: {}.", near.empty() ? "" : fmt::format("Did you mean '{}'? ", near),
                          some_of(names_)));
}

Status CsvTitles::check_width(const CsvRecords& records) const {
  if (records.fields().size() == names_.size()) return {};
  return fail("dataset.malformed",
              fmt::format("{} fields, the line of titles has {}", records.fields().size(), names_.size()),
              records.where(), "Write one field per column; quote fields that hold commas.");
}

}  // namespace assay::dataset
