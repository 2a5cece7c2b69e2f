// info.labels: the table of samples that Edge Impulse exports beside the files.
//
// {"version": 1, "files": [{"path", "name", "category", "label": {"type": "label", "label"} | {"type":
// "multi-label", "labels": [{"label", "startIndex", "endIndex"}]} | {"type": "unlabeled"}, "metadata": {}}]}.
// Written from Edge Impulse's public specification of the format.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace assay::dataset {

struct InfoLabel {
  std::string label;
  int64_t first = 0, last = -1;  // last < 0: of the whole file
};

struct InfoEntry {
  std::string path;  // below the folder of info.labels
  std::string category;
  std::vector<InfoLabel> labels;                // none: not labelled
  std::map<std::string, std::string> metadata;  // what samples can be sliced by
};

// Of a folder: its info.labels, else those of training/ and testing/ below it, with paths below `folder`.
// nullopt: there is none. dataset.malformed names file and entry.
Result<std::optional<std::vector<InfoEntry>>> read_info_labels(const std::filesystem::path& folder);

}  // namespace assay::dataset
