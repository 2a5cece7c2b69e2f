// TOML file -> typed, validated protobuf message.
//
// The table is walked with protobuf reflection, so a new key is one line in a .proto; every error names file,
// line, column, key and what was expected. Codes: base.file,
// config.{syntax,type,unknown_key,missing_key,value}.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/result.h"

namespace google::protobuf {
class Message;
}

namespace assay::config {

// Where a key stands: "profile.toml:9". Array elements are named "gate[0].metric"; tables "gate[0]".
using Places = std::map<std::string, std::string>;

// A string with Rule.file becomes a path relative to the folder of `file`, normalised.
Status read_toml(const std::filesystem::path& file, google::protobuf::Message& into,
                 Places* places = nullptr);

}  // namespace assay::config
