// What the desktop says about the same samples: R0, the R1 set, R2, and the profile's variants.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reference/reference.h"
#include "run/observer.h"
#include "run/prepared.h"

namespace assay::run {

struct VariantOutputs {
  int index = 0;           // in the profile
  TensorRows outputs;
  results::Reference info;
  int64_t model_bytes = 0;
};

struct References {
  std::optional<reference::ReferenceOutputs> r0, r2;
  std::vector<reference::ReferenceOutputs> r1;  // the first is primary
  std::vector<VariantOutputs> variants;
  std::optional<TensorRows> inputs_real;        // real units, float32; absent when the dataset is stored quantised
  std::vector<results::Issue> issues;           // a reference that is missing, with its reason
  int64_t from_cache = 0;
  double seconds = 0;
};

// A reference that fails is an issue, not an error: the device's own figures stand without it. Workers run in
// processes, two at a time; R2 in this one, meanwhile. Ends early on interrupted().
References gather_references(const CaseSpec& spec, const Prepared& prepared, Observer& observer);

}  // namespace assay::run
