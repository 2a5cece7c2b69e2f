#include "vboard/qtest_bus.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace assay::vboard {
namespace {

constexpr auto kAnswerLimit = std::chrono::seconds(1);
constexpr size_t kBlock = 0x30000;  // bytes in one line; a multiple of 3, so base64 needs no padding inside

char width_letter(int width) { return width == 1 ? 'b' : width == 2 ? 'w' : 'l'; }

}  // namespace

Result<QtestBus> QtestBus::connect(const std::filesystem::path& path, Deadline deadline) {
  QtestBus bus;
  ASSAY_TRY(bus.stream_, UnixClient::connect(path, deadline));
  return bus;
}

Result<std::string> QtestBus::command(std::string_view line) {
  const Deadline deadline = Deadline::in(kAnswerLimit);
  ASSAY_CHECK(stream_.send(line, deadline));
  size_t searched = 0;
  for (;;) {
    const auto end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      std::string answer = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      if (answer.rfind("IRQ ", 0) == 0) {
        searched = 0;
        continue;
      }
      if (answer.rfind("OK", 0) != 0) {
        return fail("vboard.qemu_silent", fmt::format("the emulator refused a memory access: {}", answer));
      }
      return answer.size() > 3 ? answer.substr(3) : std::string();
    }
    searched = buffer_.size();
    ASSAY_TRY(const bool more, stream_.receive(buffer_, deadline));
    if (!more)
      return fail("vboard.qemu_silent", "the emulator did not answer a memory access within a second");
  }
}

Status QtestBus::read_memory(uint32_t address, std::span<uint8_t> into) {
  std::vector<uint8_t> decoded;
  while (!into.empty()) {
    const size_t size = std::min(into.size(), kBlock);
    ASSAY_TRY(const std::string text, command(fmt::format("b64read {:#x} {:#x}\n", address, size)));
    decoded.resize(text.size() / 4 * 3 + 3);
    const int got = EVP_DecodeBlock(decoded.data(), reinterpret_cast<const uint8_t*>(text.data()),
                                    static_cast<int>(text.size()));
    if (got < 0 || static_cast<size_t>(got) < size) {
      return fail("vboard.qemu_silent",
                  fmt::format("the emulator answered a read of {} bytes with {}", size, got));
    }
    std::copy_n(decoded.begin(), size, into.begin());
    into = into.subspan(size);
    address += static_cast<uint32_t>(size);
  }
  return {};
}

Status QtestBus::write_memory(uint32_t address, std::span<const uint8_t> bytes) {
  std::string line;
  while (!bytes.empty()) {
    const size_t size = std::min(bytes.size(), kBlock);
    line = fmt::format("b64write {:#x} {:#x} ", address, size);
    const size_t head = line.size();
    line.resize(head + (size + 2) / 3 * 4 + 1);
    EVP_EncodeBlock(reinterpret_cast<uint8_t*>(line.data() + head), bytes.data(), static_cast<int>(size));
    line.back() = '\n';
    ASSAY_CHECK(command(line));
    bytes = bytes.subspan(size);
    address += static_cast<uint32_t>(size);
  }
  return {};
}

Result<uint32_t> QtestBus::read_device(uint32_t address, int width) {
  ASSAY_TRY(const std::string text, command(fmt::format("read{} {:#x}\n", width_letter(width), address)));
  return static_cast<uint32_t>(strtoull(text.c_str(), nullptr, 16));
}

Status QtestBus::write_device(uint32_t address, int width, uint32_t value) {
  ASSAY_CHECK(command(fmt::format("write{} {:#x} {:#x}\n", width_letter(width), address, value)));
  return {};
}

}  // namespace assay::vboard
