#include "metric/task_setup.h"

#include <filesystem>

#include <unistd.h>

#include "base/files.h"
#include "catch.h"
#include "config/profile.pb.h"
#include "results/npy.h"

using namespace assay;
using namespace assay::metric;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("assay_task_test_" + std::to_string(getpid()));
  Folder() { REQUIRE(make_directories(path)); }
  ~Folder() { fs::remove_all(path); }
  std::string file(const char* name, const std::string& text) const {
    REQUIRE(write_file(path / name, text));
    return path / name;
  }
};

TaskSamples three(int64_t outputs) {
  return {
      .ids = {"a.wav", "b.wav", "c.wav"}, .rows = {0, 1, 2}, .classes = {"quiet", "yes"}, .outputs = outputs};
}

std::string error_of(const config::Profile& profile, const TaskSamples& samples) {
  const auto setup = load_task(profile, samples);
  REQUIRE_FALSE(setup);
  return setup.error().code + " " + setup.error().where + ": " + setup.error().message;
}

}  // namespace

TEST_CASE("no a task section is the default, integer labels are targets of one output") {
  config::Profile profile;
  CHECK(load_task(profile, three(2))->kind.empty());
  profile.mutable_task()->set_kind("regression");
  auto samples = three(1);
  samples.labels = {7, 8, 9};
  CHECK(load_task(profile, samples)->targets == std::vector<double>{7, 8, 9});
}

TEST_CASE("targets by id or by row, from a table or an array") {
  const Folder folder;
  config::Profile profile;
  auto* task = profile.mutable_task();
  task->set_kind("regression");
  task->set_truth(folder.file("by_id.csv", "t,id,u\n5,c.wav,6\n1,a.wav,2\n3,b.wav,4\n9,other.wav,9\n"));
  CHECK(load_task(profile, three(2))->targets == std::vector<double>{1, 2, 3, 4, 5, 6});
  task->set_truth(folder.file("by_row.csv", "t\n1\n2.5\n-3e2\n4\n"));
  auto chosen = three(1);
  chosen.rows = {1, 2, 3};
  CHECK(load_task(profile, chosen)->targets == std::vector<double>{2.5, -300, 4});
  chosen.rows = {1, 2, 4};
  CHECK(error_of(profile, chosen) ==
        "metric.bad_truth by_row.csv: 4 rows of targets, sample c.wav needs row 4");
  CHECK(error_of(profile, three(2)).find("1 targets a sample, the model has 2 outputs") != std::string::npos);
  REQUIRE(results::write_npy(folder.path / "t.npy", std::vector<double>{1, 2, 3}));
  task->set_truth(folder.path / "t.npy");
  CHECK(load_task(profile, three(1))->targets == std::vector<double>{1, 2, 3});
  task->set_truth(folder.file("bad.csv", "t\n1\nnan\n3\n"));
  CHECK(error_of(profile, three(1)) == "metric.bad_truth bad.csv:3: 'nan' in column t is no finite number");
  task->set_truth(folder.file("missing.csv", "id,t\na.wav,1\n"));
  CHECK(error_of(profile, three(1)) == "metric.bad_truth missing.csv: sample b.wav has no targets");
}

TEST_CASE("boxes belong to samples and classes") {
  const Folder folder;
  config::Profile profile;
  auto* task = profile.mutable_task();
  task->set_kind("detection");
  task->set_truth(
      folder.file("boxes.csv", "sample,class,y0,x0,y1,x1\nb.wav,yes,0,0,1,2\nunknown,0,0,0,1,1\n"));
  const auto setup = load_task(profile, three(12)).value();
  REQUIRE(setup.boxes.size() == 1);
  CHECK((setup.boxes[0].sample == 1 && setup.boxes[0].label == 1 && setup.boxes[0].x1 == 2));
  CHECK(error_of(profile, three(13))
            .find("boxes of 6 values (y0 x0 y1 x1 score class) do not fill the model's 13") !=
        std::string::npos);
  task->set_truth(folder.file("flat.csv", "sample,class,y0,x0,y1,x1\nb.wav,yes,0,0,0,2\n"));
  CHECK(error_of(profile, three(6)) == "metric.bad_truth flat.csv:2: a box must have y0 < y1 and x0 < x1");
  task->set_truth(folder.file("cls.csv", "sample,class,y0,x0,y1,x1\nb.wav,yess,0,0,1,2\n"));
  CHECK(error_of(profile, three(6)) == "metric.bad_truth cls.csv:2: 'yess' is no class; did you mean 'yes'?");
  task->set_truth(folder.file("none.csv", "sample,class,y0,x0,y1,x1\nx,yes,0,0,1,2\n"));
  CHECK(error_of(profile, three(6)).find("none of 1 boxes belongs to a chosen sample") != std::string::npos);
  task->set_truth(folder.file("column.csv", "sample,class,y0,x0,y1\n"));
  CHECK(error_of(profile, three(6)).find("there is no column 'x1'") != std::string::npos);
  task->add_layout("score");
  CHECK(error_of(profile, three(6)).find("layout must name each") != std::string::npos);
}

TEST_CASE("events of the stream, in time, rows with holes are no stream") {
  const Folder folder;
  config::Profile profile;
  auto* task = profile.mutable_task();
  task->set_kind("streaming");
  task->add_background("quiet");
  task->set_truth(folder.file("events.csv", "start,end,class\n0.15,0.2,yes\n0,0.1,yes\n5,6,yes\n"));
  CHECK(error_of(profile, three(2)).find("streaming needs hop_s") != std::string::npos);
  task->set_hop_s(0.1);
  const auto setup = load_task(profile, three(2)).value();
  REQUIRE(setup.events.size() == 2);  // the third begins after the last row
  CHECK(setup.events[1].start_s == 0.15);
  CHECK(setup.background == std::vector<int>{0});
  auto holes = three(2);
  holes.rows = {0, 1, 3};
  CHECK(error_of(profile, holes).find("streaming needs consecutive rows: 3 follows 1") != std::string::npos);
  task->set_truth(folder.file("back.csv", "start,end,class\n2,1,yes\n"));
  CHECK(error_of(profile, three(2)) == "metric.bad_truth back.csv:2: the event ends before it starts");
}

TEST_CASE("declarations that do not fit are named") {
  config::Profile profile;
  auto* task = profile.mutable_task();
  task->set_kind("anomaly");
  task->set_element(2);
  CHECK(error_of(profile, three(2)).find("element 2 is none of the model's 2 outputs") != std::string::npos);
  task->set_element(0);
  task->set_max_fpr(1.5);
  CHECK(error_of(profile, three(2)).find("max_fpr") != std::string::npos);
  task->set_max_fpr(0.1);
  task->set_group("fil");
  auto samples = three(2);
  samples.columns = {"file"};
  CHECK(error_of(profile, samples).find("did you mean 'file'?") != std::string::npos);
  task->set_group("");
  task->set_truth("/nowhere.csv");
  CHECK(error_of(profile, samples).find("a truth file is for regression, detection and streaming") !=
        std::string::npos);
}
