// Where things are: what Assay ships (boards, profiles, firmware, workers), and where it keeps state.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace assay {

// The folder that holds boards/ and profiles/: $ASSAY_DATA_DIR, else <prefix>/share/assay (installed as
// <prefix>/bin), else the first parent of this program that has both (a source tree).
std::filesystem::path data_dir();
// The folder of this program: sibling programs (assay-vboard, assay-agent-posix) are there.
std::filesystem::path program_dir();
// Stock agent images: <data>/build/firmware in a source tree, <data>/firmware when installed.
std::filesystem::path firmware_dir();
// The Python that has the desktop references: $ASSAY_PYTHON, else that of <data>/.venv (a source tree), of
// <data>/venv (for all users of an installation), of user_venv(), else python3.
std::filesystem::path python();
// What `assay doctor --fix` makes: $ASSAY_VENV, else $XDG_DATA_HOME/assay/venv, else
// ~/.local/share/assay/venv.
std::filesystem::path user_venv();
// What such an environment holds, as pip reads it: the one place where the references' versions are pinned.
std::filesystem::path requirements_file();
// Programs run from a source tree, where ./bootstrap is.
bool in_source_tree();
// Locks and virtual units: $ASSAY_STATE_DIR, else $XDG_STATE_HOME/assay, else ~/.local/state/assay, ~ being
// $HOME or, without it, what the user database says. There is no other fallback: two processes with different
// lock folders would both get a unit. Where it cannot be written the error names ASSAY_STATE_DIR.
std::filesystem::path state_dir();
// Where short-lived files go: $TMPDIR when it is a folder, else /tmp.
std::filesystem::path temporary_dir();
// What can be computed again: $ASSAY_CACHE_DIR, else $XDG_CACHE_HOME/assay, else ~/.cache/assay.
std::filesystem::path cache_dir();

}  // namespace assay
