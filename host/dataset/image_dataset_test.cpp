#include "base/digest.h"
#include "dataset/file_fixture.h"

namespace assay::dataset {

TEST_CASE("pictures keep every level: height x width x channels") {
  const Scratch scratch;
  std::filesystem::create_directories(scratch.path / "cat");
  std::filesystem::create_directories(scratch.path / "dog");
  scratch.file("dog/a.png", png_of(3, 2, 3, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 255}));
  scratch.file("cat/b.png", png_of(3, 2, 3, std::vector<uint8_t>(18, 9)));
  const Dataset dataset = opened(data_at(scratch.path));
  CHECK(dataset.format == "image");
  CHECK(dataset.kind == "image");
  CHECK(dataset.inputs.info.type == ElementType::kUint8);
  CHECK(dataset.inputs.info.dims == std::vector<int64_t>{1, 2, 3, 3});
  CHECK(dataset.labels == std::vector<int>{0, 1});
  CHECK(dataset.inputs.row(1)[17] == 255);
  CHECK(dataset.inputs.row(1)[5] == 5);
}

TEST_CASE("grey and JPEG are read, opaque alpha is left out, transparent pixels are refused") {
  const Scratch scratch;
  const Dataset grey = opened(data_at(scratch.file("g.png", png_of(2, 1, 1, {3, 200}))));
  CHECK(grey.inputs.info.dims == std::vector<int64_t>{1, 1, 2, 1});
  CHECK(grey.inputs.data == std::vector<uint8_t>{3, 200});
  const Dataset jpeg =
      opened(data_at(scratch.file("j.jpg", jpeg_of(8, 8, 3, std::vector<uint8_t>(192, 128)))));
  CHECK(jpeg.inputs.info.dims == std::vector<int64_t>{1, 8, 8, 3});
  CHECK(jpeg.inputs.data == std::vector<uint8_t>(192, 128));
  const Dataset opaque =
      opened(data_at(scratch.file("o.png", png_of(2, 1, 4, {1, 2, 3, 255, 4, 5, 6, 255}))));
  CHECK(opaque.inputs.data == std::vector<uint8_t>{1, 2, 3, 4, 5, 6});
  check_refused(data_at(scratch.file("t.png", png_of(2, 1, 4, {1, 2, 3, 255, 4, 5, 6, 254}))), "dataset.type",
                {"pixel 1,0 is transparent"});
}

TEST_CASE("pictures of other sizes, depths and kinds are refused by name") {
  const Scratch scratch;
  scratch.file("a.png", png_of(2, 2, 1, {1, 2, 3, 4}));
  scratch.file("b.png", png_of(3, 2, 1, {1, 2, 3, 4, 5, 6}));
  const config::Data data = data_at(scratch.path);
  check_refused(data, "dataset.shape", {"'b.png' is 2x3x1", "'a.png' is 2x2x1", "resize"});
  scratch.file("b.png", png_of(2, 2, 3, std::vector<uint8_t>(12, 1)));
  check_refused(data, "dataset.shape", {"3 channels", "have 1", "b.png"});
  std::string damaged = png_of(2, 2, 1, {1, 2, 3, 4});
  damaged[damaged.size() - 20] ^= 1;
  scratch.file("b.png", damaged);
  check_refused(data, "dataset.malformed", {"wrong checksum", "b.png"});
  scratch.file("b.png", "GIF89a");
  check_refused(data, "dataset.malformed", {"neither PNG nor JPEG", "b.png"});
  // Bit depth 16 in the header, its checksum put right.
  std::string deep = png_of(1, 1, 1, {9});
  deep[24] = 16;
  std::vector<uint8_t> header(deep.begin() + 12, deep.begin() + 29);
  const uint32_t crc = crc32_of(header);
  for (int i = 0; i < 4; ++i) deep[29 + i] = static_cast<char>(crc >> (24 - 8 * i));
  scratch.file("b.png", deep);
  check_refused(data, "dataset.type", {"16 bits a channel", "b.png"});
}

}  // namespace assay::dataset
