// Which model, board, data, tools and sources a run is about: the parts of a summary that are known, not
// measured.
#pragma once

#include "results/summary.h"
#include "run/device.h"

namespace assay::run {

// Fills title, subject, target, dataset and the static part of provenance.
void fill_identity(const CaseSpec& spec, const Prepared& prepared, results::Summary& summary);
// What only the connected device tells: build id, unit, probe, clock.
void fill_device_identity(const Device& device, const probe::Unit& unit, results::Summary& summary);

// graph.json: the border tensors, the operators, and how the rows of inputs.npy are previewed. `real_inputs`:
// they are in real units, else in the model's integers.
std::string graph_json(const Prepared& prepared, bool real_inputs);

}  // namespace assay::run
