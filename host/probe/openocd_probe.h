// The probe tool "openocd": any adapter that OpenOCD drives, and the virtual ST-LINK of a virtual board.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "probe/probe.h"

namespace assay::probe {

Result<std::unique_ptr<Probe>> open_openocd(const config::Board& board, const Endpoint& endpoint,
                                            const Options& options);

// The command lines that OpenOCD starts with: the adapter's, then the board's own [probe] openocd lines. A
// virtual probe's adapter lines come from here; a hardware board brings its own ("adapter driver", "transport
// select", ...).
std::vector<std::string> openocd_lines(const config::Board& board, const Endpoint& endpoint);

}  // namespace assay::probe
