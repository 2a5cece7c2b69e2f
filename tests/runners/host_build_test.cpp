// runners/host_build/host_build.c as R2: right outputs, and one line that says what is wrong with bad inputs.
#include <cstring>

#include "base/deadline.h"
#include "base/digest.h"
#include "base/files.h"
#include "base/subprocess.h"
#include "catch.h"
#include "results/npy.h"
#include "runners/engine_firmware.h"

using namespace assay;
using namespace assay::runners_test;
using namespace std::chrono_literals;

namespace {

const std::string kProgram = std::string(ASSAY_BIN_DIR) + "/assay-host-build-plain-c";

Output run_program(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), kProgram);
  auto output = run_process({.argv = std::move(arguments)}, Deadline::in(20s));
  REQUIRE(output);
  return *output;
}

void write_inputs(const std::filesystem::path& folder, ElementType type, std::vector<int64_t> dims,
                  const std::vector<uint8_t>& data) {
  TensorRows rows;
  rows.info.type = type;
  rows.info.dims = std::move(dims);
  rows.data = data;
  REQUIRE(results::write_npy(folder / "inputs.npy", rows));
}

}  // namespace

TEST_CASE("the host build of an engine answers every row of inputs.npy as the device does") {
  boards_test::TemporaryFolder folder;
  std::vector<uint8_t> data;
  for (const auto& row : generated_rows(32, 64, 17)) data.insert(data.end(), row.begin(), row.end());
  write_inputs(folder.path, ElementType::kInt8, {1, 8, 8, 1}, data);
  const Output done = run_program({"--model", "digits_mlp", folder.path});
  INFO(done.err);
  REQUIRE(done.status.code == 0);
  const auto outputs = results::read_npy(folder.path / "outputs.npy");
  if (!outputs) FAIL(outputs.error().text());
  CHECK(outputs->rows() == 32);
  CHECK(outputs->info.type == ElementType::kInt8);
  CHECK(crc32_of(outputs->data) == 0x05c603e4);
}

TEST_CASE("the host build of an engine says what is wrong with its inputs") {
  boards_test::TemporaryFolder folder;
  const auto refused = [&](std::vector<std::string> arguments, const std::string& words) {
    const Output done = run_program(std::move(arguments));
    INFO(done.err);
    CHECK(done.status.code == 1);
    CHECK(done.err.find(words) != std::string::npos);
  };
  const std::string at = folder.path;
  refused({}, "usage:");
  refused({at}, "inputs.npy cannot be opened");
  refused({"--model", "cats", at}, "there is no model of that name");
  REQUIRE(write_file(folder.path / "inputs.npy", "not numpy"));
  refused({at}, "is no .npy file");
  write_inputs(folder.path, ElementType::kFloat32, {1, 64}, std::vector<uint8_t>(256));
  refused({at}, "does not hold |i1");
  write_inputs(folder.path, ElementType::kInt8, {1, 60}, std::vector<uint8_t>(120));
  refused({at}, "ends in row 1 of 2");
}
