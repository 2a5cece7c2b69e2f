// A processor and its memory for tests: registers, points and memory are plain members; it understands NOP,
// WFI, MRS and MSR, and every other instruction is two bytes long and does nothing.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "vboard/target.h"

namespace assay::vboard {

class FakeTarget final : public Target, public Bus {
 public:
  std::map<int, uint64_t> registers;
  std::array<uint32_t, 21> special{};
  std::set<Point> points;
  std::map<uint32_t, uint8_t> memory;
  std::map<uint32_t, uint32_t> devices;
  std::deque<Stop> stops;          // what wait_stop() reports next, one for each
  std::vector<std::string> calls;  // "continue", "step", "masked", "interrupt", "reset"
  bool running = false;
  bool asleep = false;  // in WFI: a step blocks until an interrupt is pending

  Result<uint64_t> read_register(int number) override { return registers[number]; }
  Status write_register(int number, uint64_t value) override {
    registers[number] = value;
    return {};
  }
  Status set_point(const Point& point, bool inserted) override {
    if (inserted) {
      points.insert(point);
    } else {
      points.erase(point);
    }
    return {};
  }
  Status reset() override {
    calls.push_back("reset");
    registers[13] = word(0);
    registers[kRegisterPc] = word(4) & ~1u;
    registers[kRegisterXpsr] = word(4) & 1 ? 1u << 24 : 0;
    asleep = false;
    return {};
  }
  Status drive(Motion motion) override {
    static constexpr const char* kNames[] = {"continue", "step", "masked", "interrupt"};
    calls.push_back(kNames[static_cast<int>(motion)]);
    if (motion == Motion::kContinue) {
      running = true;
    } else if (motion == Motion::kInterrupt) {
      // A stop that was on its way comes first and swallows the interrupt.
      if (stops.empty()) stops.push_back({Stop::Kind::kInterrupt});
    } else if (!asleep || devices[0xE000ED04] & 1u << 28) {
      asleep = false;
      execute();
      if (stops.empty()) stops.push_back({Stop::Kind::kTrap});
    }
    return {};
  }
  Result<std::optional<Stop>> wait_stop(std::chrono::milliseconds) override {
    if (stops.empty()) return std::optional<Stop>();
    const Stop stop = stops.front();
    stops.pop_front();
    running = false;
    return std::optional(stop);
  }

  Status read_memory(uint32_t address, std::span<uint8_t> into) override {
    for (auto& byte : into) byte = memory[address++];
    return {};
  }
  Status write_memory(uint32_t address, std::span<const uint8_t> bytes) override {
    for (const uint8_t byte : bytes) memory[address++] = byte;
    return {};
  }
  Result<uint32_t> read_device(uint32_t address, int) override { return devices[address]; }
  Status write_device(uint32_t address, int, uint32_t value) override {
    devices[address] = value;
    return {};
  }

  uint32_t word(uint32_t address) {
    return memory[address] | memory[address + 1] << 8 | memory[address + 2] << 16 |
           static_cast<uint32_t>(memory[address + 3]) << 24;
  }
  void set_word(uint32_t address, uint32_t value) {
    for (int i = 0; i < 4; ++i)
      memory[address + static_cast<uint32_t>(i)] = static_cast<uint8_t>(value >> (8 * i));
  }

 private:
  void execute() {
    const auto pc = static_cast<uint32_t>(registers[kRegisterPc]);
    const uint32_t code = word(pc);
    const uint32_t number = code >> 16 & 0xFF;
    if ((code & 0xFF00FFFF) == 0x8000F3EF && number < special.size()) {
      registers[0] = special[number];
    } else if ((code & 0xFF00FFFF) == 0x8800F380 && number < special.size()) {
      special[number] = static_cast<uint32_t>(registers[0]);
    } else {
      registers[kRegisterPc] = pc + 2;
      return;
    }
    registers[kRegisterPc] = pc + 4;
  }
};

}  // namespace assay::vboard
