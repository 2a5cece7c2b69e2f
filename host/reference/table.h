// The kinds of references: what can run R0 and R1, or stand for R2.
//
// To add a runtime: a row in table.cpp, and a runtime of the same id in workers/desktop.py (its head tells
// how). A test checks that both sides name the same runtimes. What needs another way to run is a value of
// How, and a branch in reference.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace assay::reference {

enum class How : uint8_t {
  kWorker,    // a runtime of desktop.py
  kCommand,   // any program: command.h
  kRecorded,  // no process at all: outputs that somebody wrote down
};

struct RuntimeSpec {
  const char* id;        // as in `r1` of [references]
  const char* runtime;   // as reports name it
  const char* resolver;  // kernels it uses; empty where there is no choice
  const char* package;   // on PyPI, with the version that Assay was tested with
  const char* note;
  How how = How::kWorker;
  const char* model = ".tflite";  // the format that it runs; empty: any, or none
};

// Every kind that [[references.other]] takes.
std::span<const RuntimeSpec> kinds();
// Those that run a .tflite on the desktop: what `r1` takes, and all of it by default. In the order of
// preference: the first of a profile's R1 set is primary.
std::span<const RuntimeSpec> runtimes();
// reference.unknown with the list.
Result<const RuntimeSpec*> find_runtime(std::string_view id);

}  // namespace assay::reference
