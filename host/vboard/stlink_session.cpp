#include "vboard/stlink_session.h"

#include <algorithm>

namespace assay::vboard {
namespace {

constexpr uint8_t kOk = 0x80, kApFault = 0x11;
constexpr uint8_t kModeIdle = 1, kModeDebug = 2;
constexpr uint16_t kDebugPort = 0xFFFF;
// V3J13M3: carries AP and CSW in memory commands, 512-byte blocks of bytes and long register queues.
constexpr uint8_t kSwim = 3, kJtag = 13, kMsd = 3, kBridge = 0;
constexpr uint32_t kSpeedsKhz[] = {24000, 8000, 3300, 1000, 200, 50, 5};
// Items of a register queue.
constexpr uint8_t kItemAddress = 1, kItemWrite = 2, kItemRead = 3, kItemPort = 5;

using Command = std::span<const uint8_t, StlinkSession::kCommandSize>;
using Bytes = std::vector<uint8_t>;

uint16_t halfword(const uint8_t* at) { return static_cast<uint16_t>(at[0] | at[1] << 8); }
uint32_t word(const uint8_t* at) { return halfword(at) | uint32_t{halfword(at + 2)} << 16; }
void put_word(Bytes& bytes, uint32_t value) {
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
}
Bytes status(uint8_t code = kOk) { return {code, 0}; }

}  // namespace

struct StlinkCommands {
  using Handler = Result<Bytes> (*)(StlinkSession&, Command, std::span<const uint8_t>);
  static constexpr int kAny = -1;
  struct Row {
    uint8_t group;
    int code;  // kAny: the group has one meaning
    Handler handler;
  };

  static Result<Bytes> version(StlinkSession&, Command, std::span<const uint8_t>) {
    // Big-endian, V3: the rest follows in the long version.
    return Bytes{0x30,
                 0x00,
                 StlinkSession::kVendor & 0xFF,
                 StlinkSession::kVendor >> 8,
                 StlinkSession::kProduct & 0xFF,
                 StlinkSession::kProduct >> 8};
  }
  static Result<Bytes> long_version(StlinkSession&, Command, std::span<const uint8_t>) {
    return Bytes{3,
                 kSwim,
                 kJtag,
                 kMsd,
                 kBridge,
                 0,
                 0,
                 0,
                 StlinkSession::kVendor & 0xFF,
                 StlinkSession::kVendor >> 8,
                 StlinkSession::kProduct & 0xFF,
                 StlinkSession::kProduct >> 8};
  }
  static Result<Bytes> current_mode(StlinkSession& session, Command, std::span<const uint8_t>) {
    return Bytes{session.mode_, 0};
  }
  static Result<Bytes> target_voltage(StlinkSession&, Command, std::span<const uint8_t>) {
    Bytes reply;  // 2.4 * b / a = 3.3 V
    put_word(reply, 1500);
    put_word(reply, 2062);
    return reply;
  }
  static Result<Bytes> speeds(StlinkSession&, Command, std::span<const uint8_t>) {
    Bytes reply{kOk, 0, 0, 0, 0, 0, 0, 0};
    put_word(reply, std::size(kSpeedsKhz));
    for (const uint32_t khz : kSpeedsKhz) put_word(reply, khz);
    return reply;
  }
  static Result<Bytes> set_speed(StlinkSession&, Command, std::span<const uint8_t>) {
    return Bytes{kOk, 0, 0, 0, 0, 0, 0, 0};
  }
  static Result<Bytes> enter_swd(StlinkSession& session, Command, std::span<const uint8_t>) {
    session.mode_ = kModeDebug;
    return status();
  }
  static Result<Bytes> leave_debug(StlinkSession& session, Command, std::span<const uint8_t>) {
    session.mode_ = kModeIdle;
    return Bytes{};
  }
  static Result<Bytes> reset_line(StlinkSession& session, Command command, std::span<const uint8_t>) {
    constexpr uint8_t kLow = 0;
    ASSAY_CHECK(session.port_.core().run().set_reset_line(command[2] == kLow));
    return status();
  }
  static Result<Bytes> fine(StlinkSession&, Command, std::span<const uint8_t>) { return status(); }
  static Result<Bytes> nothing(StlinkSession&, Command, std::span<const uint8_t>) { return Bytes{}; }
  static Result<Bytes> identify(StlinkSession&, Command, std::span<const uint8_t>) {
    Bytes reply{kOk, 0, 0, 0};
    put_word(reply, MemoryPort::kDpidr);
    put_word(reply, 0);
    return reply;
  }
  static Result<Bytes> read_port(StlinkSession& session, Command command, std::span<const uint8_t>) {
    const uint16_t port = halfword(&command[2]), reg = halfword(&command[4]);
    Bytes reply{kOk, 0, 0, 0};
    put_word(reply, port == kDebugPort ? session.port_.read_debug_port(reg)
                                       : session.port_.read_access_port(port, reg));
    return reply;
  }
  static Result<Bytes> write_port(StlinkSession& session, Command command, std::span<const uint8_t>) {
    const uint16_t port = halfword(&command[2]), reg = halfword(&command[4]);
    const uint32_t value = word(&command[6]);
    if (port == kDebugPort) {
      session.port_.write_debug_port(reg, value);
    } else {
      session.port_.write_access_port(port, reg, value);
    }
    return status();
  }

  template <int kWidth, bool kFixed>
  static Result<Bytes> read(StlinkSession& session, Command command, std::span<const uint8_t>) {
    Bytes reply(halfword(&command[6]));
    ASSAY_TRY(const auto answer, session.port_.read(word(&command[2]), kWidth, reply, kFixed));
    session.note(answer);
    return reply;
  }
  template <int kWidth, bool kFixed>
  static Result<Bytes> write(StlinkSession& session, Command command, std::span<const uint8_t> data) {
    const auto size = std::min<size_t>(data.size(), halfword(&command[6]));
    ASSAY_TRY(const auto answer, session.port_.write(word(&command[2]), kWidth, data.first(size), kFixed));
    session.note(answer);
    return Bytes{};
  }
  static Result<Bytes> memory_status(StlinkSession& session, Command, std::span<const uint8_t>) {
    return Bytes(session.memory_status_.begin(), session.memory_status_.end());
  }

  // Items: op codes padded to four bytes, then one word for each.
  static Result<Bytes> queue(StlinkSession& session, Command command, std::span<const uint8_t> data) {
    const size_t items = std::min<size_t>(word(&command[2]), data.size());
    const size_t words = (items + 3) / 4 * 4;
    session.queue_result_.clear();
    if (words + 4 * items > data.size()) return Bytes{};
    Bytes statuses;
    uint32_t address = 0;
    for (size_t i = 0; i < items; ++i) {
      const uint32_t value = word(&data[words + 4 * i]);
      uint8_t code = kOk;
      uint32_t result = 0;
      ASSAY_CHECK(queue_item(session, data[i], value, address, result, code));
      put_word(session.queue_result_, result);
      put_word(statuses, code);
    }
    session.queue_result_.insert(session.queue_result_.end(), statuses.begin(), statuses.end());
    return Bytes{};
  }
  static Status queue_item(StlinkSession& session, uint8_t op, uint32_t value, uint32_t& address,
                           uint32_t& result, uint8_t& code) {
    uint8_t bytes[4] = {};
    auto answer = MemoryPort::Answer::kOk;
    if (op == kItemAddress) {
      address = value;
    } else if (op == kItemWrite) {
      for (int i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(value >> (8 * i));
      ASSAY_TRY(answer, session.port_.write(address, 4, bytes));
      address += 4;
    } else if (op == kItemRead) {
      ASSAY_TRY(answer, session.port_.read(value, 4, bytes));
      result = word(bytes);
    } else if (op != kItemPort) {
      answer = MemoryPort::Answer::kFault;
    }
    if (answer == MemoryPort::Answer::kFault) code = kApFault;
    return {};
  }
  static Result<Bytes> queue_results(StlinkSession& session, Command, std::span<const uint8_t>) {
    return session.queue_result_;
  }

  static const Row kTable[31];
};

const StlinkCommands::Row StlinkCommands::kTable[] = {
    {0xF1, kAny, version},
    {0xFB, kAny, long_version},
    {0xF5, kAny, current_mode},
    {0xF7, kAny, target_voltage},
    {0xF3, 0x07, nothing},  // leave DFU mode
    {0xF2, 0x21, leave_debug},
    {0xF2, 0x30, enter_swd},
    {0xF2, 0x31, identify},
    {0xF2, 0x3C, reset_line},
    {0xF2, 0x3E, memory_status},
    {0xF2, 0x43, fine},  // speed of a V2
    {0xF2, 0x45, read_port},
    {0xF2, 0x46, write_port},
    {0xF2, 0x4B, fine},  // open access port
    {0xF2, 0x4C, fine},  // close access port
    {0xF2, 0x51, queue},
    {0xF2, 0x52, queue_results},
    {0xF2, 0x61, set_speed},
    {0xF2, 0x62, speeds},
    {0xF2, 0x07, read<4, false>},
    {0xF2, 0x47, read<2, false>},
    {0xF2, 0x0C, read<1, false>},
    {0xF2, 0x54, read<4, true>},
    {0xF2, 0x08, write<4, false>},
    {0xF2, 0x48, write<2, false>},
    {0xF2, 0x0D, write<1, false>},
    {0xF2, 0x50, write<4, true>},
    // Trace is absent; the host asks for it only when configured.
    {0xF2, 0x40, fine},
    {0xF2, 0x41, fine},
    {0xF2, 0x42, fine},
    {0xF4, kAny, nothing},  // SWIM
};

void StlinkSession::note(MemoryPort::Answer answer) {
  const bool fault = answer == MemoryPort::Answer::kFault;
  const uint32_t address = fault ? port_.fault_address() : 0;
  memory_status_.fill(0);
  memory_status_[0] = fault ? kApFault : kOk;
  for (size_t i = 0; i < 4; ++i) memory_status_[4 + i] = static_cast<uint8_t>(address >> (8 * i));
}

Result<std::vector<uint8_t>> StlinkSession::execute(std::span<const uint8_t, kCommandSize> command,
                                                    std::span<const uint8_t> data) {
  for (const auto& row : StlinkCommands::kTable) {
    if (row.group == command[0] && (row.code == StlinkCommands::kAny || row.code == command[1])) {
      return row.handler(*this, command, data);
    }
  }
  constexpr uint8_t kUnknownCommand = 0x42;
  return status(kUnknownCommand);
}

}  // namespace assay::vboard
