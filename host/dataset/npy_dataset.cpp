// One .npy of inputs; labels, if any, in a file of their own.
#include "config/profile.pb.h"
#include "dataset/formats.h"
#include "results/npy.h"

namespace assay::dataset {

Result<Stored> read_npy_dataset(const config::Data& data) {
  Stored stored;
  ASSAY_TRY(stored.inputs, results::read_npy(data.path()));
  if (!data.labels().empty()) ASSAY_CHECK(add_labels(data, stored));
  return stored;
}

}  // namespace assay::dataset
