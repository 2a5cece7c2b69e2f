// What this program is: its version, and the commit that it was built from.
#pragma once

#include <string>

namespace assay::cli {

// "assay 0.1.0"; man pages are dated by it.
std::string version_number();
// "assay 0.1.0 (5f210fa8)"; without the bracket where the commit was not known when it was built.
std::string version_text();

}  // namespace assay::cli
