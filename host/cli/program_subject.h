// What a profile would say of a program that is run without one: `assay run --elf APP --call F --input A
// --output B
// --data SAMPLES`. The border of the model is what the variables are.
#pragma once

#include "cli/subject_options.h"

namespace assay::cli {

// Whether the options name a program and nothing else.
bool is_program_alone(const SubjectOptions& options);

// run.no_data (no --data), config.value (no --input or --output; a variable whose element type the program
// does not tell), those of probe::DebugInfo and probe::find_buffer.
Result<config::LoadedProfile> profile_of_program(const SubjectOptions& options);

}  // namespace assay::cli
