// The samples of a profile: inputs as they are stored, labels, names, and what makes them real numbers.
//
// open_dataset() reads whatever [data] names, through the table in formats.h, and checks it once, so that
// later code need not. quantise.h turns stored values into what a model takes; slice.h chooses some of the
// samples. To add a file format see formats.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/tensor.h"

namespace assay::config {
class Data;
}

namespace assay::dataset {

// Something known of each sample beside its label: subject, session, noise level.
struct SliceColumn {
  std::string name;
  std::vector<std::string> values;  // one a sample
};

struct Dataset {
  std::string name;        // file or folder name without extension
  std::string format;      // a name of formats()
  TensorRows inputs;       // as stored, one row a sample; dims[0] is 1
  bool untyped = false;    // raw bytes whose file does not tell their type: inputs.info is uint8 [1, bytes]
  bool quantised = false;  // the stored integers are those of the deployed model
  // real = (stored - zero_point) * scale; one value for all, or one per index of the last dimension.
  // Empty scale: the stored values are real.
  std::vector<double> scale, zero_point;
  std::vector<int> labels;       // one a sample, >= 0; empty: not labelled
  std::vector<std::string> ids;  // one a sample: file name, stored id, or row number
  std::vector<int64_t> rows;     // one a sample: row in the whole dataset, which slices keep
  std::vector<SliceColumn> slices;
  std::vector<std::string> classes, channels;
  std::string kind, source;  // of [data]; kind also of formats that tell it
  double rate_hz = 0;
  std::string preprocess;  // the steps of [data.preprocess], as text; empty: none
  std::string
      hash;  // SHA-256 of type, shape, values, labels, ids and steps of the whole dataset: no container
  int64_t vouched_files = 0;  // that were checked against a manifest
  std::string choice;         // how take() chose the samples, in words; empty: every sample

  size_t count() const { return inputs.rows(); }
  bool labelled() const { return !labels.empty(); }
};

// Codes, each with the file and a remedy:
//   dataset.not_found        no such file, folder, listed sample, array or column
//   dataset.changed          a file is not what the manifest says, or changed while it was read
//   dataset.type             a format that no reader accepts, element type, [data] scale of the wrong length
//   dataset.shape            rows of different sizes
//   dataset.empty            no sample
//   dataset.mixed            a folder with files of several formats, or samples beside folders of classes
//   dataset.duplicate_id     two samples of one name
//   dataset.class_count      the table of labels and [data] state different numbers of classes
//   dataset.rate, .units     recordings at another rate or in another unit than declared, or mixed
//   dataset.preprocess       a step that does not fit
//   dataset.nan              NaN or infinity among the stored values
//   dataset.label_missing    not one label for each sample
//   dataset.label_range      a label that is no class
//   dataset.malformed        a manifest, a container or table that cannot be parsed; results.bad_npy for
//   arrays
Result<Dataset> open_dataset(const config::Data& data);

// The same samples under another preparation (a variant of the profile): one value per index of the last
// dimension, empty zero_point: 0. dataset.type when the numbers do not fit.
Status set_channel_scale(Dataset& dataset, std::vector<double> scale, std::vector<double> zero_point);

}  // namespace assay::dataset
