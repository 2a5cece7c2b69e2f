#include "results/run_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "results/summary_json.h"

namespace assay::results {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct RoleRow {
  std::string_view name;  // of the file, or of the folder it lies in
  std::string_view role;
};
constexpr RoleRow kRoles[] = {
    {file::kSummary, "summary"},   {file::kProfileLock, "profile"}, {file::kEvents, "events"},
    {file::kSamples, "samples"},   {file::kInputs, "inputs"},       {file::kInputIndex, "inputs"},
    {file::kGraph, "graph"},       {file::kOutputs, "outputs"},     {file::kTicks, "ticks"},
    {file::kOps, "operators"},     {file::kMemory, "memory"},       {file::kFlips, "flips"},
    {file::kFirmware, "firmware"}, {file::kPlan, "plan"},           {file::kConsoleLog, "log"},
    {file::kProbeLog, "log"},      {file::kReportHtml, "report"},   {file::kJunit, "report"},
    {file::kTensors, "tensors"},   {file::kPower, "power"},         {file::kReferences, "reference"},
    {file::kAttempts, "attempt"},  {file::kSlices, "slices"},       {file::kCases, "cases"},
};

std::string role_of(const fs::path& relative) {
  for (const RoleRow& row : kRoles) {
    if (*relative.begin() == row.name) return std::string(row.role);
  }
  return "other";
}

bool is_working_file(const fs::path& path) {
  return is_temporary(path) || path.filename() == file::kLock || path.filename() == file::kOutputsPart;
}

Json artifact_json(const Artifact& artifact) {
  return Json{{"file", artifact.file},
              {"sha256", artifact.sha256},
              {"role", artifact.role},
              {"bytes", artifact.bytes}};
}

Result<std::map<std::string, std::string>> hashes_of_manifest(const fs::path& path) {
  ASSAY_TRY(const std::string text, read_text(path));
  const Json json = Json::parse(text, nullptr, false);
  const auto bad = [&] {
    return fail("results.bad_run", "the manifest is damaged: expected files[] with file and sha256",
                path.string());
  };
  if (!json.is_object() || !json.contains("files") || !json["files"].is_array()) return bad();
  std::map<std::string, std::string> hashes;
  for (const Json& entry : json["files"]) {
    if (!entry.is_object() || !entry.contains("file") || !entry["file"].is_string() ||
        !entry.contains("sha256") || !entry["sha256"].is_string()) {
      return bad();
    }
    hashes[entry["file"].get<std::string>()] = entry["sha256"].get<std::string>();
  }
  return hashes;
}

}  // namespace

Result<RunFolder> RunFolder::create(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_empty(path, error)) {
    return fail("results.bad_run", "the folder for the run exists and is not empty", path.string(),
                "Choose another --out, or continue the run with --resume.");
  }
  ASSAY_CHECK(make_directories(path));
  return RunFolder(path);
}

Result<RunFolder> RunFolder::open(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return fail("results.bad_run", "no such folder", path.string());
  RunFolder folder(path);
  for (const char* name :
       {file::kSummary, file::kManifest, file::kSamples, file::kEvents, file::kProfileLock}) {
    if (folder.has(name)) return folder;
  }
  return fail("results.bad_run",
              "no run folder: it has neither summary, manifest, samples, events nor profile.lock.toml",
              path.string());
}

bool RunFolder::has(std::string_view name) const {
  std::error_code error;
  return fs::exists(path_ / name, error);
}

std::string RunFolder::id() const { return run_id_of(path_); }

Status RunFolder::write_summary(const Summary& summary) const {
  return write_file(path(file::kSummary), summary_text(summary));
}

Result<Summary> RunFolder::read_summary() const {
  ASSAY_TRY(const std::string text, read_text(path(file::kSummary)));
  return parse_summary(text, path(file::kSummary).string());
}

Result<SampleJournal> RunFolder::sample_journal() const {
  ASSAY_TRY(auto journal, AppendFile::open(path(file::kSamples)));
  if (journal.empty()) ASSAY_CHECK(journal.append(samples_header()));
  return SampleJournal(std::move(journal));
}

Result<std::vector<SampleRow>> RunFolder::read_samples() const {
  ASSAY_TRY(const std::string text, read_text(path(file::kSamples)));
  return parse_samples(text, path(file::kSamples).string());
}

Result<EventWriter> RunFolder::event_writer() const { return EventWriter::open(path(file::kEvents)); }

Status RunFolder::write_flips(const std::vector<Flip>& flips) const {
  return write_file(path(file::kFlips), flips_text(flips));
}

Result<std::vector<Flip>> RunFolder::read_flips() const {
  ASSAY_TRY(const std::string text, read_text(path(file::kFlips)));
  return parse_flips(text, path(file::kFlips).string());
}

Status RunFolder::write_ops(const std::vector<Layer>& layers) const {
  return write_file(path(file::kOps), ops_text(layers));
}

Result<std::vector<Layer>> RunFolder::read_ops() const {
  ASSAY_TRY(const std::string text, read_text(path(file::kOps)));
  return parse_ops(text, path(file::kOps).string());
}

Status RunFolder::write_memory(const Memory& memory) const {
  return write_file(path(file::kMemory), memory_text(memory));
}

Result<Memory> RunFolder::read_memory() const {
  ASSAY_TRY(const std::string text, read_text(path(file::kMemory)));
  return parse_memory(text, path(file::kMemory).string());
}

Result<std::vector<Artifact>> RunFolder::artifacts() const {
  std::vector<Artifact> found;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(path_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->is_regular_file(error) || entry->is_symlink(error) || is_working_file(entry->path()))
      continue;
    const fs::path relative = entry->path().lexically_relative(path_);
    if (relative == file::kManifest) continue;
    ASSAY_TRY(const auto bytes, read_bytes(entry->path()));
    found.push_back({relative.generic_string(), sha256_hex(bytes), role_of(relative),
                     static_cast<int64_t>(bytes.size())});
  }
  if (error) return fail("base.file", fmt::format("cannot list {}: {}", path_.string(), error.message()));
  std::sort(found.begin(), found.end(), [](const Artifact& a, const Artifact& b) { return a.file < b.file; });
  return found;
}

Status RunFolder::write_manifest() const {
  ASSAY_TRY(const auto listed, artifacts());
  Json json{{"schema", "assay.manifest"}, {"schema_version", 1}, {"run_id", id()}, {"files", Json::array()}};
  for (const Artifact& artifact : listed) json["files"].push_back(artifact_json(artifact));
  return write_file(path(file::kManifest), json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<std::vector<std::string>> RunFolder::verify_manifest() const {
  if (!complete())
    return fail("results.bad_run", "the run is incomplete: it has no manifest.json", path_.string());
  ASSAY_TRY(auto expected, hashes_of_manifest(path(file::kManifest)));
  ASSAY_TRY(const auto present, artifacts());
  std::vector<std::string> problems;
  for (const Artifact& artifact : present) {
    const auto listed = expected.find(artifact.file);
    if (listed == expected.end()) {
      problems.push_back(artifact.file + " is not in the manifest");
      continue;
    }
    if (listed->second != artifact.sha256) problems.push_back(artifact.file + " was changed after the run");
    expected.erase(listed);
  }
  for (const auto& [name, hash] : expected) problems.push_back(name + " is missing");
  return problems;
}

}  // namespace assay::results
