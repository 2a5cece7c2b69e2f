// The user's own firmware with another .tflite in it: how an engine that loads such files comes to run a
// tapped model.
//
// Two ways, as [engine] says: `model_symbol`, an array of the image that is overwritten in a copy of it;
// `build`, a command of the user's that builds the firmware anew. To add one: a branch in firmware_with().
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "run/case_spec.h"

namespace assay::run {

// Whether [engine] says how its firmware takes another model.
bool takes_models(const config::Profile& profile);

// How many bytes a model may have; SIZE_MAX where nothing limits it. Errors of firmware_with().
Result<size_t> room_for_model(const CaseSpec& spec);

// The image with `model` in it, in `folder`; a command's words go to build.log there. Errors:
//   diverge.model_symbol   no such array, or the model is larger than it (both sizes)
//   diverge.build_failed   the command ended with an error, was too slow, or made no firmware
//   config.value, base.file, base.interrupted
Result<std::filesystem::path> firmware_with(const CaseSpec& spec, std::span<const uint8_t> model,
                                            const std::filesystem::path& folder);

}  // namespace assay::run
