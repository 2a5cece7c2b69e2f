#include "farm/started_unit.h"

#include <utility>

namespace assay::farm {

// A virtual unit saves its kept memories when it is told to end.
constexpr auto kStopGrace = std::chrono::seconds(3);

StartedUnit::StartedUnit(StartedUnit&& other) noexcept { *this = std::move(other); }

StartedUnit& StartedUnit::operator=(StartedUnit&& other) noexcept {
  if (this == &other) return *this;
  stop();
  unit = std::move(other.unit);
  process = std::move(other.process);
  folder = std::exchange(other.folder, {});
  scratch = std::move(other.scratch);
  return *this;
}

StartedUnit::~StartedUnit() { stop(); }

void StartedUnit::stop() {
  if (process.pid() > 0) process.stop(kStopGrace);
  scratch.remove();
}

}  // namespace assay::farm
