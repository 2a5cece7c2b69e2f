#include "results/npy.h"

#include <unistd.h>

#include "base/files.h"
#include "catch.h"

using namespace assay;
using namespace assay::results;

namespace {

std::filesystem::path test_file(const char* name) {
  return std::filesystem::temp_directory_path() / (std::to_string(getpid()) + "_" + name);
}

std::vector<uint8_t> npy(int version, const std::string& dict, const std::string& data) {
  std::string text = "\x93NUMPY";
  text += static_cast<char>(version);
  text += '\0';
  text += static_cast<char>(dict.size() & 255);
  text += static_cast<char>(dict.size() >> 8);
  if (version > 1) text += std::string(2, '\0');
  text += dict + data;
  return {text.begin(), text.end()};
}

std::string refusal(const std::vector<uint8_t>& bytes) {
  const auto tensor = parse_npy(bytes, "x.npy");
  REQUIRE_FALSE(tensor);
  CHECK(tensor.error().code == "results.bad_npy");
  return tensor.error().message;
}

}  // namespace

TEST_CASE("every element type survives writing and reading") {
  for (int type = 0; type <= 7; ++type) {
    TensorRows tensor;
    tensor.info = {.type = static_cast<ElementType>(type), .dims = {1, 2, 3}};
    for (size_t i = 0; i < 4 * tensor.info.bytes(); ++i) tensor.data.push_back(static_cast<uint8_t>(i));
    const auto path = test_file("types.npy");
    REQUIRE(write_npy(path, tensor));
    const auto back = read_npy(path);
    REQUIRE(back);
    CHECK(back->info.type == tensor.info.type);
    CHECK(back->info.dims == tensor.info.dims);
    CHECK(back->rows() == 4);
    CHECK(back->data == tensor.data);
    CHECK(read_bytes(path)->size() % 64 == tensor.data.size() % 64);  // data is aligned as numpy aligns it
    std::filesystem::remove(path);
  }
}

TEST_CASE("64-bit ticks keep every digit") {
  const std::vector<int64_t> ticks = {0, 9007199254740993, -1, INT64_MAX};
  const auto path = test_file("ticks.npy");
  REQUIRE(write_npy(path, std::span<const int64_t>(ticks)));
  CHECK(read_npy_integers(path).value() == ticks);
  const double real = 1.5;
  REQUIRE(write_npy(path, std::span(&real, 1)));
  CHECK(read_npy_integers(path).error().message.find("float64") != std::string::npos);
  std::filesystem::remove(path);
}

TEST_CASE("headers of all versions and foreign spellings are read") {
  const std::string dict = "{\"shape\":(2,),\"fortran_order\":False,\"descr\":\"<i2\"}";
  for (int version : {1, 2, 3}) {
    const auto tensor = parse_npy(npy(version, dict, std::string("\x01\x00\xff\xff", 4)), "x");
    REQUIRE(tensor);
    CHECK(tensor->info.dims == std::vector<int64_t>{1});
    CHECK(stored_value(tensor->info.type, tensor->row(1).data()) == -1);
  }
  CHECK(parse_npy(npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (0, 5), }\n", ""), "x")->rows() ==
        0);
}

TEST_CASE("malformed files are refused with the byte") {
  const std::string good = "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 2), }";
  CHECK(refusal({}).find("only 0 bytes") != std::string::npos);
  CHECK(refusal(std::vector<uint8_t>(32, 'x')).find("at byte 0") != std::string::npos);
  CHECK(refusal(npy(9, good, "abcd")).find("byte 6") != std::string::npos);
  CHECK(refusal(npy(1, good, "abc")).find("needs 4 bytes from byte 69, the file has 3") != std::string::npos);
  CHECK(refusal(npy(1, good, "abcde")).find("needs 4") != std::string::npos);
  CHECK(refusal(npy(1, "{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", "abcd")).find(">f4") !=
        std::string::npos);
  CHECK(refusal(npy(1, "{'descr': '|i1', 'fortran_order': True, 'shape': (4,)}", "abcd")).find("Fortran") !=
        std::string::npos);
  CHECK(refusal(npy(1, "{'descr': '|i1', 'fortran_order': False, 'shape': ()}", "a")).find("scalar") !=
        std::string::npos);
  CHECK(refusal(npy(1, "{'descr': [('a','<i4')], 'fortran_order': False, 'shape': (1,)}", "abcd"))
            .find("at byte 20") != std::string::npos);
  CHECK(refusal(npy(1, "{'descr': '|i1', 'shape': (-4,), 'fortran_order': False}", "abcd"))
            .find("dimension at byte 37") != std::string::npos);
  CHECK(
      refusal(
          npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (281474976710656, 281474976710656)}", ""))
          .find("too large") != std::string::npos);
  auto cut = npy(1, good, "abcd");
  cut.resize(30);
  CHECK(refusal(cut).find("claims 59 bytes") != std::string::npos);
  for (size_t length = 0; length < good.size(); ++length) refusal(npy(1, good.substr(0, length), "abcd"));
}

TEST_CASE("a tensor of half a row is not written") {
  TensorRows tensor;
  tensor.info = {.type = ElementType::kInt8, .dims = {1, 4}};
  tensor.data.resize(6);
  CHECK(npy_bytes(tensor).error().code == "results.bad_npy");
}
