// What OpenOCD says -> what it means: a stable code per phrase.
//
// To teach Assay a phrase, add a line to kRules in openocd_rules.cpp (earlier lines win) and a case to the
// test.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace assay::probe {

// `words` is what OpenOCD printed or replied. The error's code is that of the first rule whose phrase occurs
// in it, else `otherwise`; its message is "<what>: <meaning>; openocd says: <last lines of words>".
Error explain_openocd(std::string_view what, std::string_view words, std::string_view otherwise);

// The last `count` lines that are not empty, joined by " | ": long outputs end in the cause.
std::string last_lines(std::string_view text, size_t count);

}  // namespace assay::probe
