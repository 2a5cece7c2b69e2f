// Boards and profiles by name: what the data folder holds.
#pragma once

#include <string>
#include <vector>

#include "config/board.pb.h"
#include "config/profile.pb.h"
#include "config/toml_reader.h"

namespace assay::config {

// boards/<name>/board.toml of the data folder. config.unknown_board names the nearest one and lists all.
Result<Board> load_board(const std::string& name);
// A board.toml anywhere. Checks what no single key can: a virtual board has an emulator, the model region
// lies in memory.
Result<Board> load_board_file(const std::filesystem::path& file);
// Names of all boards in the data folder, sorted.
std::vector<std::string> board_names();

struct LoadedProfile {
  Profile profile;
  std::filesystem::path file;
  Places places;
};
// `name` is a profile.toml, a folder that holds one, or a name in the data folder's profiles/.
// config.unknown_profile.
Result<LoadedProfile> load_profile(const std::string& name);
std::vector<std::string> profile_names();

}  // namespace assay::config
