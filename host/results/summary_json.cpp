#include "results/summary_json.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "results/summary_fields.h"

namespace assay::results {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class K, class T>
struct IsMap<std::map<K, T>> : std::true_type {};

bool writable(const auto&) { return true; }
bool writable(const double& value) { return std::isfinite(value); }
bool writable(const Figure& figure) { return std::isfinite(figure.value); }

std::string key_text(const std::string& key) { return key; }
std::string key_text(int key) { return std::to_string(key); }

template <class T>
Json write(const T& value) {
  if constexpr (Described<const T>) {
    Json object = Json::object();
    fields(value, [&object](const char* name, const auto& member) {
      using Member = std::remove_cvref_t<decltype(member)>;
      if constexpr (IsOptional<Member>::value) {
        if (member && writable(*member)) object[name] = write(*member);
      } else {
        object[name] = write(member);
      }
    });
    return object;
  } else if constexpr (IsVector<T>::value) {
    Json array = Json::array();
    for (const auto& item : value) array.push_back(write(item));
    return array;
  } else if constexpr (IsMap<T>::value) {
    Json object = Json::object();
    for (const auto& [key, item] : value) object[key_text(key)] = write(item);
    return object;
  } else {
    return writable(value) ? Json(value) : Json(nullptr);
  }
}

// Reads member by member; the first error stays, with its JSON path.
class Reader {
 public:
  std::string error;  // empty: none so far

  template <class T>
  void read(const Json& json, const std::string& path, T& into) {
    if (!error.empty()) return;
    if constexpr (Described<T>) {
      read_object(json, path, into);
    } else if constexpr (IsOptional<T>::value) {
      read(json, path, into.emplace());
    } else if constexpr (IsVector<T>::value) {
      if (!expect(json.is_array(), "an array", path)) return;
      into.resize(json.size());
      for (size_t i = 0; i < json.size(); ++i) read(json[i], fmt::format("{}[{}]", path, i), into[i]);
    } else if constexpr (IsMap<T>::value) {
      if (!expect(json.is_object(), "an object", path)) return;
      for (const auto& [key, item] : json.items()) read_entry(key, item, path + "." + key, into);
    } else {
      read_scalar(json, path, into);
    }
  }

 private:
  bool expect(bool holds, const char* what, const std::string& path) {
    if (!holds && error.empty()) error = fmt::format("{} must be {}", path.empty() ? "the file" : path, what);
    return holds;
  }
  template <class T>
  void read_object(const Json& json, const std::string& path, T& into) {
    if (!expect(json.is_object(), "an object", path)) return;
    fields(into, [&](const char* name, auto& member) {
      const auto found = json.find(name);
      if (found != json.end()) read(*found, path.empty() ? name : path + "." + name, member);
    });
  }
  template <class T>
  void read_entry(const std::string& key, const Json& item, const std::string& path,
                  std::map<std::string, T>& into) {
    read(item, path, into[key]);
  }
  template <class T>
  void read_entry(const std::string& key, const Json& item, const std::string& path, std::map<int, T>& into) {
    char* end = nullptr;
    const long number = std::strtol(key.c_str(), &end, 10);
    if (expect(!key.empty() && *end == 0 && std::abs(number) <= 1000000, "named by a small integer", path)) {
      read(item, path, into[static_cast<int>(number)]);
    }
  }
  void read_scalar(const Json& json, const std::string& path, std::string& into) {
    if (expect(json.is_string(), "a string", path)) into = json.get<std::string>();
  }
  void read_scalar(const Json& json, const std::string& path, bool& into) {
    if (expect(json.is_boolean(), "true or false", path)) into = json.get<bool>();
  }
  void read_scalar(const Json& json, const std::string& path, double& into) {
    if (json.is_null()) {
      into = std::numeric_limits<double>::quiet_NaN();
    } else if (expect(json.is_number(), "a number", path)) {
      into = json.get<double>();
    }
  }
  template <std::integral T>
  void read_scalar(const Json& json, const std::string& path, T& into) {
    const bool fits = json.is_number_integer() &&
                      !(json.is_number_unsigned() && json.get<uint64_t>() > std::numeric_limits<T>::max()) &&
                      json.get<int64_t>() >= std::numeric_limits<T>::min() &&
                      json.get<int64_t>() <= std::numeric_limits<T>::max();
    if (expect(fits, "an integer in range", path)) into = json.get<T>();
  }
};

template <class T>
std::string text_of(const T& value) {
  return write(value).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

template <class T>
Result<T> parse(std::string_view text, const std::string& where) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail("results.bad_summary", "not valid JSON", where);
  T value;
  Reader reader;
  reader.read(json, "", value);
  if (!reader.error.empty()) return fail("results.bad_summary", reader.error, where);
  return value;
}

}  // namespace

std::string summary_text(const Summary& summary) { return text_of(summary); }
std::string memory_text(const Memory& memory) { return text_of(memory); }
std::string divergence_text(const Divergence& divergence) { return text_of(divergence); }
Result<Memory> parse_memory(std::string_view text, const std::string& where) {
  return parse<Memory>(text, where);
}

Result<Summary> parse_summary(std::string_view text, const std::string& where) {
  ASSAY_TRY(auto summary, parse<Summary>(text, where));
  if (summary.schema != Summary().schema) {
    return fail("results.bad_summary",
                fmt::format("schema is '{}', expected '{}'", summary.schema, Summary().schema), where);
  }
  if (summary.schema_version > Summary().schema_version) {
    return fail("results.bad_summary",
                fmt::format("schema_version {} is newer than this program's {}", summary.schema_version,
                            Summary().schema_version),
                where, "Read it with the Assay version that wrote it, or a later one.");
  }
  return summary;
}

}  // namespace assay::results
