#include "base/files.h"

#include "base/digest.h"
#include "catch.h"

using namespace assay;

TEST_CASE("files are written whole and read back") {
  const auto folder = std::filesystem::temp_directory_path() / "assay_files_test";
  std::filesystem::remove_all(folder);
  REQUIRE(make_directories(folder));
  REQUIRE(write_file(folder / "a", std::string_view("one\0two", 7)));
  CHECK(read_text(folder / "a").value() == std::string("one\0two", 7));
  REQUIRE(write_file(folder / "a", std::string_view("short")));
  CHECK(read_text(folder / "a").value() == "short");
  CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 1);  // no temporary left
  auto missing = read_bytes(folder / "missing");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message.find("missing: No such file") != std::string::npos);
  REQUIRE_FALSE(write_file(folder / "no" / "folder", std::string_view("x")));
}

TEST_CASE("digests equal the published check values") {
  CHECK(sha256_hex(std::string_view("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const std::string check = "123456789";
  CHECK(crc32_of(std::span(reinterpret_cast<const uint8_t*>(check.data()), check.size())) == 0xCBF43926u);
}
