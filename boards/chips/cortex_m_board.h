// The part of boards/board.h that every Cortex-M board shares; cortex_m_board.cpp defines it.
#pragma once

#include <stdint.h>

namespace assay::boards::cortex_m {

// 5 (fault) when the last reset was the fault handler's, else `cause`.
uint8_t fault_or(uint8_t cause);

}  // namespace assay::boards::cortex_m
