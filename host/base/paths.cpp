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

bool present(const fs::path& file) {
  std::error_code error;
  return fs::exists(file, error);
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

// `own` names the folder itself; the others are where every program keeps such things, and `below` what is
// ours there.
fs::path user_dir(const char* own, const char* xdg, const char* below_home, const char* below = "") {
  if (const char* value = environment(own)) return value;
  const char* value = environment(xdg);
  const fs::path all = value ? fs::path(value) : home_dir() / below_home;
  return *below ? all / "assay" / below : all / "assay";
}

}  // namespace

fs::path program_dir() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

fs::path data_dir() {
  if (const char* value = environment("ASSAY_DATA_DIR")) return value;
  // An installation first: its prefix may lie inside a source tree.
  const fs::path installed = program_dir().parent_path() / "share" / "assay";
  if (holds_product(installed)) return installed;
  for (fs::path folder = program_dir(); folder.has_relative_path(); folder = folder.parent_path()) {
    if (holds_product(folder)) return folder;
  }
  return installed;
}

fs::path firmware_dir() {
  std::error_code error;
  const fs::path built = data_dir() / "build" / "firmware";
  return fs::is_directory(built, error) ? built : data_dir() / "firmware";
}

fs::path python() {
  if (const char* value = environment("ASSAY_PYTHON")) return value;
  const fs::path data = data_dir();
  for (const fs::path& environment : {data / ".venv", data / "venv", user_venv()}) {
    if (present(environment / "bin" / "python")) return environment / "bin" / "python";
  }
  return "python3";
}

fs::path temporary_dir() {
  std::error_code error;
  const fs::path folder = fs::temp_directory_path(error);  // fails, and would throw, when TMPDIR is no folder
  return error ? fs::path("/tmp") : folder;
}

fs::path user_venv() { return user_dir("ASSAY_VENV", "XDG_DATA_HOME", ".local/share", "venv"); }

fs::path requirements_file() {
  const fs::path source = data_dir() / "host/reference/workers/requirements.txt";
  return present(source) ? source : data_dir() / "workers/requirements.txt";
}

bool in_source_tree() { return present(data_dir() / "bootstrap"); }

fs::path state_dir() { return user_dir("ASSAY_STATE_DIR", "XDG_STATE_HOME", ".local/state"); }
fs::path cache_dir() { return user_dir("ASSAY_CACHE_DIR", "XDG_CACHE_HOME", ".cache"); }

}  // namespace assay
