// A board that is a process: the stock firmware on this computer.
//
// assay-agent-posix [--plan FILE] --stdio | --listen unix:PATH
// Line, clock and reset are those of agent/ports/posix; here is the model region.
#include "boards/board.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vector>

#include "agent/ports/posix/posix.h"
#include "board_config.h"

namespace assay::boards {
namespace {

constexpr char kUsage[] =
    "usage: assay-agent-posix [--plan FILE] --stdio | --listen unix:PATH\n"
    "  --plan FILE         the model: a plan made by `assay model`; without it 0 models are presented\n"
    "  --stdio             the agent's line is standard input and output\n"
    "  --listen unix:PATH  the agent's line is the first client of this socket\n";

struct Plan {
  std::vector<uint64_t> words;  // 64 bits each: plans are 8-byte aligned
  size_t bytes = 0;
};
Plan plan;

bool refuse(const char* what, const char* detail) {
  fprintf(stderr, "assay-agent-posix: %s%s\n", what, detail);
  return false;
}

bool load_plan(const char* path) {
  FILE* file = fopen(path, "rb");
  if (!file) {
    fprintf(stderr, "assay-agent-posix: --plan: cannot open %s: %s\n", path, strerror(errno));
    return false;
  }
  uint64_t block[512];
  size_t count;
  while ((count = fread(block, 1, sizeof block, file)) > 0) {
    plan.words.resize((plan.bytes + count + 7) / 8);
    memcpy(reinterpret_cast<uint8_t*>(plan.words.data()) + plan.bytes, block, count);
    plan.bytes += count;
  }
  const bool failed = ferror(file);
  fclose(file);
  if (failed) fprintf(stderr, "assay-agent-posix: --plan: cannot read %s\n", path);
  return !failed;
}

bool take_arguments(int argc, char** argv) {
  const int line = assay_posix_take_arguments(&argc, argv);
  if (line < 0) return false;
  for (int i = 1; i < argc; i += 2) {
    if (strcmp(argv[i], "--plan") != 0) return refuse("unknown argument ", argv[i]);
    if (i + 1 == argc) return refuse("a value is missing after ", argv[i]);
    if (!load_plan(argv[i + 1])) return false;
  }
  return line == 1 || refuse("exactly one of --stdio and --listen is needed", "");
}

}  // namespace

bool start(int argc, char** argv) {
  if (take_arguments(argc, argv)) return assay_posix_open();
  fputs(kUsage, stderr);
  return false;
}

uint32_t tick() { return assay_posix_tick(); }

uint32_t rx_window() { return ASSAY_POSIX_RX_WINDOW; }

size_t rx(uint8_t* to, size_t room) { return assay_posix_rx(to, room); }

void tx(const uint8_t* bytes, size_t count) { assay_posix_tx(bytes, count); }

Extras extras() { return {}; }

uint32_t core_clock_hz() { return 0; }

void wait() { assay_posix_wait(100); }

void reset() {
  assay_posix_reset();
  __builtin_unreachable();
}

uint8_t reset_cause() { return assay_posix_reset_cause(); }

uint32_t boot_id() { return assay_posix_boot_id(); }

void build_id(uint8_t* to) { assay_posix_build_id(to); }

void unit_id(uint8_t* to) { memset(to, 0, 16); }

Region plan_region() { return {reinterpret_cast<const uint8_t*>(plan.words.data()), plan.bytes}; }

Memory memory() { return {}; }

bool last_fault(char*, size_t) { return false; }

}  // namespace assay::boards
