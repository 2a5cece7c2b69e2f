// The real desktop runtimes, and the native engine beside them.
#include <fmt/format.h>

#include <cstring>
#include <map>

#include "base/subprocess.h"
#include "model/planner.h"
#include "model/tflite_import.h"
#include "reference/fixture.h"
#include "reference/native.h"
#include "reference/reference.h"
#include "reference/table.h"
#include "reference/worker.h"
#include "shared_data.h"

namespace assay::reference {
namespace {

bool runtimes_missing() {
  const auto files = find_worker({});
  if (!files) {
    WARN("skipped: " << files.error().text());
    return true;
  }
  const auto versions =
      runtime_versions(*files, std::chrono::seconds(60), Deadline::in(std::chrono::seconds(60)));
  if (!versions || versions->size() < runtimes().size()) {
    WARN("skipped: not every desktop runtime is installed for " << files->python);
    return true;
  }
  return false;
}

struct Golden {
  TensorRows inputs = int8_rows({1, 49, 10, 1}, {});
  std::vector<std::vector<int8_t>> outputs;
};

// Lines of file, offset, raw outputs: what tflite-micro's reference kernels gave.
Golden read_kws(const std::filesystem::path& data) {
  Golden golden;
  const auto text = read_text(data / "golden/kws01_tflm_int8.tsv");
  REQUIRE(text);
  size_t at = 0;
  while (at < text->size()) {
    const size_t end = std::min(text->find('\n', at), text->size());
    const std::string line = text->substr(at, end - at);
    at = end + 1;
    const auto input = read_bytes(data / "datasets/kws01" / line.substr(0, line.find('\t')));
    REQUIRE(input);
    golden.inputs.data.insert(golden.inputs.data.end(), input->begin(), input->end());
    std::vector<int8_t> values;
    const char* cursor = line.c_str() + line.rfind('\t') + 1;
    for (char* next = nullptr; values.size() < 12; cursor = next + 1) {
      values.push_back(static_cast<int8_t>(strtol(cursor, &next, 10)));
    }
    golden.outputs.push_back(values);
  }
  return golden;
}

struct Agreement {
  int exact = 0, max_lsb = 0;
};
Agreement compare(const TensorRows& outputs, const std::vector<std::vector<int8_t>>& golden) {
  Agreement agreement;
  for (size_t i = 0; i < golden.size(); ++i) {
    const auto row = outputs.row(i);
    int worst = 0;
    for (size_t k = 0; k < golden[i].size(); ++k) {
      worst = std::max(worst, std::abs(static_cast<int8_t>(row[k]) - golden[i][k]));
    }
    agreement.exact += worst == 0;
    agreement.max_lsb = std::max(agreement.max_lsb, worst);
  }
  return agreement;
}

}  // namespace

TEST_CASE("the worker knows every runtime of the table, and no other") {
  if (runtimes_missing()) return;
  const auto files = find_worker({});
  const auto versions =
      runtime_versions(*files, std::chrono::seconds(60), Deadline::in(std::chrono::seconds(60)));
  REQUIRE(versions);
  for (const RuntimeSpec& spec : runtimes()) CHECK(versions->count(spec.id) == 1);
  // Those that may be absent, as ONNX Runtime, are told as absent: "null".
  auto all = run_process({.argv = {files->python.string(), files->script.string(), "--versions"}},
                         Deadline::in(std::chrono::seconds(60)));
  REQUIRE(all);
  size_t workers = 0;
  for (const RuntimeSpec& spec : kinds()) {
    if (spec.how != How::kWorker) continue;
    ++workers;
    CHECK_THAT(all->out, Catch::Contains(fmt::format("\"{}\": ", spec.id)));
  }
  CHECK(static_cast<size_t>(std::count(all->out.begin(), all->out.end(), ':')) == workers);
}

TEST_CASE("desktop runtimes agree with tflite-micro on keyword spotting as far as was published") {
  const auto data = shared_file("");
  if (!data) return;
  if (runtimes_missing()) return;
  const Golden golden = read_kws(*data);
  REQUIRE(golden.outputs.size() == 1000);
  const Scratch scratch;
  Options options;
  options.cache = scratch.path;
  std::vector<Job> jobs;
  for (const RuntimeSpec& spec : runtimes()) {
    jobs.push_back({.id = std::string("r1.") + spec.id,
                    .level = "R1",
                    .runtime = spec.id,
                    .model = *data / "models/kws01_kws_ref_model_int8.tflite",
                    .inputs = &golden.inputs});
  }
  const auto results = run_references(jobs, options, Deadline::in(std::chrono::seconds(100)));
  // Samples exact of 1000, worst difference: LiteRT 2.3.0 (and 1.4.0) on x86-64 against the golden outputs.
  const std::map<std::string, Agreement> expected = {
      {"r1.litert_ref", {991, 7}}, {"r1.litert_builtin", {996, 1}}, {"r1.tflite_micro", {1000, 0}}};
  for (size_t i = 0; i < jobs.size(); ++i) {
    INFO(jobs[i].id);
    if (!results[i]) FAIL(results[i].error().text());
    CHECK(results[i]->info.count == 1000);
    const Agreement agreement = compare(results[i]->outputs, golden.outputs);
    std::printf("%-20s %-24s exact %4d of 1000, worst %2d LSB, %5.1f s\n", jobs[i].id.c_str(),
                results[i]->info.version.c_str(), agreement.exact, agreement.max_lsb, results[i]->seconds);
    if (const auto known = expected.find(jobs[i].id); known != expected.end()) {
      CHECK(agreement.exact == known->second.exact);
      CHECK(agreement.max_lsb == known->second.max_lsb);
    } else {
      CHECK(agreement.exact > 500);  // XNNPACK: 636 and 22 LSB with AVX2; its kernels depend on the processor
    }
  }
}

TEST_CASE("a file that is no model is refused by every runtime") {
  if (runtimes_missing()) return;
  const Scratch scratch;
  const TensorRows inputs = int8_rows({1, 2}, {1, 2});
  Options options;
  options.cache = scratch.path;
  for (const RuntimeSpec& spec : runtimes()) {
    INFO(spec.id);
    const Job job{.id = spec.id,
                  .level = "R1",
                  .runtime = spec.id,
                  .model = scratch.file("m.tflite", "no model at all"),
                  .inputs = &inputs};
    const auto result = run_reference(job, options, Deadline::in(std::chrono::seconds(60)));
    REQUIRE_FALSE(result);
    CHECK((result.error().code == "reference.refused" || result.error().code == "reference.worker_died"));
  }
}

TEST_CASE("inputs that do not fit the model are refused with both shapes") {
  if (runtimes_missing()) return;
  const Scratch scratch;
  const TensorRows inputs = int8_rows({1, 3}, {1, 2, 3});
  Options options;
  options.cache = scratch.path;
  for (const char* runtime : {"litert_ref", "tflite_micro"}) {
    INFO(runtime);
    const Job job{.id = runtime,
                  .level = "R1",
                  .runtime = runtime,
                  .model = std::filesystem::path(ASSAY_SOURCE_DIR) / "profiles/digits/model_int8.tflite",
                  .inputs = &inputs};
    const auto result = run_reference(job, options, Deadline::in(std::chrono::seconds(60)));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == "reference.shape");
    CHECK_THAT(result.error().message, Catch::Contains("[3]") && Catch::Contains("[1, 8, 8, 1]"));
  }
}

TEST_CASE("the native engine equals tflite-micro to the bit on the shipped models") {
  if (runtimes_missing()) return;
  const Scratch scratch;
  Options options;
  options.cache = scratch.path;
  for (const char* name : {"digits", "watch", "watch_raw"}) {
    INFO(name);
    const auto file = std::filesystem::path(ASSAY_SOURCE_DIR) / "profiles" / name / "model_int8.tflite";
    const auto bytes = read_bytes(file);
    REQUIRE(bytes);
    const auto graph = model::import_tflite(*bytes, name);
    if (!graph) FAIL(graph.error().text());
    const auto plan = model::make_plan(*graph, {}, std::string(64, '0'));
    if (!plan) FAIL(plan.error().text());
    TensorRows inputs;
    inputs.info = plan->inputs[0];
    uint32_t x = 12345;  // every value of the type, without pattern
    for (size_t i = 0; i < 100 * inputs.info.bytes(); ++i) {
      x = x * 1664525 + 1013904223;
      inputs.data.push_back(static_cast<uint8_t>(x >> 24));
    }
    const Job job{.id = "r1", .level = "R1", .runtime = "tflite_micro", .model = file, .inputs = &inputs};
    const auto desktop = run_reference(job, options, Deadline::in(std::chrono::seconds(60)));
    if (!desktop) FAIL(desktop.error().text());
    const auto native = run_native(plan->bytes, inputs, nullptr, Deadline::in(std::chrono::seconds(60)));
    if (!native) FAIL(native.error().text());
    CHECK(native->outputs.data == desktop->outputs.data);
    CHECK(native->outputs.info.scale == Approx(desktop->outputs.info.scale));
    CHECK(native->outputs.info.dims == desktop->outputs.info.dims);
    CHECK(native->info.count == 100);
  }
}

TEST_CASE("the native reference refuses what does not fit and keeps its deadline") {
  const auto file = std::filesystem::path(ASSAY_SOURCE_DIR) / "profiles/digits/model_int8.tflite";
  const auto bytes = read_bytes(file);
  REQUIRE(bytes);
  const auto graph = model::import_tflite(*bytes, "digits");
  REQUIRE(graph);
  const auto plan = model::make_plan(*graph, {}, std::string(64, '0'));
  REQUIRE(plan);
  const auto later = Deadline::in(std::chrono::seconds(60));
  const auto wrong = run_native(plan->bytes, int8_rows({1, 3}, {1, 2, 3}), nullptr, later);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == "reference.shape");
  const auto good = int8_rows({1, 8, 8, 1}, std::vector<int8_t>(64));
  const auto late = run_native(plan->bytes, good, nullptr, Deadline::in(std::chrono::seconds(0)));
  REQUIRE_FALSE(late);
  CHECK(late.error().code == "reference.worker_timeout");
  auto damaged = plan->bytes;
  damaged[damaged.size() / 2] ^= 1;
  CHECK_FALSE(run_native(damaged, good, nullptr, later));
}

}  // namespace assay::reference
