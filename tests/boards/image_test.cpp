// What the firmware build makes of an image: build id, sizes by owner, headers from board.toml.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "base/deadline.h"
#include "base/subprocess.h"
#include "boards/qemu_board.h"
#include "catch.h"

using namespace assay;
using namespace assay::boards_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

Output run_tool(const std::string& tool, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"python3", std::string(ASSAY_SOURCE_DIR) + "/boards/tools/" + tool});
  auto output = run_process({.argv = std::move(arguments)}, Deadline::in(60s));
  REQUIRE(output);
  return *output;
}

std::string stamp(const fs::path& image) {
  const Output output = run_tool("build_id.py", {image, "0x100"});
  INFO(output.err);
  REQUIRE(output.status.code == 0);
  return output.out;
}

}  // namespace

TEST_CASE("the build id follows the bytes that run and nothing else") {
  const VirtualBoard board = virtual_boards().back();
  const auto image = firmware_file(board.image);
  const auto binary = firmware_file(board.beside("bin"));
  if (!image || !binary) return;
  TemporaryFolder folder;
  const fs::path copy = folder.path / "copy.elf";
  const std::string elf = read_file(*image), bin = read_file(*binary);
  const std::string id = bin.substr(0x100, 16);
  CHECK(id != std::string(16, '\0'));

  SECTION("stamping again changes nothing") {
    write_file(copy, elf);
    stamp(copy);
    CHECK(read_file(copy) == elf);
  }
  SECTION("one bit of code changes it") {
    const size_t code = elf.find(bin.substr(0x200, 64));
    REQUIRE(code != std::string::npos);
    std::string changed = elf;
    changed[code] ^= 1;
    write_file(copy, changed);
    stamp(copy);
    CHECK(read_file(copy).find(id) == std::string::npos);
  }
  SECTION("an image without the field is refused") {
    write_file(copy, elf);
    const Output output = run_tool("build_id.py", {copy, "0x30000000"});
    CHECK(output.status.code != 0);
    CHECK(output.err.find("no loadable segment holds the build id at 0x30000000") != std::string::npos);
  }
}

TEST_CASE("sizes by owner add up to the image, and each stock image stays below 40 KB of flash") {
  for (const VirtualBoard& board : virtual_boards()) {
    INFO(board.name);
    const auto sizes = firmware_file(board.beside("sizes.json"));
    const auto binary = firmware_file(board.beside("bin"));
    if (!sizes || !binary) return;
    const auto json = nlohmann::json::parse(read_file(*sizes));
    uint64_t flash = 0, arena = 0;
    for (const auto& row : json.at("sections")) {
      const auto bytes = row.at("bytes").get<uint64_t>();
      if (row.at("memory") == "flash") flash += bytes;
      if (row.at("owner") == "arena") arena += bytes;
    }
    // The binary also holds the gaps before the build id and between sections.
    CHECK(flash <= fs::file_size(*binary));
    CHECK(flash + 256 >= fs::file_size(*binary));
    CHECK(arena == board.arena_bytes);
    CHECK(flash > 2000);
    CHECK(fs::file_size(*binary) <= 40 * 1024);
  }
}

TEST_CASE("a board.toml that cannot be built from is refused with its name and key") {
  TemporaryFolder folder;
  const fs::path toml = folder.path / "board.toml";
  const std::string good = read_file(std::string(ASSAY_SOURCE_DIR) + "/boards/mps2-an386/board.toml");
  const auto without = [&](const std::string& text) {
    std::string bad = good;
    const size_t at = bad.find(text);
    REQUIRE(at != std::string::npos);
    return bad.erase(at, text.size());
  };
  const struct {
    std::string text, message;
  } cases[] = {
      {without("build_id_address = 0x100"), "firmware.build_id_address is missing"},
      {without("kind = \"instructions\""), "clock.kind is None"},
      {without("core = \"cortex-m4f\""), "key 'core' is missing"},
      {without("[board]") + "[", "board.toml"},
      {without("source = \"chips/mps2_board.cpp\""), "board.cpp is missing"},
  };
  for (const auto& each : cases) {
    write_file(toml, each.text);
    const Output output = run_tool("board_config.py", {toml, folder.path / "out"});
    INFO(output.err);
    CHECK(output.status.code != 0);
    CHECK(output.err.find(each.message) != std::string::npos);
  }
}
