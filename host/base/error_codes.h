// The table of every stable error code. Add a line in error_codes.cpp; tests/lint/error_codes.py checks that
// each code that the sources use is listed, and that each listed code is used.
#pragma once

#include <span>
#include <string_view>

namespace assay {

// Exit codes of every program (docs: README, `assay run --help`).
enum class Exit : int {
  kPass = 0,
  kGateFailed = 1,
  kUsage = 2,           // usage or configuration
  kInfrastructure = 3,  // tools, probes, disks, workers
  kNoBoard = 4,         // no board, or it is leased by someone else
  kInconclusive = 5,
  kTargetFault = 6,  // hard fault, engine error on the device
  kInterrupted = 130,
  kTerminated = 143,
};

struct ErrorCode {
  std::string_view code;
  Exit exit;
  std::string_view meaning;  // one sentence
  std::string_view remedy;   // what to do
};

std::span<const ErrorCode> error_codes();
// nullptr when the code is unknown.
const ErrorCode* find_error_code(std::string_view code);
// The exit code of an error; unknown codes count as infrastructure.
Exit exit_code_of(std::string_view code);

}  // namespace assay
