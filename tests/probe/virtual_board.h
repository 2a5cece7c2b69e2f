// A virtual board with a state folder of its own, for tests that reach it through the unmodified OpenOCD.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/files.h"
#include "catch.h"
#include "config/catalogue.h"
#include "farm/virtual_unit.h"
#include "probe/probe.h"

namespace assay::probe {

struct VirtualBoard {
  VirtualBoard() {
    char name[] = "/tmp/assay-probe-XXXXXX";
    folder = mkdtemp(name);
    auto loaded = config::load_board("mps2-an386");
    REQUIRE(loaded);
    board = *loaded;
    auto opened = farm::open_virtual_unit({.board = "mps2-an386", .state = folder / "unit"},
                                          Deadline::in(std::chrono::seconds(20)));
    if (!opened) FAIL(opened.error().text());
    started = std::move(*opened);
  }
  ~VirtualBoard() {
    started.stop();
    std::filesystem::remove_all(folder);
  }
  Result<std::unique_ptr<Probe>> try_open(OnProgress progress = {}) {
    return open_probe(board, started.unit.probe, {folder / "probe.log", 1, std::move(progress)});
  }
  std::unique_ptr<Probe> open(OnProgress progress = {}) {
    auto probe = try_open(std::move(progress));
    if (!probe) FAIL(probe.error().code + ": " + probe.error().text());
    return std::move(*probe);
  }
  pid_t qemu_pid() const {
    const std::string text = read_text(folder / "unit" / "unit.json").value();
    const std::string key = "\"qemu_pid\":";
    const auto at = text.find(key);
    REQUIRE(at != std::string::npos);
    return std::stoi(text.substr(at + key.size()));
  }
  std::filesystem::path folder;
  config::Board board;
  farm::StartedUnit started;
};

inline uint32_t word_at(Probe& probe, uint32_t address) {
  auto bytes = probe.read(address, 4);
  if (!bytes) FAIL(bytes.error().text());
  return static_cast<uint32_t>((*bytes)[0] | (*bytes)[1] << 8 | (*bytes)[2] << 16) |
         static_cast<uint32_t>((*bytes)[3]) << 24;
}

}  // namespace assay::probe
