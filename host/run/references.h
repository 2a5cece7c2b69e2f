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
  int index = 0;  // in the profile
  TensorRows outputs;
  results::Reference info;
  int64_t model_bytes = 0;
};

struct References {
  std::optional<reference::ReferenceOutputs> r0, r2;
  std::vector<reference::ReferenceOutputs> r1;  // the first is primary
  std::vector<VariantOutputs> variants;
  std::optional<TensorRows> inputs_real;  // real units, float32; absent when the dataset is stored quantised
  std::vector<results::Issue> issues;     // a reference that is missing, with its reason
  int64_t from_cache = 0;
  double seconds = 0;
};

// Whether a profile declares a reference of that level itself: "R0", "R1", "R2".
bool declares(const config::Profile& profile, std::string_view level);

// The outputs of the R2 that the profile declares on another model: `model`'s output 0, which is `output`,
// for each row of `inputs`. diverge.no_r2: none is declared, or it runs no other model; errors of reference.
Result<TensorRows> run_host_build(const CaseSpec& spec, const std::filesystem::path& model,
                                  const TensorRows& inputs, const TensorInfo& output);

// Whether any R1 is asked for: models that only their own engine runs have none.
bool has_desktop_runtime(const config::Profile& profile);

// A declared reference that cannot be had however often one tries: config.value (a kind that does not exist,
// R0 or R2 twice, a key that its kind needs or does not take) with the place in the profile. Asked before a
// board is leased.
Status check_references(const config::LoadedProfile& profile);

// A reference that fails is an issue, not an error: the device's own figures stand without it. Workers run in
// processes, several at a time; R2 of the native engine in a thread of this one beside them. Ends early on
// interrupted().
References gather_references(const CaseSpec& spec, const Prepared& prepared, Observer& observer);

}  // namespace assay::run
