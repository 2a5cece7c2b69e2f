// The parts of compare(), one file each.
#pragma once

#include <set>

#include "metric/compare.h"

namespace assay::metric {

// What a difference touches, beyond the areas of figures.h.
enum class Touched : uint8_t {
  kAccuracy,
  kAttribution,
  kLatency,
  kMemory,
  kFlash,
  kLink,
  kOutputs,
  kOperators
};

// How the two subjects differ, and what that does to figures.
class Differences {
 public:
  Differences(const Side& before, const Side& now);
  const std::vector<results::SubjectChange>& subject() const { return subject_; }
  // Codes that figures of the area carry.
  std::vector<std::string> codes(Touched touched) const;
  // One of them forbids the comparison.
  bool blocked(Touched touched) const;
  bool same(const char* code) const { return !found_.count(code); }
  bool same_model() const { return same("compare.other_model"); }
  // A side ended early: its figures prove nothing.
  bool incomplete() const { return !same("compare.incomplete"); }

 private:
  std::set<std::string> found_;  // codes
  std::vector<results::SubjectChange> subject_;
};

// The sentence of a code, for the list that explains them.
std::string code_sentence(const std::string& code);

// compare_samples.cpp: nullopt where single answers are not known or the datasets differ.
std::optional<results::PairedSamples> pair_samples(const Side& before, const Side& now,
                                                   const Differences& differences,
                                                   const CompareOptions& options);
std::vector<results::ComparedClass> compare_classes(const Side& before, const Side& now,
                                                    const Differences& differences);

// compare_figures.cpp
// Throughput of the link and times of a process say nothing about the subject; they would change at each
// update.
bool is_kept_in_baseline(const results::NamedFigure& figure);
std::vector<results::ComparedFigure> compare_figures(const Side& before, const Side& now,
                                                     const Differences& differences,
                                                     const std::optional<results::PairedSamples>& paired,
                                                     const CompareOptions& options);

// compare_operators.cpp
std::vector<results::ComparedOperator> compare_operators(const Side& before, const Side& now,
                                                         const Differences& differences,
                                                         const CompareOptions& options);

}  // namespace assay::metric
