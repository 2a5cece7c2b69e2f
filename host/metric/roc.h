// Areas under the ROC curve of scores, where a higher score means the positive class.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace assay::metric {

// Scores in order once, so that many resamples of the same samples cost one pass each.
class RocOrder {
 public:
  // One score and one 0/1 a sample; scores are finite.
  RocOrder(std::span<const double> scores, std::span<const uint8_t> positive);

  // Area with ties counted half (Mann-Whitney); nullopt where one class has no weight.
  // `counts`: how often each sample counts; empty: once.
  std::optional<double> auc(std::span<const uint32_t> counts = {}) const;
  // Area over false-positive rates 0..max_fpr, in 0..1 after McClish's correction, as scikit-learn's
  // roc_auc_score(max_fpr=): 0.5 is chance. max_fpr in (0, 1]; 1 is auc().
  std::optional<double> partial_auc(double max_fpr, std::span<const uint32_t> counts = {}) const;

 private:
  struct Step {
    uint32_t sample;
    bool positive, last_of_tie;
  };
  std::vector<Step> steps_;  // by descending score
};

}  // namespace assay::metric
