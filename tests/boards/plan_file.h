// A plan for a board's core, made from a public model, as a file that a board can be started with.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "model/planner.h"

namespace assay::boards_test {

// nullopt, with a message, when the model is not on this computer. `model` is a file of the shared data's
// models/.
std::optional<model::Plan> plan_of(const std::string& model, const std::string& core);
std::filesystem::path write_plan(const model::Plan& plan, const std::filesystem::path& folder);

// The input of the published CRC goldens: an LCG's high bytes (seed 12345).
std::vector<uint8_t> generated_input(size_t bytes);

}  // namespace assay::boards_test
