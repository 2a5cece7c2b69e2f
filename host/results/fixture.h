// For the tests of the index: a scratch out folder, and run folders of two files that take microseconds to
// make.
#pragma once

#include <fmt/format.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "base/files.h"
#include "catch.h"
#include "results/run_folder.h"

namespace assay::results {

struct OutFolder {
  OutFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "assay-index-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    root = name;
    path = root / "out";
    REQUIRE(make_directories(path));
    setenv("ASSAY_STATE_DIR", (root / "state").c_str(), 1);
  }
  ~OutFolder() { std::filesystem::remove_all(root); }

  std::filesystem::path add(const std::string& name, const std::string& verdict = "pass",
                            const std::string& profile = "digits", bool complete = true) const {
    const auto folder = path / name;
    REQUIRE(make_directories(folder));
    const std::string summary = fmt::format(
        R"({{"schema": "assay.summary", "schema_version": 1, "profile": "{}", "verdict": "{}", "sentence": "Why.", "samples_done": 7,)"
        R"( "target": {{"board": "posix", "unit": "u1"}}, "accuracy": {{"device": {{"value": 0.945, "unit": "1"}}, "classes": [{{}}]}},)"
        R"( "latency": {{"median": {{"value": 1234.5, "unit": "instructions", "kind": "emulated"}}}},)"
        R"( "provenance": {{"started": "2026-01-01T00:00:00Z"}}}})",
        profile, verdict);
    REQUIRE(write_file(folder / file::kSummary, summary));
    if (complete)
      REQUIRE(write_file(folder / file::kManifest,
                         std::string_view(R"({"schema": "assay.manifest", "files": []})")));
    return folder;
  }

  // Folders that changed long enough ago for their times to be relied on.
  void age(std::chrono::seconds by = std::chrono::seconds(100)) const {
    const auto then = std::filesystem::file_time_type::clock::now() - by;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.is_directory()) std::filesystem::last_write_time(entry.path(), then);
    }
    std::filesystem::last_write_time(path, then);
  }

  std::filesystem::path root, path;
};

}  // namespace assay::results
