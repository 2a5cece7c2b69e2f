#define _GNU_SOURCE /* dl_iterate_phdr */
#include "posix.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SOCKET_PREFIX "unix:"
/* How a reset hands the line to the next start; not for users. */
#define RESUME_FLAG "--resume"

static struct {
  char** argv;        /* the program's own arguments, ended by NULL */
  const char* listen; /* path of the socket; NULL: none */
  int in, out;        /* of the line; -1: there is none */
  int resumed;        /* this start is a reset of an earlier one */
} process = {NULL, NULL, -1, -1, 0};

static int refuse(const char* what, const char* detail) {
  fprintf(stderr, "%s: %s%s\n", process.argv[0], what, detail);
  return -1;
}

static void attach(int in, int out) {
  process.in = in;
  process.out = out;
  signal(SIGPIPE, SIG_IGN); /* a closed peer is seen where it is written to */
}

/* The parent may have died before this line: then the death signal never comes. */
static void die_with_parent(void) {
  const pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) exit(0);
}

static int take_value(const char* flag, const char* value) {
  if (!value) return refuse("a value is missing after ", flag);
  if (strcmp(flag, RESUME_FLAG) == 0) {
    int in, out;
    if (sscanf(value, "%d,%d", &in, &out) != 2) return refuse("bad value of " RESUME_FLAG ": ", value);
    process.resumed = 1;
    attach(in, out);
    return 1;
  }
  if (strncmp(value, SOCKET_PREFIX, strlen(SOCKET_PREFIX)) != 0)
    return refuse("--listen takes unix:PATH, not ", value);
  process.listen = value + strlen(SOCKET_PREFIX);
  return 1;
}

int assay_posix_take_arguments(int* argc, char** argv) {
  int kept = 1, lines = 0;
  process.argv = argv;
  for (int i = 1; i < *argc; ++i) {
    if (strcmp(argv[i], "--stdio") == 0) {
      attach(0, 1);
      ++lines;
    } else if (strcmp(argv[i], "--listen") == 0 || strcmp(argv[i], RESUME_FLAG) == 0) {
      if (take_value(argv[i], argv[i + 1]) < 0) return -1; /* argv[argc] is NULL */
      ++lines;
      ++i;
    } else {
      argv[kept++] = argv[i];
    }
  }
  argv[kept] = NULL;
  *argc = kept;
  if (lines > 1) return refuse("exactly one of --stdio and --listen can be the line", "");
  if (lines) die_with_parent();
  return lines;
}

/* The first client's descriptor, or -1. */
static int accept_one(int listener) {
  int client;
  do client = accept(listener, NULL, NULL);
  while (client < 0 && errno == EINTR);
  return client;
}

int assay_posix_open(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (!process.listen) return 1;
  if (strlen(process.listen) >= sizeof address.sun_path) {
    fprintf(
        stderr,
        "%s: --listen: %s is longer than %zu bytes, the most a unix socket path holds; use a shorter one\n",
        process.argv[0], process.listen, sizeof address.sun_path - 1);
    return 0;
  }
  strcpy(address.sun_path, process.listen);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  unlink(process.listen); /* an old socket there is replaced */
  if (listener < 0 || bind(listener, (struct sockaddr*)&address, sizeof address) != 0 ||
      listen(listener, 1) != 0) {
    fprintf(stderr, "%s: --listen: cannot bind %s: %s\n", process.argv[0], process.listen, strerror(errno));
    return 0;
  }
  printf("listening %s\n", process.listen);
  fflush(stdout);
  const int client = accept_one(listener);
  close(listener);
  unlink(process.listen);
  if (client < 0) {
    fprintf(stderr, "%s: --listen: no client on %s: %s\n", process.argv[0], process.listen, strerror(errno));
    return 0;
  }
  attach(client, client);
  return 1;
}

size_t assay_posix_rx(uint8_t* to, size_t room) {
  struct pollfd waiting = {process.in, POLLIN, 0}; /* a negative descriptor is never ready */
  if (poll(&waiting, 1, 0) <= 0) return 0;
  const ssize_t count = read(process.in, to, room);
  if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) exit(0);
  return count < 0 ? 0 : (size_t)count;
}

void assay_posix_tx(const uint8_t* bytes, size_t count) {
  while (count > 0 && process.out >= 0) {
    const ssize_t written = write(process.out, bytes, count);
    if (written >= 0) {
      bytes += written;
      count -= (size_t)written;
    } else if (errno == EAGAIN) {
      struct pollfd room = {process.out, POLLOUT, 0};
      poll(&room, 1, 1000);
    } else if (errno != EINTR) {
      exit(0);
    }
  }
}

void assay_posix_wait(int timeout_ms) {
  struct pollfd waiting = {process.in, POLLIN, 0};
  poll(&waiting, 1, timeout_ms);
}

uint32_t assay_posix_tick(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
}

void assay_posix_reset(void) {
  char line[32];
  size_t count = 0;
  while (process.argv[count]) ++count;
  char** argv = (char**)calloc(count + 3, sizeof *argv);
  if (argv) {
    memcpy(argv, process.argv, count * sizeof *argv);
    snprintf(line, sizeof line, "%d,%d", process.in, process.out);
    argv[count] = (char*)RESUME_FLAG;
    argv[count + 1] = line;
    execv("/proc/self/exe", argv);
  }
  fprintf(stderr, "%s: cannot run itself again: %s\n", process.argv[0], strerror(errno));
  _exit(1);
}

uint8_t assay_posix_reset_cause(void) { return process.resumed ? 3 : 1; }

uint32_t assay_posix_boot_id(void) {
  static uint32_t id;
  if (!id && getrandom(&id, sizeof id, 0) != sizeof id) id = assay_posix_tick();
  return id;
}

/* The linker's own hash of the executable: SHA-1, of which the first 16 bytes are the build id. */
static int find_build_id(struct dl_phdr_info* info, size_t size, void* to) {
  (void)size;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)* segment = &info->dlpi_phdr[i];
    if (segment->p_type != PT_NOTE) continue;
    const char* at = (const char*)(info->dlpi_addr + segment->p_vaddr);
    const char* end = at + segment->p_memsz;
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
  return 1; /* the first object is the program itself; libraries are not asked */
}

void assay_posix_build_id(uint8_t to[16]) {
  memset(to, 0, 16);
  dl_iterate_phdr(find_build_id, to);
}
