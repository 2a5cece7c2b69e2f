// How a choice of samples is written: the options of slice.h, from text and back.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <filesystem>

#include "base/files.h"
#include "dataset/slice.h"

namespace assay::dataset {
namespace {

constexpr const char* kForm =
    "Write first:last (the last one excluded), for example 100:200, or ids, or a file of ids.";

std::optional<int64_t> number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

template <class Use>
void each_part(std::string_view text, char separator, Use&& use) {
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    use(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

std::optional<RowRange> range_of(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) {
    const auto row = number(text);
    if (!row) return std::nullopt;
    return RowRange{*row, *row + 1};
  }
  const auto left = text.substr(0, colon), right = text.substr(colon + 1);
  const auto first = left.empty() ? std::optional<int64_t>(0) : number(left);
  const auto last = number(right);
  if (!first || (!last && !right.empty()) || (last && *last <= *first)) return std::nullopt;
  return RowRange{*first, last};
}

Result<Slice> ids_of_file(const std::string& file) {
  ASSAY_TRY(const std::string text, read_text(file));
  Slice slice;
  each_part(text, '\n', [&](std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) slice.ids.emplace_back(line);
  });
  if (slice.ids.empty())
    return fail("dataset.slice", "the file of samples names none", file, "Write one id a line.");
  return slice;
}

std::string range_text(const RowRange& range) {
  if (range.last == range.first + 1) return std::to_string(range.first);
  return fmt::format("{}:{}", range.first, range.last ? std::to_string(*range.last) : "");
}

}  // namespace

Result<Slice> parse_slice(std::string_view text) {
  std::error_code error;
  if (std::filesystem::is_regular_file(text, error)) return ids_of_file(std::string(text));
  Slice slice;
  std::string wrong;
  bool any_wrong = false;
  each_part(text, ',', [&](std::string_view part) {
    if (const auto range = range_of(part)) {
      slice.ranges.push_back(*range);
    } else if (part.empty() || part.find(':') != std::string_view::npos || part.front() == '-') {
      any_wrong = true;
      wrong = part;
    } else {
      slice.ids.emplace_back(part);
    }
  });
  if (any_wrong) return fail("dataset.slice", fmt::format("'{}' is no range of samples", wrong), {}, kForm);
  return slice;
}

Result<std::vector<Condition>> parse_where(std::string_view text) {
  std::vector<Condition> where;
  std::string wrong;
  bool any_wrong = false;
  each_part(text, ',', [&](std::string_view part) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      any_wrong = true;
      wrong = part;
      return;
    }
    where.push_back({std::string(part.substr(0, equals)), std::string(part.substr(equals + 1))});
  });
  if (!any_wrong) return where;
  return fail("dataset.slice", fmt::format("'{}' is no condition column=value", wrong), {},
              "Write column=value, several separated by commas, or the name of a [[slice]] of the profile.");
}

Result<Shard> parse_shard(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto index = number(text.substr(0, slash)), count = number(text.substr(slash + 1));
    if (index && count && *index >= 1 && *index <= *count) return Shard{*index, *count};
  }
  return fail("dataset.slice", fmt::format("'{}' is no shard", text), {},
              "Write i/n with i from 1 to n, for example 2/4.");
}

std::string Slice::text(uint64_t seed) const {
  constexpr size_t kShown = 5;
  std::vector<std::string> parts, rows, conditions;
  for (const RowRange& range : ranges) rows.push_back(range_text(range));
  rows.insert(rows.end(), ids.begin(), ids.end());
  const size_t all = rows.size();
  if (all > kShown) rows.resize(kShown);
  if (all > 0)
    parts.push_back(fmt::format("samples {}{}", fmt::join(rows, ","),
                                all > kShown ? fmt::format(" and {} more", all - kShown) : ""));
  for (const Condition& condition : where) conditions.push_back(condition.column + "=" + condition.value);
  if (!conditions.empty()) parts.push_back(fmt::format("{}", fmt::join(conditions, ",")));
  if (limit && shuffle) parts.push_back(fmt::format("{} at random, seed {}", *limit, seed));
  if (limit && !shuffle) parts.push_back(fmt::format("the first {}", *limit));
  if (shard) parts.push_back(fmt::format("shard {}/{}", shard->index, shard->count));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string rows_text(std::span<const int64_t> rows) {
  std::string text;
  for (size_t i = 0; i < rows.size();) {
    size_t end = i + 1;
    while (end < rows.size() && rows[end] == rows[end - 1] + 1) ++end;
    text += (text.empty() ? "" : ",") + range_text({rows[i], rows[end - 1] + 1});
    i = end;
  }
  return text;
}

}  // namespace assay::dataset
