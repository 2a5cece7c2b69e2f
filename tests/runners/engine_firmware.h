// A firmware with another engine in it, started on the process board or on an emulated one, and the host's
// session with it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/subprocess.h"
#include "boards/qemu_board.h"
#include "link/session.h"

namespace assay::runners_test {

struct EngineFirmware {
  boards_test::TemporaryFolder folder;
  std::optional<Subprocess> qemu;  // of the emulated board; the process board belongs to the session
  std::optional<link::Session> session;
};

// assay-NAME-BOARD. False, with a message that says how to build it, when it was not built.
bool start_firmware(EngineFirmware& firmware, const std::string& name, const std::string& board);

// `rows` inputs of `elements` each, below `levels`: high bytes of the generator that the published goldens
// use.
std::vector<std::vector<uint8_t>> generated_rows(size_t rows, size_t elements, uint32_t levels);
// The same as int16, each times `factor`.
std::vector<uint8_t> as_int16(const std::vector<uint8_t>& row, int factor);

// Instructions where the board counts them, else ticks.
uint64_t instructions(const link::BoardInfo& board, uint64_t ticks);

}  // namespace assay::runners_test
