// Each shipped profile through its whole desktop path: profile.toml, dataset, quantised inputs, references,
// top-1.
#include <catch.h>
#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/files.h"
#include "config/catalogue.h"
#include "dataset/dataset.h"
#include "dataset/quantise.h"
#include "model/planner.h"
#include "model/tflite_import.h"
#include "reference/native.h"
#include "reference/table.h"
#include "reference/worker.h"

namespace assay {
namespace {

const std::filesystem::path kProfiles = std::filesystem::path(ASSAY_SOURCE_DIR) / "profiles";

config::LoadedProfile load(const std::string& name) {
  auto loaded = config::load_profile(kProfiles / name);
  if (!loaded) FAIL(loaded.error().text());
  return *loaded;
}
dataset::Dataset open(const config::Profile& profile) {
  auto opened = dataset::open_dataset(profile.data());
  if (!opened) FAIL(opened.error().text());
  return *opened;
}

bool runtimes_missing() {
  const auto files = reference::find_worker({});
  const auto versions = files ? reference::runtime_versions(*files, std::chrono::seconds(60),
                                                            Deadline::in(std::chrono::seconds(60)))
                              : Result<std::map<std::string, std::string>>(fail(files.error()));
  if (versions && versions->size() >= reference::runtimes().size()) return false;
  WARN("skipped: not every desktop runtime is installed");
  return true;
}

// Index of the largest output; the lowest of several.
int top1(const TensorRows& outputs, size_t row) {
  const auto values = real_values(outputs.info, outputs.row(row));
  return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}
double accuracy(const TensorRows& outputs, const std::vector<int>& labels) {
  int right = 0;
  for (size_t i = 0; i < labels.size(); ++i) right += top1(outputs, i) == labels[i];
  return 100.0 * right / static_cast<double>(labels.size());
}

struct Case {
  const char* profile;
  const char* file;  // in the profiles folder
  TensorInfo input;
  double top1;    // percent, of every runtime
  double spread;  // what the runtimes may differ by
};
TensorInfo input(ElementType type, std::vector<int64_t> dims, double scale = 0, int64_t zero_point = 0) {
  return {.name = "input", .type = type, .dims = std::move(dims), .scale = scale, .zero_point = zero_point};
}

// Scales as the models state them.
const Case kCases[] = {
    {"digits", "digits/model_float.tflite", input(ElementType::kFloat32, {1, 8, 8, 1}), 93.67, 0.2},
    {"digits", "digits/model_int8.tflite",
     input(ElementType::kInt8, {1, 8, 8, 1}, 0.003921568859368563, -128), 93.0, 0.4},
    {"watch", "watch/model_float.tflite", input(ElementType::kFloat32, {1, 100, 1, 6}), 83.45, 0.2},
    {"watch", "watch/model_int8.tflite", input(ElementType::kInt8, {1, 100, 1, 6}, 0.06220105662941933, -4),
     83.17, 0.4},
    {"watch_raw", "watch_raw/model_float.tflite", input(ElementType::kFloat32, {1, 100, 1, 6}), 83.45, 0.2},
    {"watch_raw", "watch_raw/model_int8.tflite",
     input(ElementType::kInt8, {1, 100, 1, 6}, 5.069852828979492, -9), 35.93, 0.8},
    {"watch_raw", "watch_raw/model_int8_per_tensor.tflite",
     input(ElementType::kInt8, {1, 100, 1, 6}, 5.069852828979492, -9), 14.71, 0.8},
    {"watch_raw", "watch_raw/model_int16x8.tflite",
     input(ElementType::kInt16, {1, 100, 1, 6}, 0.020989105105400085, 0), 83.59, 0.4},
};

}  // namespace

TEST_CASE("every shipped profile loads, and its dataset is what its source note says") {
  const std::map<std::string, std::vector<int>> support = {
      {"digits", {59, 61, 59, 61, 60, 61, 61, 60, 58, 60}},
      {"watch", {77, 125, 124, 104, 106, 80, 91}},
      {"watch_raw", {77, 125, 124, 104, 106, 80, 91}},
  };
  int profiles = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kProfiles)) {
    if (!std::filesystem::exists(entry.path() / "profile.toml")) continue;
    ++profiles;
    const std::string name = entry.path().filename().string();
    INFO(name);
    const auto loaded = load(name);
    CHECK(loaded.profile.profile().name() == name);
    const auto data = open(loaded.profile);
    REQUIRE(data.labelled());
    std::vector<int> counts(data.classes.size());
    for (int label : data.labels) ++counts[static_cast<size_t>(label)];
    if (const auto known = support.find(name); known != support.end()) CHECK(counts == known->second);
    // Names of samples are unique: flips are looked up by them.
    auto ids = data.ids;
    std::sort(ids.begin(), ids.end());
    CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
    CHECK_FALSE(data.source.empty());
    for (const auto& variant : loaded.profile.variant()) CHECK(std::filesystem::exists(variant.file()));
    for (const auto& r1 : loaded.profile.references().r1()) CHECK(reference::find_runtime(r1));
  }
  CHECK(profiles >= 3);
}

TEST_CASE("models reach their published accuracy on every desktop runtime") {
  if (runtimes_missing()) return;
  std::string cache = (std::filesystem::temp_directory_path() / "assay-figures-XXXXXX").string();
  REQUIRE(mkdtemp(cache.data()) != nullptr);
  reference::Options options;
  options.cache = cache;
  for (const Case& row : kCases) {
    const auto data = open(load(row.profile).profile);
    const auto inputs = dataset::quantise_inputs(data, row.input);
    if (!inputs) FAIL(inputs.error().text());
    std::vector<reference::Job> jobs;
    for (const auto& spec : reference::runtimes()) {
      jobs.push_back({.id = spec.id,
                      .level = "R1",
                      .runtime = spec.id,
                      .model = kProfiles / row.file,
                      .inputs = &*inputs});
    }
    const auto results = reference::run_references(jobs, options, Deadline::in(std::chrono::seconds(100)));
    for (size_t i = 0; i < jobs.size(); ++i) {
      INFO(row.file << " on " << jobs[i].id);
      if (!results[i]) FAIL(results[i].error().text());
      const double percent = accuracy(results[i]->outputs, data.labels);
      std::printf("%-40s %-16s %6.2f %%  %5.2f s\n", row.file, jobs[i].id.c_str(), percent,
                  results[i]->seconds);
      CHECK(std::abs(percent - row.top1) <= row.spread + 0.005);
    }
  }
  std::filesystem::remove_all(cache);
}

TEST_CASE("the native engine equals tflite-micro on every sample of the shipped profiles") {
  if (runtimes_missing()) return;
  reference::Options options;
  options.use_cache = false;
  for (const Case& row : kCases) {
    if (row.input.type != ElementType::kInt8) continue;  // the engine's own domain
    INFO(row.file);
    const auto bytes = read_bytes(kProfiles / row.file);
    REQUIRE(bytes);
    const auto graph = model::import_tflite(*bytes, row.profile);
    if (!graph) FAIL(graph.error().text());
    const auto plan = model::make_plan(*graph, {}, std::string(64, '0'));
    if (!plan) FAIL(plan.error().text());
    const auto data = open(load(row.profile).profile);
    CHECK(plan->inputs[0].scale == Approx(row.input.scale));
    CHECK(plan->inputs[0].zero_point == row.input.zero_point);
    const auto inputs = dataset::quantise_inputs(data, plan->inputs[0]);
    REQUIRE(inputs);
    const reference::Job job{.id = "r1",
                             .level = "R1",
                             .runtime = "tflite_micro",
                             .model = kProfiles / row.file,
                             .inputs = &*inputs};
    const auto desktop = reference::run_reference(job, options, Deadline::in(std::chrono::seconds(100)));
    if (!desktop) FAIL(desktop.error().text());
    const auto native =
        reference::run_native(plan->bytes, *inputs, nullptr, Deadline::in(std::chrono::seconds(100)));
    if (!native) FAIL(native.error().text());
    CHECK(native->outputs.data == desktop->outputs.data);
    std::printf("%-40s native %6.2f %%  %5.2f s, arena %llu B, plan %zu B\n", row.file,
                accuracy(native->outputs, data.labels), native->seconds,
                static_cast<unsigned long long>(plan->arena_bytes), plan->bytes.size());
  }
}

}  // namespace assay
