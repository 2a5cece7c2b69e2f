#include "boards/qemu_board.h"

#include <stdlib.h>

#include <algorithm>

#include "catch.h"
#include "config/catalogue.h"

namespace assay::boards_test {

std::optional<std::filesystem::path> firmware_file(const std::string& name) {
  const auto path = std::filesystem::path(ASSAY_SOURCE_DIR) / "build/firmware" / name;
  if (std::filesystem::exists(path)) return path;
  WARN("skipped: " << path.string()
                   << " is not built; run cmake --preset firmware && cmake --build --preset firmware");
  return std::nullopt;
}

std::vector<VirtualBoard> virtual_boards() {
  std::vector<VirtualBoard> boards;
  for (const auto& folder : std::filesystem::directory_iterator(ASSAY_SOURCE_DIR "/boards")) {
    const auto toml = folder.path() / "board.toml";
    if (!std::filesystem::exists(toml)) continue;
    const auto board = config::load_board_file(toml);
    if (!board) FAIL(board.error().text());
    if (!board->has_emulator()) continue;
    boards.push_back({board->board().name(), board->board().core(), board->emulator().machine(),
                      board->firmware().image(), static_cast<uint32_t>(board->model_region().address()),
                      static_cast<uint32_t>(board->model_region().arena_bytes())});
  }
  std::sort(boards.begin(), boards.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  REQUIRE(boards.size() >= 2);
  return boards;
}

std::vector<std::string> qemu_command(const VirtualBoard& board, const std::filesystem::path& image,
                                      const std::string& serial, const std::filesystem::path& plan) {
  std::vector<std::string> argv = {
      "qemu-system-arm", "-machine", board.machine, "-display", "none", "-monitor", "none",        "-icount",
      "shift=8",         "-kernel",  image,         "-chardev", serial, "-serial",  "chardev:line"};
  if (!plan.empty()) {
    argv.push_back("-device");
    argv.push_back("loader,file=" + plan.string() + ",addr=" + std::to_string(board.plan_address) +
                   ",force-raw=on");
  }
  return argv;
}

Result<Subprocess> start_on_pipes(const VirtualBoard& board, const std::filesystem::path& image) {
  return Subprocess::start({.argv = qemu_command(board, image, "stdio,id=line,signal=off"),
                            .in = Pipe::kPipe,
                            .err = Pipe::kInherit});
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
