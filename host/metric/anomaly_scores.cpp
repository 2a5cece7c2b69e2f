#include "metric/anomaly_scores.h"

#include <fmt/format.h>

#include <cmath>

#include "metric/classification.h"
#include "metric/row_values.h"

namespace assay::metric {

Result<std::vector<double>> anomaly_scores(const Observations& o, const TensorRows& outputs) {
  std::vector<double> scores(outputs.rows());
  RowValues values(outputs);
  if (o.task.score == "output") {
    const auto element = static_cast<size_t>(o.task.element);
    if (o.task.element < 0 || o.task.element >= outputs.info.elements()) {
      return fail("metric.bad_observations", fmt::format("the score is output {}, there are {}",
                                                         o.task.element, outputs.info.elements()));
    }
    for (size_t i = 0; i < scores.size(); ++i) scores[i] = values(i)[element];
    return scores;
  }
  const TensorRows* inputs = o.inputs_real ? o.inputs_real : o.inputs_quantised;
  if (!inputs || inputs->info.elements() != outputs.info.elements() || inputs->rows() != outputs.rows()) {
    return fail("metric.bad_observations",
                fmt::format("reconstruction_mse compares {} outputs with {} inputs: declare score = "
                            "\"output\" for a model that gives its score",
                            outputs.info.elements(), inputs ? inputs->info.elements() : 0));
  }
  RowValues input_values(*inputs);
  for (size_t i = 0; i < scores.size(); ++i) {
    const auto out = values(i), in = input_values(i);
    double sum = 0;
    for (size_t j = 0; j < out.size(); ++j) sum += (out[j] - in[j]) * (out[j] - in[j]);
    scores[i] = sum / static_cast<double>(out.size());
  }
  return scores;
}

std::vector<int> anomaly_labels(const std::vector<int>& labels) {
  std::vector<int> anomalous;
  for (int label : labels) anomalous.push_back(label != 0);
  return anomalous;
}

Decisions decide_by_threshold(const std::vector<double>& scores, double threshold) {
  Decisions decisions;
  for (double score : scores) {
    const bool known = !std::isnan(score);
    const double distance = std::abs(score - threshold);
    decisions.top.push_back(known ? score > threshold : -1);
    decisions.margin.push_back(std::isfinite(distance) ? distance : 0);
    decisions.ties += score == threshold;
  }
  return decisions;
}

}  // namespace assay::metric
