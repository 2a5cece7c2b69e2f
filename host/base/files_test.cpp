#include "base/files.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "base/digest.h"
#include "base/error_codes.h"
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

TEST_CASE("a file that does not fit is not there, the old one stays, and the error says so") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("assay_files_full_" + std::to_string(getpid()));
  REQUIRE(make_directories(folder));
  REQUIRE(write_file(folder / "old", std::string_view("old")));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string big(5000, 'x');
  const auto fresh = write_file(folder / "new", big), over = write_file(folder / "old", big);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  for (const auto& status : {fresh, over}) {
    REQUIRE_FALSE(status);
    CHECK(status.error().code == "base.disk_full");
    CHECK(exit_code_of(status.error().code) == Exit::kInfrastructure);
  }
  CHECK(over.error().message.find((folder / "old").string()) != std::string::npos);
  CHECK(read_text(folder / "old").value() == "old");
  CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 1);
  std::filesystem::remove_all(folder);
}

TEST_CASE("temporaries of a killed writer are removed, by age, and nothing else") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("assay_files_old_" + std::to_string(getpid()));
  REQUIRE(make_directories(folder / "sub.tmp"));
  for (const char* name : {"a.npy.4711.0.tmp", "a.npy"})
    REQUIRE(write_file(folder / name, std::string_view("x")));
  remove_temporaries(folder, std::chrono::hours(1));
  CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 3);
  remove_temporaries(folder, std::chrono::seconds(0));
  CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 2);
  CHECK(std::filesystem::exists(folder / "a.npy"));
  std::filesystem::remove_all(folder);
}

TEST_CASE("digests equal the published check values") {
  CHECK(sha256_hex(std::string_view("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const std::string check = "123456789";
  CHECK(crc32_of(std::span(reinterpret_cast<const uint8_t*>(check.data()), check.size())) == 0xCBF43926u);
}
