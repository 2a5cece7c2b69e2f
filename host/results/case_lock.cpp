#include "results/case_lock.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace assay::results {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kHead =
    "# What this run resolved, and what decides its results: `assay run --resume` goes on only while all of "
    "it still holds.\n";
constexpr size_t kLongValue = 72;  // of a value in a message

std::pair<std::string, std::string> split(const std::string& key) {
  const size_t dot = key.rfind('.');
  return dot == std::string::npos ? std::pair(std::string(), key)
                                  : std::pair(key.substr(0, dot), key.substr(dot + 1));
}

// TOML's bare keys hold letters, digits, _ and -.
std::string toml_key(const std::string& name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-';
  });
  return bare ? name : Json(name).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The name that toml_key() wrote; nullopt when it is neither bare nor a string.
std::optional<std::string> name_of(std::string_view text) {
  if (!text.starts_with('"')) return std::string(text);
  const Json json = Json::parse(text, nullptr, false);
  return json.is_string() ? std::optional(json.get<std::string>()) : std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\t'))
    text.remove_suffix(1);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

std::string shown(const std::string* value) {
  if (!value) return "absent";
  return value->size() > kLongValue ? value->substr(0, kLongValue) + "..." : *value;
}

}  // namespace

void CaseLock::set(const std::string& key, const std::string& text) {
  values_.emplace_back(key, Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
}
void CaseLock::set(const std::string& key, int64_t number) {
  values_.emplace_back(key, std::to_string(number));
}
void CaseLock::set(const std::string& key, double number) {
  const std::string text = std::isfinite(number) ? fmt::format("{}", number) : "\"not finite\"";
  values_.emplace_back(key, text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text);
}
void CaseLock::set(const std::string& key, bool value) {
  values_.emplace_back(key, value ? "true" : "false");
}

const std::string* CaseLock::find(std::string_view key) const {
  const auto found =
      std::find_if(values_.begin(), values_.end(), [&](const auto& value) { return value.first == key; });
  return found == values_.end() ? nullptr : &found->second;
}

std::string CaseLock::text(std::string_view key) const {
  const std::string* value = find(key);
  const Json json = value ? Json::parse(*value, nullptr, false) : Json();
  return json.is_string() ? json.get<std::string>() : "";
}
int64_t CaseLock::integer(std::string_view key, int64_t fallback) const {
  const std::string* value = find(key);
  const Json json = value ? Json::parse(*value, nullptr, false) : Json();
  return json.is_number_integer() ? json.get<int64_t>() : fallback;
}
double CaseLock::number(std::string_view key, double fallback) const {
  const std::string* value = find(key);
  const Json json = value ? Json::parse(*value, nullptr, false) : Json();
  return json.is_number() ? json.get<double>() : fallback;
}
bool CaseLock::flag(std::string_view key) const {
  const std::string* value = find(key);
  return value && *value == "true";
}

std::string CaseLock::file_text() const {
  std::string text(kHead), section;
  for (const auto& [key, value] : values_) {
    const auto [in, name] = split(key);
    if (in != section) text += fmt::format("\n[{}]\n", toml_key(in));
    section = in;
    text += fmt::format("{} = {}\n", toml_key(name), value);
  }
  return text;
}

Result<CaseLock> CaseLock::parse(std::string_view text, const std::string& where) {
  CaseLock lock;
  std::string section;
  int number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    const auto bad = [&] {
      return fail("results.bad_run", fmt::format("line {} is neither [section] nor key = value", number),
                  where);
    };
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '[' && line.back() == ']') {
      const auto name = name_of(trimmed(line.substr(1, line.size() - 2)));
      if (!name) return bad();
      section = *name;
      continue;
    }
    const size_t equals = line.find(" = ");
    if (equals == std::string_view::npos) return bad();
    const auto name = name_of(trimmed(line.substr(0, equals)));
    const std::string value(line.substr(equals + 3));
    if (!name || Json::parse(value, nullptr, false).is_discarded()) return bad();
    lock.values_.emplace_back(section.empty() ? *name : section + "." + *name, value);
  }
  return lock;
}

std::vector<std::string> CaseLock::differences(const CaseLock& before, const CaseLock& now) {
  std::vector<std::string> found;
  const auto asked = [](const std::string& key) { return split(key).first == kAsked; };
  for (const auto& [key, value] : before.values_) {
    const std::string* other = now.find(key);
    const bool known = value != Json(kUnknown).dump();
    if (!asked(key) && known && (!other || *other != value))
      found.push_back(fmt::format("{} was {}, is {}", key, shown(&value), shown(other)));
  }
  for (const auto& [key, value] : now.values_) {
    if (!asked(key) && !before.find(key))
      found.push_back(fmt::format("{} was absent, is {}", key, shown(&value)));
  }
  return found;
}

}  // namespace assay::results
