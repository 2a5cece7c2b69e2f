// The way in "linked agent": firmware that its user builds, with any engine in it, presents the model.
//
// The profile's [engine] names the image (or --firmware does). Nothing is planned and no plan is written;
// what the desktop must know of the model comes from its .tflite, or from [[model.input]] and
// [[model.output]].
#pragma once

#include "link/session.h"
#include "results/summary.h"
#include "run/prepared.h"

namespace assay::run {

inline constexpr const char* kLinkedWay = "linked agent";  // Subject::way_in

// Whether the case runs its user's firmware, not the stock agent.
bool has_own_firmware(const config::Profile& profile);

// Before anything is leased: run.firmware_missing, probe.bad_elf, run.wrong_firmware (no program for a
// process board).
Status check_firmware(const CaseSpec& spec);

// Operators and border of the model, as far as this program can read it; no plan bytes. A .tflite whose
// operators the native engine lacks has no operators here: the firmware may name them. config.value: no
// .tflite and no declared border, or one of another size than the file's; errors of model.
Result<model::Plan> read_foreign_model(const CaseSpec& spec, std::span<const uint8_t> file);

struct Presented {
  uint32_t index = 0;  // of the firmware's models
  link::ModelInfo model;
  std::vector<results::Issue> issues;  // an identity that nobody can verify
};

// The model of the firmware that the case is about: the one that [engine] names, else that of the same hash,
// else the only one. run.wrong_model (none, another hash, several to choose from), run.wrong_border (other
// tensors).
Result<Presented> find_presented(const CaseSpec& spec, const Prepared& prepared,
                                 const std::vector<link::ModelInfo>& models, const std::string& board);

}  // namespace assay::run
