// junit.xml against the shape that continuous-integration servers accept (junit.xsd beside this file).
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "base/files.h"
#include "base/subprocess.h"
#include "catch.h"
#include "report/junit.h"
#include "report_fixture.h"

using namespace assay;
namespace fixture = assay::report_fixture;

TEST_CASE("JUnit of every kind of run is valid") {
  const auto path =
      std::filesystem::temp_directory_path() / ("assay_junit_" + std::to_string(::getpid()) + ".xml");
  for (const auto& view : {fixture::watch_raw(), fixture::digits(), fixture::bare(), fixture::hostile()}) {
    REQUIRE(write_file(path, report::junit_xml(view)));
    ProcessSpec spec;
    spec.argv = {"xmllint", "--noout", "--schema", ASSAY_SOURCE_DIR "/tests/report/junit.xsd", path.string()};
    const auto output = run_process(spec, Deadline::in(std::chrono::seconds(20)));
    REQUIRE(output);
    INFO(output->err);
    CHECK(output->status.code == 0);
  }
  std::filesystem::remove(path);
}
