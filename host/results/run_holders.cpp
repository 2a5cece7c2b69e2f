#include "results/run_holders.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "results/run_folder.h"

namespace assay::results {
namespace {

namespace fs = std::filesystem;

// Asks without taking: a lock of ours would make somebody else's attempt fail.
bool locked(const fs::path& file) {
  const int fd = open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  struct flock asked {};
  asked.l_type = F_WRLCK;
  asked.l_whence = SEEK_SET;
  const bool held = fcntl(fd, F_OFD_GETLK, &asked) == 0 && asked.l_type != F_UNLCK;
  close(fd);
  return held;
}

int number_of(const std::string& name) {
  int pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  return error == std::errc() && end == name.data() + name.size() ? pid : 0;
}

}  // namespace

RunHolders RunHolders::look() {
  RunHolders holders;
  std::error_code error;
  for (fs::directory_iterator process("/proc", error), end; !error && process != end;
       process.increment(error)) {
    const int pid = number_of(process->path().filename().string());
    if (pid == 0) continue;
    std::error_code closed;  // it ended, or belongs to somebody else
    for (fs::directory_iterator fd(process->path() / "fd", closed), last; !closed && fd != last;
         fd.increment(closed)) {
      std::error_code gone;
      const fs::path target = fs::read_symlink(fd->path(), gone);
      if (!gone && target.is_absolute()) holders.open_.push_back({target.string(), pid});
    }
  }
  std::sort(holders.open_.begin(), holders.open_.end(),
            [](const Open& a, const Open& b) { return a.file < b.file; });
  return holders;
}

std::string RunHolders::holder_of(const fs::path& run) const {
  if (locked(run / ".lock")) return "locked by another process";
  std::error_code error;
  const std::string inside = fs::canonical(run, error).string() + "/";
  if (error) return "";
  const auto first = std::lower_bound(open_.begin(), open_.end(), inside,
                                      [](const Open& a, const std::string& file) { return a.file < file; });
  if (first == open_.end() || !first->file.starts_with(inside)) return "";
  return fmt::format("process {} has {} open", first->pid, first->file.substr(inside.size()));
}

double seconds_since_change(const fs::path& run) {
  int64_t newest = 0;
  auto look = [&](const fs::path& path) {
    struct stat found {};
    if (stat(path.c_str(), &found) == 0) newest = std::max<int64_t>(newest, found.st_mtim.tv_sec);
  };
  look(run);
  std::error_code error;
  for (fs::directory_iterator entry(run, error), end; !error && entry != end; entry.increment(error))
    look(entry->path());
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  return static_cast<double>(now - newest);
}

}  // namespace assay::results
