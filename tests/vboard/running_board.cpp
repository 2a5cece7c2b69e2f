#include "running_board.h"

#include <fmt/format.h>
#include <signal.h>

#include <fstream>

#include "base/files.h"
#include "catch.h"

namespace assay::vboard_test {
namespace {

constexpr auto kStartLimit = std::chrono::seconds(20);
constexpr auto kOpenOcdLimit = std::chrono::seconds(40);

constexpr const char* kConfiguration = R"(
adapter driver st-link
st-link backend tcp {port}
st-link vid_pid 0x0483 0x374f
adapter serial {serial}
transport select dapdirect_swd
adapter speed 24000
swd newdap virt cpu -expected-id 0x2ba01477
dap create virt.dap -chain-position virt.cpu
target create virt.cpu cortex_m -dap virt.dap -ap-num 0 -work-area-phys 0x20380000 -work-area-size {work_area}
cortex_m reset_config sysresetreq
gdb_port disabled
tcl_port disabled
telnet_port disabled
proc show {{name address}} {{ echo "$name=[read_memory $address 32 1]" }}
proc show_register {{name register}} {{ echo "$name=[lindex [get_reg -force $register] 1]" }}
proc wait_above {{value address}} {{
  for {{set i 0}} {{$i < 400 && [read_memory $address 32 1] <= $value}} {{incr i}} {{ sleep 5 }}
}}
proc stopped {{}} {{ wait_halt 2000 }}
init
{script}
shutdown
)";

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = "/tmp/assay-test-XXXXXX";
  REQUIRE(mkdtemp(pattern.data()));
  path_ = pattern;
}
TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> vboard(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), std::string(ASSAY_BIN_DIR) + "/assay-vboard");
  return arguments;
}

Output run_vboard(std::vector<std::string> arguments) {
  auto output = run_process({.argv = vboard(std::move(arguments))}, Deadline::in(kStartLimit));
  REQUIRE(output);
  return *output;
}

RunningBoard::RunningBoard(const std::filesystem::path& state, std::vector<std::string> arguments)
    : errors_(state.string() + ".stderr") {
  ProcessSpec spec;
  spec.argv = vboard({"start", "--board", "mps2-an386", "--state", state.string()});
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.in = Pipe::kPipe;
  spec.err = Pipe::kFile;
  spec.err_file = errors_;
  auto process = Subprocess::start(spec);
  REQUIRE(process);
  process_ = std::move(*process);
  auto line = process_.read_line(Deadline::in(kStartLimit));
  INFO(errors());
  REQUIRE(line);
  ready_ = nlohmann::json::parse(*line, nullptr, false);
  REQUIRE(ready_.is_object());
  REQUIRE(ready_["event"] == "ready");
}

ExitStatus RunningBoard::end(std::chrono::milliseconds limit) {
  auto status = process_.wait(Deadline::in(limit));
  REQUIRE(status);
  return *status;
}

std::string RunningBoard::errors() const { return read_text(errors_).value_or(""); }

std::filesystem::path firmware() {
  static const TemporaryFolder folder;
  static const auto elf = folder.path() / "firmware.elf";
  static const bool built = [] {
    auto output = run_process({.argv = {"arm-none-eabi-gcc", "-nostdlib", "-Wl,-Ttext=0xc0",
                                        "-Wl,--section-start=.vectors=0", "-Wl,-e,0xc1", "-o", elf.string(),
                                        std::string(ASSAY_SOURCE_DIR) + "/tests/vboard/firmware.S"}},
                              Deadline::in(kStartLimit));
    INFO((output ? output->err : output.error().text()));
    return output && output->status.code == 0;
  }();
  REQUIRE(built);
  return elf;
}

OpenOcd openocd(const RunningBoard& board, const std::string& script, const std::string& work_area) {
  TemporaryFolder folder;
  const auto file = folder.path() / "test.cfg";
  const std::string serial = board.ready()["unit"];
  REQUIRE(write_file(file, std::string_view(fmt::format(
                               kConfiguration, fmt::arg("port", board.port()), fmt::arg("serial", serial),
                               fmt::arg("work_area", work_area), fmt::arg("script", script)))));
  auto output = run_process({.argv = {"openocd", "-f", file.string()}}, Deadline::in(kOpenOcdLimit));
  REQUIRE(output);
  return {output->status, output->out + output->err};
}

uint32_t OpenOcd::value(const std::string& name) const {
  const auto at = text.find("\n" + name + "=");
  INFO(name << " in\n" << text);
  REQUIRE(at != std::string::npos);
  return static_cast<uint32_t>(std::stoul(text.substr(at + name.size() + 2), nullptr, 16));
}

bool process_exists(pid_t pid) {
  std::ifstream stat(fmt::format("/proc/{}/stat", pid));
  std::string number, name, state;
  return static_cast<bool>(stat >> number >> name >> state) && state != "Z";
}

}  // namespace assay::vboard_test
