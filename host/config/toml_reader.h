// TOML file -> typed, validated protobuf message.
//
// The table is walked with protobuf reflection, so a new key is one line in a .proto; every error names file,
// line, column, key and what was expected.
//
// `include = "base.toml"` (or an array of names) at the top of a file takes what that file says and this one
// does not: tables merge key by key, everything else, arrays too, is taken or replaced as a whole; of several
// files the later wins. Names are relative to the file that names them. At most eight files deep, 1 MiB each.
//
// Codes: config.{unreadable,syntax,include,type,unit,unknown_key,missing_key,value}; all of them exit 2.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/result.h"

namespace google::protobuf {
class Message;
}

namespace assay::config {

// Where a key stands: "profile.toml:9"; in an included file, "../base/board.toml:3" as seen from the file
// that was read. Array elements are named "gate[0].metric"; tables "gate[0]".
using Places = std::map<std::string, std::string>;

// A string with Rule.file becomes a path relative to the folder of the file in which it stands, normalised.
Status read_toml(const std::filesystem::path& file, google::protobuf::Message& into,
                 Places* places = nullptr);

}  // namespace assay::config
