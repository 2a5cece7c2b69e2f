#include "probe/openocd_rules.h"

#include "base/error_codes.h"
#include "catch.h"

using namespace assay;
using namespace assay::probe;

TEST_CASE("what OpenOCD says becomes a code, with its own words kept") {
  const struct {
    const char* words;
    const char* code;
  } kCases[] = {
      {"Error: cannot connect to stlink server, errno: Connection refused", "probe.no_probe"},
      {"Error: open failed\n", "probe.no_probe"},
      {"Error: unable to find a matching CMSIS-DAP device", "probe.no_probe"},
      {"the selected device is already used", "probe.busy"},
      {"ST-LINK open failed (serial mismatch)\nfailed\n", "probe.no_probe"},
      {"libusb_open() failed with LIBUSB_ERROR_ACCESS\nError: open failed", "probe.no_permission"},
      {"Error: libusb_claim_interface: LIBUSB_ERROR_BUSY\nError: open failed", "probe.busy"},
      {"Error connecting DP: cannot read IDR", "probe.no_target"},
      {"timed out while waiting for target halted / 1 - 2", "probe.no_target"},
      {"checksum mismatch - attempting binary compare\ndiff 0 address 0x00000000. Was 0x01 instead of 0x00\n",
       "probe.verify_mismatch"},
      {"Failed to write memory at 0x00500000\n", "probe.write_failed"},
      {"read_memory: read at 0x90000000 with width=32 and count=4 failed", "probe.read_failed"},
      {"couldn't open /tmp/none.bin", "base.file"},
      {"invalid command name \"swd_newdap\"", "probe.bad_config"},
  };
  for (const auto& test : kCases) {
    INFO(test.words);
    const Error error = explain_openocd("a step", test.words, "probe.died");
    CHECK(error.code == test.code);
    CHECK(find_error_code(error.code) != nullptr);
    CHECK(error.message.find("a step: ") == 0);
    CHECK(error.message.find(last_lines(test.words, 1)) != std::string::npos);
  }
}

TEST_CASE("unknown words keep the caller's code and are shown raw") {
  const Error error =
      explain_openocd("cannot frob", "the moon is in the wrong house\n", "probe.write_failed");
  CHECK(error.code == "probe.write_failed");
  CHECK(error.message == "cannot frob; openocd says: the moon is in the wrong house");
  CHECK(explain_openocd("cannot frob", "", "probe.died").message == "cannot frob");
}

TEST_CASE("last lines skip what is empty") {
  CHECK(last_lines("a\n\n b \r\nc\n\n", 2) == " b | c");
  CHECK(last_lines("", 3).empty());
  CHECK(last_lines("\n\n", 3).empty());
}
