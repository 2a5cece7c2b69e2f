// Names of symbols as people read them: demangled, without parameters and template arguments, so that the
// instances of one template and the clones that a compiler makes of one function stand under one name.
#pragma once

#include <string>

namespace assay::probe {

// "_ZN6tflite4ConvIaEEvRKS0_" -> "tflite::Conv<>"; "run.constprop.0" -> "run". A name that is no C++ name
// stays what it is, but for the suffixes of clones.
std::string readable_name(const std::string& linker_name);

// What of an already demangled name groups: see readable_name().
std::string group_name(const std::string& demangled);

}  // namespace assay::probe
