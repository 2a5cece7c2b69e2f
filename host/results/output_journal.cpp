#include "results/output_journal.h"

#include <cstring>
#include <string>

#include "base/digest.h"
#include "base/files.h"

namespace assay::results {
namespace {

constexpr std::string_view kMagic = "ASSAYOP1";
constexpr size_t kHeaderBytes = 16, kIndexBytes = 4, kTickBytes = 8, kCrcBytes = 4;

size_t record_bytes(size_t row_bytes) { return kIndexBytes + kTickBytes + row_bytes + kCrcBytes; }

void put(std::string& into, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) into += static_cast<char>(value >> (8 * i) & 0xFF);
}

uint64_t get(std::span<const uint8_t> from, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value |= uint64_t{from[i]} << (8 * i);
  return value;
}

std::string closed(std::string piece) {
  put(piece, crc32_of({reinterpret_cast<const uint8_t*>(piece.data()), piece.size()}), kCrcBytes);
  return piece;
}

bool whole(std::span<const uint8_t> piece) {
  const size_t body = piece.size() - kCrcBytes;
  return crc32_of(piece.first(body)) == get(piece.subspan(body), kCrcBytes);
}

std::string header_of(size_t row_bytes) {
  std::string header(kMagic);
  put(header, row_bytes, 4);
  return closed(std::move(header));
}

}  // namespace

Result<JournalledOutputs> OutputJournal::read(const std::filesystem::path& path, size_t row_bytes) {
  JournalledOutputs found;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return found;
  ASSAY_TRY(const auto bytes, read_bytes(path));
  const std::string header = header_of(row_bytes);
  if (bytes.size() < kHeaderBytes || std::memcmp(bytes.data(), header.data(), kHeaderBytes) != 0)
    return found;
  const size_t size = record_bytes(row_bytes);
  for (size_t at = kHeaderBytes; at + size <= bytes.size(); at += size) {
    const auto record = std::span(bytes).subspan(at, size);
    if (!whole(record) || get(record, kIndexBytes) != found.count()) break;
    const auto row = record.subspan(kIndexBytes + kTickBytes, row_bytes);
    found.rows.insert(found.rows.end(), row.begin(), row.end());
    found.ticks.push_back(static_cast<int64_t>(get(record.subspan(kIndexBytes), kTickBytes)));
  }
  return found;
}

Result<OutputJournal> OutputJournal::open(const std::filesystem::path& path, size_t row_bytes, size_t count) {
  const size_t keep = count == 0 ? 0 : kHeaderBytes + count * record_bytes(row_bytes);
  ASSAY_TRY(AppendFile file, AppendFile::open_records(path, static_cast<int64_t>(keep)));
  if (file.empty()) ASSAY_CHECK(file.append(header_of(row_bytes)));
  return OutputJournal(std::move(file), count);
}

Status OutputJournal::append(std::span<const uint8_t> row, int64_t ticks) {
  std::string record;
  record.reserve(record_bytes(row.size()));
  put(record, count_, kIndexBytes);
  put(record, static_cast<uint64_t>(ticks), kTickBytes);
  record.append(reinterpret_cast<const char*>(row.data()), row.size());
  ASSAY_CHECK(file_.append(closed(std::move(record))));
  ++count_;
  return {};
}

}  // namespace assay::results
