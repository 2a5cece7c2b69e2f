// What outputs must be before anything is compared with them, whoever made them.
#pragma once

#include "reference/reference.h"

namespace assay::reference {

// reference.shape when outputs of that description are not what the job expects.
Status check_expected(const TensorInfo& info, const Job& job);

// A comparison with NaN says nothing: such a reference is none. reference.nonfinite.
Status check_finite(const TensorRows& rows, const Job& job);

}  // namespace assay::reference
