// What the product answered to bad input in a C++ test, kept for the table of docs/bad_input.md: the
// counterpart of tests/e2e/bad_input_record.py, same files, same fields. One call per case:
//
//   record_bad_input("link", "a frame of garbage", result.error());
//
// `program` is the prefix that ctest shows. Folder: $ASSAY_BAD_INPUT_DIR, else build/bad_input of the source
// tree.
#pragma once

#include <cctype>
#include <cstdlib>
#include <map>
#include <string>

#include "base/error_codes.h"
#include "base/files.h"
#include "base/result.h"
#include "catch.h"

namespace assay::tests {

// As a JSON string; what is not printable ASCII becomes '?'.
inline std::string json_word(const std::string& text) {
  std::string word = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') word += '\\';
    word += c >= 0x20 && c < 0x7F ? c : '?';
  }
  return word + "\"";
}

inline void record_bad_input(const std::string& program, const std::string& name, const Error& error) {
  static std::map<std::string, std::string> rows;
  const std::string test = program + ": " + Catch::getResultCapture().getCurrentTestName();
  std::string& kept = rows[test];
  kept += (kept.empty() ? "" : ",\n") + ("{\"case\": " + json_word(name)) +
          ", \"code\": " + json_word(error.code) +
          ", \"exit\": " + std::to_string(static_cast<int>(exit_code_of(error.code))) +
          ", \"message\": " + json_word(error.message.substr(0, error.message.find('\n'))) +
          ", \"test\": " + json_word(test) + "}";
  const char* folder = getenv("ASSAY_BAD_INPUT_DIR");
  const std::filesystem::path into = folder && *folder ? folder : ASSAY_SOURCE_DIR "/build/bad_input";
  std::string stem = test;
  for (char& c : stem) c = isalnum(static_cast<unsigned char>(c)) ? c : '_';
  // A table that cannot be kept fails no test.
  if (make_directories(into)) (void)write_file(into / (stem + ".json"), "[" + kept + "]\n");
}

}  // namespace assay::tests
