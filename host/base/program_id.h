// Which build of this program runs.
#pragma once

#include <string>

namespace assay {

// The linker's build id, a hash of the program's content: 40 hex digits; empty where the linker wrote none.
std::string program_build_id();

}  // namespace assay
