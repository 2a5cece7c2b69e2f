#include "probe/openocd_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace assay::probe {
namespace {

constexpr std::chrono::milliseconds kBudget = std::chrono::seconds(5);
constexpr uint32_t kPiece = 4096;  // bytes a command

// "0x1 0x2 ..." as numbers; probe.read_failed when there are not `count`.
Result<std::vector<uint32_t>> parse_numbers(std::string_view text, size_t count) {
  std::vector<uint32_t> out;
  while (true) {
    const auto begin = text.find_first_not_of(" \n");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(" \n"), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    if (word.starts_with("0x")) word.remove_prefix(2);
    uint32_t value = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value, 16);
    if (error != std::errc() || stop != word.data() + word.size()) {
      return fail("probe.read_failed",
                  fmt::format("openocd answers '{}' where memory words should be", word));
    }
    out.push_back(value);
  }
  if (out.size() != count)
    return fail("probe.read_failed", fmt::format("openocd delivers {} of {} words", out.size(), count));
  return out;
}

uint32_t width_of(uint32_t address, size_t bytes) { return address % 4 == 0 && bytes % 4 == 0 ? 4 : 1; }

}  // namespace

Result<std::vector<uint32_t>> OpenocdMemory::access(std::span<const WordAccess> accesses) {
  std::string script = "set v {}";
  size_t reads = 0;
  for (const WordAccess& one : accesses) {
    if (one.write) {
      script += fmt::format("; write_memory 0x{:x} 32 0x{:x}", one.address, one.value);
    } else {
      script += fmt::format("; lappend v [read_memory 0x{:x} 32 1]", one.address);
      ++reads;
    }
  }
  script += "; set v";
  const bool only_writes = reads == 0;
  ASSAY_TRY(const std::string words,
            process_.run(fmt::format("cannot reach the debug registers at 0x{:08x}",
                                     accesses.empty() ? 0 : accesses[0].address),
                         script, kBudget, only_writes ? "probe.write_failed" : "probe.read_failed"));
  return parse_numbers(words, reads);
}

Result<std::vector<uint8_t>> OpenocdMemory::fetch(uint32_t address, uint32_t bytes) {
  const uint32_t width = width_of(address, bytes);
  std::vector<uint8_t> out;
  out.reserve(bytes);
  while (out.size() < bytes) {
    const uint32_t at = address + static_cast<uint32_t>(out.size());
    const uint32_t piece = std::min<uint32_t>(kPiece, bytes - static_cast<uint32_t>(out.size()));
    ASSAY_TRY(const std::string words,
              process_.run(fmt::format("cannot read {} bytes at 0x{:08x}", piece, at),
                           fmt::format("read_memory 0x{:x} {} {}", at, width * 8, piece / width), kBudget,
                           "probe.read_failed"));
    ASSAY_TRY(const auto numbers, parse_numbers(words, piece / width));
    for (const uint32_t number : numbers) {
      for (uint32_t i = 0; i < width; ++i) out.push_back(static_cast<uint8_t>(number >> (8 * i)));
    }
  }
  return out;
}

Status OpenocdMemory::store(uint32_t address, std::span<const uint8_t> bytes) {
  const uint32_t width = width_of(address, bytes.size());
  for (size_t done = 0; done < bytes.size();) {
    const size_t piece = std::min<size_t>(kPiece, bytes.size() - done);
    const uint32_t at = address + static_cast<uint32_t>(done);
    std::string numbers;
    for (size_t i = 0; i < piece; i += width) {
      uint32_t number = 0;
      for (uint32_t byte = 0; byte < width; ++byte) number |= uint32_t{bytes[done + i + byte]} << (8 * byte);
      numbers += fmt::format("0x{:x} ", number);
    }
    ASSAY_CHECK(process_.run(fmt::format("cannot write {} bytes at 0x{:08x}", piece, at),
                             fmt::format("write_memory 0x{:x} {} {{{}}}", at, width * 8, numbers), kBudget,
                             "probe.write_failed"));
    done += piece;
  }
  return {};
}

}  // namespace assay::probe
