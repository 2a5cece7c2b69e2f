#include "dataset/csv_records.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace assay::dataset {
namespace {

constexpr size_t kChunk = size_t{1} << 20;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string_view without_line_end(std::string_view record) {
  if (record.ends_with('\n')) record.remove_suffix(1);
  if (record.ends_with('\r')) record.remove_suffix(1);
  return record;
}

enum class Place { kFieldBegin, kPlain, kQuoted, kAfterQuote };

// One character further; quotes inside a plain field are text.
Place step(Place place, char c) {
  if (place == Place::kQuoted) return c == '"' ? Place::kAfterQuote : Place::kQuoted;
  if (c == ',') return Place::kFieldBegin;
  if (c == '"' && place != Place::kPlain) return Place::kQuoted;  // opened, or doubled
  return Place::kPlain;
}

// Where a record ends (after its newline), or npos when the text ends before.
size_t record_end(std::string_view text) {
  const size_t newline = text.find('\n');
  const bool plain = text.substr(0, newline).find('"') == std::string_view::npos;
  if (plain) return newline == std::string_view::npos ? newline : newline + 1;
  Place place = Place::kFieldBegin;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && place != Place::kQuoted) return i + 1;
    place = step(place, text[i]);
  }
  return std::string_view::npos;
}

}  // namespace

Result<CsvRecords> CsvRecords::open(const std::filesystem::path& path) {
  CsvRecords records;
  records.path_ = path;
  records.fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (records.fd_ < 0)
    return fail("base.file", fmt::format("cannot read {}: {}", path.string(), strerror(errno)));
  return records;
}

CsvRecords::CsvRecords(CsvRecords&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

CsvRecords::~CsvRecords() {
  if (fd_ >= 0) close(fd_);
}

std::string CsvRecords::where() const { return fmt::format("{}:{}", path_.string(), line_); }
std::string CsvRecords::where(size_t field) const {
  return fmt::format("{}:{}:{}", path_.string(), line_, field < starts_.size() ? starts_[field] + 1 : 1);
}

tl::unexpected<Error> CsvRecords::malformed(std::string what, std::string remedy) const {
  return fail("dataset.malformed", std::move(what), where(), std::move(remedy));
}

// Reads until the buffer holds a whole record from position_ on; `end` is where it ends.
Status CsvRecords::fill(size_t& end) {
  for (;;) {
    const auto rest = std::string_view(buffer_).substr(position_);
    end = record_end(rest);
    if (end != std::string_view::npos) {
      end += position_;
      return {};
    }
    if (ended_) {
      end = buffer_.size();
      return {};
    }
    if (rest.size() > kMaxRecordBytes) {
      return malformed(fmt::format("no end of the record within {} MiB", kMaxRecordBytes >> 20),
                       "Look for a quote that is opened and never closed.");
    }
    buffer_.erase(0, position_);
    position_ = 0;
    const size_t used = buffer_.size();
    // Twice as much each time: a long record is searched from its beginning again.
    buffer_.resize(used + std::max(kChunk, used));
    ssize_t got = 0;
    do got = read(fd_, buffer_.data() + used, buffer_.size() - used);
    while (got < 0 && errno == EINTR);
    const int error = errno;
    buffer_.resize(used + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0) return fail("base.file", fmt::format("cannot read {}: {}", path_.string(), strerror(error)));
    ended_ = got == 0;
    if (used == 0 && next_line_ == 1 && std::string_view(buffer_).starts_with(kByteOrderMark)) {
      buffer_.erase(0, kByteOrderMark.size());
    }
  }
}

Result<bool> CsvRecords::next() {
  for (;;) {
    line_ = next_line_;
    size_t end = 0;
    ASSAY_CHECK(fill(end));
    if (end == position_) return false;
    const auto record = std::string_view(buffer_).substr(position_, end - position_);
    position_ = end;
    next_line_ += std::count(record.begin(), record.end(), '\n');
    if (without_line_end(record).empty()) continue;
    if (record.find('\0') != std::string_view::npos) {
      return malformed("a NUL byte: this is no CSV of UTF-8 text", "Save the table as CSV, UTF-8.");
    }
    ASSAY_CHECK(split(without_line_end(record)));
    return true;
  }
}

// `at` stands after the opening quote, and after the field when done.
Status CsvRecords::unquote(std::string_view record, size_t& at, std::string_view& field) {
  const size_t begin = unquoted_.size();
  for (;; ++at) {
    if (at == record.size()) return malformed("a quote never closes");
    if (record[at] == '"') {
      if (at + 1 == record.size() || record[at + 1] != '"') break;
      ++at;
    }
    unquoted_ += record[at];
  }
  ++at;
  if (at < record.size() && record[at] != ',') {
    return malformed(fmt::format("text after the closing quote of field {}", fields_.size() + 1),
                     "Write quotes inside a quoted field twice.");
  }
  field = std::string_view(unquoted_).substr(begin);
  return {};
}

Status CsvRecords::split(std::string_view record) {
  fields_.clear();
  starts_.clear();
  unquoted_.clear();
  unquoted_.reserve(record.size());  // never grows below: views stay valid
  for (size_t at = 0;; ++at) {
    starts_.push_back(at);
    std::string_view field;
    if (at < record.size() && record[at] == '"') {
      ASSAY_CHECK(unquote(record, ++at, field));
    } else {
      const size_t comma = std::min(record.find(',', at), record.size());
      field = record.substr(at, comma - at);
      at = comma;
    }
    fields_.push_back(field);
    if (at >= record.size()) return {};
  }
}

}  // namespace assay::dataset
