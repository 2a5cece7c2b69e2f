// One case: a profile on one unit of a board, and how the user wants it run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/catalogue.h"
#include "dataset/slice.h"
#include "probe/unit.h"
#include "results/summary.h"

namespace assay::run {

struct Resumption;  // resume.h

// Where the baseline lies that a run is held to.
struct BaselinePlace {
  std::filesystem::path folder;  // of <profile>/<board>.toml
  std::filesystem::path file;    // the baseline itself; empty: by name in `folder`
};

struct CaseSpec {
  config::LoadedProfile profile;
  config::Board board;
  std::filesystem::path out_dir = "out";  // run folders are made below it
  std::filesystem::path folder;           // the run folder itself; empty: a new one in out_dir
  dataset::Slice slice;
  uint64_t seed = 1;
  double timeout_multiplier = 1;
  bool references = true;  // false: the device alone; nothing can then be attributed
  bool cache = true;       // references may come from the cache
  int workers = 0;  // reference processes at a time; 0: as the profile says, else as many as there are cores
  // Set: the device's outputs are in this file; no board, no lease. `board` is then recorded_board().
  std::optional<config::RecordedOutputs> recorded;
  // A model that stands where the deployed one would (whatif.h): how the float model takes the samples, and
  // the model whose integers a quantised dataset holds. Absent and empty: as the case's own model.
  std::optional<config::Data> float_data;
  std::string stored_for;
  std::vector<results::Variant>
      measured;         // alternatives that ran on the board before; the summary lists them
  std::string taps;     // as --taps (tap_choice.h); empty: what the profile says
  std::string command;  // the command line that repeats the run
  // How the case was named, for whoever goes on with it: kept in [asked] of profile.lock.toml.
  std::vector<std::pair<std::string, std::string>> asked;
  std::optional<BaselinePlace> baseline;   // absent: the run is held to none
  std::shared_ptr<Resumption> resumption;  // set: goes on with that run instead of beginning one
};

// What a board that is a process starts with.
struct ProcessStart {
  std::filesystem::path program;  // the user's own firmware; empty: the stock agent
  std::filesystem::path plan;     // the stock agent's model; empty: none
};

// Gives the run its unit, leased, started and reachable. `start` is for boards that are a process;
// `log_folder` is the run folder. Called once, and on boards that take their model at start again with each
// tapped plan: the same unit starts anew. The unit must stay usable until ReleaseUnit is called, or run_case
// returns.
using AcquireUnit =
    std::function<Result<probe::Unit>(const ProcessStart& start, const std::filesystem::path& log_folder)>;
// The board has done its part: others may have it while the run is judged. Called once after AcquireUnit;
// `seen`: the error that the device gave, or null. Returns why the unit had ended on its own, if it had: that
// explains what the line saw of it.
using ReleaseUnit = std::function<std::optional<Error>(const Error* seen)>;

}  // namespace assay::run
