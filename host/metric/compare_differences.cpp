#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "metric/compare_parts.h"

namespace assay::metric {
namespace {

using results::Identity;

constexpr unsigned bit(Touched touched) { return 1u << static_cast<unsigned>(touched); }
constexpr unsigned kAnswers = bit(Touched::kAccuracy) | bit(Touched::kAttribution) | bit(Touched::kOutputs);
constexpr unsigned kTimes = bit(Touched::kLatency) | bit(Touched::kOperators);
constexpr unsigned kSizes = bit(Touched::kMemory) | bit(Touched::kFlash);
constexpr unsigned kAll = kAnswers | kTimes | kSizes | bit(Touched::kLink);

struct Row {
  const char* code;
  const char* what;
  std::string Identity::*key;   // what must be equal
  std::string Identity::*name;  // what is printed before it; nullptr: the key alone
  unsigned forbids;             // no comparison of these
  unsigned touches;             // these carry the code, and are compared
};
// clang-format off
constexpr Row kDifferences[] = {
    {"compare.other_profile", "profile", &Identity::profile, nullptr, 0, 0},
    {"compare.other_model", "model", &Identity::model_sha256, &Identity::model_name, bit(Touched::kOutputs), kAnswers | kTimes | kSizes},
    {"compare.other_dataset", "dataset", &Identity::dataset_hash, &Identity::dataset_name, kAnswers, kTimes},
    {"compare.other_samples", "samples", &Identity::ids_sha256, nullptr, kAnswers, kTimes},
    {"compare.other_board", "board", &Identity::board, nullptr, kTimes | kSizes | bit(Touched::kLink), kAnswers},
    {"compare.other_mode", "mode", &Identity::mode, nullptr, kTimes | bit(Touched::kLink), 0},
    {"compare.other_clock", "clock", &Identity::clock_kind, nullptr, kTimes, 0},
    {"compare.other_engine", "engine", &Identity::engine, nullptr, 0, kAll},
    {"compare.other_toolchain", "toolchain", &Identity::toolchain, nullptr, 0, kTimes | kSizes},
    {"compare.other_firmware", "firmware", &Identity::firmware_build_id, nullptr, 0, 0},
};
// clang-format on

struct Sentence {
  const char* code;
  const char* text;
};
constexpr Sentence kSentences[] = {
    {"compare.absent", "One side does not have the figure."},
    {"compare.degraded", "The measurement of one side is degraded."},
    {"compare.few_repeats",
     "Fewer than three runs are behind the baseline, too few to know how far it scatters."},
    {"compare.few_samples", "The difference is within what the number of samples leaves to chance."},
    {"compare.host_clock", "A process shares its computer with others: its times prove nothing."},
    {"compare.incomplete", "One side ended early: its figures prove nothing."},
    {"compare.invalid", "The measurement of one side is invalid."},
    {"compare.no_labels", "There are no labels: agreement is all that can be said."},
    {"compare.other_board", "The boards differ: times and sizes are not comparable."},
    {"compare.other_clock", "The clocks count different things."},
    {"compare.other_dataset", "The datasets differ: answers are not comparable."},
    {"compare.other_engine", "The engines differ."},
    {"compare.other_firmware", "The firmware differs."},
    {"compare.other_mode", "The modes of the boards differ: times are not comparable."},
    {"compare.other_model", "The models differ."},
    {"compare.other_profile", "The profiles differ."},
    {"compare.other_samples",
     "The samples differ: only the answers to those that both runs saw are compared."},
    {"compare.other_toolchain", "The toolchains differ."},
    {"compare.other_unit", "The figures have different units or kinds."},
    {"compare.realtime_counts", "Instruction counts of an emulator in realtime mode are void."},
};

std::string shown(const Identity& identity, const Row& row) {
  const std::string key = (identity.*row.key).substr(0, 12);
  if (key.empty()) return "unknown";
  const std::string whole = identity.*row.key;
  const bool hash = whole.size() >= 32;
  const std::string name = row.name ? identity.*row.name : std::string();
  return name.empty() ? (hash ? key : whole) : fmt::format("{} {}", name, key);
}

const Row* find_row(const std::string& code) {
  const auto* row = std::find_if(std::begin(kDifferences), std::end(kDifferences),
                                 [&](const Row& r) { return r.code == code; });
  return row == std::end(kDifferences) ? nullptr : row;
}

}  // namespace

Differences::Differences(const Side& before, const Side& now) {
  for (const Row& row : kDifferences) {
    if (before.identity.*row.key == now.identity.*row.key) continue;
    found_.insert(row.code);
    subject_.push_back({row.what, shown(before.identity, row), shown(now.identity, row), row.code});
  }
  // Old runs do not know the hash of their ids; unlike counts are unlike samples all the same.
  if (before.identity.samples != now.identity.samples) {
    const bool listed = found_.count("compare.other_samples") != 0;
    if (!listed) subject_.push_back({"samples", "", "", "compare.other_samples"});
    found_.insert("compare.other_samples");
    for (auto& change : subject_) {
      if (change.code != "compare.other_samples") continue;
      change.before = std::to_string(before.identity.samples),
      change.now = std::to_string(now.identity.samples);
    }
  }
  if (!before.complete || !now.complete) found_.insert("compare.incomplete");
}

std::vector<std::string> Differences::codes(Touched touched) const {
  std::vector<std::string> codes;
  for (const std::string& code : found_) {
    const Row* row = find_row(code);
    if (!row || ((row->forbids | row->touches) & bit(touched))) codes.push_back(code);
  }
  return codes;
}

bool Differences::blocked(Touched touched) const {
  return std::any_of(found_.begin(), found_.end(), [&](const std::string& code) {
    const Row* row = find_row(code);
    return row && (row->forbids & bit(touched));
  });
}

std::string code_sentence(const std::string& code) {
  for (const Sentence& sentence : kSentences)
    if (code == sentence.code) return sentence.text;
  return code;
}

}  // namespace assay::metric
