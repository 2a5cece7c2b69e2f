#include "boards/qemu_board.h"

#include <stdlib.h>

#include "catch.h"

namespace assay::boards_test {

std::optional<std::filesystem::path> firmware_file(const std::string& name) {
  const auto path = std::filesystem::path(ASSAY_SOURCE_DIR) / "build/firmware" / name;
  if (std::filesystem::exists(path)) return path;
  WARN("skipped: " << path.string()
                   << " is not built; run cmake --preset firmware && cmake --build --preset firmware");
  return std::nullopt;
}

std::vector<std::string> qemu_command(const std::filesystem::path& image, const std::string& serial,
                                      const std::filesystem::path& plan) {
  std::vector<std::string> argv = {
      "qemu-system-arm", "-machine", "mps2-an386", "-display", "none", "-monitor", "none",        "-icount",
      "shift=8",         "-kernel",  image,        "-chardev", serial, "-serial",  "chardev:line"};
  if (!plan.empty()) {
    argv.push_back("-device");
    argv.push_back("loader,file=" + plan.string() + ",addr=0x200000,force-raw=on");
  }
  return argv;
}

Result<Subprocess> start_on_pipes(const std::filesystem::path& image) {
  return Subprocess::start(
      {.argv = qemu_command(image, "stdio,id=line,signal=off"), .in = Pipe::kPipe, .err = Pipe::kInherit});
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "assay-boards-XXXXXX").string();
  if (mkdtemp(pattern.data())) path = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path.empty()) std::filesystem::remove_all(path, ignored);
}

}  // namespace assay::boards_test
