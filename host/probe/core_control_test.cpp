// Run control against a model of the debug registers, for what no virtual board has: the older breakpoint
// unit, a DWT with a cycle counter, registers that are slow to arrive, a core that does not halt.
#include "probe/core_control.h"

#include <deque>

#include "catch.h"
#include "probe/target_counter.h"

using namespace assay;
using namespace assay::probe;

namespace {

constexpr uint32_t kDhcsr = 0xE000EDF0, kDcrsr = 0xE000EDF4, kDcrdr = 0xE000EDF8, kDemcr = 0xE000EDFC;
constexpr uint32_t kFpControl = 0xE0002000, kFpComparator = 0xE0002008;
constexpr uint32_t kDwtControl = 0xE0001000, kDwtCycles = 0xE0001004;

// A core as its registers look; `cycles_each_run` pass between run() and the next look at DHCSR.
class FakeCore final : public LiveMemory {
 public:
  std::map<uint32_t, uint32_t> words;
  std::map<uint32_t, uint32_t> registers;
  bool halted = true, halts = true, slow = false;
  int polls_until_halt = 0, late_transfers = 0;
  uint32_t cycles_each_poll = 0;

  Result<std::vector<uint32_t>> access(std::span<const WordAccess> accesses) override {
    std::vector<uint32_t> out;
    for (const WordAccess& one : accesses) {
      if (one.write) {
        write(one.address, one.value);
      } else {
        out.push_back(read(one.address));
      }
    }
    return out;
  }
  Result<std::vector<uint8_t>> fetch(uint32_t, uint32_t bytes) override {
    return std::vector<uint8_t>(bytes);
  }
  Status store(uint32_t, std::span<const uint8_t>) override { return {}; }

 private:
  void write(uint32_t address, uint32_t value) {
    if (address == kDhcsr && value >> 16 == 0xA05F) {
      if (value & 2) halted = halts;
      if (!(value & 2)) halted = false;
    } else if (address == kDcrsr) {
      if (value & 1u << 16) {
        registers[value & 0x7F] = words[kDcrdr];
      } else {
        words[kDcrdr] = registers[value & 0x7F];
      }
    } else {
      words[address] = value;
    }
  }
  uint32_t read(uint32_t address) {
    if (address != kDhcsr) return words[address];
    if (!halted && halts && polls_until_halt-- <= 0) halted = true;
    if (!halted && (words[kDwtControl] & 1) && (words[kDemcr] & 1u << 24))
      words[kDwtCycles] += cycles_each_poll;
    const bool ready = late_transfers-- <= 0;
    return (halted ? 1u << 17 : 0) | (ready ? 1u << 16 : 0);
  }
};

CoreControl take(FakeCore& core) {
  auto control = CoreControl::take(core);
  if (!control) FAIL(control.error().text());
  return *control;
}

config::Board cycle_board() {
  config::Board board;
  board.mutable_clock()->set_kind("cycles");
  return board;
}

}  // namespace

TEST_CASE("breakpoints of the newer unit hold the address, those of the older one a halfword of a word") {
  FakeCore newer;
  newer.words[kFpControl] = 0x10000260;  // version 2, six comparators
  auto control = take(newer);
  const uint32_t two[] = {0x08000101, 0x20000202};
  REQUIRE(control.set_breakpoints(two));
  CHECK(newer.words[kFpComparator] == 0x08000101);
  CHECK(newer.words[kFpComparator + 4] == 0x20000203);
  CHECK(newer.words[kFpControl] == 3);
  REQUIRE(control.set_breakpoints({}));
  CHECK(newer.words[kFpComparator] == 0);
  CHECK(newer.words[kFpComparator + 4] == 0);

  FakeCore older;
  older.words[kFpControl] = 0x00000260;  // version 1
  auto before = take(older);
  const uint32_t halves[] = {0x08000100, 0x08000102};
  REQUIRE(before.set_breakpoints(halves));
  CHECK(older.words[kFpComparator] == (0x08000100u | 1u << 30 | 1u));
  CHECK(older.words[kFpComparator + 4] == (0x08000100u | 2u << 30 | 1u));
  const uint32_t in_ram[] = {0x20000000};
  CHECK(before.set_breakpoints(in_ram).error().code == "probe.no_breakpoint");
}

TEST_CASE("a core with fewer breakpoints than are needed is refused with both figures") {
  FakeCore core;
  core.words[kFpControl] = 0x00000010;  // one comparator
  auto control = take(core);
  const uint32_t two[] = {0x100, 0x200};
  const auto refused = control.set_breakpoints(two);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "probe.no_breakpoint");
  CHECK(refused.error().message == "2 breakpoints are needed, the core has 1");
}

TEST_CASE("registers that arrive late are asked for again, and one that never does is an error") {
  FakeCore core;
  core.words[kFpControl] = 0x10000260;
  auto control = take(core);
  REQUIRE(control.write({{CoreRegister::kR0, 7}, {CoreRegister::kPc, 0x1234}}));
  CHECK(core.registers[0] == 7);
  core.late_transfers = 1;
  CHECK(control.read(CoreRegister::kPc).value() == 0x1234);
  core.late_transfers = 1000;
  CHECK(control.read(CoreRegister::kPc).error().code == "probe.no_target");
  core.late_transfers = 0;
  core.halted = false;
  core.halts = false;
  CHECK(control.write({{CoreRegister::kR0, 7}}).error().code == "probe.no_target");
  CHECK(control.halt().error().code == "probe.no_target");
  CHECK_FALSE(control.wait_halted(Deadline::in(std::chrono::milliseconds(20))).value());
}

TEST_CASE("the cycle counter of the core is switched on, counts beyond 32 bits, and its absence is seen") {
  FakeCore core;
  core.words[kFpControl] = 0x10000260;
  core.words[kDwtControl] = 0x40000000;
  core.cycles_each_poll = 0x70000000;
  auto control = take(core);
  auto counter = TargetCounter::find(cycle_board(), control).value();
  REQUIRE(counter);
  CHECK(counter->name() == "DWT cycle counter");
  CHECK((core.words[kDemcr] & 1u << 24) != 0);
  core.words[kDwtCycles] = 0xFFFFFF00;
  core.polls_until_halt = 3;
  const auto start = control.run(counter->address());
  REQUIRE(start);
  CHECK(*start == 0xFFFFFF00);
  counter->begin(*start);
  for (int i = 0; i < 3; ++i) {
    CHECK(control.word(kDhcsr).value() != 1u << 17);
    REQUIRE(counter->look(control));
  }
  REQUIRE(control.wait_halted(Deadline::in(std::chrono::seconds(1))).value());
  CHECK(counter->end(control).value() == 3 * int64_t{0x70000000});

  core.words[kDwtControl] = 0x42000000;  // NOCYCCNT
  CHECK_FALSE(TargetCounter::find(cycle_board(), control).value());
  config::Board none;
  CHECK_FALSE(TargetCounter::find(none, control).value());
  none.mutable_clock()->set_counter_address(0x40028018);
  CHECK(TargetCounter::find(none, control).value()->address() == 0x40028018);
}
