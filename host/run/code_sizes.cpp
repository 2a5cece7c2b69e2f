#include "run/code_sizes.h"

#include <algorithm>

#include "model/file_operators.h"
#include "probe/code_size.h"
#include "probe/operator_names.h"

namespace assay::run {
namespace {

constexpr size_t kMostSymbols = 40;

// Absent where the name is no operator, or the model's operators are not known.
std::optional<bool> used(const std::string& name, const std::vector<model::FileOperator>& operators) {
  if (operators.empty() || name == probe::kSharedCode || name == probe::kModelData) return std::nullopt;
  return std::any_of(operators.begin(), operators.end(),
                     [&](const model::FileOperator& op) { return probe::names_operator(name, op.op); });
}

}  // namespace

void fill_code_sizes(const probe::ElfImage& image, const Prepared& prepared, results::Flash& flash) {
  if (image.named_symbols().empty()) return;
  auto parts = probe::code_parts(image);
  std::erase_if(parts, [](const probe::CodePart& part) { return part.bytes.flash() == 0; });
  const auto known = model::read_operators(prepared.model, "the model");
  const auto operators = known ? known->operators : std::vector<model::FileOperator>();
  for (const auto& row : sizes_by(parts, probe::SizeBy::kOperator))
    flash.operators.push_back({row.name, static_cast<int64_t>(row.bytes.flash()), used(row.name, operators)});
  for (const auto& row : sizes_by(parts, probe::SizeBy::kSymbol)) {
    if (flash.symbols.size() == kMostSymbols) break;
    const auto first = std::find_if(parts.begin(), parts.end(),
                                    [&](const probe::CodePart& part) { return part.symbol == row.name; });
    flash.symbols.push_back({row.name, first->section, first->op, static_cast<int64_t>(row.bytes.flash())});
  }
}

}  // namespace assay::run
