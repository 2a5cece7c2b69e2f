// events.jsonl: what happens during a run, one JSON object a line, for whoever follows it live (dashboard,
// `--events`).
//
// {"t":"2026-11-24T21:40:05.123Z","event":"progress","done":41,"total":1000}: "t" and "event" first, then the
// fields of the event. Each line is written at once; a reader may meet a cut last line and waits for the
// rest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "results/append_file.h"

namespace assay::results {

// The events there are; add a line in events.cpp.
enum class EventKind : uint8_t { kPhase, kProgress, kSample, kLog, kVerdict, kError };
std::string_view event_name(EventKind kind);  // "phase", ...

// Numbers that are not finite are written as null.
using EventValue = std::variant<bool, int64_t, double, std::string>;
struct EventField {
  std::string name;
  EventValue value;
  EventField(std::string field_name, bool v) : name(std::move(field_name)), value(v) {}
  EventField(std::string field_name, int v) : name(std::move(field_name)), value(int64_t{v}) {}
  EventField(std::string field_name, int64_t v) : name(std::move(field_name)), value(v) {}
  EventField(std::string field_name, size_t v)
      : name(std::move(field_name)), value(static_cast<int64_t>(v)) {}
  EventField(std::string field_name, double v) : name(std::move(field_name)), value(v) {}
  EventField(std::string field_name, std::string v) : name(std::move(field_name)), value(std::move(v)) {}
  EventField(std::string field_name, const char* v) : name(std::move(field_name)), value(std::string(v)) {}
};

struct Event {
  std::string time;   // UTC, "2026-11-24T21:40:05.123Z"
  std::string event;  // "progress"; a name that this version does not know is kept
  std::vector<EventField> fields;
  // nullptr when there is no such field.
  const EventValue* find(std::string_view name) const;
};

// The line with its newline, stamped with the time of the call; also what `--events FD` writes.
std::string event_line(EventKind kind, const std::vector<EventField>& fields);

class EventWriter {
 public:
  static Result<EventWriter> open(const std::filesystem::path& path);   // base.file
  Status write(EventKind kind, const std::vector<EventField>& fields);  // base.file

 private:
  explicit EventWriter(AppendFile file) : file_(std::move(file)) {}
  AppendFile file_;
};

struct EventBatch {
  std::vector<Event> events;
  int64_t next_offset = 0;  // byte from which to read on
  int64_t bad_lines = 0;    // whole lines that are no event
};
// All whole lines from byte `offset` on. A cut last line is not an error: it is read when it is whole.
// base.file.
Result<EventBatch> read_events(const std::filesystem::path& path, int64_t offset = 0);

}  // namespace assay::results
