// Whether somebody still works on a run folder.
//
// Three signs: a lock on <run>/.lock (also from another computer, where the file system tells), a file of the
// folder that a process of this computer has open, and a folder that changed lately without being complete.
// The last one is a guess, for what neither tells: a run in a container, or of another user.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace assay::results {

class RunHolders {
 public:
  // Looks through the processes of this computer once.
  static RunHolders look();

  // "process 4711 has samples.csv open", "locked by another process"; empty: nobody is seen.
  std::string holder_of(const std::filesystem::path& run) const;

 private:
  struct Open {
    std::string file;
    int pid;
  };
  std::vector<Open> open_;  // sorted by file
};

// Seconds since the newest change of the folder or a file in it; large when it cannot be told.
double seconds_since_change(const std::filesystem::path& run);

}  // namespace assay::results
