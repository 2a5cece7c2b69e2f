#include "metric/roc.h"

#include <charconv>

#include "base/files.h"
#include "catch.h"
#include "results/csv.h"
#include "shared_data.h"

using namespace assay;
using namespace assay::metric;

TEST_CASE("AUC of scores by hand: ties count half") {
  const std::vector<double> scores = {0.1, 0.4, 0.35, 0.8};
  const std::vector<uint8_t> positive = {0, 0, 1, 1};
  CHECK(*RocOrder(scores, positive).auc() == 0.75);  // of 4 pairs only 0.4 > 0.35 is wrong
  CHECK(*RocOrder(std::vector<double>{1, 1, 1}, std::vector<uint8_t>{0, 1, 0}).auc() == 0.5);
  CHECK(*RocOrder(std::vector<double>{2, 1, 2}, std::vector<uint8_t>{1, 0, 0}).auc() == 0.75);
  // Twice the second positive (0.8), none of the first.
  CHECK(*RocOrder(scores, positive).auc(std::vector<uint32_t>{1, 1, 0, 2}) == 1);
}

TEST_CASE("partial AUC is 0.5 by chance and 1 at best") {
  const std::vector<uint8_t> positive = {0, 0, 0, 0, 0, 1, 1, 1};
  const std::vector<double> perfect = {1, 2, 3, 4, 5, 6, 7, 8}, flat(8, 1.0);
  CHECK(*RocOrder(perfect, positive).partial_auc(0.1) == Approx(1));
  CHECK(*RocOrder(flat, positive).partial_auc(0.1) == Approx(0.5));
  CHECK(*RocOrder(perfect, positive).partial_auc(1) == 1);
}

TEST_CASE("one class only has no AUC") {
  const std::vector<double> scores = {1, 2, 3};
  for (uint8_t all : {uint8_t{0}, uint8_t{1}}) {
    const RocOrder order(scores, std::vector<uint8_t>(3, all));
    CHECK_FALSE(order.auc());
    CHECK_FALSE(order.partial_auc(0.1));
  }
  CHECK_FALSE(RocOrder({}, {}).auc());
}

TEST_CASE("published anomaly scores give the published AUC and pAUC(0.1)") {
  const auto folder = shared_file("scoring");
  if (!folder) return;
  struct Published {
    const char* file;
    double auc, pauc;  // ad_tflite_result.csv
  };
  for (const Published& published :
       {Published{"ad_tflite_anomaly_score_ToyCar_id_01.csv", 0.9066341991341992, 0.7873661426293005},
        Published{"ad_tflite_anomaly_score_ToyCar_id_02.csv", 0.9206145552560647, 0.8293091218612569}}) {
    const auto text = read_text(*folder / published.file).value();
    const auto table = results::parse_csv("file,score\n" + text, published.file).value();
    std::vector<double> scores;
    std::vector<uint8_t> anomalous;
    for (const auto& row : table.rows) {
      scores.push_back(std::stod(row[1]));
      anomalous.push_back(row[0].starts_with("anomaly"));
    }
    const RocOrder order(scores, anomalous);
    CAPTURE(published.file, scores.size());
    CHECK(*order.auc() == Approx(published.auc).epsilon(1e-12));
    CHECK(*order.partial_auc(0.1) == Approx(published.pauc).epsilon(1e-12));
  }
}
