// Published outputs of the MLPerf Tiny keyword model on a real board and on the reference kernels: not part
// of the tree (shared_data.h).
#include <charconv>
#include <sstream>

#include "base/files.h"
#include "catch.h"
#include "metric/evaluate.h"
#include "metric/sides_for_test.h"
#include "shared_data.h"

using namespace assay;
using namespace assay::metric;

namespace {

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(line);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

}  // namespace

TEST_CASE("keyword spotting: 90.1 % on the reference kernels, 993 of 1000 agree with the real board") {
  const auto golden_path = shared_file("golden/kws01_tflm_int8.tsv");
  const auto board_path = shared_file("golden/kws01_board_L4R5ZI-P_xcubeai_v1.3.csv");
  if (!golden_path || !board_path) return;
  const auto golden = read_text(*golden_path), board = read_text(*board_path);
  REQUIRE(golden);
  REQUIRE(board);
  std::vector<std::vector<int>> tflm_rows;
  std::vector<std::vector<float>> board_rows;
  Observations o;
  for (const std::string& line : split(*golden, '\n')) {
    auto& row = tflm_rows.emplace_back();
    for (const std::string& q : split(split(line, '\t').at(2), ',')) row.push_back(std::stoi(q));
  }
  for (const std::string& line : split(*board, '\n')) {
    const auto parts = split(line, ',');
    if (parts[0] == "file") continue;
    o.ids.push_back(parts[0]);
    o.labels.push_back(std::stoi(parts[1]));
    auto& row = board_rows.emplace_back();
    for (size_t i = 3; i < parts.size(); ++i) row.push_back(std::stof(parts[i]));
  }
  const TensorRows tflm = int8_rows(tflm_rows), device = float_rows(board_rows);
  o.r0 = &tflm;  // the board prints three decimals of probabilities: comparable as numbers, not as bits
  o.device = &device;
  const auto e = evaluate(o).value();
  CHECK(e.accuracy->r0->value == Approx(0.901));
  CHECK(e.accuracy->device->value == Approx(0.902));
  CHECK(*e.agreement == Approx(0.993));
  CHECK(e.flips.size() == 7);
  CHECK(e.accuracy->fixed - e.accuracy->broken == 1);
  CHECK(*e.accuracy->r0->lo == Approx(0.881).margin(5e-4));
  CHECK(*e.accuracy->r0->hi == Approx(0.918).margin(5e-4));
}
