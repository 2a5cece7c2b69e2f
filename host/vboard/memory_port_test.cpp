#include "vboard/memory_port.h"

#include "catch.h"
#include "vboard/fake_target.h"

namespace assay::vboard {
namespace {

struct Bench {
  MemoryMap map = *MemoryMap::make({{Region::Kind::kMemory, "code", 0, 0x1000, true},
                                    {Region::Kind::kMemory, "more", 0x1000, 0x1000, false},
                                    {Region::Kind::kDevice, "devices", 0x40000000, 0x1000, false}});
  FakeTarget target;
  CoreDebug core{target, target, map};
  std::vector<std::pair<std::string, uint64_t>> kept;
  MemoryPort port{core, target, map,
                  [this](const Region& region, uint64_t offset, std::span<const uint8_t> bytes) {
                    kept.emplace_back(region.name, offset + bytes.size());
                    return Status{};
                  }};
};

TEST_CASE("blocks cross from one memory into the next, and only the persistent part is kept") {
  Bench bench;
  const std::vector<uint8_t> data{1, 2, 3, 4, 5, 6, 7, 8};
  CHECK(*bench.port.write(0xFFC, 4, data) == MemoryPort::Answer::kOk);
  std::vector<uint8_t> back(8);
  CHECK(*bench.port.read(0xFFC, 4, back) == MemoryPort::Answer::kOk);
  CHECK(back == data);
  CHECK(bench.kept == std::vector<std::pair<std::string, uint64_t>>{{"code", 0x1000}});
}

TEST_CASE("nothing at an address is a fault that names it, and reads as zeros") {
  Bench bench;
  bench.target.memory[0x1FFC] = 7;
  std::vector<uint8_t> back(8, 0xEE);
  CHECK(*bench.port.read(0x1FFC, 4, back) == MemoryPort::Answer::kFault);
  CHECK(bench.port.fault_address() == 0x2000);
  CHECK(bench.port.read_access_port(0, 0x04) == 0x2000);  // TAR
  CHECK(back == std::vector<uint8_t>{7, 0, 0, 0, 0, 0, 0, 0});
  CHECK(*bench.port.write(0xFFFFFFFC, 4, std::vector<uint8_t>(8)) == MemoryPort::Answer::kFault);
}

TEST_CASE("one block writes several debug registers in order") {
  Bench bench;
  // DCRDR and DEMCR, as OpenOCD's reset does.
  const std::vector<uint8_t> block{0x78, 0x56, 0x34, 0x12, 0x01, 0x05, 0x00, 0x01};
  CHECK(*bench.port.write(0xE000EDF8, 4, block) == MemoryPort::Answer::kOk);
  CHECK(*bench.core.read(0xE000EDF8) == 0x12345678);
  CHECK(*bench.core.read(0xE000EDFC) == 0x01000501);
}

TEST_CASE("devices are accessed at the width of the access") {
  Bench bench;
  bench.target.devices[0x40000002] = 0xBEEF;
  std::vector<uint8_t> back(2);
  CHECK(*bench.port.read(0x40000002, 2, back) == MemoryPort::Answer::kOk);
  CHECK(back == std::vector<uint8_t>{0xEF, 0xBE});
}

TEST_CASE("a debug register can be read in bytes") {
  Bench bench;
  std::vector<uint8_t> back(1);
  CHECK(*bench.port.read(0xE000200B - 8, 1, back) == MemoryPort::Answer::kOk);  // top byte of FP_CTRL
  CHECK(back[0] == 0x10);
}

TEST_CASE("power-up requests are acknowledged") {
  Bench bench;
  bench.port.write_debug_port(4, 0x50000020);
  CHECK(bench.port.read_debug_port(4) == 0xF0000000);
  CHECK(bench.port.read_access_port(0, 0xFC) == 0x24770011);
  CHECK(bench.port.read_access_port(1, 0xFC) == 0);
}

TEST_CASE("regions that overlap are refused by name") {
  const auto map = MemoryMap::make({{Region::Kind::kMemory, "first", 0x20000000, 0x100, false},
                                    {Region::Kind::kMemory, "second", 0x200000FF, 0x100, false}});
  REQUIRE_FALSE(map);
  CHECK(map.error().code == "config.value");
  CHECK(map.error().message.find("'first' and 'second'") != std::string::npos);
  CHECK_FALSE(MemoryMap::make({{Region::Kind::kMemory, "late", 0xFFFFFF00, 0x101, false}}));
}

}  // namespace
}  // namespace assay::vboard
