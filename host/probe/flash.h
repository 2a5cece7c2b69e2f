// Brings firmware and model onto a board, and proves that they are there.
//
// What is there already is not written again; "there already" means compared byte by byte (by checksum on the
// target), not merely a matching build id: a damaged or half-written image never passes for a good one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "probe/elf_image.h"
#include "probe/probe.h"

namespace assay::probe {

struct FlashOutcome {
  enum class Action { kSkipped, kWritten };
  Action action = Action::kSkipped;
  uint64_t bytes = 0;  // that the target now verifiably holds
  double seconds = 0;  // all of it: compare, write, verify
  std::string reason;  // why: "same build id and content", "other build id 51bd02.., wanted 9c1e77..", ...
};

// Leaves the core halted. Codes: those of Probe::read, write and verify; probe.verify_mismatch also when the
// build id that is read back is another one.
Result<FlashOutcome> flash_firmware(Probe& probe, const config::Board& board, const ElfImage& image);

// The plan goes to the board's model region. `scratch` is a folder for the file that the tool loads. Leaves
// the core halted: reset(kRun) next. Also probe.region_too_small, probe.unsupported (the board has no
// region), base.file.
Result<FlashOutcome> write_model_region(Probe& probe, const config::Board& board,
                                        std::span<const uint8_t> plan, const std::filesystem::path& scratch);

}  // namespace assay::probe
