// What a comparison of two runs says: computed by `metric`, printed by `report` and the dashboard.
//
// Words of a figure: identical | changed (no direction is better) | better | worse | within tolerance (of a
// figure that scatters) | no evidence (too little was observed) | not comparable (the codes say why; there is
// no delta). Codes are stable, "compare.other_clock"; `assay explain` describes them, and they travel with
// each figure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results/figures.h"
#include "results/summary.h"

namespace assay::results {

namespace word {
inline constexpr const char* kIdentical = "identical";
inline constexpr const char* kChanged = "changed";
inline constexpr const char* kBetter = "better";
inline constexpr const char* kWorse = "worse";
inline constexpr const char* kWithin = "within tolerance";
inline constexpr const char* kNoEvidence = "no evidence";
inline constexpr const char* kNotComparable = "not comparable";
}  // namespace word

// What a run was of. Empty: not known. Two runs are comparable as far as these are equal.
struct Identity {
  std::string profile, model_name, model_sha256;
  std::string dataset_name, dataset_hash, ids_sha256;
  int64_t samples = 0;
  std::string board, mode, clock_kind;
  std::string engine, toolchain, firmware_build_id;
};
Identity identity_of(const Summary& summary);

// Right answers of one class. `hits`: one bit a sample of the class in dataset order, as hex digits, first
// sample in the highest bit of the first digit; empty: not known.
struct ClassCount {
  std::string name;
  int64_t support = 0, right = 0;
  std::string hits;
};

// One part of the subject that differs.
struct SubjectChange {
  std::string what;         // "model", "firmware", "toolchain", "dataset", "board", ...
  std::string before, now;  // as printed; empty: not known
  std::string code;         // compare.other_model, ...
};

struct ComparedFigure {
  std::string name;  // of figures.h
  Area area = Area::kAccuracy;
  bool held = false;
  std::optional<Figure> before, now;
  std::string word;
  std::optional<double> delta;  // now - before, in the unit; absent where not comparable
  std::vector<std::string> codes;
  std::string note;  // one sentence; may be empty
};

struct ComparedClass {
  std::string name;
  int64_t support = 0;                   // samples that both sides have
  int64_t before = 0, now = 0;           // right answers among them
  std::optional<int64_t> broken, fixed;  // absent: single answers are not known
  std::string word;
  std::vector<std::string> codes;
};

struct ChangedSample {
  std::string id;
  int truth = -1, before = -1, now = -1;
  std::string kind;  // broken | fixed | both wrong | changed (no label)
};

// Sample by sample, over the ids that both runs have.
struct PairedSamples {
  int64_t n = 0, only_before = 0, only_now = 0;
  int64_t broken = 0, fixed = 0, both_wrong = 0;
  bool labelled = false;
  double agreement = 0;
  std::optional<Figure> delta;  // accuracy now - before, paired bootstrap interval
  std::optional<double> mcnemar_p;
  std::string sentence;  // non-inferiority in words
  std::vector<ChangedSample> changed;
};

struct ComparedOperator {
  int index_before = -1, index_now = -1;  // -1: only the other side has it
  std::string op, output_shape, kernel_before, kernel_now;
  std::optional<double> before, now, delta;  // medians in the clock's unit
  std::string word;
};

struct ComparedSide {
  std::string name;     // run id, or the file of a baseline
  std::string from;     // run | baseline
  std::string verdict;  // of the run
  Identity identity;
};

struct Comparison {
  ComparedSide before, now;
  std::vector<SubjectChange> subject;
  std::vector<Issue> comparability;  // codes that some figure carries, each once, with its sentence
  std::vector<ComparedFigure> figures;
  std::vector<ComparedClass> classes;
  std::optional<PairedSamples> paired;
  std::optional<bool> outputs_equal;  // to the last bit; absent: not comparable
  std::string clock;                  // unit of the operators
  std::vector<ComparedOperator> operators;
  std::string word;      // of the whole: worse before better before the rest
  std::string sentence;  // the outcome in one sentence
};

}  // namespace assay::results
