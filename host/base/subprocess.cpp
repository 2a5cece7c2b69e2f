#include "base/subprocess.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "base/files.h"
#include "base/interrupt.h"

extern char** environ;

namespace assay {
namespace {

constexpr auto kPollStep = std::chrono::milliseconds(5);
constexpr size_t kErrorTail = size_t{64} << 10;
constexpr size_t kMaxOutput = size_t{64} << 20;  // of a process that runs to its end
constexpr size_t kMaxDrain = size_t{1} << 20;  // taken at once, so that a flood does not outlive the deadline
constexpr size_t kMaxLine = size_t{1}
                            << 20;  // of a child's output: a broken one must not fill this process's memory

struct Descriptors {
  int child[3] = {-1, -1, -1};
  int parent[3] = {-1, -1, -1};
  void close_all() {
    for (int i = 0; i < 3; ++i) {
      if (child[i] >= 0) close(child[i]);
      if (parent[i] >= 0) close(parent[i]);
      child[i] = parent[i] = -1;
    }
  }
};

// Opens what stream `index` (0 in, 1 out, 2 err) of the child is connected to.
Status open_stream(Pipe kind, int index, const std::filesystem::path& file, Descriptors& fds) {
  switch (kind) {
    case Pipe::kInherit:
      return {};
    case Pipe::kNull:
      fds.child[index] = open("/dev/null", O_RDWR | O_CLOEXEC);
      break;
    case Pipe::kFile:
      fds.child[index] = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
      break;
    case Pipe::kPipe: {
      int ends[2];
      if (pipe2(ends, O_CLOEXEC) != 0) break;
      const int parent_end = index == 0 ? 1 : 0;
      fds.parent[index] = ends[parent_end];
      fds.child[index] = ends[1 - parent_end];
      fcntl(fds.parent[index], F_SETFL, O_NONBLOCK);
      break;
    }
  }
  if (fds.child[index] < 0 && kind == Pipe::kFile) return file_error("open", file, errno);
  if (fds.child[index] < 0) {
    return fail("base.process_failed", fmt::format("cannot open a stream of the child: {}", strerror(errno)),
                file.string());
  }
  return {};
}

// Runs between fork and exec: async-signal-safe calls only.
[[noreturn]] void become_child(const char* program, char* const argv[], char* const environment[],
                               const char* directory, const Descriptors& fds, bool die_with_parent,
                               pid_t parent, int error_fd) {
  setpgid(0, 0);
  if (die_with_parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
  } else {
    setsid();
  }
  for (int i = 0; i < 3; ++i) {
    if (fds.child[i] >= 0 && dup2(fds.child[i], i) < 0) _exit(127);
  }
  signal(SIGPIPE, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (*directory == 0 || chdir(directory) == 0) execve(program, argv, environment);
  const int error = errno;
  [[maybe_unused]] auto written = write(error_fd, &error, sizeof error);
  _exit(127);
}

}  // namespace

std::string ExitStatus::text() const {
  return signal ? fmt::format("signal {} ({})", signal, strsignal(signal))
                : fmt::format("exit code {}", code);
}

std::optional<std::filesystem::path> find_program(std::string_view name) {
  if (name.empty()) return std::nullopt;
  auto executable = [](const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string_view::npos) {
    std::filesystem::path path(name);
    return executable(path) ? std::optional(std::filesystem::absolute(path)) : std::nullopt;
  }
  const char* search = getenv("PATH");
  std::string_view rest = search ? search : "/usr/bin:/bin";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    std::filesystem::path candidate = std::filesystem::path(rest.substr(0, colon)) / name;
    if (executable(candidate)) return candidate;
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  return std::nullopt;
}

Result<Subprocess> Subprocess::start(const ProcessSpec& spec) {
  if (spec.argv.empty()) return fail("base.process_failed", "no program named");
  auto program = find_program(spec.argv[0]);
  if (!program) {
    return fail("base.tool_missing", fmt::format("'{}' is not installed or not executable", spec.argv[0]));
  }
  std::vector<std::string> environment;
  for (char** entry = environ; *entry; ++entry) {
    std::string text(*entry);
    if (!spec.environment.count(text.substr(0, text.find('=')))) environment.push_back(std::move(text));
  }
  for (const auto& [key, value] : spec.environment) environment.push_back(key + "=" + value);
  std::vector<char*> argv, envp;
  for (const auto& argument : spec.argv) argv.push_back(const_cast<char*>(argument.c_str()));
  for (const auto& entry : environment) envp.push_back(const_cast<char*>(entry.c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);

  Descriptors fds;
  const Pipe kinds[3] = {spec.in, spec.out, spec.err};
  const std::filesystem::path* files[3] = {nullptr, &spec.out_file, &spec.err_file};
  for (int i = 0; i < 3; ++i) {
    if (auto opened = open_stream(kinds[i], i, files[i] ? *files[i] : "", fds); !opened) {
      fds.close_all();
      return fail(opened.error());
    }
  }
  int exec_error[2];
  if (pipe2(exec_error, O_CLOEXEC) != 0) {
    fds.close_all();
    return fail("base.process_failed", fmt::format("pipe: {}", strerror(errno)));
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    become_child(program->c_str(), argv.data(), envp.data(), spec.directory.c_str(), fds,
                 spec.die_with_parent, parent, exec_error[1]);
  }
  close(exec_error[1]);
  Subprocess process;
  int error = 0;
  const bool failed = pid < 0 || read(exec_error[0], &error, sizeof error) > 0;
  if (pid < 0) error = errno;
  close(exec_error[0]);
  process.pid_ = pid;
  for (int i = 0; i < 3; ++i) {
    if (fds.child[i] >= 0) close(fds.child[i]);
    process.fds_[i] = fds.parent[i];
  }
  if (failed) {
    return fail("base.process_failed", fmt::format("cannot start '{}': {}", spec.argv[0], strerror(error)));
  }
  setpgid(pid, pid);  // also here: the group must exist before this side signals it
  return process;
}

Subprocess::Subprocess(Subprocess&& other) noexcept { *this = std::move(other); }

Subprocess& Subprocess::operator=(Subprocess&& other) noexcept {
  if (this == &other) return *this;
  if (pid_ > 0) stop(std::chrono::milliseconds(200));
  for (int& fd : fds_) {
    if (fd >= 0) close(fd);
  }
  pid_ = std::exchange(other.pid_, -1);
  for (int i = 0; i < 3; ++i) fds_[i] = std::exchange(other.fds_[i], -1);
  line_buffer_ = std::move(other.line_buffer_);
  error_tail_ = std::move(other.error_tail_);
  status_ = std::move(other.status_);
  group_ended_ = other.group_ended_;
  return *this;
}

Subprocess::~Subprocess() {
  if (pid_ > 0) stop(std::chrono::milliseconds(200));
  for (int fd : fds_) {
    if (fd >= 0) close(fd);
  }
}

void Subprocess::close_in() {
  if (fds_[0] >= 0) close(fds_[0]);
  fds_[0] = -1;
}

bool Subprocess::reap(bool block) {
  if (status_ || pid_ <= 0) return true;
  int raw = 0;
  const pid_t got = waitpid(pid_, &raw, block ? 0 : WNOHANG);
  if (got == 0 || (got < 0 && errno == EINTR)) return false;
  ExitStatus status;
  if (got > 0 && WIFEXITED(raw)) status.code = WEXITSTATUS(raw);
  if (got > 0 && WIFSIGNALED(raw)) status.signal = WTERMSIG(raw);
  status_ = status;
  return true;
}

bool Subprocess::running() { return pid_ > 0 && !reap(false); }

void Subprocess::signal(int number) {
  if (running()) kill(-pid_, number);
}

Result<ExitStatus> Subprocess::wait(Deadline deadline) {
  while (!reap(false)) {
    if (interrupted()) return fail(interruption());
    if (deadline.passed())
      return fail("base.process_timeout", fmt::format("process {} is still running", pid_));
    std::this_thread::sleep_for(kPollStep);
  }
  return status_.value_or(ExitStatus{});
}

ExitStatus Subprocess::stop(std::chrono::milliseconds grace) {
  if (pid_ <= 0 || group_ended_) return status_.value_or(ExitStatus{});
  if (!reap(false)) {
    kill(-pid_, SIGTERM);
    const Deadline deadline = Deadline::in(grace);
    while (!reap(false) && !deadline.passed()) std::this_thread::sleep_for(kPollStep);
  }
  kill(-pid_, SIGKILL);  // the leader may be gone while members of its group live on
  while (!reap(true)) {
  }
  group_ended_ = true;
  return *status_;
}

Result<std::string> Subprocess::read_line(Deadline deadline) {
  for (;;) {
    if (const auto end = line_buffer_.find('\n'); end != std::string::npos) {
      std::string line = line_buffer_.substr(0, end);
      line_buffer_.erase(0, end + 1);
      return line;
    }
    pollfd waits[3] = {
        {fds_[1], POLLIN, 0}, {interrupt_fd(), POLLIN, 0}, {fds_[2], POLLIN, 0}};  // absent ones are -1
    if (interrupted()) return fail(interruption());
    const auto left = deadline.left();
    if (left.count() == 0)
      return fail("base.process_timeout", "no answer in time", fmt::format("process {}", pid_));
    if (poll(waits, 3, static_cast<int>(left.count())) < 0 && errno != EINTR) {
      return fail("base.process_failed", strerror(errno));
    }
    if (waits[2].revents) drain_errors();
    char chunk[65536];
    const ssize_t got = read(fds_[1], chunk, sizeof chunk);
    if (got > 0) {
      line_buffer_.append(chunk, static_cast<size_t>(got));
      if (line_buffer_.size() > kMaxLine && line_buffer_.find('\n') == std::string::npos) {
        return fail("base.process_failed", fmt::format("a line longer than {} bytes", kMaxLine),
                    fmt::format("process {}", pid_));
      }
    } else if (got == 0) {
      return fail("base.process_failed", "the process closed its output", fmt::format("process {}", pid_));
    }
  }
}

void Subprocess::drain_errors() {
  char chunk[65536];
  for (size_t taken = 0; fds_[2] >= 0 && taken < kMaxDrain;) {
    const ssize_t got = read(fds_[2], chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return;
    if (got == 0) {
      close(fds_[2]);
      fds_[2] = -1;
      return;
    }
    taken += static_cast<size_t>(got);
    error_tail_.append(chunk, static_cast<size_t>(got));
    if (error_tail_.size() > kErrorTail) error_tail_.erase(0, error_tail_.size() - kErrorTail);
  }
}

const std::string& Subprocess::last_errors() {
  drain_errors();
  return error_tail_;
}

Status Subprocess::write_all(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = write(fds_[0], bytes.data(), bytes.size());
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) {
      return fail("base.process_failed",
                  fmt::format("cannot write to process {}: {}", pid_, strerror(errno)));
    }
    if (interrupted()) return fail(interruption());
    if (deadline.passed())
      return fail("base.process_timeout", fmt::format("process {} does not read its input", pid_));
    pollfd wait{fds_[0], POLLOUT, 0};
    poll(&wait, 1, 50);
  }
  return {};
}

Result<Output> run_process(const ProcessSpec& given, Deadline deadline, std::string_view input) {
  ProcessSpec spec = given;
  spec.in = input.empty() ? Pipe::kNull : Pipe::kPipe;
  spec.out = spec.err = Pipe::kPipe;
  ASSAY_TRY(Subprocess process, Subprocess::start(spec));
  Output output;
  bool open_out = true, open_err = true;
  while (open_out || open_err || !input.empty()) {
    if (interrupted()) return fail(interruption());
    if (deadline.passed()) {
      process.stop(std::chrono::milliseconds(200));
      return fail("base.process_timeout", fmt::format("'{}' did not end in time", spec.argv[0]));
    }
    pollfd waits[3] = {{open_out ? process.out_fd() : -1, POLLIN, 0},
                       {open_err ? process.err_fd() : -1, POLLIN, 0},
                       {input.empty() ? -1 : process.in_fd(), POLLOUT, 0}};
    poll(waits, 3, static_cast<int>(std::min<long long>(100, deadline.left().count())));
    auto drain = [](int fd, std::string& into, bool& open) {
      char chunk[65536];
      ssize_t got = 1;
      for (size_t taken = 0; taken < kMaxDrain && (got = read(fd, chunk, sizeof chunk)) > 0;
           taken += static_cast<size_t>(got)) {
        into.append(chunk, static_cast<size_t>(got));
      }
      if (got == 0) open = false;
    };
    if (open_out) drain(process.out_fd(), output.out, open_out);
    if (open_err) drain(process.err_fd(), output.err, open_err);
    if (output.out.size() + output.err.size() > kMaxOutput) {
      process.stop(std::chrono::milliseconds(200));
      return fail("base.process_failed", fmt::format("'{}' prints without end", spec.argv[0]));
    }
    if (waits[2].revents) {
      const ssize_t sent = write(process.in_fd(), input.data(), input.size());
      if (sent > 0) input.remove_prefix(static_cast<size_t>(sent));
      if (sent < 0 && errno != EAGAIN) input = {};
      if (input.empty()) process.close_in();
    }
  }
  ASSAY_TRY(output.status, process.wait(deadline));
  return output;
}

}  // namespace assay
