#include "dataset/dataset.h"

#include <limits>

#include "dataset/fixture.h"

namespace assay::dataset {
namespace {

config::Data npz(const Scratch& scratch, const std::map<std::string, std::vector<uint8_t>>& arrays) {
  config::Data data;
  data.set_path(write_npz(scratch.path / "d.npz", arrays));
  return data;
}
std::vector<uint8_t> x_array() {
  return npy_of(rows_of<uint8_t>(ElementType::kUint8, {1, 3}, {1, 2, 3, 4, 5, 6}));
}
std::vector<uint8_t> labels(std::vector<int32_t> values) {
  return npy_of(rows_of(ElementType::kInt32, {1}, values));
}

void check_error(const config::Data& data, const std::string& code, const std::string& part) {
  const auto dataset = open_dataset(data);
  REQUIRE_FALSE(dataset);
  CHECK(dataset.error().code == code);
  CHECK_THAT(dataset.error().text(), Catch::Contains(part));
}

}  // namespace

TEST_CASE("a missing dataset, array or format says so") {
  const Scratch scratch;
  config::Data data;
  data.set_path((scratch.path / "none.npz").string());
  check_error(data, "dataset.not_found", "none.npz");
  data.set_path(scratch.file("x.mp4", "ftyp"));
  check_error(data, "dataset.type", "npz");
  check_error(npz(scratch, {{"inputs", x_array()}, {"y", labels({0, 1})}}), "dataset.not_found", "inputs, y");
  data = npz(scratch, {{"x", x_array()}});
  data.set_truth("target");
  check_error(data, "dataset.not_found", "target");
  data = npz(scratch, {{"x", x_array()}});
  data.set_labels((scratch.path / "no.csv").string());
  check_error(data, "dataset.not_found", "no.csv");
}

TEST_CASE("labels go one to one with samples and are classes") {
  const Scratch scratch;
  check_error(npz(scratch, {{"x", x_array()}, {"y", labels({0})}}), "dataset.label_missing",
              "1 labels for 2 samples");
  check_error(npz(scratch, {{"x", x_array()}, {"y", labels({0, -1})}}), "dataset.label_range",
              "label -1 of sample 1");
  config::Data data = npz(scratch, {{"x", x_array()}, {"y", labels({0, 2})}});
  data.add_classes("no");
  data.add_classes("yes");
  check_error(data, "dataset.label_range", "not in 0..1");
  check_error(npz(scratch, {{"x", x_array()}, {"y", x_array()}}), "dataset.type", "3 per sample");
  data = npz(scratch, {{"x", x_array()}});
  data.set_labels(scratch.file("y.csv", "a,3,1\nb,4,1\n"));
  check_error(data, "dataset.malformed", "y.csv:2");
  data.set_labels(scratch.file("y.csv", "a,3,1\nb,3,x\n"));
  check_error(data, "dataset.malformed", "'x' is no class number");
  data.set_labels(scratch.file("y.csv", "a,3,1\n"));
  check_error(data, "dataset.label_missing", "1 names for 2 samples");
}

TEST_CASE("classes are counted the same everywhere, and no two samples have one name") {
  const Scratch scratch;
  config::Data data = npz(scratch, {{"x", x_array()}});
  data.set_labels(scratch.file("y.csv", "a,3,1\nb,3,1\n"));
  data.add_classes("no");
  data.add_classes("yes");
  check_error(data, "dataset.class_count", "states 3 classes, [data] lists 2");
  data.set_labels(scratch.file("y.csv", "a,2,1\na,2,0\n"));
  check_error(data, "dataset.duplicate_id", "samples 0 and 1 are both called 'a'");
}

TEST_CASE("an unlabelled dataset has row numbers as ids") {
  const Scratch scratch;
  const auto dataset = open_dataset(npz(scratch, {{"x", x_array()}}));
  REQUIRE(dataset);
  CHECK_FALSE(dataset->labelled());
  CHECK(dataset->ids == std::vector<std::string>{"0", "1"});
}

TEST_CASE("empty datasets and NaN are refused") {
  const Scratch scratch;
  config::Data data;
  data.set_path(scratch.path.string());
  check_error(data, "dataset.empty", scratch.path.string());
  const float nan = std::numeric_limits<float>::quiet_NaN();
  data = npz(scratch, {{"x", npy_of(rows_of<float>(ElementType::kFloat32, {1, 2}, {0, 1, 2, nan}))}});
  check_error(data, "dataset.nan", "nan at element 1 of sample 1");
}

TEST_CASE("raw samples stay inside their folder and have one size") {
  const Scratch scratch;
  scratch.file("a.bin", "123");
  scratch.file("b.bin", "1234");
  config::Data data;
  data.set_path(scratch.path.string());
  check_error(data, "dataset.shape", "'b.bin' is 4, 'a.bin' is 3");
  scratch.file("y_labels.csv", "../a.bin,2,1\n");
  check_error(data, "dataset.not_found", "../a.bin");
  scratch.file("y_labels.csv", "a.bin,2,1\ngone.bin,2,1\n");
  check_error(data, "dataset.not_found", "gone.bin");
  scratch.file("y_labels.csv", "a.bin,2,1\n");
  data.set_type("float32");
  check_error(data, "dataset.shape", "3 bytes");
}

}  // namespace assay::dataset
