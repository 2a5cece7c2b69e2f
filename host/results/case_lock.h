// profile.lock.toml: everything that a run resolved and that decides its results, as flat keys, so that a
// resumed run can prove that nothing changed.
//
// It is TOML, written in the order of set(); values are JSON strings, numbers or booleans, which are TOML
// too. Keys are "section.key". The section [asked] says how the case was named on the command line;
// `--resume` reads it from there, and it is not compared: paths may move, content may not.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace assay::results {

class CaseLock {
 public:
  static constexpr const char* kAsked = "asked";
  // The value of what could not be found out when the run began (a tool or firmware that was missing, and so
  // decided nothing): it may become known.
  static constexpr const char* kUnknown = "?";

  // Keys of a section follow each other; "gate[0].max" becomes key "max" of section "gate[0]" (quoted in the
  // file).
  void set(const std::string& key, const std::string& text);
  void set(const std::string& key, const char* text) { set(key, std::string(text)); }
  void set(const std::string& key, int64_t number);
  void set(const std::string& key, double number);
  void set(const std::string& key, bool value);

  // Empty, or fallback, when there is no such key or it has another type.
  std::string text(std::string_view key) const;
  int64_t integer(std::string_view key, int64_t fallback = 0) const;
  double number(std::string_view key, double fallback) const;
  bool flag(std::string_view key) const;

  std::string file_text() const;
  // results.bad_run names the line.
  static Result<CaseLock> parse(std::string_view text, const std::string& where);

  // What differs, [asked] left out: "model.sha256 was \"ab..\", is \"cd..\"".
  static std::vector<std::string> differences(const CaseLock& before, const CaseLock& now);

 private:
  const std::string* find(std::string_view key) const;
  std::vector<std::pair<std::string, std::string>> values_;  // key, JSON text
};

}  // namespace assay::results
