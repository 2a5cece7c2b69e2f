#include "dataset/text_array.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "results/npy.h"

namespace assay::dataset {
namespace {

constexpr size_t kHeaderStart =
    10;  // of format version 1.0, which NumPy writes for every array without field names

// The number after `key` in the header, or -1.
int64_t number_after(std::string_view header, std::string_view key) {
  const size_t at = header.find(key);
  if (at == std::string_view::npos) return -1;
  int64_t value = -1;
  std::from_chars(header.data() + at + key.size(), header.data() + header.size(), value);
  return value;
}

Result<std::vector<std::string>> fixed_width(std::span<const uint8_t> data, int64_t count, int64_t width,
                                             const std::string& where) {
  if (count < 0 || width < 1 || width > 4096 || static_cast<uint64_t>(count) != data.size() / width ||
      data.size() % width != 0) {
    return fail("dataset.malformed",
                fmt::format("{} texts of {} bytes do not make the {} bytes there", count, width, data.size()),
                where);
  }
  std::vector<std::string> texts;
  for (int64_t i = 0; i < count; ++i) {
    std::string_view text(reinterpret_cast<const char*>(data.data()) + i * width, width);
    while (text.ends_with('\0')) text.remove_suffix(1);  // NumPy pads with NUL
    for (unsigned char c : text) {
      if (c < 0x20 || c == 0x7f) {
        return fail("dataset.malformed", fmt::format("id {} holds the control character 0x{:02x}", i, c),
                    where);
      }
    }
    texts.emplace_back(text);
  }
  return texts;
}

constexpr size_t kMaxWidth = 4096;

}  // namespace

Result<std::vector<uint8_t>> text_array_bytes(std::span<const std::string> texts) {
  size_t width = 1;
  for (const std::string& text : texts) {
    if (text.size() > kMaxWidth || text.find('\0') != std::string::npos)
      return fail("dataset.malformed", fmt::format("an id of {} bytes cannot be stored", text.size()));
    width = std::max(width, text.size());
  }
  std::string header =
      fmt::format("{{'descr': '|S{}', 'fortran_order': False, 'shape': ({},), }}", width, texts.size());
  // NumPy wants the data at a multiple of 64 bytes.
  header.append(63 - (kHeaderStart + header.size()) % 64, ' ');
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += {1, 0, static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  bytes += header;
  for (const std::string& text : texts) {
    bytes += text;
    bytes.append(width - text.size(), '\0');
  }
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

Result<std::vector<std::string>> parse_text_array(std::span<const uint8_t> npy, const std::string& where) {
  if (npy.size() >= kHeaderStart && npy[6] == 1) {
    const size_t length = npy[8] | npy[9] << 8;
    if (length <= npy.size() - kHeaderStart) {
      const std::string_view header(reinterpret_cast<const char*>(npy.data()) + kHeaderStart, length);
      const int64_t width = number_after(header, "'descr': '|S");
      if (width >= 0) {
        return fixed_width(npy.subspan(kHeaderStart + length), number_after(header, "'shape': ("), width,
                           where);
      }
      if (header.find("'descr': '<U") != std::string_view::npos) {
        return fail("dataset.type", "ids are stored as UTF-32 text", where,
                    "Store them as bytes: ids.astype('S').");
      }
    }
  }
  ASSAY_TRY(const TensorRows array, results::parse_npy(npy, where));
  std::vector<std::string> texts;
  for (size_t i = 0; i < array.rows(); ++i) {
    texts.push_back(fmt::format("{}", stored_value(array.info.type, array.row(i).data())));
  }
  return texts;
}

}  // namespace assay::dataset
