#include "results/events.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "results/run_time.h"

namespace assay::results {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kNames[] = {"phase", "progress", "sample", "log", "verdict", "error"};

Json to_json(const EventValue& value) {
  return std::visit(
      [](const auto& held) -> Json {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(held)>, double>) {
          if (!std::isfinite(held)) return nullptr;
        }
        return held;
      },
      value);
}

bool parse_event(std::string_view line, Event& event) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return false;
  for (const auto& [name, value] : json.items()) {
    if (name == "t" && value.is_string()) {
      event.time = value.get<std::string>();
    } else if (name == "event" && value.is_string()) {
      event.event = value.get<std::string>();
    } else if (value.is_boolean()) {
      event.fields.emplace_back(name, value.get<bool>());
    } else if (value.is_number_integer()) {
      event.fields.emplace_back(name, value.get<int64_t>());
    } else if (value.is_number()) {
      event.fields.emplace_back(name, value.get<double>());
    } else if (value.is_string()) {
      event.fields.emplace_back(name, value.get<std::string>());
    }  // null: a number that was not finite; nested values are not part of the format
  }
  return !event.event.empty();
}

}  // namespace

std::string_view event_name(EventKind kind) { return kNames[static_cast<size_t>(kind)]; }

const EventValue* Event::find(std::string_view name) const {
  for (const EventField& field : fields) {
    if (field.name == name) return &field.value;
  }
  return nullptr;
}

std::string event_line(EventKind kind, const std::vector<EventField>& fields) {
  Json json = Json::object();
  json["t"] = utc_now_text();
  json["event"] = event_name(kind);
  for (const EventField& field : fields) json[field.name] = to_json(field.value);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<EventWriter> EventWriter::open(const std::filesystem::path& path) {
  ASSAY_TRY(auto file, AppendFile::open(path));
  return EventWriter(std::move(file));
}

Status EventWriter::write(EventKind kind, const std::vector<EventField>& fields) {
  return file_.append(event_line(kind, fields));
}

Result<EventBatch> read_events(const std::filesystem::path& path, int64_t offset) {
  ASSAY_TRY(const auto text, read_text(path));
  EventBatch batch;
  // A file that became shorter was replaced: read it from its start.
  size_t at = offset >= 0 && static_cast<size_t>(offset) <= text.size() ? static_cast<size_t>(offset) : 0;
  for (size_t end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    Event event;
    if (parse_event(std::string_view(text).substr(at, end - at), event)) {
      batch.events.push_back(std::move(event));
    } else {
      ++batch.bad_lines;
    }
  }
  batch.next_offset = static_cast<int64_t>(at);
  return batch;
}

}  // namespace assay::results
