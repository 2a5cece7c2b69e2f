// The seven classes of operators that share a colour, by name as the model file spells them.
#pragma once

#include <string_view>

namespace assay::report {

struct OpClass {
  std::string_view css;   // oc-conv, ...
  std::string_view word;  // what a slice of the strip says: "conv"
};
// Unknown operators move data ("move").
OpClass op_class(std::string_view op);

}  // namespace assay::report
