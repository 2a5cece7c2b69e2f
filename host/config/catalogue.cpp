#include "config/catalogue.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/paths.h"
#include "config/nearest.h"

namespace assay::config {
namespace fs = std::filesystem;
namespace {

// Folders below <data>/<kind>/ that hold <file>.
std::vector<std::string> entries(const char* kind, const char* file) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(data_dir() / kind, error)) {
    if (fs::is_regular_file(entry.path() / file, error)) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

tl::unexpected<Error> unknown(const char* code, const char* kind, const std::string& name,
                              const std::vector<std::string>& known) {
  const std::string near = nearest(name, known);
  return fail(code, fmt::format("there is no {} '{}'", kind, name), "",
              fmt::format("{}Known: {}.", near.empty() ? "" : fmt::format("Did you mean '{}'? ", near),
                          known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
}

Status check(const Board& board, const fs::path& file) {
  auto bad = [&](std::string message) { return fail("config.value", std::move(message), file.string()); };
  if (board.board().name() != file.parent_path().filename()) {
    return bad(fmt::format("board.name is '{}' but the folder is '{}'", board.board().name(),
                           file.parent_path().filename().string()));
  }
  if (board.board().kind() == "virtual" && (!board.has_emulator() || !board.has_probe())) {
    return bad("a virtual board needs the tables [emulator] and [probe]");
  }
  if (board.clock().kind() == "instructions" &&
      (board.clock().tick_numerator() <= 0 || board.clock().tick_denominator() <= 0)) {
    return bad("a clock of kind \"instructions\" needs tick_numerator and tick_denominator above 0");
  }
  if (!board.has_model_region()) return {};
  const auto& region = board.model_region();
  for (const auto& memory : board.memory()) {
    if (region.address() >= memory.address() &&
        region.address() + region.size() <= memory.address() + memory.size())
      return {};
  }
  return bad(fmt::format("model_region {:#x} + {:#x} lies in none of the [[memory]] tables", region.address(),
                         region.size()));
}

}  // namespace

std::vector<std::string> board_names() { return entries("boards", "board.toml"); }
std::vector<std::string> profile_names() { return entries("profiles", "profile.toml"); }

Result<Board> load_board_file(const fs::path& file) {
  Board board;
  ASSAY_CHECK(read_toml(file, board));
  ASSAY_CHECK(check(board, fs::absolute(file)));
  return board;
}

Result<Board> load_board(const std::string& name) {
  const auto known = board_names();
  if (std::find(known.begin(), known.end(), name) == known.end())
    return unknown("config.unknown_board", "board", name, known);
  return load_board_file(data_dir() / "boards" / name / "board.toml");
}

Result<LoadedProfile> load_profile(const std::string& name) {
  std::error_code error;
  fs::path file = name;
  if (fs::is_directory(file, error)) {
    file /= "profile.toml";
    if (!fs::exists(file, error)) file = name;
  }
  // A folder without a profile.toml in the working folder does not hide a profile of that name.
  if (!fs::exists(file, error) || fs::is_directory(file, error)) {
    const fs::path shipped = data_dir() / "profiles" / name / "profile.toml";
    if (fs::is_regular_file(shipped, error)) file = shipped;
  }
  if (!fs::exists(file, error)) return unknown("config.unknown_profile", "profile", name, profile_names());
  LoadedProfile loaded;
  loaded.file = fs::absolute(file).lexically_normal();
  ASSAY_CHECK(read_toml(loaded.file, loaded.profile, &loaded.places));
  return loaded;
}

}  // namespace assay::config
