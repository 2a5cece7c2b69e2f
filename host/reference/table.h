// The desktop references: what runs R0 and R1.
//
// To add one: a row in table.cpp, and a runtime of the same id in workers/desktop.py (its head tells how).
// The test table_test.cpp checks that both sides name the same runtimes.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"

namespace assay::reference {

struct RuntimeSpec {
  const char* id;        // as in `r1` of [references]
  const char* runtime;   // as reports name it
  const char* resolver;  // kernels it uses; empty where there is no choice
  const char* package;   // on PyPI, with the version that Assay was tested with
  const char* note;
};

// In the order of preference: the first of a profile's R1 set is primary.
std::span<const RuntimeSpec> runtimes();
// reference.unknown with the list.
Result<const RuntimeSpec*> find_runtime(std::string_view id);

}  // namespace assay::reference
