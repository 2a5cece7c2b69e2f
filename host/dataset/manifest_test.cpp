#include "dataset/manifest.h"

#include <sys/stat.h>

#include "dataset/dataset.h"
#include "dataset/fixture.h"
#include "dataset/sources.h"

namespace assay::dataset {
namespace {

namespace fs = std::filesystem;

config::Data folder_of_samples(const Scratch& scratch) {
  scratch.file("a.bin", "12");
  scratch.file("b.bin", "34");
  scratch.file("y_labels.csv", "a.bin,2,0\nb.bin,2,1\n");
  config::Data data;
  data.set_path(scratch.path.string());
  return data;
}

void changed(const config::Data& data, const std::string& words) {
  const auto dataset = open_dataset(data);
  REQUIRE_FALSE(dataset);
  CHECK(dataset.error().code == "dataset.changed");
  CHECK_THAT(dataset.error().message, Catch::Contains(words));
}

}  // namespace

TEST_CASE("a folder that differs from its manifest is refused, and the file named") {
  const Scratch scratch;
  const config::Data data = folder_of_samples(scratch);
  CHECK(*verify_manifests(data) == 0);
  REQUIRE(write_manifests(data));
  CHECK(*verify_manifests(data) == 3);
  REQUIRE(open_dataset(data));
  scratch.file("b.bin", "35");
  changed(data, "b.bin has other contents");
  scratch.file("b.bin", "345");
  changed(data, "b.bin has 3 bytes instead of 2");
  fs::remove(scratch.path / "b.bin");
  changed(data, "b.bin is missing");
  scratch.file("b.bin", "34");
  scratch.file("c.bin", "56");
  changed(data, "c.bin is not listed");
  scratch.file("a.bin", "x");
  changed(data, "a.bin has 1 bytes instead of 2, c.bin is not listed");
  REQUIRE(write_manifests(data));  // the change was wanted
  CHECK(*verify_manifests(data) == 4);
}

TEST_CASE("the manifest of a folder of files vouches for those it lists") {
  const Scratch scratch;
  config::Data one, two;
  one.set_path(scratch.file("one.csv", "a,b\n1,2\n"));
  two.set_path(scratch.file("two.csv", "a,b\n3,4\n"));
  one.set_labels(scratch.file("labels.csv", "0,1\n"));
  REQUIRE(write_manifests(one));
  CHECK(*verify_manifests(one) == 2);
  CHECK(*verify_manifests(two) == 0);
  REQUIRE(write_manifests(two));
  CHECK(*verify_manifests(one) == 2);  // still listed
  CHECK(*verify_manifests(two) == 1);
  scratch.file("two.csv", "a,b\n3,5\n");
  REQUIRE(open_dataset(one));
  changed(two, "two.csv has other contents");
  scratch.file("labels.csv", "0,0\n");
  changed(one, "labels.csv has other contents");
}

TEST_CASE("a manifest of something else is none, a damaged one is an error") {
  const Scratch scratch;
  const config::Data data = folder_of_samples(scratch);
  for (const char* other :
       {"{}", "[]", R"({"schema": "assay.manifest", "files": [{"file": "a.bin"}]})", R"({"schema": 1})"}) {
    INFO(other);
    scratch.file("manifest.json", other);
    CHECK(open_dataset(data));
    const auto refused = write_manifests(data);  // nothing of others is overwritten
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "dataset.malformed");
  }
  const std::string good = R"({"schema": "assay.dataset_manifest", "schema_version": 1, "files": )";
  for (const std::string& damaged :
       {std::string("{\"schema\": \"assay.data"), good + "3}", good + R"([{"file": "a.bin"}]})",
        good + R"([{"file": "../a.bin", "bytes": 2, "sha256": ""}]})",
        good + R"([{"file": "/a", "bytes": 2, "sha256": ""}]})",
        std::string(R"({"schema": "assay.dataset_manifest", "schema_version": 2, "files": []})")}) {
    INFO(damaged);
    scratch.file("manifest.json", damaged);
    const auto dataset = open_dataset(data);
    REQUIRE_FALSE(dataset);
    CHECK(dataset.error().code == "dataset.malformed");
  }
}

TEST_CASE("a file that changes while it is read is an error") {
  const Scratch scratch;
  const fs::path file = scratch.file("d.csv", "a,b\n1,2\n");
  const auto stamp = FileStamp::take(file);
  REQUIRE(stamp);
  CHECK(stamp->check());
  auto problem = [&] {
    const Status status = stamp->check();
    REQUIRE_FALSE(status);
    CHECK(status.error().code == "dataset.changed");
    CHECK(status.error().where == file.string());
    return status.error().message;
  };
  const auto time = fs::last_write_time(file);
  fs::last_write_time(file, time + std::chrono::seconds(1));
  CHECK(problem() == "the file was written while it was read");
  fs::last_write_time(file, time);
  CHECK(stamp->check());
  const fs::path copy = scratch.file("copy.csv", "a,b\n1,2\n");
  fs::rename(copy, file);
  CHECK(problem() == "the file was replaced while it was read");
  scratch.file("d.csv", "a,b\n1,2\n3,4\n");
  CHECK(problem() == "the file changed its size while it was read");
  fs::remove(file);
  CHECK(problem() == "the file was removed while it was read");
  CHECK(FileStamp::take(file).error().code == "base.file");
}

TEST_CASE("paths need no UTF-8 and may hold spaces") {
  const Scratch scratch;
  const fs::path folder = scratch.path / "caf\xe9 \xff data";
  fs::create_directory(folder);
  const fs::path file = folder / "my samples\xfe.csv";
  REQUIRE(write_file(file, std::string_view("id,a,label\n\xe9,1,0\n")));
  config::Data data;
  data.set_path(file.string());
  const auto dataset = open_dataset(data);
  REQUIRE(dataset);
  CHECK(dataset->name == "my samples\xfe");
  CHECK(dataset->ids[0] == "\xe9");
  CHECK(write_manifests(data).error().message.find("UTF-8") != std::string::npos);
  data.set_path((folder / "none\xfd.csv").string());
  CHECK(open_dataset(data).error().code == "dataset.not_found");
}

TEST_CASE("headers that claim the world take no memory") {
  const Scratch scratch;
  auto npy = [](const std::string& descr, const std::string& shape) {
    std::string dict = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }\n";
    std::string bytes = "\x93NUMPY";
    bytes += {1, 0, static_cast<char>(dict.size()), 0};
    bytes += dict + "12345678";
    return std::vector<uint8_t>(bytes.begin(), bytes.end());
  };
  struct Claim {
    const char *descr, *shape, *code;
  };
  for (const Claim& claim : {Claim{"<f4", "1000000000000, 2", "results.bad_npy"},
                             Claim{"|u1", "281474976710655,", "results.bad_npy"},
                             Claim{"<f8", "99999999999999999999,", "results.bad_npy"},
                             Claim{"<f4", "1000000, 1000000, 1000000", "results.bad_npy"}}) {
    INFO(claim.shape);
    config::Data data;
    const auto bytes = npy(claim.descr, claim.shape);
    REQUIRE(write_file(scratch.path / "d.npy", std::span<const uint8_t>(bytes)));
    data.set_path((scratch.path / "d.npy").string());
    CHECK(open_dataset(data).error().code == claim.code);
    data.set_path(write_npz(scratch.path / "d.npz", {{"x", bytes}}));
    CHECK(open_dataset(data).error().code == claim.code);
    const auto x = npy_of(rows_of<uint8_t>(ElementType::kUint8, {1, 3}, {1, 2, 3}));
    data.set_path(write_npz(scratch.path / "d.npz", {{"x", x}, {"ids", npy("|S4000", claim.shape)}}));
    data.set_ids("ids");
    CHECK(open_dataset(data).error().code == "dataset.malformed");
  }
}

}  // namespace assay::dataset
