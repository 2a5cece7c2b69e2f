#include "metric/mine.h"

#include <catch.h>

#include <algorithm>

namespace assay::metric {
namespace {

// 400 samples: room hall or car, speaker a or b, 100 of each pair. The reference is always right; the device
// misses every third sample of speaker b in the hall.
struct Run {
  std::vector<int> labels, reference, device;
  std::vector<std::string> room, speaker, id, same_as_room, one;

  Run() {
    for (int i = 0; i < 400; ++i) {
      const bool hall = i % 2, b = i / 2 % 2;
      labels.push_back(i % 5);
      device.push_back(hall && b && i / 4 % 3 == 0 ? (i + 1) % 5 : i % 5);
      room.push_back(hall ? "hall" : "car"), speaker.push_back(b ? "b" : "a");
      id.push_back(std::to_string(i)), one.push_back("x");
      same_as_room.push_back(hall ? "h" : "c");
    }
    reference = labels;
  }
  MineInput input() const { return {labels, reference, device, {{"room", room}, {"speaker", speaker}}}; }
};

const Finding& find(const Mined& mined, const std::string& where) {
  const auto found = std::find_if(mined.findings.begin(), mined.findings.end(),
                                  [&](const Finding& finding) { return finding.where == where; });
  REQUIRE(found != mined.findings.end());
  return *found;
}

}  // namespace

TEST_CASE("the pair of values that breaks is found, and named as --slice takes it") {
  const Run run;
  const auto mined = mine(run.input());
  REQUIRE(mined);
  CHECK(mined->tested == 8);  // four single values, four pairs
  const Finding& worst = mined->findings[0];
  CHECK(worst.row.worse);
  const Finding& pair = find(*mined, "room=hall,speaker=b");
  CHECK(pair.columns == 2);
  CHECK(pair.verdict == "worse");
  CHECK(pair.row.support == 100);
  CHECK(pair.row.broken == 34);
  CHECK(*pair.row.delta == Approx(-0.34));
  CHECK_FALSE(pair.needed);
  // What is not broken: no flip in 200 bounds the loss by 3/200, in 100 by 3/100.
  CHECK(find(*mined, "room=car").verdict == "holds");
  const Finding& open = find(*mined, "room=car,speaker=a");
  CHECK(open.verdict == "open");
  CHECK(*open.needed == 150);
}

TEST_CASE("columns that say nothing new are no slices") {
  const Run run;
  MineInput input = run.input();
  input.columns.push_back({"kind", run.same_as_room});
  input.columns.push_back({"constant", run.one});
  const auto mined = mine(input);
  REQUIRE(mined);
  for (const Finding& finding : mined->findings) {
    INFO(finding.where);
    CHECK(finding.where.find("constant") == std::string::npos);
    CHECK(finding.where.find("room=hall,kind") == std::string::npos);  // all of room=hall
  }
  // An id has slices of one sample each: too few, with what they need by the rate of the whole run.
  MineInput ids = run.input();
  ids.columns = {{"id", run.id}};
  ids.margin = 0.2;
  const auto few = mine(ids);
  REQUIRE(few);
  CHECK(few->tested == 0);
  CHECK(few->findings[0].verdict == "few");
  // 34 of 400 broken: 1.96^2 (0.085 - 0.085^2) / 0.115^2 = 22.6; at least 30.
  CHECK(*few->findings[0].needed == 30);
}

TEST_CASE("samples that a margin needs") {
  CHECK(*samples_for_margin(0, 0, 0.02) == 150);  // 3 / 0.02
  CHECK(*samples_for_margin(0, 0, 0.5) == 30);
  CHECK(*samples_for_margin(0.1, 0, 0.02) == 961);       // 3.8415 * 0.1 / 0.0004 = 960.4
  CHECK(*samples_for_margin(0.05, -0.01, 0.03) == 480);  // 3.8415 * 0.0499 / 0.0004 = 479.2
  CHECK_FALSE(samples_for_margin(0.1, -0.05, 0.05));
  CHECK_FALSE(samples_for_margin(0.1, -0.06, 0.05));
}

}  // namespace assay::metric
