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

// QEMU's command line for `image` on mps2-an386 in exact mode. `serial` is a -chardev description whose id is
// "line"; `plan` is put into the model region (empty: the region stays blank).
std::vector<std::string> qemu_command(const std::filesystem::path& image, const std::string& serial,
                                      const std::filesystem::path& plan = {});

// The image with its serial line on this process's pipes.
Result<Subprocess> start_on_pipes(const std::filesystem::path& image);

// A directory of this test, removed with it.
struct TemporaryFolder {
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path path;
};

}  // namespace assay::boards_test
