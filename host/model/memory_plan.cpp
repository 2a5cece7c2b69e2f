#include "model/memory_plan.h"

#include <algorithm>
#include <numeric>

#include "engine/plan.h"

namespace assay::model {
namespace {

bool overlap_in_time(const ArenaRequest& a, const ArenaRequest& b) {
  return a.first_op <= b.last_op && b.first_op <= a.last_op;
}

uint64_t aligned(uint64_t bytes) {
  return (bytes + engine::kArenaAlignment - 1) / engine::kArenaAlignment * engine::kArenaAlignment;
}

}  // namespace

ArenaPlacement place_in_arena(const std::vector<ArenaRequest>& requests) {
  std::vector<size_t> order(requests.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return requests[a].bytes > requests[b].bytes; });

  ArenaPlacement placement;
  placement.offsets.assign(requests.size(), 0);
  std::vector<size_t> placed;  // by offset
  for (size_t index : order) {
    const uint64_t need = aligned(requests[index].bytes);
    uint64_t offset = 0;
    for (size_t other : placed) {
      if (!overlap_in_time(requests[index], requests[other])) continue;
      if (offset + need <= placement.offsets[other]) break;
      offset = std::max(offset, placement.offsets[other] + aligned(requests[other].bytes));
    }
    placement.offsets[index] = offset;
    placement.bytes = std::max(placement.bytes, offset + need);
    const auto by_offset = [&](size_t a, size_t b) { return placement.offsets[a] < placement.offsets[b]; };
    placed.insert(std::upper_bound(placed.begin(), placed.end(), index, by_offset), index);
  }
  return placement;
}

}  // namespace assay::model
