#include "results/output_journal.h"

#include <unistd.h>

#include <fstream>

#include "base/files.h"
#include "catch.h"

using namespace assay;
using namespace assay::results;
namespace fs = std::filesystem;

namespace {

constexpr size_t kRow = 3;

struct Scratch {
  fs::path path = fs::temp_directory_path() / ("assay_outputs_" + std::to_string(getpid()));
  ~Scratch() { fs::remove(path); }
};

std::vector<uint8_t> row_of(size_t i) { return {static_cast<uint8_t>(i), 0, static_cast<uint8_t>(255 - i)}; }

void write_rows(const fs::path& path, size_t from, size_t to) {
  auto journal = OutputJournal::open(path, kRow, from).value();
  for (size_t i = from; i < to; ++i)
    REQUIRE(journal.append(row_of(i), static_cast<int64_t>(i) - 5 + (int64_t{1} << 40)));
}

}  // namespace

TEST_CASE("journalled outputs come back, whole, and are continued") {
  const Scratch file;
  CHECK(OutputJournal::read(file.path, kRow)->count() == 0);
  write_rows(file.path, 0, 4);
  const auto found = OutputJournal::read(file.path, kRow).value();
  REQUIRE(found.count() == 4);
  CHECK(found.ticks[1] == (int64_t{1} << 40) - 4);
  CHECK(std::vector<uint8_t>(found.rows.begin() + 9, found.rows.end()) == row_of(3));
  write_rows(file.path, 2, 6);  // the last two are dropped, four follow
  CHECK(OutputJournal::read(file.path, kRow)->count() == 6);
  CHECK(OutputJournal::read(file.path, kRow + 1)->count() == 0);  // outputs of another model
}

TEST_CASE("a journal that was cut at any byte keeps its whole records and goes on behind them") {
  const Scratch file;
  write_rows(file.path, 0, 3);
  const auto bytes = read_bytes(file.path).value();
  const size_t record = 4 + 8 + kRow + 4;
  REQUIRE(bytes.size() == 16 + 3 * record);
  for (size_t size = 0; size < bytes.size(); ++size) {
    REQUIRE(write_file(file.path, std::span(bytes).first(size)));
    const size_t expected = size < 16 ? 0 : (size - 16) / record;
    const size_t count = OutputJournal::read(file.path, kRow)->count();
    CHECK(count == expected);
    write_rows(file.path, count, 3);
    CHECK(read_bytes(file.path).value() == bytes);
  }
}

TEST_CASE("a record that a power cut mangled ends what is finished") {
  const Scratch file;
  write_rows(file.path, 0, 3);
  const auto bytes = read_bytes(file.path).value();
  for (size_t at = 0; at < bytes.size(); ++at) {
    auto mangled = bytes;
    mangled[at] ^= 0x10;
    REQUIRE(write_file(file.path, std::span<const uint8_t>(mangled)));
    CHECK(OutputJournal::read(file.path, kRow)->count() == (at < 16 ? 0 : (at - 16) / 19));
  }
}
