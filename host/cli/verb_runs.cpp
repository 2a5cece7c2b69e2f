#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/run_index.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "config/nearest.h"
#include "report/format.h"
#include "results/gc.h"
#include "results/run_holders.h"

namespace assay::cli {
namespace {

using Json = nlohmann::ordered_json;
using results::RunRow;

const std::vector<std::string> kVerdicts = {"pass",        "fail",       "inconclusive", "error",
                                            "interrupted", "incomplete", "unreadable"};
constexpr size_t kNoteIndent = 9;

struct RunsOptions {
  std::string out = "out", since;
  results::RunQuery query{.profile = {}, .board = {}, .verdict = {}, .since = {}, .limit = 20};
  bool json = false;
};

std::string utc_text(time_t seconds) {
  char text[32];
  std::tm parts{};
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &parts));
  return text;
}

// "7d" back from now, or the beginning of a UTC time.
Result<std::string> since_text(std::string text) {
  if (text.empty()) return text;
  if (const auto age = results::parse_age(text))
    return utc_text(std::time(nullptr) - static_cast<time_t>(*age));
  if (text.ends_with('Z')) text.pop_back();
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  bool fits = text.size() == 4 || text.size() == 7 || text.size() == 10 || text.size() == 13 ||
              text.size() == 16 || text.size() == 19;
  for (size_t i = 0; fits && i < text.size(); ++i)
    fits = kForm[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == kForm[i];
  if (fits) return text;
  return fail("config.value", fmt::format("'{}' is no time", text), "--since",
              "Write 7d, 12h, 2026-11-24 or 2026-11-24T21:40 (UTC).");
}

Status check_verdict(const std::string& verdict) {
  if (verdict.empty() || std::find(kVerdicts.begin(), kVerdicts.end(), verdict) != kVerdicts.end()) return {};
  const std::string near = config::nearest(verdict, kVerdicts);
  return fail("config.value", fmt::format("'{}' is no verdict", verdict), "--verdict",
              fmt::format("{}There are: {}.", near.empty() ? "" : fmt::format("Did you mean '{}'? ", near),
                          fmt::join(kVerdicts, ", ")));
}

// As `ls -l` writes times: those of this year with the hour.
std::string when_text(const std::string& started) {
  if (started.size() < 16) return started;
  return started.starts_with(utc_text(std::time(nullptr)).substr(0, 4))
             ? started.substr(5, 5) + " " + started.substr(11, 5)
             : started.substr(0, 10);
}

std::string latency_text(const RunRow& row) {
  if (!row.latency) return "";
  if (row.latency_unit == "ns")
    return *row.latency < 1e6 ? fmt::format("{:.1f} us", *row.latency / 1e3)
                              : fmt::format("{:.2f} ms", *row.latency / 1e6);
  const std::string unit = row.latency_unit == "instructions" ? "insn" : row.latency_unit;
  return fmt::format("{} {}", report::ascii(report::si(*row.latency)), unit);
}

// Names come from files: they may hold anything.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

std::string shortened(const std::string& text, size_t width) {
  if (text.size() <= width || width < 4) return text;
  size_t end = width - 3;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;  // not within a character
  return text.substr(0, end) + "...";
}

std::string verdict_of(const RunRow& row, const std::string& holder) {
  return row.verdict == "incomplete" && !holder.empty() ? "running" : row.verdict;
}

std::string note_of(const RunRow& row, const std::string& holder) {
  if (row.verdict == "pass") return "";
  if (!row.sentence.empty()) return row.sentence;
  if (row.verdict == "unreadable") return "summary.json is missing or damaged";
  return holder.empty() ? "no manifest: the run was stopped, or its process cannot be seen" : holder;
}

void print_table(const std::vector<RunRow>& rows, const std::vector<std::string>& holders) {
  const auto width = static_cast<size_t>(columns(STDOUT_FILENO));
  // What is left beside id, when, verdict, top-1 and latency.
  const size_t name_width = std::max<size_t>(10, (width - std::min<size_t>(width, 63)) / 2 + 2);
  std::vector<std::vector<std::string>> cells;
  for (size_t i = 0; i < rows.size(); ++i) {
    const RunRow& row = rows[i];
    cells.push_back({row.id, when_text(row.started), shortened(printable(row.profile), name_width),
                     shortened(printable(row.board), name_width), verdict_of(row, holders[i]),
                     row.top1 ? fmt::format("{:.1f} %", *row.top1 * 100) : "", latency_text(row)});
  }
  const std::string text = table({"id", "when (UTC)", "profile", "board", "verdict", ">top-1", "latency"},
                                 cells, static_cast<int>(width));
  size_t begin = 0;
  for (size_t line = 0; begin < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    fmt::print("{}\n", text.substr(begin, end - begin));
    begin = end + 1;
    if (line == 0 || line > rows.size()) continue;
    const std::string note = printable(report::ascii(note_of(rows[line - 1], holders[line - 1])));
    if (!note.empty()) fmt::print("{:{}}{}\n", "", kNoteIndent, shortened(note, width - kNoteIndent));
  }
}

template <class T>
void set_if(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

Json row_json(const RunRow& row, const std::string& out, const std::string& holder) {
  Json json = {{"id", row.id},
               {"folder", out + "/" + row.name},
               {"started", row.started + "Z"},
               {"profile", row.profile},
               {"board", row.board},
               {"unit", row.unit},
               {"verdict", verdict_of(row, holder)},
               {"samples", row.samples}};
  set_if(json, "top1", row.top1);
  if (row.latency)
    json["latency"] = {{"value", *row.latency}, {"unit", row.latency_unit}, {"kind", row.latency_kind}};
  json["note"] = note_of(row, holder);
  return json;
}

Result<Exit> list(RunsOptions options) {
  ASSAY_CHECK(check_verdict(options.query.verdict));
  ASSAY_TRY(options.query.since, since_text(options.since));
  auto index = open_run_index(options.out);
  ASSAY_CHECK(index.refresh());
  ASSAY_TRY(const results::FoundRuns found, index.find(options.query));
  const bool any_incomplete = std::any_of(found.rows.begin(), found.rows.end(),
                                          [](const RunRow& row) { return row.verdict == "incomplete"; });
  const auto processes = any_incomplete ? results::RunHolders::look() : results::RunHolders();
  std::vector<std::string> holders;
  for (const RunRow& row : found.rows)
    holders.push_back(row.verdict == "incomplete"
                          ? processes.holder_of(std::filesystem::path(options.out) / row.name)
                          : "");
  if (options.json) {
    Json all = Json::array();
    for (size_t i = 0; i < found.rows.size(); ++i)
      all.push_back(row_json(found.rows[i], options.out, holders[i]));
    const Json object = {{"out", options.out}, {"total", found.total}, {"runs", all}};
    fmt::print("{}\n", object.dump(2, ' ', false, Json::error_handler_t::replace));
    return Exit::kPass;
  }
  if (!found.rows.empty()) print_table(found.rows, holders);
  const auto shown = static_cast<int64_t>(found.rows.size());
  if (shown == 0) fmt::print(stderr, "no such run in {}\n", options.out);
  if (shown < found.total) fmt::print(stderr, "{} of {} runs; --limit 0 lists all\n", shown, found.total);
  return Exit::kPass;
}

}  // namespace

void add_runs(CLI::App& verb, Action& action) {
  auto options = std::make_shared<RunsOptions>();
  verb.add_option("--out", options->out, "Folder of run folders")->capture_default_str();
  verb.add_option("--profile", options->query.profile, "Only runs of this profile");
  verb.add_option("-b,--board", options->query.board, "Only runs on this board");
  verb.add_option("--verdict", options->query.verdict,
                  "Only runs with this verdict: pass, fail, ..., incomplete");
  verb.add_option("--since", options->since,
                  "Only runs since then: 7d, 12h, 2026-11-24, 2026-11-24T21:40 (UTC)");
  verb.add_option("--limit", options->query.limit, "At most so many, the newest; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb.add_flag("--json", options->json, "Print JSON");
  verb.callback([&action, options] { action = [options] { return list(*options); }; });
}

}  // namespace assay::cli
