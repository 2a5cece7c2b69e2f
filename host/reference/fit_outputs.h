// Outputs of a reference that knows nothing of the deployed model, brought to where they can be compared with
// it.
#pragma once

#include "reference/reference.h"

namespace assay::reference {

// For jobs with a deployed_output; others pass unchanged. Integers of the deployed output's type take its
// scale and zero point. Real values stay real at R0, and everywhere when the deployed model is a float one;
// at R1 and R2 they are rounded to the deployed output's steps (to nearest, halves away from zero,
// saturated): what a runtime computes in real numbers would otherwise differ from an integer in every
// element. float64 becomes float32. reference.shape: another number of elements, or integers that are not the
// deployed model's.
Result<TensorRows> fit_outputs(TensorRows rows, const Job& job);

}  // namespace assay::reference
