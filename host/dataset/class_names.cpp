#include "dataset/class_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <optional>

#include "config/nearest.h"

namespace assay::dataset {
namespace {

constexpr size_t kNamesInMessage = 12;

std::optional<int64_t> integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string some_of(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kNamesInMessage);
  return fmt::format("{}{}", fmt::join(names.begin(), names.begin() + static_cast<ptrdiff_t>(shown), ", "),
                     shown < names.size() ? ", ..." : "");
}

}  // namespace

ClassNames::ClassNames(std::vector<std::string> names) : names_(std::move(names)) {
  for (size_t i = 0; i < names_.size(); ++i) numbers_.emplace(names_[i], static_cast<int64_t>(i));
}

Result<int64_t> ClassNames::number_of(std::string_view label, const std::string& where) const {
  if (label.empty())
    return fail("dataset.label_missing", "the label is empty", where, "Give each sample one label.");
  const auto named = numbers_.find(std::string(label));
  if (named != numbers_.end()) return named->second;
  const auto number = integer(label);
  if (!number && names_.empty()) {
    return fail(
        "dataset.malformed", fmt::format("'{}' is no class number", label), where,
        "Write numbers from 0 on, or list the classes, in the order of the model's outputs, as `classes` "
        "in [data].");
  }
  const auto count = static_cast<int64_t>(names_.size());
  if (number && *number >= 0 && (names_.empty() || *number < count)) return *number;
  const std::string near = number ? "" : config::nearest(std::string(label), names_);
  if (names_.empty()) return fail("dataset.label_range", fmt::format("label {} is below 0", label), where);
  return fail("dataset.label_range",
              fmt::format("label '{}' is no class and no number in 0..{}", label, count - 1), where,
              fmt::format("{}Classes: {}.", near.empty() ? "" : fmt::format("Did you mean '{}'? ", near),
                          some_of(names_)));
}

}  // namespace assay::dataset
