#include "base/paths.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace assay {
namespace fs = std::filesystem;
namespace {

const char* environment(const char* name) {
  const char* value = getenv(name);
  return value && *value ? value : nullptr;
}

bool holds_product(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder / "boards", error) && fs::is_directory(folder / "profiles", error);
}

// Without $HOME (services, cron) the user database knows it: locks must be the same for every process of a
// user.
fs::path home_dir() {
  if (const char* home = environment("HOME")) return home;
  char text[4096];
  passwd entry = {};
  passwd* found = nullptr;
  const bool known = getpwuid_r(geteuid(), &entry, text, sizeof text, &found) == 0 && found &&
                     found->pw_dir && *found->pw_dir;
  return known ? fs::path(found->pw_dir) : fs::path("/nonexistent");
}

fs::path user_dir(const char* own, const char* xdg, const char* below_home) {
  if (const char* value = environment(own)) return value;
  if (const char* value = environment(xdg)) return fs::path(value) / "assay";
  return home_dir() / below_home / "assay";
}

}  // namespace

fs::path program_dir() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

fs::path data_dir() {
  if (const char* value = environment("ASSAY_DATA_DIR")) return value;
  for (fs::path folder = program_dir(); folder.has_relative_path(); folder = folder.parent_path()) {
    if (holds_product(folder)) return folder;
  }
  return program_dir().parent_path() / "share" / "assay";
}

fs::path firmware_dir() {
  std::error_code error;
  const fs::path built = data_dir() / "build" / "firmware";
  return fs::is_directory(built, error) ? built : data_dir() / "firmware";
}

fs::path python() {
  if (const char* value = environment("ASSAY_PYTHON")) return value;
  std::error_code error;
  const fs::path own = data_dir() / ".venv" / "bin" / "python";
  return fs::exists(own, error) ? own : fs::path("python3");
}

fs::path temporary_dir() {
  std::error_code error;
  const fs::path folder = fs::temp_directory_path(error);  // fails, and would throw, when TMPDIR is no folder
  return error ? fs::path("/tmp") : folder;
}

fs::path state_dir() { return user_dir("ASSAY_STATE_DIR", "XDG_STATE_HOME", ".local/state"); }
fs::path cache_dir() { return user_dir("ASSAY_CACHE_DIR", "XDG_CACHE_HOME", ".cache"); }

}  // namespace assay
