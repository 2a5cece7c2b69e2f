// Datasets of one file per sample: which files, in which order, with which labels and columns to slice by.
//
// Where labels come from, the first that is there: the table that `labels` in [data] names; y_labels.csv or
// labels.csv in the folder; info.labels of Edge Impulse, in the folder or in training/ and testing/; the
// names of the sub-folders, when all samples lie in them; the beginnings of the files' names, for formats
// whose habit that is. A table also says which files belong to the dataset and in which order; without one
// all files do, sorted by name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/formats.h"

namespace assay::dataset {

struct SampleFile {
  std::string id;  // path below the folder, with '/'
  std::filesystem::path path;
  // Of the table `file,n_classes,class,bytes,stride`: windows of so many bytes are the samples; 0: the file
  // is.
  int64_t window_bytes = 0, stride_bytes = 0;
};

struct SampleFiles {
  std::vector<SampleFile> files;
  Stored facts;  // labels, spans, classes, class_count and slices of these files, in their order
};

struct ListOptions {
  std::string_view extensions;   // as in Format
  bool label_from_name = false;  // "walk.s3.json" is labelled walk, where nothing else says so
};

// dataset.not_found: a listed file that is not there, or would leave the folder; dataset.mixed: a listed file
// of another extension, samples beside sub-folders of classes; dataset.label_missing, dataset.label_range,
// dataset.malformed (a name that is no UTF-8, a bad table); dataset.duplicate_id. `path` may be one file.
Result<SampleFiles> list_samples(const config::Data& data, const ListOptions& options);

// Moves what list_samples() found into what the reader returns; ids and inputs stay the reader's.
void take_facts(SampleFiles& from, Stored& into);

// Text that a terminal or JSON can show: bytes that are no UTF-8 become "\xe9".
bool is_utf8(std::string_view text);
std::string shown(std::string_view text);

}  // namespace assay::dataset
