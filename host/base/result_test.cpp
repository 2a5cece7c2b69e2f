#include "base/result.h"

#include <algorithm>
#include <vector>

#include "base/error_codes.h"
#include "catch.h"

using namespace assay;

namespace {
Result<int> half(int value) {
  if (value % 2) return fail("base.file", "odd", "here");
  return value / 2;
}
Result<int> quarter(int value) {
  ASSAY_TRY(const int once, half(value));
  ASSAY_TRY(const int twice, half(once));
  return twice;
}
}  // namespace

TEST_CASE("ASSAY_TRY hands the first error on") {
  CHECK(quarter(8).value() == 2);
  REQUIRE_FALSE(quarter(6));
  CHECK(quarter(6).error().code == "base.file");
  CHECK(quarter(6).error().text() == "odd (here)");
}

TEST_CASE("error codes are unique, sorted and explained") {
  auto codes = error_codes();
  CHECK(std::is_sorted(codes.begin(), codes.end(), [](auto& a, auto& b) { return a.code < b.code; }));
  for (const auto& entry : codes) {
    CAPTURE(entry.code);
    CHECK(entry.meaning.ends_with("."));
    CHECK(entry.remedy.ends_with("."));
    CHECK(find_error_code(entry.code) == &entry);
  }
  CHECK(find_error_code("no.such") == nullptr);
  CHECK(exit_code_of("config.syntax") == Exit::kUsage);
}
