// TOML file -> typed, validated protobuf message.
//
// The table is walked with protobuf reflection, so a new key is one line in a .proto; every error names file, line,
// column, key and what was expected. Codes: base.file, config.{syntax,type,unknown_key,missing_key,value}.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/result.h"
#include "config/board.pb.h"
#include "config/profile.pb.h"

namespace assay::config {

// Where a key stands: "profile.toml:9". Array elements are named "gate[0].metric"; tables "gate[0]".
using Places = std::map<std::string, std::string>;

Status read_toml(const std::filesystem::path& file, google::protobuf::Message& into, Places* places = nullptr);

// boards/<name>/board.toml of the data folder; config.value (with the nearest name and the list) when there is none.
Result<Board> load_board(const std::string& name);
// Names of all boards in the data folder, sorted.
std::vector<std::string> board_names();

struct LoadedProfile {
  Profile profile;
  std::filesystem::path file;
  Places places;
};
// `path` is a profile.toml, the folder that holds one, or a name in the data folder's profiles/.
Result<LoadedProfile> load_profile(const std::filesystem::path& path);

// The candidate nearest to `word` by edit distance; empty when none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace assay::config
