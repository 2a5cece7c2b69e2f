#include "pool2d_f32.h"

#include <float.h>

#include "pool_walk.h"

namespace assay::engine::reference {
namespace {

float mean_of(const Cells<float>& cells) {
  float sum = 0;
  cells.each([&](float value) { sum += value; });
  // A window without cells cannot come from a model; 0 / 0 becomes the one NaN.
  return sum / static_cast<float>(cells.count());
}

float largest_of(const Cells<float>& cells) {
  float largest = -FLT_MAX;
  cells.each([&](float value) {
    if (value > largest) largest = value;
  });
  return largest;
}

template <float (*kReduce)(const Cells<float>&)>
void run_pool(const OpContext& op) {
  const auto& p = *reinterpret_cast<const PoolF32Parameters*>(op.parameters());
  pool<float>(op, p.window, [&](const Cells<float>& cells) { return to_range(kReduce(cells), p.range); });
}

}  // namespace

bool check_pool2d_f32(const OpContext& op) {
  if (!op.holds(0, sizeof(PoolF32Parameters))) return false;
  return sound_pool(reinterpret_cast<const PoolF32Parameters*>(op.parameters())->window, op, Type::kFloat32);
}

void run_average_pool2d_f32(const OpContext& op) { run_pool<mean_of>(op); }
void run_max_pool2d_f32(const OpContext& op) { run_pool<largest_of>(op); }

}  // namespace assay::engine::reference
