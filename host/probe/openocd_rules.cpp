#include "probe/openocd_rules.h"

#include <fmt/format.h>

#include <vector>

namespace assay::probe {
namespace {

struct Rule {
  std::string_view phrase;
  std::string_view code;
  std::string_view meaning;
};

// Phrases of OpenOCD 0.12 (its source and its program text). Order matters: several may occur in one output,
// and the cause stands above its consequences.
constexpr Rule kRules[] = {
    {"LIBUSB_ERROR_ACCESS", "probe.no_permission", "this user may not open the probe's USB device"},
    {"LIBUSB_ERROR_BUSY", "probe.busy", "another program has the probe open"},
    {"the selected device is already used", "probe.busy", "another program has the probe open"},
    {"STLINK server cannot open", "probe.busy", "the ST-LINK server refuses to open the probe"},
    {"cannot connect to stlink server", "probe.no_probe",
     "nothing listens where the ST-LINK server should be"},
    {"no ST-LINK detected", "probe.no_probe", "the ST-LINK server has no probe"},
    {"ST-LINK open failed (serial mismatch)", "probe.no_probe", "no ST-LINK has the serial number asked for"},
    {"ST-LINK open failed (vid/pid mismatch)", "probe.no_probe",
     "the ST-LINK has other USB ids than the board names"},
    {"doesn't match requested serial", "probe.no_probe", "no probe has the serial number asked for"},
    {"No device matches the serial string", "probe.no_probe", "no probe has the serial number asked for"},
    {"unable to find a matching CMSIS-DAP device", "probe.no_probe", "no CMSIS-DAP probe is plugged in"},
    {"No J-Link device found", "probe.no_probe", "no J-Link is plugged in"},
    {"unable to open ftdi device", "probe.no_probe", "no FTDI probe is plugged in"},
    {"no device found", "probe.no_probe", "no probe is plugged in"},
    {"Error connecting DP: cannot read IDR", "probe.no_target", "the probe gets no answer from the chip"},
    {"init mode failed (unable to connect to the target)", "probe.no_target",
     "the probe gets no answer from the chip"},
    {"Could not find MEM-AP", "probe.no_target", "the chip answers but its core does not"},
    {"Could not initialize the debug port", "probe.no_target", "the debug port of the chip does not answer"},
    {"timed out while waiting for target halted", "probe.no_target", "the core does not halt"},
    {"not examined", "probe.no_target", "the core was not recognised"},
    {"Not examined", "probe.no_target", "the core was not recognised"},
    {"xamination failed", "probe.no_target", "the core was not recognised"},
    {"diff 0 address", "probe.verify_mismatch", "memory differs from the image"},
    {"checksum mismatch", "probe.verify_mismatch", "memory differs from the image"},
    {"contents differ", "probe.verify_mismatch", "memory differs from the image"},
    {"rror writing to flash", "probe.write_failed", "the flash refuses the image"},
    {"no flash bank found", "probe.write_failed", "the image lies outside of the flash"},
    {"ailed to write memory", "probe.write_failed", "the memory does not accept writes there"},
    {"Failed to read memory", "probe.read_failed", "the memory cannot be read there"},
    {"failed to read memory", "probe.read_failed", "the memory cannot be read there"},
    {"read_memory:", "probe.read_failed", "the memory cannot be read there"},
    {"ouldn't open", "base.file", "OpenOCD cannot open the file"},
    {"invalid command name", "probe.bad_config",
     "this OpenOCD does not know a command of the board's [probe] lines"},
    {"wrong # args", "probe.bad_config", "a command of the board's [probe] lines has wrong arguments"},
    {"requires -dap parameter", "probe.bad_config", "the target of the board's [probe] lines needs a -dap"},
    {"The specified debug interface was not found", "probe.bad_config",
     "this OpenOCD lacks the adapter driver"},
    {"open failed", "probe.no_probe", "the probe cannot be opened"},
};

}  // namespace

std::string last_lines(std::string_view text, size_t count) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < count) {
    const auto newline = text.find_last_of('\n');
    std::string_view line = newline == std::string_view::npos ? text : text.substr(newline + 1);
    text = newline == std::string_view::npos ? std::string_view() : text.substr(0, newline);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (!line.empty()) lines.insert(lines.begin(), line);
  }
  return fmt::format("{}", fmt::join(lines, " | "));
}

Error explain_openocd(std::string_view what, std::string_view words, std::string_view otherwise) {
  const Rule* found = nullptr;
  for (const Rule& rule : kRules) {
    if (words.find(rule.phrase) == std::string_view::npos) continue;
    found = &rule;
    break;
  }
  const std::string tail = last_lines(words, 4);
  Error error;
  error.code = found ? found->code : otherwise;
  error.message = found ? fmt::format("{}: {}", what, found->meaning) : std::string(what);
  if (!tail.empty()) error.message += fmt::format("; openocd says: {}", tail);
  return error;
}

}  // namespace assay::probe
