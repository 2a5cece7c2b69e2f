#include "results/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "base/files.h"

namespace assay::results {
namespace {

constexpr char kMagic[] = "\x93NUMPY";
constexpr size_t kMagicSize = 6;

struct TypeRow {
  ElementType type;
  std::string_view descr;
};
// The first row of a type is what is written.
constexpr TypeRow kTypes[] = {
    {ElementType::kFloat32, "<f4"}, {ElementType::kInt8, "|i1"},  {ElementType::kUint8, "|u1"},
    {ElementType::kInt16, "<i2"},   {ElementType::kInt32, "<i4"}, {ElementType::kInt64, "<i8"},
    {ElementType::kFloat64, "<f8"}, {ElementType::kBool, "|b1"},  {ElementType::kInt8, "<i1"},
    {ElementType::kUint8, "<u1"},
};

struct Header {
  std::optional<std::string> descr;
  std::optional<bool> fortran;
  std::optional<std::vector<int64_t>> shape;
};

// The header's Python literal: a dict of a string, a bool and a tuple of integers, and nothing else.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, size_t offset, std::string where)
      : text_(text), offset_(offset), where_(std::move(where)) {}

  Result<Header> parse() {
    Header header;
    if (!take('{')) return bad("expected '{'");
    while (!take('}')) {
      ASSAY_TRY(const std::string key, quoted());
      if (!take(':')) return bad("expected ':'");
      ASSAY_CHECK(value_of(key, header));
      if (!take(',') && peek() != '}') return bad("expected ',' or '}'");
    }
    skip_space();
    if (at_ != text_.size()) return bad("text after the header's dict");
    if (!header.descr || !header.fortran || !header.shape)
      return bad("descr, fortran_order or shape is missing");
    return header;
  }

 private:
  tl::unexpected<Error> bad(const std::string& what) const {
    return fail("results.bad_npy", fmt::format("{} at byte {}", what, offset_ + at_), where_);
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  char peek() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char wanted) {
    if (peek() != wanted || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    skip_space();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  Result<std::string> quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') return bad("expected a string");
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return bad("a string without end");
    std::string word(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return word;
  }
  Status value_of(const std::string& key, Header& header) {
    if (key == "descr") {
      if (peek() == '[') return bad("structured arrays are not supported");
      ASSAY_TRY(header.descr, quoted());
    } else if (key == "fortran_order") {
      const bool yes = take_word("True");
      if (!yes && !take_word("False")) return bad("expected True or False");
      header.fortran = yes;
    } else if (key == "shape") {
      ASSAY_TRY(header.shape, tuple());
    } else {
      return bad(fmt::format("unknown header key '{}'", key));
    }
    return {};
  }
  Result<std::vector<int64_t>> tuple() {
    std::vector<int64_t> dims;
    if (!take('(')) return bad("expected '('");
    while (!take(')')) {
      int64_t dim = 0;
      const char first = peek();
      if (first < '0' || first > '9') return bad("expected a dimension");
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
        dim = dim * 10 + (text_[at_++] - '0');
        if (dim > (int64_t{1} << 48)) return bad("a dimension is too large");
      }
      dims.push_back(dim);
      if (dims.size() > 16) return bad("more than 16 dimensions");
      if (!take(',') && peek() != ')') return bad("expected ',' or ')'");
    }
    return dims;
  }

  std::string_view text_;
  size_t offset_, at_ = 0;
  std::string where_;
};

Result<ElementType> type_of(const std::string& descr, const std::string& where) {
  for (const TypeRow& row : kTypes) {
    if (row.descr == descr) return row.type;
  }
  return fail("results.bad_npy", fmt::format("element type '{}' at byte 10 is not supported", descr), where,
              "Store little-endian float32, float64, int8, uint8, int16, int32, int64 or bool.");
}

std::string_view descr_of(ElementType type) {
  for (const TypeRow& row : kTypes) {
    if (row.type == type) return row.descr;
  }
  return "";
}

std::vector<uint8_t> with_header(std::string_view descr, const std::vector<int64_t>& shape,
                                 std::span<const uint8_t> data) {
  std::string dict = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", descr,
                                 fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  // Data starts at a multiple of 64 bytes, as numpy does, so that files can be mapped.
  const size_t unpadded = kMagicSize + 4 + dict.size() + 1;
  dict.append((64 - unpadded % 64) % 64, ' ');
  dict += '\n';
  std::string header(kMagic, kMagicSize);
  header += {1, 0, static_cast<char>(dict.size() & 255), static_cast<char>(dict.size() >> 8)};
  header += dict;
  std::vector<uint8_t> bytes(header.size() + data.size());
  std::copy(data.begin(), data.end(), std::copy(header.begin(), header.end(), bytes.begin()));
  return bytes;
}

template <class T>
std::span<const uint8_t> bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()};
}

}  // namespace

Result<TensorRows> parse_npy(std::span<const uint8_t> bytes, const std::string& where) {
  auto bad = [&](std::string what) { return fail("results.bad_npy", std::move(what), where); };
  if (bytes.size() < 10) return bad(fmt::format("only {} bytes: no .npy header", bytes.size()));
  if (std::memcmp(bytes.data(), kMagic, kMagicSize) != 0) return bad("no .npy magic at byte 0");
  const int major = bytes[6];
  if (major < 1 || major > 3) return bad(fmt::format("unknown .npy version {} at byte 6", major));
  const size_t start = major == 1 ? 10 : 12;
  if (bytes.size() < start) return bad(fmt::format("the header ends at byte {}", bytes.size()));
  size_t length = bytes[8] | size_t{bytes[9]} << 8;
  if (major > 1) length |= size_t{bytes[10]} << 16 | size_t{bytes[11]} << 24;
  if (length > bytes.size() - start) {
    return bad(fmt::format("the header at byte {} claims {} bytes, the file has {} left", start, length,
                           bytes.size() - start));
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + start, length);
  ASSAY_TRY(const Header header, HeaderParser(text, start, where).parse());
  if (*header.fortran)
    return bad(fmt::format("Fortran order in the header at byte {}: save it in C order", start));
  TensorRows tensor;
  ASSAY_TRY(tensor.info.type, type_of(*header.descr, where));
  if (header.shape->empty()) return bad("a scalar has no samples: the first dimension is the sample");
  tensor.info.dims = *header.shape;
  const size_t rows = static_cast<size_t>(tensor.info.dims[0]);
  tensor.info.dims[0] = 1;
  size_t expected = element_size(tensor.info.type);
  for (int64_t dim : *header.shape) {
    const auto factor = static_cast<size_t>(dim);
    if (factor != 0 && expected > (size_t{1} << 48) / factor) return bad("the shape is too large");
    expected *= factor;
  }
  const auto data = bytes.subspan(start + length);
  if (data.size() != expected || (rows > 0 && expected == 0)) {
    return bad(fmt::format("shape ({}) of {} needs {} bytes from byte {}, the file has {}",
                           fmt::join(*header.shape, ", "), element_name(tensor.info.type), expected,
                           start + length, data.size()));
  }
  tensor.data.assign(data.begin(), data.end());
  return tensor;
}

Result<TensorRows> read_npy(const std::filesystem::path& path) {
  ASSAY_TRY(const auto bytes, read_bytes(path));
  ASSAY_TRY(auto tensor, parse_npy(bytes, path.string()));
  tensor.info.name = path.stem().string();
  return tensor;
}

Result<std::vector<uint8_t>> npy_bytes(const TensorRows& tensor) {
  const size_t row = tensor.info.bytes();
  if (row == 0 || tensor.data.size() % row != 0) {
    return fail("results.bad_npy",
                fmt::format("{} bytes are no whole number of rows of {} bytes (shape {})", tensor.data.size(),
                            row, tensor.info.shape()),
                tensor.info.name);
  }
  std::vector<int64_t> shape = {static_cast<int64_t>(tensor.rows())};
  const bool batch_of_one = !tensor.info.dims.empty() && tensor.info.dims[0] == 1;
  shape.insert(shape.end(), tensor.info.dims.begin() + (batch_of_one ? 1 : 0), tensor.info.dims.end());
  return with_header(descr_of(tensor.info.type), shape, tensor.data);
}

Status write_npy(const std::filesystem::path& path, const TensorRows& tensor) {
  ASSAY_TRY(const auto bytes, npy_bytes(tensor));
  return write_file(path, bytes);
}

Status write_npy(const std::filesystem::path& path, std::span<const int64_t> values) {
  return write_file(path, with_header("<i8", {static_cast<int64_t>(values.size())}, bytes_of(values)));
}

Status write_npy(const std::filesystem::path& path, std::span<const double> values) {
  return write_file(path, with_header("<f8", {static_cast<int64_t>(values.size())}, bytes_of(values)));
}

Result<std::vector<int64_t>> read_npy_integers(const std::filesystem::path& path) {
  ASSAY_TRY(const auto tensor, read_npy(path));
  const ElementType type = tensor.info.type;
  if (type == ElementType::kFloat32 || type == ElementType::kFloat64) {
    return fail("results.bad_npy", fmt::format("integers expected, the file holds {}", element_name(type)),
                path.string());
  }
  const size_t size = element_size(type);
  std::vector<int64_t> values(tensor.data.size() / size);
  for (size_t i = 0; i < values.size(); ++i) {
    if (type == ElementType::kInt64) {  // a double cannot hold every 64-bit tick count
      std::memcpy(&values[i], tensor.data.data() + i * size, size);
    } else {
      values[i] = static_cast<int64_t>(stored_value(type, tensor.data.data() + i * size));
    }
  }
  return values;
}

}  // namespace assay::results
