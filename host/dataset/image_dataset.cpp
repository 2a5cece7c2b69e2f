// Pictures: one PNG or JPEG per sample, 8 bits a channel, grey or RGB. Values stay 0..255 (uint8); shape:
// height x width x channels.
//
// Decoders of JPEG differ by a level here and there, so figures to the last bit want PNG. Exif rotation is
// not applied. An alpha channel is left out where every pixel is opaque and refused otherwise.
#include <fmt/format.h>
#include <stb_image.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/digest.h"
#include "dataset/formats.h"
#include "dataset/sample_files.h"
#include "dataset/sources.h"

namespace assay::dataset {
namespace {

constexpr int64_t kMaxPixels = int64_t{64} << 20;

struct FreePixels {
  void operator()(stbi_uc* pixels) const { stbi_image_free(pixels); }
};

tl::unexpected<Error> malformed(std::string what, const std::string& where) {
  return fail("dataset.malformed", std::move(what), where, "Write or copy the picture again.");
}

uint32_t big_endian(std::span<const uint8_t> bytes, size_t at) {
  return uint32_t{bytes[at]} << 24 | uint32_t{bytes[at + 1]} << 16 | uint32_t{bytes[at + 2]} << 8 |
         bytes[at + 3];
}

// The library checks no checksum and may show grey where a file was cut.
Status check_png(std::span<const uint8_t> bytes, const std::string& where) {
  constexpr size_t kAround = 12;  // length, name and checksum of a chunk
  for (size_t at = 8; at + kAround <= bytes.size();) {
    const size_t length = big_endian(bytes, at);
    if (length > bytes.size() - at - kAround) break;
    const auto named = bytes.subspan(at + 4, length + 4);
    if (crc32_of(named) != big_endian(bytes, at + 8 + length))
      return malformed(fmt::format("the chunk at byte {} has a wrong checksum", at), where);
    if (std::memcmp(named.data(), "IEND", 4) == 0) return {};
    at += kAround + length;
  }
  return malformed(fmt::format("cut off: no end of the PNG in {} bytes", bytes.size()), where);
}

Status check_jpeg(std::span<const uint8_t> bytes, const std::string& where) {
  constexpr uint8_t kEnd[] = {0xff, 0xd9};
  if (std::search(bytes.begin(), bytes.end(), kEnd, kEnd + sizeof kEnd) != bytes.end()) return {};
  return malformed(fmt::format("cut off: no end of the JPEG in {} bytes", bytes.size()), where);
}

// The library reads other formats too, with less care.
Status check_file(std::span<const uint8_t> bytes, const std::string& where) {
  constexpr uint8_t kPng[] = {0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a}, kJpeg[] = {0xff, 0xd8, 0xff};
  const auto begins = [&](std::span<const uint8_t> magic) {
    return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
  };
  if (begins(kPng)) return check_png(bytes, where);
  if (begins(kJpeg)) return check_jpeg(bytes, where);
  return malformed("neither PNG nor JPEG at byte 0", where);
}

struct Picture {
  int width = 0, height = 0, channels = 0;
  std::vector<uint8_t> values;
};

Status drop_alpha(Picture& picture, const std::string& where) {
  const auto all = static_cast<size_t>(picture.channels);
  const size_t kept = all - 1;
  std::vector<uint8_t> values;
  values.reserve(picture.values.size() / all * kept);
  for (size_t i = 0; i < picture.values.size(); i += all) {
    if (picture.values[i + kept] != 255) {
      const size_t pixel = i / all, width = static_cast<size_t>(picture.width);
      return fail(
          "dataset.type",
          fmt::format("pixel {},{} is transparent, which no model input is", pixel % width, pixel / width),
          where, "Save the picture without an alpha channel.");
    }
    values.insert(values.end(), picture.values.begin() + static_cast<std::ptrdiff_t>(i),
                  picture.values.begin() + static_cast<std::ptrdiff_t>(i + kept));
  }
  picture.values = std::move(values);
  picture.channels = static_cast<int>(kept);
  return {};
}

Result<Picture> decode(std::span<const uint8_t> bytes, const std::string& where) {
  ASSAY_CHECK(check_file(bytes, where));
  Picture picture;
  const auto size = static_cast<int>(bytes.size());
  if (bytes.size() > INT32_MAX ||
      !stbi_info_from_memory(bytes.data(), size, &picture.width, &picture.height, &picture.channels))
    return malformed(fmt::format("no readable picture: {}", stbi_failure_reason()), where);
  if (int64_t{picture.width} * picture.height > kMaxPixels)
    return malformed(fmt::format("{} x {} pixels are more than 64 million", picture.width, picture.height),
                     where);
  if (stbi_is_16_bit_from_memory(bytes.data(), size))
    return fail("dataset.type", "16 bits a channel, only 8 are read", where,
                "Convert the picture to 8 bits a channel.");
  const std::unique_ptr<stbi_uc, FreePixels> pixels(
      stbi_load_from_memory(bytes.data(), size, &picture.width, &picture.height, &picture.channels, 0));
  if (!pixels) return malformed(fmt::format("no readable picture: {}", stbi_failure_reason()), where);
  const size_t count = static_cast<size_t>(picture.width) * static_cast<size_t>(picture.height) *
                       static_cast<size_t>(picture.channels);
  picture.values.assign(pixels.get(), pixels.get() + count);
  if (picture.channels == 2 || picture.channels == 4) ASSAY_CHECK(drop_alpha(picture, where));
  return picture;
}

}  // namespace

Result<Stored> read_image_dataset(const config::Data& data) {
  ASSAY_TRY(SampleFiles list, list_samples(data, {.extensions = ".png .jpg .jpeg"}));
  Stored stored;
  stored.kind = "image";
  stored.inputs.info.type = ElementType::kUint8;
  take_facts(list, stored);
  for (const SampleFile& file : list.files) {
    ASSAY_TRY(const auto bytes, read_unchanged(file.path));
    ASSAY_TRY(const Picture picture, decode(bytes, file.path.string()));
    if (!stored.ids.empty() && picture.channels != stored.inputs.info.dims.back())
      return fail("dataset.shape",
                  fmt::format("{} channels, the pictures before have {}", picture.channels,
                              stored.inputs.info.dims.back()),
                  file.path.string(), "Convert all pictures to grey, or all to RGB.");
    ASSAY_CHECK(
        stored.add_sample(file.id, {1, picture.height, picture.width, picture.channels}, picture.values));
  }
  return stored;
}

}  // namespace assay::dataset
