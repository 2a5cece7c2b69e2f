// A board that is a process: the stock firmware on this computer.
//
// assay-agent-posix [--plan FILE] --stdio | --listen unix:PATH
// A reset runs the program again over the same descriptors, as a reset of a real board keeps its serial line.
#include "boards/board.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "agent/ports/posix/host_stream.h"
#include "board_config.h"

namespace assay::boards {
namespace {

constexpr char kUsage[] =
    "usage: assay-agent-posix [--plan FILE] --stdio | --listen unix:PATH\n"
    "  --plan FILE         the model: a plan made by `assay model`; without it 0 models are presented\n"
    "  --stdio             the agent's line is standard input and output\n"
    "  --listen unix:PATH  the agent's line is the first client of this socket\n";

// How a reset hands the line to the next start; not for users.
constexpr char kResumeFlag[] = "--resume";

struct Process {
  ports::HostStream line;
  std::string plan_path;
  std::vector<uint64_t> plan;  // 64-bit words: plans are 8-byte aligned
  size_t plan_bytes = 0;
  bool resumed = false;
  uint32_t boot = 0;
};
Process process;

bool refuse(const char* what, const char* detail) {
  fprintf(stderr, "assay-agent-posix: %s%s\n%s", what, detail, kUsage);
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
    process.plan.resize((process.plan_bytes + count + 7) / 8);
    memcpy(reinterpret_cast<uint8_t*>(process.plan.data()) + process.plan_bytes, block, count);
    process.plan_bytes += count;
  }
  const bool failed = ferror(file);
  fclose(file);
  if (failed) fprintf(stderr, "assay-agent-posix: --plan: cannot read %s\n", path);
  process.plan_path = path;
  return !failed;
}

struct Arguments {
  const char* plan = nullptr;
  const char* listen = nullptr;
  const char* resume = nullptr;
  bool stdio = false;
};

bool parse(int argc, char** argv, Arguments& to) {
  const struct {
    const char* flag;
    const char** value;
  } valued[] = {{"--plan", &to.plan}, {"--listen", &to.listen}, {kResumeFlag, &to.resume}};
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "--stdio") == 0) {
      to.stdio = true;
      continue;
    }
    const char** value = nullptr;
    for (const auto& option : valued) {
      if (strcmp(argv[i], option.flag) == 0) value = option.value;
    }
    if (!value) return refuse("unknown argument ", argv[i]);
    if (++i == argc) return refuse("a value is missing after ", argv[i - 1]);
    *value = argv[i];
  }
  if (to.stdio + (to.listen != nullptr) + (to.resume != nullptr) != 1)
    return refuse("exactly one of --stdio and --listen is needed", "");
  return true;
}

bool open_line(const Arguments& with) {
  constexpr char kUnix[] = "unix:";
  int in = 0, out = 1;
  if (with.resume) {
    if (sscanf(with.resume, "%d,%d", &in, &out) != 2) return refuse("bad value of --resume: ", with.resume);
    process.resumed = true;
  } else if (with.listen) {
    if (strncmp(with.listen, kUnix, sizeof kUnix - 1) != 0)
      return refuse("--listen takes unix:PATH, not ", with.listen);
    return process.line.listen_unix(with.listen + sizeof kUnix - 1);
  }
  process.line.attach(in, out);
  return true;
}

// The linker's own hash of the executable (-Wl,--build-id=sha1): SHA-1, of which the first 16 bytes are the
// build id.
int find_build_id(dl_phdr_info* info, size_t, void* to) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const char* at = reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr);
    const char* end = at + segment.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      ElfW(Nhdr) note;
      memcpy(&note, at, sizeof note);
      const char* description = at + sizeof note + ((note.n_namesz + 3) & ~3u);
      if (note.n_type == NT_GNU_BUILD_ID && note.n_descsz >= 16) {
        memcpy(to, description, 16);
        return 1;
      }
      at = description + ((note.n_descsz + 3) & ~3u);
    }
  }
  return 1;  // the first object is the program itself; libraries are not asked
}

}  // namespace

bool start(int argc, char** argv) {
  // The parent may have died before this line: then the death signal never comes.
  const pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) return false;
  Arguments arguments;
  if (!parse(argc, argv, arguments)) return false;
  if (getrandom(&process.boot, sizeof process.boot, 0) != sizeof process.boot) process.boot = tick();
  return (!arguments.plan || load_plan(arguments.plan)) && open_line(arguments);
}

uint32_t tick() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint32_t>(static_cast<uint64_t>(now.tv_sec) * 1000000000u +
                               static_cast<uint64_t>(now.tv_nsec));
}

uint32_t rx_window() { return 64 * 1024; }  // the least that Linux gives a pipe

size_t rx(uint8_t* to, size_t room) { return process.line.read(to, room); }

void tx(const uint8_t* bytes, size_t count) { process.line.write(bytes, count); }

Extras extras() { return {}; }

uint32_t core_clock_hz() { return 0; }

void wait() { process.line.wait(100); }

void reset() {
  const std::string line = std::to_string(process.line.in()) + "," + std::to_string(process.line.out());
  std::vector<const char*> argv = {"assay-agent-posix", kResumeFlag, line.c_str()};
  if (!process.plan_path.empty()) argv.insert(argv.end(), {"--plan", process.plan_path.c_str()});
  argv.push_back(nullptr);
  execv("/proc/self/exe", const_cast<char**>(argv.data()));
  fprintf(stderr, "assay-agent-posix: cannot run itself again: %s\n", strerror(errno));
  _exit(1);
}

uint8_t reset_cause() { return process.resumed ? 3 : 1; }

uint32_t boot_id() { return process.boot; }

void build_id(uint8_t* to) {
  memset(to, 0, 16);
  dl_iterate_phdr(find_build_id, to);
}

void unit_id(uint8_t* to) { memset(to, 0, 16); }

Region plan_region() { return {reinterpret_cast<const uint8_t*>(process.plan.data()), process.plan_bytes}; }

Memory memory() { return {}; }

bool last_fault(char*, size_t) { return false; }

}  // namespace assay::boards
