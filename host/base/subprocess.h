// Child processes that cannot leak: OpenOCD, QEMU, Python workers.
//
// A child runs in its own process group, gets SIGKILL when the thread that started it ends or this process
// dies (parent-death signal), and is stopped by TERM, then KILL, then reaped, at the latest by the
// destructor.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"

namespace assay {

enum class Pipe { kNull, kPipe, kInherit, kFile };

struct ProcessSpec {
  std::vector<std::string> argv;                   // argv[0] is looked up in PATH
  std::map<std::string, std::string> environment;  // added to this process's own
  std::filesystem::path directory;                 // empty: this process's own
  Pipe in = Pipe::kNull;
  Pipe out = Pipe::kPipe;
  Pipe err = Pipe::kPipe;  // kFile: appended to err_file; out with kFile: to out_file
  std::filesystem::path out_file;
  std::filesystem::path err_file;
  bool die_with_parent = true;  // false only for daemons that outlive the command
};

struct ExitStatus {
  int code = 0;              // exit code, when signal is 0
  int signal = 0;            // the signal that ended it, else 0
  std::string text() const;  // "exit code 2", "signal 9 (Killed)"
};

class Subprocess {
 public:
  // base.tool_missing when argv[0] is not found; base.process_failed otherwise.
  static Result<Subprocess> start(const ProcessSpec& spec);

  Subprocess() = default;
  Subprocess(Subprocess&&) noexcept;
  Subprocess& operator=(Subprocess&&) noexcept;
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;
  ~Subprocess();  // stop(200 ms)

  pid_t pid() const { return pid_; }
  bool running();
  // Set once the process was reaped.
  std::optional<ExitStatus> exit_status() const { return status_; }

  // Pipe ends of this side, -1 where not asked for; owned by this object, non-blocking reads.
  int in_fd() const { return fds_[0]; }
  int out_fd() const { return fds_[1]; }
  int err_fd() const { return fds_[2]; }
  void close_in();

  // The next line without its newline; what a piped stderr says meanwhile is taken off too (last_errors).
  // base.process_timeout at the deadline, base.process_failed at end of file, base.interrupted on a signal.
  Result<std::string> read_line(Deadline deadline);
  Status write_all(std::string_view bytes, Deadline deadline);

  // The end of what the process wrote to a piped stderr, 64 KiB at most: it may write without end.
  const std::string& last_errors();

  // Waits for the end. base.process_timeout at the deadline (the process goes on), base.interrupted on a
  // signal.
  Result<ExitStatus> wait(Deadline deadline);
  // TERM to the whole group, KILL after `grace`, reap. Idempotent.
  ExitStatus stop(std::chrono::milliseconds grace = std::chrono::milliseconds(1000));
  void signal(int number);
  // Gives the process up: it goes on without an owner (daemons only).
  void release() { pid_ = -1; }

 private:
  bool reap(bool block);
  void drain_errors();
  pid_t pid_ = -1;
  int fds_[3] = {-1, -1, -1};
  std::string line_buffer_, error_tail_;
  std::optional<ExitStatus> status_;
  bool group_ended_ = false;  // after that the pid may belong to somebody else
};

struct Output {
  ExitStatus status;
  std::string out;
  std::string err;
};
// Runs to the end and collects both streams; stopped at the deadline (base.process_timeout), or when it
// prints more than 64 MiB (base.process_failed).
Result<Output> run_process(const ProcessSpec& spec, Deadline deadline, std::string_view input = {});

// The absolute path of a program in PATH (or of `name` itself when it holds a slash); nullopt when absent.
std::optional<std::filesystem::path> find_program(std::string_view name);

}  // namespace assay
