// One firmware image under QEMU, for tests: plain qemu-system-arm, no probe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/subprocess.h"

namespace assay::boards_test {

// A file of the firmware tree; nullopt, with a warning that names the command that builds it, when it is not
// there.
std::optional<std::filesystem::path> firmware_file(const std::string& name);

// A board with an [emulator], as its board.toml names its parts.
struct VirtualBoard {
  std::string name;     // "mps2-an386"
  std::string core;     // "cortex-m4f"
  std::string machine;  // of QEMU
  std::string image;    // file of the stock agent, "assay-agent-mps2-an386.elf"
  uint32_t plan_address = 0;
  uint32_t arena_bytes = 0;
  // A file beside the image: "bin", "sizes.json".
  std::string beside(const std::string& extension) const {
    return image.substr(0, image.rfind('.') + 1) + extension;
  }
};
// Every one of boards/*/board.toml, by name.
std::vector<VirtualBoard> virtual_boards();

// QEMU's command line for `image` on `board` in exact mode. `serial` is a -chardev description whose id is
// "line"; `plan` is put into the model region (empty: the region stays blank).
std::vector<std::string> qemu_command(const VirtualBoard& board, const std::filesystem::path& image,
                                      const std::string& serial, const std::filesystem::path& plan = {});

// The image with its serial line on this process's pipes.
Result<Subprocess> start_on_pipes(const VirtualBoard& board, const std::filesystem::path& image);

// A directory of this test, removed with it.
struct TemporaryFolder {
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path path;
};

}  // namespace assay::boards_test
