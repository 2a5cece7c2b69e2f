#include "probe/openocd_process.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <optional>
#include <thread>

#include "base/interrupt.h"
#include "probe/openocd_rules.h"

namespace assay::probe {
namespace {

using namespace std::chrono_literals;

constexpr auto kStartBudget = 10s;
constexpr auto kKillGrace = 500ms;
constexpr auto kLogPoll = 5ms;
constexpr size_t kLogWindow = 256 * 1024;
// First version with `read_memory` and with the adapter commands that board files use.
constexpr std::array<int, 2> kOldest = {0, 12};
constexpr std::string_view kBanner = "Open On-Chip Debugger ";

bool too_old(const std::string& version) {
  int major = 0, minor = 0;
  if (std::sscanf(version.c_str(), "%d.%d", &major, &minor) != 2) return true;
  return std::array<int, 2>{major, minor} < kOldest;
}

// The number after "Listening on port " in a line about tcl: 0.12 writes "for tcl connections", newer ones
// may word the rest otherwise.
std::optional<uint16_t> tcl_port_in(std::string_view text) {
  constexpr std::string_view kListening = "Listening on port ";
  for (size_t at = text.find(kListening); at != std::string_view::npos; at = text.find(kListening, at + 1)) {
    const auto line = text.substr(at, text.find('\n', at) - at);
    if (text.find('\n', at) == std::string_view::npos) return std::nullopt;  // half a line so far
    unsigned port = 0;
    for (const char c : line.substr(kListening.size())) {
      if (!std::isdigit(static_cast<unsigned char>(c)) || port > 65535) break;
      port = port * 10 + static_cast<unsigned>(c - '0');
    }
    if (line.find("tcl") != std::string_view::npos && port > 0 && port <= 65535)
      return static_cast<uint16_t>(port);
  }
  return std::nullopt;
}

Status check_version(const std::string& version, std::string_view words) {
  if (version.empty()) {
    return fail("probe.tool_version",
                fmt::format("the 'openocd' in PATH does not introduce itself as OpenOCD; it says: {}",
                            last_lines(words, 3)));
  }
  if (too_old(version)) {
    return fail("probe.tool_version", fmt::format("OpenOCD {} is too old: at least {}.{} is needed", version,
                                                  kOldest[0], kOldest[1]));
  }
  return {};
}

}  // namespace

std::string openocd_version_in(std::string_view text) {
  const auto at = text.find(kBanner);
  if (at == std::string_view::npos) return {};
  const auto begin = at + kBanner.size();
  const auto end = text.find_first_not_of("0123456789.", begin);
  return std::string(text.substr(begin, end == std::string_view::npos ? end : end - begin));
}

std::string OpenocdProcess::log_text() const {
  std::ifstream file(config_.log, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const auto size = static_cast<size_t>(file.tellg());
  const size_t begin = std::max(log_start_, size > kLogWindow ? size - kLogWindow : 0);
  if (begin >= size) return {};
  std::string text(size - begin, '\0');
  file.seekg(static_cast<std::streamoff>(begin));
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

Result<std::unique_ptr<OpenocdProcess>> OpenocdProcess::start(const OpenocdConfig& config) {
  auto openocd = std::make_unique<OpenocdProcess>();
  openocd->config_ = config;
  std::error_code no_file;
  const auto size = std::filesystem::file_size(config.log, no_file);
  openocd->log_start_ = no_file ? 0 : size;
  ProcessSpec spec{.argv = {"openocd"},
                   .out = Pipe::kFile,
                   .err = Pipe::kFile,
                   .out_file = config.log,
                   .err_file = config.log};
  const std::vector<std::string> first = {"bindto 127.0.0.1", "gdb_port disabled", "telnet_port disabled",
                                          "tcl_port 0", "noinit"};
  for (const auto* lines : {&first, &config.lines}) {
    for (const std::string& line : *lines) spec.argv.insert(spec.argv.end(), {"-c", line});
  }
  auto process = Subprocess::start(spec);
  if (!process && process.error().code == "base.tool_missing") {
    return fail("probe.tool_missing", "OpenOCD is not installed: there is no 'openocd' in PATH");
  }
  if (!process) return fail(process.error());
  openocd->process_ = std::move(*process);
  const auto deadline = Deadline::in(
      std::chrono::duration_cast<std::chrono::milliseconds>(kStartBudget * config.timeout_multiplier));
  ASSAY_TRY(const uint16_t port, openocd->await_port(deadline));
  ASSAY_TRY(openocd->rpc_, TclRpc::connect(port, deadline));
  return openocd;
}

Result<uint16_t> OpenocdProcess::await_port(Deadline deadline) {
  for (;;) {
    // Asked before the log is read: what a process that is gone has written is all there.
    const bool running = process_.running();
    const std::string text = log_text();
    const auto port = tcl_port_in(text);
    if (port || !running) {
      version_ = openocd_version_in(text);
      ASSAY_CHECK(check_version(version_, text));
    }
    if (port) return *port;
    if (!running) {
      return fail(explain_openocd(fmt::format("openocd ended at start ({})", process_.exit_status()->text()),
                                  text, "probe.died"));
    }
    if (interrupted()) return fail(interruption());
    if (deadline.passed()) {
      close();
      return fail(
          "probe.timeout",
          fmt::format("openocd opened no Tcl port within {:.1f} s and was killed; it said: {}",
                      std::chrono::duration<double>(kStartBudget * config_.timeout_multiplier).count(),
                      text.empty() ? "nothing" : last_lines(text, 3)));
    }
    std::this_thread::sleep_for(kLogPoll);
  }
}

Error OpenocdProcess::died(std::string_view what) {
  rpc_.close();
  // The socket closes a moment before the process can be reaped.
  for (const auto deadline = Deadline::in(kKillGrace); process_.running() && !deadline.passed();)
    std::this_thread::sleep_for(kLogPoll);
  const bool killed_here = process_.running();
  const ExitStatus status = process_.stop(kKillGrace);
  return Error{"probe.died",
               fmt::format("{}: openocd {}; its last words: {}", what,
                           killed_here ? "stopped answering" : fmt::format("ended with {}", status.text()),
                           last_lines(log_text(), 4)),
               "", ""};
}

Result<std::string> OpenocdProcess::run(std::string_view what, std::string_view command,
                                        std::chrono::milliseconds budget, std::string_view otherwise,
                                        const Idle& idle) {
  const auto allowed =
      std::chrono::duration_cast<std::chrono::milliseconds>(budget * config_.timeout_multiplier);
  auto reply = rpc_.call(command, Deadline::in(allowed), idle);
  if (reply) {
    if (reply->status == 0) return std::move(reply->text);
    // With `capture` the words of the failure are in the reply, not in the log.
    return fail(explain_openocd(what, reply->text, otherwise));
  }
  if (reply.error().code == "probe.died") return fail(died(what));
  close();
  if (reply.error().code != "probe.timeout") return fail(reply.error());
  return fail("probe.timeout",
              fmt::format("{}: openocd gave no answer within {:.1f} s and was killed; its last words: {}",
                          what, std::chrono::duration<double>(allowed).count(), last_lines(log_text(), 3)));
}

void OpenocdProcess::close() {
  rpc_.close();
  process_.stop(kKillGrace);
}

}  // namespace assay::probe
