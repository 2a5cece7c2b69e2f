// [[references.other]] before anything starts: what no single key of the TOML file can tell.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "config/nearest.h"
#include "reference/command.h"
#include "reference/table.h"
#include "run/references.h"

namespace assay::run {
namespace {

using config::OtherReference;
using reference::How;

std::string place_of(const config::Places& places, int index, const char* key) {
  for (const std::string& name :
       {fmt::format("references.other[{}].{}", index, key), fmt::format("references.other[{}]", index)}) {
    if (const auto place = places.find(name); place != places.end()) return place->second;
  }
  return "";
}

// What a kind needs, and what is only for it.
struct Key {
  const char* name;
  How how;
  bool (*has)(const OtherReference&);
  bool needed;
};
constexpr Key kKeys[] = {
    {"command", How::kCommand, [](const OtherReference& o) { return !o.command().empty(); }, true},
    {"recorded", How::kRecorded, [](const OtherReference& o) { return !o.recorded().file().empty(); }, true},
    {"uses", How::kCommand, [](const OtherReference& o) { return o.uses_size() > 0; }, false},
    {"chunk", How::kCommand, [](const OtherReference& o) { return o.chunk() > 0; }, false},
    {"timeout_s", How::kCommand, [](const OtherReference& o) { return o.timeout_s() > 0; }, false},
    {"version", How::kCommand, [](const OtherReference& o) { return !o.version().empty(); }, false},
    {"layout", How::kWorker, [](const OtherReference& o) { return !o.layout().empty(); }, false},
};

Status check_kind(const OtherReference& other, const config::Places& places, int index) {
  const auto kind = reference::find_runtime(other.kind());
  if (!kind) {
    std::vector<std::string> names;
    for (const auto& row : reference::kinds()) names.emplace_back(row.id);
    const std::string near = config::nearest(other.kind(), names);
    return fail(
        "config.value",
        fmt::format("no kind of reference '{}'{}; there are: {}", other.kind(),
                    near.empty() ? "" : fmt::format("; did you mean '{}'?", near), fmt::join(names, ", ")),
        place_of(places, index, "kind"));
  }
  for (const Key& key : kKeys) {
    const bool has = key.has(other), own = key.how == (*kind)->how;
    if (key.needed && own && !has) {
      return fail("config.value",
                  fmt::format("reference '{}' of kind {} needs `{}`", other.name(), other.kind(), key.name),
                  place_of(places, index, "kind"));
    }
    if (!own && has) {
      return fail("config.value",
                  fmt::format("`{}` is nothing that a reference of kind {} takes", key.name, other.kind()),
                  place_of(places, index, key.name));
    }
  }
  if (std::string_view((*kind)->model) == ".onnx" && other.model().empty()) {
    return fail("config.value", fmt::format("reference '{}' needs `model`: an .onnx file", other.name()),
                place_of(places, index, "kind"));
  }
  if ((*kind)->how != How::kCommand) return {};
  if (auto words = reference::words_of(other.command()); !words) {
    return fail("config.value", words.error().message, place_of(places, index, "command"));
  }
  return {};
}

}  // namespace

Status check_references(const config::LoadedProfile& loaded) {
  const auto& others = loaded.profile.references().other();
  std::set<std::string> taken;
  for (int i = 0; i < others.size(); ++i) {
    const OtherReference& other = others[i];
    ASSAY_CHECK(check_kind(other, loaded.places, i));
    const std::string id = other.level() == "R1" ? other.name() : other.level();
    if (!taken.insert(id).second) {
      return fail("config.value",
                  other.level() == "R1" ? fmt::format("two references are called '{}'", id)
                                        : fmt::format("{} is declared twice", id),
                  place_of(loaded.places, i, other.level() == "R1" ? "name" : "level"));
    }
    for (const char c : other.name()) {
      if (isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.') continue;
      return fail("config.value",
                  fmt::format("'{}' names files too: letters, digits, '_', '-' and '.' only", other.name()),
                  place_of(loaded.places, i, "name"));
    }
  }
  for (const std::string& runtime : loaded.profile.references().r1()) {
    if (taken.count(runtime))
      return fail("config.value", fmt::format("'{}' is in `r1` and declared once more", runtime),
                  loaded.file.string());
  }
  return {};
}

}  // namespace assay::run
