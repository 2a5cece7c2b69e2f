// Between the two halves of the image that measures adapters: C++ with the board's counter, C with emlearn.
#pragma once

#include "agent/assay.h"

#ifdef __cplusplus
extern "C" {
#endif

uint32_t assay_overhead_tick(void);
// Into ticks[1]: two reads of the counter with nothing between.
void assay_overhead_pair(int32_t* ticks);
// The forest behind its adapter, and called bare; absent where emlearn is not installed.
void assay_overhead_forest(assay_model* adapter, assay_model* bare);

#ifdef __cplusplus
}
#endif
