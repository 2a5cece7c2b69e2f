// Any dataset as Assay keeps its own: samples.npz (x, y, ids), slices.csv, data.toml (a [data] that a profile
// can include) and a manifest.
#pragma once

#include <filesystem>

#include "dataset/dataset.h"

namespace assay::dataset {

// Writes into `folder`, which must be new or empty. Opening <folder>/data.toml gives the same values, labels,
// ids and, where no step prepared them, the same hash. dataset.exists, dataset.malformed (an id with a NUL
// byte), base.file.
Status export_dataset(const Dataset& dataset, const std::filesystem::path& folder);

}  // namespace assay::dataset
