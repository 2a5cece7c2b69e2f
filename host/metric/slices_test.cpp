#include "metric/slices.h"

#include "catch.h"

using namespace assay;
using namespace assay::metric;

namespace {

// 200 samples of one class: 120 of a quiet room, of which 20 break in the first `broken`, 60 noisy, 20 in a
// car.
struct Rooms {
  std::vector<int> labels = std::vector<int>(200, 1), reference = labels, device = labels;
  std::vector<std::string> room;
  Rooms() {
    for (int i = 0; i < 200; ++i) room.push_back(i < 120 ? "quiet" : i < 180 ? "noise" : "car");
  }
  SliceInput input() const {
    return {.labels = labels, .reference = reference, .device = device, .columns = {{"room", room}}};
  }
};

}  // namespace

TEST_CASE("a slice that lost is first, named and significant, a small one is not judged") {
  Rooms rooms;
  for (size_t i = 120; i < 132; ++i) rooms.device[i] = 0;   // 12 of the noisy ones break
  rooms.reference[0] = 0;                                   // one quiet one is fixed
  for (size_t i = 180; i < 190; ++i) rooms.device[i] = -1;  // half of the car: no answer at all
  const auto rows = slice_rows(rooms.input()).value();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].value == "noise");
  CHECK(rows[0].column == "room");
  CHECK(rows[0].support == 60);
  CHECK(rows[0].broken == 12);
  CHECK(rows[0].fixed == 0);
  CHECK(*rows[0].accuracy_reference == 1);
  CHECK(*rows[0].accuracy_device == Approx(0.8));
  CHECK(*rows[0].delta == Approx(-0.2));
  CHECK(*rows[0].delta_lo < -0.2);
  CHECK(*rows[0].delta_hi < 0);
  CHECK(*rows[0].p == Approx(2 / 4096.0).epsilon(1e-12));       // 2 * 0.5^12
  CHECK(*rows[0].p_holm == Approx(4 / 4096.0).epsilon(1e-12));  // of two that are tested
  CHECK(rows[0].worse);
  CHECK(rows[1].value == "quiet");
  CHECK(*rows[1].delta == Approx(1 / 120.0));
  CHECK_FALSE(rows[1].worse);
  CHECK(rows[2].value == "car");
  CHECK_FALSE(rows[2].sufficient);
  CHECK_FALSE(rows[2].p);
  CHECK_FALSE(rows[2].p_holm);
  CHECK_FALSE(rows[2].worse);
  CHECK(*rows[2].delta == Approx(-0.5));
}

TEST_CASE("without a flip the interval of a slice is the zero-event bound") {
  const auto rows = slice_rows(Rooms().input()).value();
  CHECK(rows[0].value == "quiet");
  CHECK(*rows[0].delta_lo == Approx(-3 / 120.0));
  CHECK(*rows[0].delta_hi == Approx(3 / 120.0));
  CHECK(*rows[0].p == 1);
}

TEST_CASE("named slices stand beside columns, an empty one is a row without figures") {
  Rooms rooms;
  auto input = rooms.input();
  input.named.push_back({"first fifty", std::vector<uint8_t>(200, 0)});
  std::fill_n(input.named[0].member.begin(), 50, uint8_t{1});
  input.named.push_back({"nobody", std::vector<uint8_t>(200, 0)});
  const auto rows = slice_rows(input).value();
  REQUIRE(rows.size() == 5);
  CHECK(rows[0].column.empty());
  CHECK(rows[0].value == "first fifty");
  CHECK(rows[0].support == 50);
  CHECK(rows[4].value == "nobody");
  CHECK(rows[4].support == 0);
  CHECK_FALSE(rows[4].delta);
  CHECK_FALSE(rows[4].accuracy_device);
}

TEST_CASE("a column of ids is left out and named, unlike lengths are refused") {
  std::vector<int> labels(1001, 0);
  std::vector<std::string> ids;
  for (int i = 0; i < 1001; ++i) ids.push_back(std::to_string(i));
  SliceInput input{.labels = labels, .reference = labels, .device = labels, .columns = {{"file", ids}}};
  std::vector<std::string> left_out;
  CHECK(slice_rows(input, &left_out)->empty());
  CHECK(left_out == std::vector<std::string>{"file"});
  input.reference = input.reference.first(1000);
  CHECK(slice_rows(input).error().message == "1000 entries of the reference for 1001 samples");
  CHECK(slice_rows({}).error().code == "metric.bad_observations");
}
