// The Python environment of the desktop references: does it work, and how is one made.
#pragma once

#include <string>

#include "base/result.h"

namespace assay::cli {

// "numpy 2.4.6, ai-edge-litert 2.3.0, tflite-micro ... (/path/of/python)". reference.unavailable with the
// remedy that fits this installation, base.process_timeout.
Result<std::string> examine_references();

// `pip install` of the pinned versions (base/paths.h: requirements_file) into a fresh user_venv(); replaces a
// broken one. Needs the network, and minutes. `tell` gets a line a step. config.value when ASSAY_PYTHON names
// another Python, which is the user's to mend; reference.install_failed with the log's last line;
// base.tool_missing, base.interrupted.
Status make_reference_environment(void (*tell)(const std::string& line));

}  // namespace assay::cli
