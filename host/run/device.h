// From a leased unit to an agent that presents the prepared model: flash, load, verify, reset, connect.
#pragma once

#include <filesystem>
#include <optional>

#include "link/session.h"
#include "probe/flash.h"
#include "probe/probe.h"
#include "run/observer.h"
#include "run/prepared.h"

namespace assay::run {

struct Device {
  std::optional<link::Session> session;
  link::BoardInfo board;
  std::optional<probe::Identity> probe;  // absent: a board without a probe
  std::string firmware_build_id;         // hex, as the agent reports it
  std::filesystem::path firmware;        // the image, empty for a process
  std::string compiler;                  // of the image, "gcc 12.2.1"; empty: unknown
  uint32_t model_index = 0;              // which of the agent's models
  link::ModelInfo model;                 // as the agent presents it
  std::vector<std::string> op_names;     // of the model's operators; empty: the firmware has none
  std::vector<results::Issue> issues;    // what readers must know of the firmware
};

// Where the image of a board's stock agent lies.
std::filesystem::path firmware_image(const config::Board& board);
// The image that a case runs: the user's own, else the stock agent.
std::filesystem::path firmware_image(const CaseSpec& spec);

// How to talk over the line of such a board.
link::LinkOptions link_options(const config::Board& board);

// Writes agent and plan through the probe where the board has one, then connects over the serial stream. Logs
// of the firmware go to <folder>/console.log, the probe's words to <folder>/probe.log. Codes: those of probe
// and link; run.wrong_model (the agent presents another model), run.firmware_missing, run.wrong_firmware.
Result<Device> bring_up(const CaseSpec& spec, const Prepared& prepared, const probe::Unit& unit,
                        const std::filesystem::path& folder, Observer& observer);

// "12.3 KiB written and verified (other content)".
std::string outcome_text(const probe::FlashOutcome& outcome);

// Only the second half: an agent that runs already.
Result<Device> connect_agent(const CaseSpec& spec, const Prepared& prepared, const probe::Unit& unit,
                             const std::filesystem::path& folder);

// Only the first half: image, and plan when there is one (`assay flash`). Leaves the board running.
Result<probe::Identity> write_board(const config::Board& board, const std::filesystem::path& image,
                                    std::span<const uint8_t> plan, const probe::Unit& unit,
                                    double timeout_multiplier, const std::filesystem::path& folder,
                                    Observer& observer);

}  // namespace assay::run
