#include "pool2d.h"

#include "pool_walk.h"

namespace assay::engine::reference {
namespace {

int32_t mean_of(const Cells<int8_t>& cells) {
  int32_t sum = 0;
  cells.each([&](int8_t value) { sum += value; });
  // A window without cells cannot come from a model, but its division must not trap either.
  const auto count = static_cast<int32_t>(cells.count());
  if (count == 0) return 0;
  return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

int32_t largest_of(const Cells<int8_t>& cells) {
  int32_t largest = -128;
  cells.each([&](int8_t value) {
    if (value > largest) largest = value;
  });
  return largest;
}

template <int32_t (*kReduce)(const Cells<int8_t>&)>
void run_pool(const OpContext& op) {
  const auto& p = *reinterpret_cast<const PoolParameters*>(op.parameters());
  pool<int8_t>(op, p.window, [&](const Cells<int8_t>& cells) {
    return static_cast<int8_t>(clamp(kReduce(cells), p.range.low, p.range.high));
  });
}

}  // namespace

bool check_pool2d(const OpContext& op) {
  if (!op.holds(0, sizeof(PoolParameters))) return false;
  const auto& p = *reinterpret_cast<const PoolParameters*>(op.parameters());
  return sound_pool(p.window, op, Type::kInt8) && sound(p.range);
}

void run_average_pool2d(const OpContext& op) { run_pool<mean_of>(op); }
void run_max_pool2d(const OpContext& op) { run_pool<largest_of>(op); }

}  // namespace assay::engine::reference
