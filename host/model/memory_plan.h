// Where each tensor lies in the arena: greedy by size over lifetimes.
//
// Model inputs live for the whole run and are never overwritten, so that a run may be repeated on one upload;
// model outputs live from their operator to the end.
#pragma once

#include <cstdint>
#include <vector>

namespace assay::model {

struct ArenaRequest {
  uint64_t bytes = 0;
  int first_op = 0;  // lifetime in operators, both ends included
  int last_op = 0;
};

struct ArenaPlacement {
  std::vector<uint64_t> offsets;  // one per request, multiples of engine::kArenaAlignment
  uint64_t bytes = 0;
};

ArenaPlacement place_in_arena(const std::vector<ArenaRequest>& requests);

}  // namespace assay::model
