// The figures of a run as one flat list of names, for whoever handles them all alike: comparisons, baselines,
// tables for spreadsheets and metrics servers.
//
// To add a figure: one line of kFigures in figures.cpp. Names are those of docs/gates.md where a gate knows
// the figure too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "results/summary.h"

namespace assay::results {

enum class Area : uint8_t { kAccuracy, kAttribution, kLatency, kMemory, kFlash, kLink };
std::string_view area_name(Area area);  // "accuracy", ...

enum class Better : uint8_t { kNeither, kHigher, kLower };

struct NamedFigure {
  std::string name;  // "latency.median"
  Area area = Area::kAccuracy;
  Better better = Better::kNeither;
  // The same subject on the same board gives the same digits again; else repeats scatter.
  bool exact = false;
  // A baseline holds the board to it. Figures of the desktop, and those derived from others, are context.
  bool held = false;
  Figure figure;
  // In the figure's unit: repeats of the same subject may differ by that much. 0: they do not, or the kind of
  // clock decides (`exact`).
  double scatter = 0;
};

// In table order, those that the run has.
std::vector<NamedFigure> figures_of(const Summary& summary);
// "unit", "better", "area" and "held" of a name, without a figure; nullopt when no table line has that name.
std::optional<NamedFigure> describe_figure(std::string_view name);

}  // namespace assay::results
