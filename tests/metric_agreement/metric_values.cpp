// Computes metrics of cases on its input: one JSON object a line in, one line out. agreement_test.py makes
// the cases and knows what must come out. A kind of case is one function and one line of kKinds.
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>

#include "metric/boxes.h"
#include "metric/classification.h"
#include "metric/error_sums.h"
#include "metric/roc.h"
#include "metric/slices.h"
#include "metric/statistics.h"
#include "metric/stream_events.h"
#include "metric/tensor_compare.h"
#include "metric/top_k.h"

using namespace assay;
using namespace assay::metric;
using Json = nlohmann::json;

namespace {

TensorRows float64_rows(const Json& rows) {
  TensorRows tensor;
  const auto width = rows.empty() ? 1 : static_cast<int64_t>(rows[0].size());
  tensor.info = {.type = ElementType::kFloat64, .dims = {1, width}};
  for (const Json& row : rows) {
    for (double value : row) {
      const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
      tensor.data.insert(tensor.data.end(), bytes, bytes + sizeof value);
    }
  }
  return tensor;
}

Json shown(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json tensor(const Json& in) {
  const auto m = compare_tensors(float64_rows(in["r"]), float64_rows(in["d"])).value();
  return {{"mae", shown(m.mae)},
          {"bias", shown(m.bias)},
          {"deviation", shown(m.deviation)},
          {"rmse", shown(m.rmse)},
          {"max_abs", shown(m.max_abs)},
          {"l2r_ref", shown(m.l2r_ref)},
          {"l2r_dev", shown(m.l2r_dev)},
          {"sqnr_db", shown(m.sqnr_db)},
          {"nse", shown(m.nse)},
          {"cosine", shown(m.cosine)},
          {"exact", m.exact}};
}

Json classification(const Json& in) {
  const auto labels = in["labels"].get<std::vector<int>>();
  const int classes = in["classes"];
  const auto rows = float64_rows(in["scores"]), other = float64_rows(in["other"]);
  const auto top = decide_rows(rows).top, other_top = decide_rows(other).top;
  std::vector<std::string> names;
  for (int c = 0; c < classes; ++c) names.push_back(std::to_string(c));
  Json recall = Json::array(), precision = Json::array(), p_holm = Json::array();
  for (const auto& row : class_rows(labels, other_top, top, names)) {
    recall.push_back(shown(row.recall_device));
    precision.push_back(shown(row.precision_device));
    p_holm.push_back(shown(row.p_holm));
  }
  const auto best = top_k(rows, in["k"]), other_best = top_k(other, in["k"]);
  return {{"accuracy", agreement(labels, top)},
          {"balanced", balanced_accuracy(labels, top, classes)},
          {"confusion", confusion(labels, top, classes)},
          {"top_k_hits", top_k_hits(labels, best)},
          {"set_agreement", set_agreement(other_best, best)},
          {"recall", recall},
          {"precision", precision},
          {"p_holm", p_holm}};
}

Json proportion(const Json& in) {
  const auto interval = wilson(in["hits"], in["n"]);
  return {{"lo", interval.lo},
          {"hi", interval.hi},
          {"tail", binomial_tail(in["hits"], in["n"], in["p"])},
          {"poisson_lo", poisson_interval(in["hits"]).lo},
          {"poisson_hi", poisson_interval(in["hits"]).hi}};
}

Json mcnemar(const Json& in) {
  return {{"p", mcnemar_p(in["b"], in["c"])}, {"exact", mcnemar_exact_p(in["b"], in["c"])}};
}

Json holm_p(const Json& in) { return {{"p", holm(in["p"].get<std::vector<double>>())}}; }

Json roc(const Json& in) {
  const auto scores = in["scores"].get<std::vector<double>>();
  const RocOrder order(scores, in["positive"].get<std::vector<uint8_t>>());
  return {{"auc", shown(order.auc())}, {"pauc", shown(order.partial_auc(in["max_fpr"]))}};
}

std::vector<Box> boxes(const Json& rows) {
  std::vector<Box> found;
  for (const Json& b : rows) found.push_back({b[0], b[1], b[2], b[3], b[4], b[5], b[6]});
  return found;
}

Json detection(const Json& in) {
  const auto detections = boxes(in["detections"]), truth = boxes(in["truth"]);
  Json aps = Json::array();
  for (double least : in["overlaps"]) {
    for (int label : in["labels"])
      aps.push_back(shown(average_precision(match(detections, truth, label, least))));
  }
  return {{"ap", aps}, {"shared", shared_boxes(truth, detections)}};
}

Json bootstrap(const Json& in) {
  const auto interval = paired_bootstrap(in["b"], in["c"], in["n"], in["seed"], in["resamples"]);
  return {{"lo", interval.lo}, {"hi", interval.hi}};
}

Json streaming(const Json& in) {
  TaskSetup setup;
  setup.hop_s = in["hop"], setup.smoothing = in["smoothing"], setup.threshold = in["threshold"].get<double>();
  setup.background = {0};
  for (const Json& event : in["events"]) setup.events.push_back({event[2], event[0], event[1]});
  const auto result = follow_stream(float64_rows(in["scores"]), setup, 0);
  Json delays = Json::array();
  for (const auto& delay : result.delay_s) delays.push_back(shown(delay));
  return {{"delays", delays}, {"alarms", result.false_alarms_s}};
}

Json slices(const Json& in) {
  const auto labels = in["labels"].get<std::vector<int>>(),
             reference = in["reference"].get<std::vector<int>>(),
             device = in["device"].get<std::vector<int>>();
  const auto column = in["column"].get<std::vector<std::string>>();
  SliceInput input{.labels = labels, .reference = reference, .device = device, .columns = {{"c", column}}};
  Json found = Json::object();
  const auto rows = slice_rows(input).value();
  for (const auto& row : rows) {
    found[row.value] = {{"support", row.support},
                        {"delta", shown(row.delta)},
                        {"accuracy", shown(row.accuracy_device)},
                        {"p", shown(row.p)},
                        {"p_holm", shown(row.p_holm)}};
  }
  return found;
}

struct Kind {
  const char* name;
  Json (*compute)(const Json&);
};
constexpr Kind kKinds[] = {{"tensor", tensor},         {"classification", classification},
                           {"proportion", proportion}, {"mcnemar", mcnemar},
                           {"holm", holm_p},           {"roc", roc},
                           {"detection", detection},   {"bootstrap", bootstrap},
                           {"streaming", streaming},   {"slices", slices}};

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const Json in = Json::parse(line);
    for (const Kind& kind : kKinds) {
      if (in["kind"] == kind.name) std::cout << kind.compute(in) << '\n';
    }
  }
}
