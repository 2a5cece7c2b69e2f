// An observation as JSON and CSV.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "results/run_time.h"
#include "run/observation.h"

namespace assay::run {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kSummaryFile = "observe.json";
constexpr const char* kSamplesFile = "samples.csv";
constexpr const char* kHeader =
    "seconds,resets,kind,name,count,mean,p50,p95,max,misses,total_count,total_misses,total_max,stack_"
    "touched\n";

const char* kind_of(const ObservedRecord& record) {
  return record.of == link::TimingOf::kModel ? "model" : "span";
}

double mean_of(const link::Timing& timing, const TickUnit& unit) {
  return static_cast<double>(timing.ticks) / timing.count * unit.per_tick;
}

// What was not measured is absent, never 0.
Json times_json(const link::Timing& timing, const TickUnit& unit) {
  Json times = {{"count", timing.count}};
  if (timing.count > 0) {
    times["mean"] = mean_of(timing, unit);
    times["min"] = static_cast<double>(timing.ticks_min) * unit.per_tick;
    for (const int percent : {50, 95, 99}) {
      if (const auto ticks = timing.percentile(percent / 100.0))
        times[fmt::format("p{}", percent)] = static_cast<double>(*ticks) * unit.per_tick;
    }
    times["max"] = static_cast<double>(timing.ticks_max) * unit.per_tick;
  }
  if (timing.deadline_ticks > 0) {
    times["deadline"] = timing.deadline_ticks * unit.per_tick;
    times["misses"] = timing.misses;
  }
  return times;
}

// Quoted where a name needs it.
std::string csv_word(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string word = "\"";
  for (const char c : text) word += c == '"' ? "\"\"" : std::string(1, c);
  return word + "\"";
}

std::string csv_time(std::optional<uint64_t> ticks, const TickUnit& unit) {
  return ticks ? fmt::format("{:.6g}", static_cast<double>(*ticks) * unit.per_tick) : "";
}

std::string csv_lines(const Snapshot& snapshot, const TickUnit& unit) {
  std::string lines;
  for (const ObservedRecord& record : snapshot.records) {
    const link::Timing& now = record.interval;
    const auto some = [&](std::optional<uint64_t> ticks) {
      return csv_time(now.count > 0 ? ticks : std::nullopt, unit);
    };
    lines += fmt::format(
        "{:.3f},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", snapshot.seconds, snapshot.resets, kind_of(record),
        csv_word(record.name), now.count, now.count > 0 ? fmt::format("{:.6g}", mean_of(now, unit)) : "",
        some(now.percentile(0.5)), some(now.percentile(0.95)), now.bins.empty() ? "" : some(now.ticks_max),
        now.deadline_ticks > 0 ? std::to_string(now.misses) : "", record.total.count,
        now.deadline_ticks > 0 ? std::to_string(record.total.misses) : "",
        record.total.count > 0 ? csv_time(record.total.ticks_max, unit) : "",
        snapshot.stack_touched ? std::to_string(*snapshot.stack_touched) : "");
  }
  return lines;
}

}  // namespace

std::string snapshot_json(const link::BoardInfo& board, const TickUnit& unit, const Snapshot& snapshot,
                          const std::string& ended, int indent) {
  Json object = {{"time", results::utc_now_text()},
                 {"board", board.board},
                 {"firmware", board.build_id},
                 {"seconds", snapshot.seconds},
                 {"ended", ended},
                 {"unit", unit.name},
                 {"percentile_resolution", link::kBinResolution},
                 {"resets", snapshot.resets},
                 {"silences", snapshot.silences}};
  if (snapshot.stack_touched) object["stack_touched_bytes"] = *snapshot.stack_touched;
  if (snapshot.stack_bytes) object["stack_bytes"] = *snapshot.stack_bytes;
  for (const char* kind : {"model", "span"}) {
    Json records = Json::array();
    for (const ObservedRecord& record : snapshot.records) {
      if (std::string_view(kind) != kind_of(record)) continue;
      Json each = {{"name", record.name}};
      each.update(times_json(record.total, unit));
      records.push_back(std::move(each));
    }
    object[std::string(kind) + "s"] = std::move(records);
  }
  return object.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Result<ObservationFolder> ObservationFolder::create(const fs::path& path) {
  ASSAY_CHECK(make_directories(path));
  std::error_code error;
  if (fs::exists(path / kSamplesFile, error)) {
    return fail("results.bad_run", "the folder holds an observation already", path.string(),
                "Name another one with --folder.");
  }
  ASSAY_TRY(auto samples, results::AppendFile::open(path / kSamplesFile));
  ASSAY_CHECK(samples.append(kHeader));
  return ObservationFolder(path, std::move(samples));
}

void ObservationFolder::abandon() {
  std::error_code error;
  fs::remove(path_ / kSamplesFile, error);
  fs::remove(path_, error);  // only when it holds nothing else
}

Status ObservationFolder::write(const link::BoardInfo& board, const TickUnit& unit, const Snapshot& snapshot,
                                const std::string& ended) {
  if (snapshot.seconds > written_) {
    written_ = snapshot.seconds;
    const std::string lines = csv_lines(snapshot, unit);
    if (!lines.empty()) ASSAY_CHECK(samples_.append(lines));
  }
  return write_file(path_ / kSummaryFile, snapshot_json(board, unit, snapshot, ended, 2) + "\n");
}

}  // namespace assay::run
