#include "dataset/file_fixture.h"
#include "shared_data.h"

namespace assay::dataset {

TEST_CASE("a table with window and stride makes samples of the windows of each file") {
  const Scratch scratch;
  scratch.file("m.bin", "0123456789");
  scratch.file("n.bin", "abcdef");
  scratch.file("y_labels.csv", "m.bin,2,0,4,3\nn.bin,2,1,4,3\n");
  config::Data data = data_at(scratch.path);
  data.set_type("int8");
  const Dataset dataset = opened(data);
  CHECK(dataset.ids == std::vector<std::string>{"m.bin@0", "m.bin@3", "m.bin@6", "n.bin@0"});
  CHECK(dataset.labels == std::vector<int>{0, 0, 0, 1});
  CHECK(std::string(dataset.inputs.data.begin(), dataset.inputs.data.end()) ==
        "0123345667"
        "89abcd");
  REQUIRE(dataset.slices.size() == 1);
  CHECK(dataset.slices[0].name == "recording");
  CHECK(dataset.slices[0].values == std::vector<std::string>{"m.bin", "m.bin", "m.bin", "n.bin"});
  scratch.file("y_labels.csv", "m.bin,2,0,4,3\nn.bin,2,1,4,0\n");
  check_refused(data, "dataset.malformed", {"y_labels.csv:2", "'0'"});
  scratch.file("y_labels.csv", "m.bin,2,0,11,3\n");
  check_refused(data, "dataset.shape", {"10 bytes", "11", "m.bin"});
}

TEST_CASE("the published recording of MLPerf Tiny's ad01 gives 196 windows") {
  const std::string name = "normal_id_01_00000000_hist_librosa.bin";
  const auto folder = shared_file("datasets/ad01");
  if (!folder) return;
  const Scratch scratch;
  config::Data data = data_at(*folder);
  data.set_labels(scratch.file("one.csv", name + ",2,0,2560,512\n"));
  data.set_type("float32");
  const Dataset dataset = opened(data);
  CHECK(dataset.count() == 196);
  CHECK(dataset.inputs.info.dims == std::vector<int64_t>{1, 640});
  CHECK(dataset.ids.back() == name + "@99840");
}

}  // namespace assay::dataset
