// NumPy's .npy files: how tensors, ticks and labels are stored, so that any tool can open them.
//
// Format: numpy.lib.format (NEP 1), versions 1.0, 2.0 and 3.0, little-endian or byte-sized elements, C order.
// The first dimension is the sample; a TensorRows of N rows with dims [1, 12] is stored as shape (N, 12),
// because a batch of one says nothing; scale and zero point are not part of the format and lie in graph.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/tensor.h"

namespace assay::results {

// Both: results.bad_npy with the offset of the offending byte; base.file.
// info.dims = [1, rest...] and info.name = the file's stem.
Result<TensorRows> read_npy(const std::filesystem::path& path);
// `where` names the source in messages (an entry of an .npz).
Result<TensorRows> parse_npy(std::span<const uint8_t> bytes, const std::string& where);

// base.file. A tensor whose data is no whole number of rows is a bug of the caller: results.bad_npy.
Status write_npy(const std::filesystem::path& path, const TensorRows& tensor);
Result<std::vector<uint8_t>> npy_bytes(const TensorRows& tensor);

// One number a sample, shape (N).
Status write_npy(const std::filesystem::path& path, std::span<const int64_t> values);
Status write_npy(const std::filesystem::path& path, std::span<const double> values);
// Any integer or bool type, of N elements in all: ticks, labels. results.bad_npy for other types.
Result<std::vector<int64_t>> read_npy_integers(const std::filesystem::path& path);

}  // namespace assay::results
