// Operator options of the file as engine::OpOptions.
#pragma once

#include <string>

#include "base/result.h"
#include "model/operators.h"

namespace assay::model::format {
struct Operator;
}

namespace assay::model {

// model.unsupported_operator when the table is missing or holds a value that no kernel has.
Result<engine::OpOptions> read_options(const format::Operator& op, const OperatorSpec& spec,
                                       const std::string& where);

}  // namespace assay::model
