// What a label in a table of text means: a class by its name, or by its number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace assay::dataset {

class ClassNames {
 public:
  // `names` in the order of the model's outputs; empty: labels are numbers from 0.
  explicit ClassNames(std::vector<std::string> names);

  // The class's number. A name counts before a number, should a class be called "7".
  // dataset.label_range (`where` and the nearest class); dataset.malformed: no number where no class has a
  // name; dataset.label_missing: an empty label.
  Result<int64_t> number_of(std::string_view label, const std::string& where) const;

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, int64_t> numbers_;
};

}  // namespace assay::dataset
