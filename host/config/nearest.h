// "Did you mean ...?": the known word that a mistyped one most resembles.
#pragma once

#include <string>
#include <vector>

namespace assay::config {

// The candidate of the smallest edit distance, at most a third of the word's length (at least 1); else empty.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace assay::config
