#include "vboard/core_debug.h"

#include "catch.h"
#include "vboard/fake_target.h"

namespace assay::vboard {
namespace {

constexpr uint32_t kDhcsr = 0xE000EDF0, kDcrsr = 0xE000EDF4, kDcrdr = 0xE000EDF8, kDemcr = 0xE000EDFC,
                   kDfsr = 0xE000ED30, kAircr = 0xE000ED0C, kFpCtrl = 0xE0002000, kFpComp0 = 0xE0002008,
                   kDwtComp0 = 0xE0001020, kDwtFunction0 = 0xE0001028;
constexpr uint32_t kEnable = 0xA05F0001, kHalt = 0xA05F0003, kStep = 0xA05F0005, kStepMasked = 0xA05F000D;
constexpr uint32_t kSHalt = 1u << 17, kSLockup = 1u << 19, kSReset = 1u << 25, kCHalt = 2;

struct Bench {
  MemoryMap map = *MemoryMap::make({{Region::Kind::kMemory, "code", 0, 0x10000, true},
                                    {Region::Kind::kMemory, "ram", 0x20000000, 0x10000, false},
                                    {Region::Kind::kDevice, "devices", 0x40000000, 0x1000, false}});
  FakeTarget target;
  CoreDebug core{target, target, map};

  uint32_t read(uint32_t address) { return core.read(address).value(); }
  void write(uint32_t address, uint32_t value) { REQUIRE(core.write(address, value)); }
  void start_with_vectors() {
    target.set_word(0, 0x20008000);
    target.set_word(4, 0x101);
    REQUIRE(core.run().reset());
    target.calls.clear();
  }
  uint32_t core_register(uint32_t selector) {
    write(kDcrsr, selector);
    return read(kDcrdr);
  }
  void set_core_register(uint32_t selector, uint32_t value) {
    write(kDcrdr, value);
    write(kDcrsr, 1u << 16 | selector);
  }
};

TEST_CASE("a blank board is locked up and not started, and a halt ends the lockup") {
  Bench bench;
  REQUIRE(bench.core.run().reset());
  CHECK_FALSE(bench.target.running);
  CHECK((bench.read(kDhcsr) & (kSLockup | kSHalt)) == kSLockup);
  bench.write(kDhcsr, kHalt);
  CHECK((bench.read(kDhcsr) & (kSLockup | kSHalt)) == kSHalt);
}

TEST_CASE("valid vectors run at once, and DHCSR shows the reset exactly once") {
  Bench bench;
  bench.start_with_vectors();
  CHECK(bench.target.running);
  CHECK((bench.read(kDhcsr) & kSReset) == kSReset);
  CHECK((bench.read(kDhcsr) & kSReset) == 0);
}

TEST_CASE("a vector that leads outside memory is a lockup") {
  Bench bench;
  bench.target.set_word(4, 0xFFFFFFFF);
  REQUIRE(bench.core.run().reset());
  CHECK_FALSE(bench.target.running);
}

TEST_CASE("DHCSR ignores writes without its key") {
  Bench bench;
  bench.start_with_vectors();
  bench.write(kDhcsr, 0x00000003);
  CHECK(bench.target.running);
  bench.write(kDhcsr, kHalt);
  CHECK_FALSE(bench.target.running);
  CHECK(bench.read(kDfsr) == 1);
}

TEST_CASE("every debug event sets C_HALT") {
  Bench bench;
  bench.start_with_vectors();
  bench.write(kDhcsr, kEnable);
  REQUIRE((bench.read(kDhcsr) & kCHalt) == 0);
  const auto kind = GENERATE(Stop::Kind::kTrap, Stop::Kind::kWatch);
  bench.target.stops.push_back({kind, 0x20000000});
  const uint32_t dhcsr = bench.read(kDhcsr);
  CHECK((dhcsr & (kCHalt | kSHalt)) == (kCHalt | kSHalt));
  CHECK(bench.read(kDfsr) == (kind == Stop::Kind::kTrap ? 2u : 4u));
  bench.write(kDfsr, 0x1F);
  CHECK(bench.read(kDfsr) == 0);
}

TEST_CASE("a step executes one instruction and halts, masked when the debugger masks interrupts") {
  Bench bench;
  bench.start_with_vectors();
  bench.write(kDhcsr, kHalt);
  bench.target.calls.clear();
  bench.write(kDhcsr, kStep);
  CHECK(bench.core_register(15) == 0x102);
  bench.write(kDhcsr, kHalt);
  bench.write(kDhcsr, kStepMasked);
  CHECK(bench.core_register(15) == 0x104);
  CHECK(bench.target.calls == std::vector<std::string>{"step", "masked"});
  CHECK((bench.read(kDhcsr) & (kSHalt | kCHalt)) == (kSHalt | kCHalt));
}

TEST_CASE("reset with vector catch halts before the first instruction") {
  Bench bench;
  bench.start_with_vectors();
  bench.write(kDhcsr, kEnable);
  bench.write(kDemcr, 0x01000501);
  bench.write(kAircr, 0x05FA0004);
  CHECK_FALSE(bench.target.running);
  CHECK((bench.read(kDhcsr) & (kSHalt | kSReset)) == (kSHalt | kSReset));
  CHECK(bench.read(kDfsr) == 8);
  CHECK(bench.core_register(15) == 0x100);
  bench.write(kAircr, 0x12340004);  // wrong key
  CHECK((bench.read(kDhcsr) & kSReset) == 0);
}

TEST_CASE("reset without vector catch runs, also out of a halt") {
  Bench bench;
  bench.start_with_vectors();
  bench.write(kDhcsr, kHalt);
  bench.write(kAircr, 0x05FA0004);
  CHECK(bench.target.running);
  CHECK((bench.read(kDhcsr) & (kSHalt | kCHalt)) == 0);
}

TEST_CASE("nRST holds the core, and vectors written meanwhile count") {
  Bench bench;
  REQUIRE(bench.core.run().set_reset_line(true));
  bench.write(kDhcsr, kHalt);
  CHECK((bench.read(kDhcsr) & kSHalt) == 0);
  CHECK((bench.read(kDhcsr) & kSReset) == kSReset);
  CHECK((bench.read(kDhcsr) & kSReset) == kSReset);  // sticky while held
  bench.target.set_word(4, 0x201);
  bench.write(kDhcsr, kEnable);
  REQUIRE(bench.core.run().set_reset_line(false));
  CHECK(bench.target.running);
  CHECK(bench.target.registers[kRegisterPc] == 0x200);
}

TEST_CASE("breakpoints reach the emulator when the core runs, not before") {
  Bench bench;
  bench.start_with_vectors();
  bench.write(kDhcsr, kHalt);
  bench.write(kFpCtrl, 3);
  CHECK(bench.read(kFpCtrl) == 0x10000261);
  bench.write(kFpCtrl, 0);  // no key: ignored
  CHECK(bench.read(kFpCtrl) == 0x10000261);
  bench.write(kFpComp0, 0x00000108 | 1);
  CHECK(bench.target.points.empty());
  bench.write(kDhcsr, kEnable);
  CHECK(bench.target.points == std::set<Point>{{PointKind::kExecute, 0x108, 2}});
}

TEST_CASE("a breakpoint set while the core runs stops it unseen and lets it go on") {
  Bench bench;
  bench.start_with_vectors();
  bench.write(kDhcsr, kEnable);
  bench.write(kFpCtrl, 3);
  bench.target.calls.clear();
  bench.write(kFpComp0, 0x109);
  CHECK(bench.target.calls == std::vector<std::string>{"interrupt", "continue"});
  CHECK(bench.target.points.size() == 1);
  CHECK((bench.read(kDhcsr) & kSHalt) == 0);
  SECTION("unless a real event came first") {
    bench.target.calls.clear();
    bench.target.stops.push_back({Stop::Kind::kTrap});
    REQUIRE(bench.core.run().while_stopped([]() -> Status { return {}; }));
    CHECK((bench.read(kDhcsr) & kSHalt) == kSHalt);
  }
}

TEST_CASE("a watchpoint stops after the access and is set again at the next run") {
  Bench bench;
  bench.start_with_vectors();
  bench.write(kDhcsr, kHalt);
  bench.write(kDwtComp0, 0x20000004);
  bench.write(kDwtComp0 + 4, 2);
  bench.write(kDwtFunction0, 6);
  bench.write(kDhcsr, kEnable);
  const std::set<Point> expected{{PointKind::kWrite, 0x20000004, 4}};
  REQUIRE(bench.target.points == expected);
  bench.target.calls.clear();
  bench.target.stops.push_back({Stop::Kind::kWatch, 0x20000004});
  CHECK((bench.read(kDhcsr) & kSHalt) == kSHalt);
  CHECK(bench.target.calls == std::vector<std::string>{"masked"});
  CHECK(bench.target.points.empty());
  CHECK(bench.read(kDwtFunction0) == (6u | 1u << 24));
  CHECK(bench.read(kDwtFunction0) == 6u);  // MATCHED is cleared by reading
  bench.write(kDhcsr, kEnable);
  CHECK(bench.target.points == expected);
}

TEST_CASE("a BKPT that the debugger plants stops the core, until it is overwritten") {
  Bench bench;
  bench.start_with_vectors();
  bench.write(kDhcsr, kHalt);
  const uint8_t bkpt[] = {0x11, 0xBE};
  bench.core.note_memory_write(0x110, bkpt);
  bench.write(kDhcsr, kEnable);
  CHECK(bench.target.points == std::set<Point>{{PointKind::kExecute, 0x110, 2}});
  bench.write(kDhcsr, kHalt);
  const uint8_t original[] = {0x00, 0xBF};
  bench.core.note_memory_write(0x110, original);
  bench.write(kDhcsr, kEnable);
  CHECK(bench.target.points.empty());
}

TEST_CASE("special registers are read and written by injected instructions that leave no trace") {
  Bench bench;
  bench.start_with_vectors();
  bench.write(kDhcsr, kHalt);
  bench.target.special[8] = 0x20007000;  // MSP
  bench.target.special[9] = 0x20006000;  // PSP
  bench.target.special[16] = 1;          // PRIMASK
  bench.target.special[20] = 2;          // CONTROL
  bench.target.registers[0] = 0xABCD;
  bench.target.set_word(0x100, 0x11223344);
  const auto memory = bench.target.memory;
  CHECK(bench.core_register(17) == 0x20007000);
  CHECK(bench.core_register(18) == 0x20006000);
  CHECK(bench.core_register(20) == 0x02000001);
  bench.set_core_register(20, 0x02000000);
  CHECK(bench.target.special[16] == 0);
  CHECK(bench.target.special[20] == 2);
  bench.set_core_register(18, 0x20005000);
  CHECK(bench.target.special[9] == 0x20005000);
  CHECK(bench.target.registers[0] == 0xABCD);
  CHECK(bench.target.registers[kRegisterPc] == 0x100);
  for (const auto& [address, byte] : memory) CHECK(bench.target.memory[address] == byte);
}

TEST_CASE("floating-point registers are halves of doubles") {
  Bench bench;
  bench.start_with_vectors();
  bench.write(kDhcsr, kHalt);
  bench.target.registers[kRegisterD0 + 1] = 0x1111111122222222;
  CHECK(bench.core_register(66) == 0x22222222);
  CHECK(bench.core_register(67) == 0x11111111);
  bench.set_core_register(67, 0x33333333);
  CHECK(bench.target.registers[kRegisterD0 + 1] == 0x3333333322222222);
}

TEST_CASE("a core that sleeps in WFI is woken by a halt, and its pending bits are left as they were") {
  Bench bench;
  bench.start_with_vectors();
  bench.target.memory[0x100] = 0x30;  // WFI
  bench.target.memory[0x101] = 0xBF;
  bench.target.registers[kRegisterPc] = 0x102;
  bench.target.asleep = true;
  bench.write(kDhcsr, kHalt);
  CHECK_FALSE(bench.target.asleep);
  CHECK(bench.target.registers[kRegisterPc] == 0x102);
  CHECK(bench.target.devices[0xE000ED04] == 1u << 27);  // PENDSVCLR was the last write
  bench.write(kDhcsr, kStep);
  CHECK(bench.core_register(15) == 0x104);
}

TEST_CASE("a debugger that leaves takes its breakpoints along") {
  Bench bench;
  bench.start_with_vectors();
  bench.write(kDhcsr, kEnable);
  bench.write(kFpCtrl, 3);
  bench.write(kFpComp0, 0x109);
  REQUIRE(bench.target.points.size() == 1);
  bench.write(kDhcsr, 0xA05F0000);
  CHECK(bench.target.points.empty());
  CHECK(bench.target.running);
}

TEST_CASE("a reset by the firmware is seen, and caught when asked for") {
  Bench bench;
  bench.start_with_vectors();
  bench.write(kDhcsr, kEnable);
  bench.read(kDhcsr);
  REQUIRE(bench.core.run().note_guest_reset());
  CHECK((bench.read(kDhcsr) & (kSReset | kSHalt)) == kSReset);
  bench.write(kDemcr, 1);
  REQUIRE(bench.core.run().note_guest_reset());
  CHECK((bench.read(kDhcsr) & (kSReset | kSHalt)) == (kSReset | kSHalt));
}

}  // namespace
}  // namespace assay::vboard
