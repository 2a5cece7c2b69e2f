#include "cli/reference_environment.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/files.h"
#include "base/paths.h"
#include "base/subprocess.h"

namespace assay::cli {
namespace fs = std::filesystem;
namespace {

constexpr auto kImportBudget = std::chrono::seconds(20);
constexpr auto kMakeBudget = std::chrono::minutes(3);
constexpr auto kInstallBudget = std::chrono::minutes(30);

// onnxruntime may be absent: only profiles with an .onnx model need it.
constexpr const char* kImports =
    "import sys,numpy,importlib.metadata as m,importlib.util as u;import "
    "ai_edge_litert.interpreter,tflite_micro;"
    "o=u.find_spec('onnxruntime');"
    "print(', '.join(f'{p} {m.version(p)}' for p in "
    "('numpy','ai-edge-litert','tflite-micro',*(['onnxruntime'] if o else []))),"
    "f'({sys.executable})' if o else f'({sys.executable}; without onnxruntime, which is optional)')";

const char* chosen_python() {
  const char* value = getenv("ASSAY_PYTHON");
  return value && *value ? value : nullptr;
}

std::string remedy() {
  if (chosen_python())
    return fmt::format("Install {} for the Python that ASSAY_PYTHON names, or unset it.",
                       requirements_file().string());
  return in_source_tree() ? "Run `./bootstrap deps`, or `assay doctor --fix`."
                          : "Run `assay doctor --fix`: it installs them for this user.";
}

std::string last_line(std::string text) {
  text.erase(text.find_last_not_of(" \n") + 1);
  return text.substr(text.rfind('\n') + 1);
}

// Runs a step whose words go to the log; what went wrong is the last of them.
Status step(const std::vector<std::string>& argv, const fs::path& log, Deadline deadline) {
  ASSAY_TRY(Subprocess process,
            Subprocess::start(
                {.argv = argv, .out = Pipe::kFile, .err = Pipe::kFile, .out_file = log, .err_file = log}));
  auto ended = process.wait(deadline);
  if (ended && ended->signal == 0 && ended->code == 0) return {};
  if (!ended && ended.error().code != "base.process_timeout") return fail(ended.error());
  const auto words = read_text(log);
  return fail("reference.install_failed",
              fmt::format("`{}` {}: {}", fmt::join(argv, " "),
                          ended ? "ended with " + ended->text() : "did not end in time",
                          words ? last_line(*words) : "no words"),
              log.string());
}

}  // namespace

Result<std::string> examine_references() {
  auto output = run_process({.argv = {python().string(), "-c", kImports}}, Deadline::in(kImportBudget));
  if (!output) return fail(output.error().code, output.error().message, output.error().where, remedy());
  if (output->status.code != 0 || output->status.signal != 0) {
    return fail("reference.unavailable", last_line(output->err), python().string(), remedy());
  }
  return last_line(output->out);
}

Status make_reference_environment(void (*tell)(const std::string& line)) {
  if (chosen_python())
    return fail("config.value",
                fmt::format("ASSAY_PYTHON names {}, which is not Assay's to change", chosen_python()), "",
                remedy());
  const fs::path venv = user_venv(), log = cache_dir() / "doctor_fix.log";
  ASSAY_CHECK(make_directories(cache_dir()));
  ASSAY_CHECK(make_directories(venv.parent_path()));
  ASSAY_CHECK(write_file(log, std::string_view()));
  std::error_code error;
  fs::remove_all(venv, error);
  tell(fmt::format("making {} (log: {})", venv.string(), log.string()));
  Status made = step({"python3", "-m", "venv", venv.string()}, log, Deadline::in(kMakeBudget));
  if (made) {
    tell(fmt::format("installing {}", requirements_file().string()));
    made = step({(venv / "bin/python").string(), "-m", "pip", "install", "--disable-pip-version-check",
                 "--no-input", "-r", requirements_file().string()},
                log, Deadline::in(kInstallBudget));
  }
  // Half an environment would be taken for a whole one.
  if (!made) fs::remove_all(venv, error);
  return made;
}

}  // namespace assay::cli
