// Unmodified OpenOCD against assay-vboard.
#include "catch.h"
#include "running_board.h"

namespace assay::vboard_test {
namespace {

std::string load() { return "halt\nload_image " + firmware().string() + "\n"; }
std::string load_and_stop() { return load() + "reset halt\n"; }

TEST_CASE("OpenOCD attaches to a blank board and reads its registers") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  const OpenOcd run =
      openocd(board, "halt\nshow cpuid 0xE000ED00\nshow_register pc pc\nshow_register xpsr xPSR");
  INFO(run.text);
  CHECK(run.ok());
  CHECK(run.says("Cortex-M4 r0p0 processor detected"));
  CHECK(run.says("target has 6 breakpoints, 4 watchpoints"));
  CHECK(run.value("cpuid") == 0x410FC240);
  CHECK(run.value("pc") == 0);
}

TEST_CASE("firmware is loaded, verified, reset and runs") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  // A work area makes OpenOCD compute the checksum on the board; without one it reads back.
  const std::string work_area = GENERATE("0", "0x4000");
  const OpenOcd run = openocd(board,
                              load() + "echo [verify_image " + firmware().string() +
                                  "]\nreset\nwait_above 0 0x20000000\nshow first 0x20000000\nwait_above "
                                  "[read_memory 0x20000000 32 1] 0x20000000\nshow second 0x20000000",
                              work_area);
  INFO(run.text);
  CHECK(run.ok());
  CHECK(run.says("verified "));
  // Read while it ran.
  CHECK(run.value("first") > 0);
  CHECK(run.value("second") > run.value("first"));
}

TEST_CASE("one changed byte fails verification") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  const std::string work_area = GENERATE("0", "0x4000");
  const OpenOcd run =
      openocd(board, load() + "mwb 0x103 0x55\nverify_image " + firmware().string(), work_area);
  INFO(run.text);
  CHECK_FALSE(run.ok());
  CHECK(run.says("diff 0 address 0x00000103"));
}

TEST_CASE("reset halt stops at the reset vector with the initial stack pointer") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  const OpenOcd run =
      openocd(board, load_and_stop() + "show_register pc pc\nshow_register sp sp\nshow_register msp msp");
  INFO(run.text);
  CHECK(run.value("pc") == 0xC0);
  CHECK(run.value("sp") == 0x20010000);
  CHECK(run.value("msp") == 0x20010000);
}

TEST_CASE("a step executes exactly one instruction") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  const OpenOcd run = openocd(board, load_and_stop() +
                                         "mww 0x20000000 77\nstep\nstep\nshow_register second pc\n"
                                         "show before 0x20000000\nstep\nshow_register third pc\n"
                                         "show after 0x20000000");
  INFO(run.text);
  CHECK(run.value("third") == run.value("second") + 2);
  CHECK(run.value("before") == 77);
  CHECK(run.value("after") == 0);  // str r1, [r0]
}

TEST_CASE("breakpoints stop where they are set, each time around") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  const std::string kind = GENERATE(" hw", "");  // comparator, BKPT opcode
  const OpenOcd run = openocd(
      board,
      load_and_stop() + "bp 0x106 2" + kind +
          "\nresume\nstopped\nshow_register pc pc\nshow first 0x20000000\nresume\nstopped\n"
          "show second 0x20000000\nrbp 0x106\nresume\nwait_above 100 0x20000000\nshow later 0x20000000");
  INFO(run.text);
  CHECK(run.ok());
  CHECK(run.value("pc") == 0x106);
  CHECK(run.value("first") == 1);
  CHECK(run.value("second") == 2);
  CHECK(run.value("later") > 100);
}

TEST_CASE("a watchpoint stops after the write, each time around") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  const OpenOcd run =
      openocd(board, load_and_stop() +
                         "step; step; step\nwp 0x20000000 4 w\nresume\nstopped\n"
                         "show_register pc pc\nshow first 0x20000000\nresume\nstopped\n"
                         "show second 0x20000000\nrwp 0x20000000\nresume\nwait_above 100 0x20000000\n"
                         "show later 0x20000000");
  INFO(run.text);
  CHECK(run.says("halted due to watchpoint"));
  CHECK(run.value("pc") == 0x106);
  CHECK(run.value("first") == 1);
  CHECK(run.value("second") == 2);
  CHECK(run.value("later") > 100);
}

TEST_CASE("special registers are real, not remembered") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  const OpenOcd run =
      openocd(board, load_and_stop() +
                         "reg psp 0x20003000\nreg primask 1\nreg basepri 0x40\nreg msp 0x20004000\n"
                         "step\nshow_register psp psp\nshow_register primask primask\n"
                         "show_register basepri basepri\nshow_register sp sp\nshow code 0x0c4");
  INFO(run.text);
  CHECK(run.value("psp") == 0x20003000);
  CHECK(run.value("primask") == 1);
  CHECK(run.value("basepri") == 0x40);
  CHECK(run.value("sp") == 0x20004000);
  const OpenOcd code = openocd(board, "show code 0x0c4");
  CHECK(code.value("code") == run.value("code"));
}

TEST_CASE("a core asleep in WFI halts, steps and goes back to sleep") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  const OpenOcd run = openocd(board, load_and_stop() +
                                         "reg pc 0x200\nresume\nsleep 100\nhalt\nshow_register asleep pc\n"
                                         "step\nshow_register stepped pc\nresume\nsleep 100\nhalt\n"
                                         "show_register again pc");
  INFO(run.text);
  CHECK(run.ok());
  CHECK(run.value("asleep") == 0x202);
  CHECK(run.value("stepped") == 0x200);
  CHECK(run.value("again") == 0x202);
}

TEST_CASE("a reset that the firmware asks for is noticed") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  const OpenOcd run = openocd(
      board, load_and_stop() + "reg pc 0x280\nresume\nwait_above 0 0x20000000\nshow counts 0x20000000");
  INFO(run.text);
  CHECK(run.says("external reset detected"));
  CHECK(run.value("counts") > 0);
}

TEST_CASE("an address with nothing behind it fails that command, and the next one works") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit");
  const OpenOcd run = openocd(board, "halt\ncatch {mdw 0x30000000}\nshow cpuid 0xE000ED00");
  INFO(run.text);
  CHECK(run.ok());
  CHECK(run.says("Failed to read memory at 0x30000000"));
  CHECK(run.value("cpuid") == 0x410FC240);
}

TEST_CASE("the realtime board is debugged in the same way") {
  TemporaryFolder folder;
  RunningBoard board(folder.path() / "unit", {"--mode", "realtime"});
  CHECK(board.ready()["mode"] == "realtime");
  const OpenOcd run =
      openocd(board, load_and_stop() + "bp 0x106 2 hw\nresume\nstopped\nshow count 0x20000000");
  INFO(run.text);
  CHECK(run.value("count") == 1);
}

}  // namespace
}  // namespace assay::vboard_test
