// The working memory of the stock firmware's one model; its size is [model_region] arena_bytes of board.toml.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "board_config.h"

namespace assay::boards {

// A process has no memory to be short of: 16 MiB where board.toml names none.
constexpr size_t kArenaSize = kArenaBytes ? kArenaBytes : 16u << 20;

// 16-byte aligned, kArenaSize bytes, not cleared at boot.
uint8_t* arena();

}  // namespace assay::boards
