#include "results/run_row.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/files.h"
#include "results/run_folder.h"

namespace assay::results {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr uintmax_t kMaxSummaryBytes = uintmax_t{64} << 20;
// File systems count time in steps of up to a second (a clock tick is usual): a folder that changed within
// this time may change again without getting another time.
constexpr int64_t kRecentNs = 2'000'000'000;

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

std::string first_bytes(const fs::path& path, size_t count) {
  std::ifstream file(path, std::ios::binary);
  std::string text(count, '\0');
  file.read(text.data(), static_cast<std::streamsize>(count));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

// The parts of summary.json that a row holds; long ones are skipped while parsing.
bool wanted(int depth, Json::parse_event_t event, Json& parsed) {
  if (event != Json::parse_event_t::key || depth > 2) return true;
  static constexpr std::string_view kTop[] = {"schema",   "run_id",   "profile",      "verdict",
                                              "validity", "sentence", "samples_done", "target",
                                              "accuracy", "latency",  "provenance"};
  static constexpr std::string_view kDropped[] = {"classes", "confusion", "histogram", "phase_s"};
  const auto& key = parsed.get_ref<const std::string&>();
  if (depth == 1) return std::find(std::begin(kTop), std::end(kTop), key) != std::end(kTop);
  return std::find(std::begin(kDropped), std::end(kDropped), key) == std::end(kDropped);
}

const Json* member(const Json* json, const char* name) {
  if (!json || !json->is_object()) return nullptr;
  const auto found = json->find(name);
  return found == json->end() ? nullptr : &*found;
}
std::string text_of(const Json* json) { return json && json->is_string() ? json->get<std::string>() : ""; }
std::optional<double> number_of(const Json* json) {
  if (!json || !json->is_number()) return std::nullopt;
  return json->get<double>();
}

bool fill_from_summary(const fs::path& file, RunRow& row) {
  std::error_code error;
  if (fs::file_size(file, error) > kMaxSummaryBytes || error) return false;
  const auto text = read_text(file);
  if (!text) return false;
  const Json json = Json::parse(*text, wanted, false);
  if (!json.is_object() || text_of(member(&json, "schema")) != "assay.summary") return false;
  row.profile = text_of(member(&json, "profile"));
  row.verdict = text_of(member(&json, "verdict"));
  row.sentence = text_of(member(&json, "sentence"));
  row.samples = static_cast<int64_t>(number_of(member(&json, "samples_done")).value_or(0));
  const Json* target = member(&json, "target");
  row.board = text_of(member(target, "board"));
  row.unit = text_of(member(target, "unit"));
  row.top1 = number_of(member(member(member(&json, "accuracy"), "device"), "value"));
  const Json* median = member(member(&json, "latency"), "median");
  row.latency = number_of(member(median, "value"));
  row.latency_unit = text_of(member(median, "unit"));
  row.latency_kind = text_of(member(median, "kind"));
  if (row.started.empty())
    row.started = text_of(member(member(&json, "provenance"), "started")).substr(0, 19);
  return !row.verdict.empty();
}

// "2026-11-24T21-40-05_profile_board": what is known of a run that has said nothing yet.
void fill_from_name(RunRow& row) {
  const size_t first = row.name.find('_');
  if (!time_in_name(row.name) || first == std::string::npos) return;
  const size_t second = std::min(row.name.find('_', first + 1), row.name.size());
  row.profile = row.name.substr(first + 1, second - first - 1);
  if (second < row.name.size())
    row.board = row.name.substr(second + 1, row.name.find('_', second + 1) - second - 1);
}

std::string utc_text(int64_t ns) {
  const time_t seconds = ns / 1'000'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::optional<int64_t> modified_ns(const fs::path& folder) {
  struct stat found {};
  if (stat(folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) return std::nullopt;
  return int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
}

}  // namespace

std::optional<std::string> time_in_name(std::string_view name) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd-dd-dd";
  if (name.size() < kForm.size()) return std::nullopt;
  for (size_t i = 0; i < kForm.size(); ++i) {
    const bool fits = kForm[i] == 'd' ? name[i] >= '0' && name[i] <= '9' : name[i] == kForm[i];
    if (!fits) return std::nullopt;
  }
  std::string time(name.substr(0, kForm.size()));
  time[13] = time[16] = ':';
  return time;
}

std::optional<int64_t> folder_stamp(const fs::path& folder) {
  const auto modified = modified_ns(folder);
  if (!modified) return std::nullopt;
  const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  return *modified < now - kRecentNs ? *modified : 0;
}

bool is_run_folder(const fs::path& folder) {
  if (first_bytes(folder / file::kSamples, samples_header().size()) == samples_header()) return true;
  for (const char* name : {file::kSummary, file::kManifest}) {
    const std::string begin = first_bytes(folder / name, 200);
    const char* schema = name == file::kSummary ? "\"assay.summary\"" : "\"assay.manifest\"";
    if (begin.find("\"schema\"") != std::string::npos && begin.find(schema) != std::string::npos) return true;
  }
  // A run that was killed early: its own name, and what it begins with.
  const bool begun =
      first_bytes(folder / file::kEvents, 6) == "{\"t\":\"" || is_file(folder / file::kProfileLock);
  return begun && (time_in_name(folder.filename().string()) || is_file(folder / file::kProfileLock));
}

RunRow read_run_row(const fs::path& folder) {
  RunRow row;
  row.name = folder.filename().string();
  row.id = sha256_hex(row.name).substr(0, 7);
  const auto stamp = folder_stamp(folder);  // before reading: what changes meanwhile is read again
  if (!stamp) return row;
  row.stamp = *stamp;
  row.started = time_in_name(row.name).value_or("");
  const bool complete = is_file(folder / file::kManifest), summary = is_file(folder / file::kSummary);
  if (summary && fill_from_summary(folder / file::kSummary, row)) {
    const bool judged = row.verdict == "pass" || row.verdict == "fail" || row.verdict == "inconclusive";
    row.state = complete && judged ? RunState::kSettled : RunState::kUnsettled;
    if (!complete) row.verdict = "incomplete";
  } else if (is_run_folder(folder)) {
    row.state = RunState::kUnsettled;
    fill_from_name(row);
    row.verdict = summary || complete ? "unreadable" : "incomplete";
  } else {
    return row;
  }
  if (row.started.empty()) row.started = utc_text(modified_ns(folder).value_or(0));
  return row;
}

}  // namespace assay::results
