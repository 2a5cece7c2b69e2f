#include <fmt/format.h>

#include "probe/openocd_probe.h"
#include "probe/probe.h"

namespace assay::probe {
namespace {

constexpr Tool kTools[] = {
    {"openocd", open_openocd},
};

}  // namespace

std::span<const Tool> tools() { return kTools; }

Result<std::unique_ptr<Probe>> open_probe(const config::Board& board, const Endpoint& endpoint,
                                          const Options& options) {
  if (!board.has_probe()) {
    return fail("probe.unsupported", fmt::format("board '{}' has no debug probe", board.board().name()));
  }
  for (const Tool& tool : kTools) {
    if (tool.name == board.probe().tool()) return tool.open(board, endpoint, options);
  }
  return fail("probe.unsupported", fmt::format("this build knows no probe tool '{}'", board.probe().tool()));
}

std::string_view phase_name(Phase phase) {
  constexpr std::string_view kNames[] = {"open", "compare", "write", "verify", "reset"};
  return kNames[static_cast<size_t>(phase)];
}

uint64_t Image::bytes() const {
  uint64_t sum = 0;
  for (const Extent& extent : extents) sum += extent.bytes;
  return sum;
}

}  // namespace assay::probe
