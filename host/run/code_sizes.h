// Which functions and operators of a firmware image take its flash, for the summary.
#pragma once

#include "probe/elf_image.h"
#include "results/summary.h"
#include "run/prepared.h"

namespace assay::run {

// The largest symbols and the sizes by operator; nothing where the image has no symbols.
void fill_code_sizes(const probe::ElfImage& image, const Prepared& prepared, results::Flash& flash);

}  // namespace assay::run
