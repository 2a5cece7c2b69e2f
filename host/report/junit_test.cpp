#include "report/junit.h"

#include <cstdlib>

#include "base/files.h"
#include "catch.h"
#include "report_fixture.h"

using namespace assay::report;
namespace fixture = assay::report_fixture;

namespace {
bool has(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }
}  // namespace

// ASSAY_UPDATE_GOLDEN=1 rewrites the file beside this source.
TEST_CASE("JUnit of a failed run equals its golden file") {
  const std::string path = ASSAY_SOURCE_DIR "/host/report/junit_watch_raw.golden.xml";
  const std::string text = junit_xml(fixture::watch_raw());
  if (std::getenv("ASSAY_UPDATE_GOLDEN")) REQUIRE(assay::write_file(path, text));
  const auto golden = assay::read_text(path);
  REQUIRE(golden);
  CHECK(text == *golden);
}

TEST_CASE("A gate that fails is a failure, a dead bench an error, the undecided skipped") {
  auto view = fixture::watch_raw();
  CHECK(has(junit_xml(view), "tests=\"7\" failures=\"3\" errors=\"0\" skipped=\"0\""));
  view = fixture::bare();
  CHECK(has(junit_xml(view), "tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"2\""));
  CHECK(has(junit_xml(view), "<skipped message=\"12 samples are too few: 460 are needed.\"/>"));
  view.summary.verdict = "error", view.summary.exit_code = 3, view.summary.gates.clear();
  CHECK(has(
      junit_xml(view),
      "<error message=\"12 of 900 samples ran before the run was interrupted.\" type=\"infrastructure\"/>"));
  view.summary.exit_code = 6;
  CHECK(has(junit_xml(view), "type=\"target_fault\""));
  view = fixture::digits();
  CHECK(has(junit_xml(view), "failures=\"0\" errors=\"0\" skipped=\"0\""));
}

TEST_CASE("Gates of one metric keep distinct names, which GitLab needs") {
  auto view = fixture::watch_raw();
  view.summary.gates.push_back(view.summary.gates.front());
  CHECK(has(junit_xml(view), "name=\"accuracy.delta #2\""));
}
