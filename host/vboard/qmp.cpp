#include "vboard/qmp.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace assay::vboard {
namespace {

using nlohmann::json;

constexpr auto kAnswerLimit = std::chrono::seconds(1);

}  // namespace

Result<Qmp> Qmp::connect(const std::filesystem::path& path, Deadline deadline) {
  Qmp qmp;
  ASSAY_TRY(qmp.stream_, UnixClient::connect(path, deadline));
  ASSAY_TRY(const std::string line, qmp.receive_line(deadline));
  const json greeting = json::parse(line, nullptr, false);
  const json::json_pointer place("/QMP/version/qemu");
  if (greeting.is_discarded() || !greeting.contains(place)) {
    return fail("vboard.qemu_silent", "the emulator did not greet on its machine protocol");
  }
  const json& version = greeting.at(place);
  qmp.version_ = fmt::format("{}.{}.{}", version.value("major", 0), version.value("minor", 0),
                             version.value("micro", 0));
  ASSAY_CHECK(qmp.execute("qmp_capabilities"));
  return qmp;
}

Result<std::string> Qmp::receive_line(Deadline deadline) {
  for (;;) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      if (line.find("\"event\": \"RESET\"") != std::string::npos) {
        const bool by_guest = line.find("\"guest\": true") != std::string::npos;
        ++(by_guest ? guest_resets_ : host_resets_);
      }
      return line;
    }
    ASSAY_TRY(const bool more, stream_.receive(buffer_, deadline));
    if (!more) return std::string();
  }
}

Result<std::string> Qmp::execute(std::string_view command, std::string_view arguments) {
  const Deadline deadline = Deadline::in(kAnswerLimit);
  const std::string suffix = arguments.empty() ? "" : fmt::format(",\"arguments\":{}", arguments);
  ASSAY_CHECK(stream_.send(fmt::format("{{\"execute\":\"{}\"{}}}\n", command, suffix), deadline));
  for (;;) {
    ASSAY_TRY(const std::string line, receive_line(deadline));
    if (line.empty())
      return fail("vboard.qemu_silent", fmt::format("the emulator did not answer '{}'", command));
    const json answer = json::parse(line, nullptr, false);
    if (answer.is_discarded() || answer.contains("event")) continue;
    if (answer.contains("return")) return answer["return"].dump();
    return fail("vboard.qemu_silent", fmt::format("the emulator refused '{}': {}", command, line));
  }
}

Status Qmp::system_reset() {
  const int before = host_resets_;
  ASSAY_CHECK(execute("system_reset"));
  const Deadline deadline = Deadline::in(kAnswerLimit);
  while (host_resets_ == before) {
    ASSAY_TRY(const std::string line, receive_line(deadline));
    if (line.empty()) return fail("vboard.qemu_silent", "the emulator did not reset in time");
  }
  return {};
}

Result<int> Qmp::take_guest_resets() {
  for (;;) {
    ASSAY_TRY(const std::string line, receive_line(Deadline::in(std::chrono::seconds(0))));
    if (line.empty()) return std::exchange(guest_resets_, 0);
  }
}

Result<bool> Qmp::chardev_connected(std::string_view id) {
  ASSAY_TRY(const std::string text, execute("query-chardev"));
  const json list = json::parse(text, nullptr, false);
  for (const auto& entry : list) {
    if (entry.value("label", "") == id) return entry.value("filename", "").rfind("disconnected", 0) != 0;
  }
  return false;
}

}  // namespace assay::vboard
