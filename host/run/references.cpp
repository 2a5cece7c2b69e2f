#include "run/references.h"

#include <fmt/format.h>

#include <list>
#include <numeric>

#include "base/files.h"
#include "dataset/quantise.h"
#include "model/tflite_import.h"
#include "reference/native.h"
#include "run/stopwatch.h"

namespace assay::run {
namespace {

constexpr auto kBudget = std::chrono::minutes(30);  // a worker without progress is killed much earlier
const std::vector<std::string> kDefaultR1 = {"litert_ref", "litert_builtin", "litert_xnnpack", "tflite_micro"};

// What a finished job is for.
enum class Role { kR0, kR1, kVariant };
struct Planned {
  reference::Job job;
  Role role;
  int variant = -1;
};

class Gathering {
 public:
  Gathering(const CaseSpec& spec, const Prepared& prepared) : prepared_(prepared), profile_(spec.profile.profile) {}

  void plan() {
    const std::vector<std::string> named(profile_.references().r1().begin(), profile_.references().r1().end());
    for (const std::string& runtime : named.empty() ? kDefaultR1 : named) {
      add(Role::kR1, {.id = "r1." + runtime, .level = "R1", .runtime = runtime, .model = profile_.model().file(),
                      .inputs = &prepared_.inputs, .primary = planned_.empty(), .output_type = prepared_.output.type});
    }
    const std::string runtime = planned_[0].job.runtime;
    if (!profile_.model().float_file().empty()) {
      if (const TensorRows* inputs = inputs_of(prepared_.dataset, profile_.model().float_file(), "r0")) {
        add(Role::kR0, {.id = "r0", .level = "R0", .runtime = runtime, .model = profile_.model().float_file(), .inputs = inputs});
      }
    }
    for (int i = 0; i < profile_.variant_size(); ++i) plan_variant(i, runtime);
  }

  std::vector<reference::Job> jobs() const {
    std::vector<reference::Job> jobs;
    for (const Planned& planned : planned_) jobs.push_back(planned.job);
    return jobs;
  }

  void take(std::vector<Result<reference::ReferenceOutputs>> outcomes) {
    for (size_t i = 0; i < outcomes.size(); ++i) {
      if (!outcomes[i]) {
        missing(planned_[i].job.id, outcomes[i].error());
        continue;
      }
      found_.from_cache += outcomes[i]->from_cache;
      switch (planned_[i].role) {
        case Role::kR0: found_.r0 = std::move(*outcomes[i]); break;
        case Role::kR1: found_.r1.push_back(std::move(*outcomes[i])); break;
        case Role::kVariant: {
          std::error_code error;
          found_.variants.push_back({planned_[i].variant, std::move(outcomes[i]->outputs), std::move(outcomes[i]->info),
                                     static_cast<int64_t>(std::filesystem::file_size(planned_[i].job.model, error))});
          break;
        }
      }
    }
  }

  void missing(const std::string& id, const Error& error) {
    found_.issues.push_back({error.code, "warning", fmt::format("{} is missing: {}", id, error.text())});
  }

  void keep_real_inputs() {
    if (prepared_.dataset.quantised || prepared_.input.scale == 0) return;
    TensorInfo real = prepared_.input;
    real.type = ElementType::kFloat32;
    real.scale = 0;
    real.zero_point = 0;
    if (auto rows = dataset::quantise_inputs(prepared_.dataset, real)) found_.inputs_real = std::move(*rows);
  }

  References& found() { return found_; }

 private:
  // Every reference is compared with the device, so it has as many outputs.
  void add(Role role, reference::Job job, int variant = -1) {
    job.output_elements = prepared_.output.elements();
    planned_.push_back({std::move(job), role, variant});
  }

  // The samples as the input of another model; kept as long as this object.
  const TensorRows* inputs_of(const dataset::Dataset& dataset, const std::string& file, const std::string& id) {
    auto bytes = read_bytes(file);
    if (!bytes) return missing(id, bytes.error()), nullptr;
    auto border = model::read_border(*bytes, std::filesystem::path(file).filename().string());
    if (!border) return missing(id, border.error()), nullptr;
    auto rows = dataset::quantise_inputs(dataset, border->inputs[0], &prepared_.input);
    if (!rows) return missing(id, rows.error()), nullptr;
    inputs_.push_back(std::move(*rows));
    return &inputs_.back();
  }

  void plan_variant(int index, const std::string& runtime) {
    const config::Variant& variant = profile_.variant(index);
    const std::string id = fmt::format("variant.{}", variant.name());
    auto dataset = variant_dataset(variant);
    if (!dataset) return missing(id, dataset.error());
    if (const TensorRows* inputs = inputs_of(*dataset, variant.file(), id)) {
      add(Role::kVariant, {.id = id, .level = "R1", .runtime = runtime, .model = variant.file(), .inputs = inputs}, index);
    }
  }

  Result<dataset::Dataset> variant_dataset(const config::Variant& variant) const {
    dataset::Dataset dataset = prepared_.dataset;
    if (!variant.data().empty()) {
      config::Data data = profile_.data();
      data.set_path(variant.data());
      ASSAY_TRY(const dataset::Dataset whole, dataset::open_dataset(data));
      ASSAY_TRY(dataset, dataset::take_rows(whole, prepared_.dataset.rows));
    }
    std::vector<double> scale(variant.channel_scale().begin(), variant.channel_scale().end());
    if (scale.empty() && variant.scale() != 0) scale = {variant.scale()};
    if (!scale.empty()) {
      ASSAY_CHECK(dataset::set_channel_scale(dataset, scale, {variant.channel_zero_point().begin(), variant.channel_zero_point().end()}));
    }
    return dataset;
  }

  const Prepared& prepared_;
  const config::Profile& profile_;
  std::vector<Planned> planned_;
  std::list<TensorRows> inputs_;  // stable addresses: jobs borrow them
  References found_;
};

}  // namespace

References gather_references(const CaseSpec& spec, const Prepared& prepared, Observer& observer) {
  Stopwatch watch;
  Gathering gathering(spec, prepared);
  gathering.plan();
  gathering.keep_real_inputs();
  const auto jobs = gathering.jobs();
  const auto total = static_cast<int64_t>(prepared.inputs.rows() * (jobs.size() + 1));
  std::map<std::string, int64_t> done;
  reference::Options options;
  options.use_cache = spec.cache;
  options.no_progress = std::chrono::duration_cast<std::chrono::milliseconds>(options.no_progress * spec.timeout_multiplier);
  options.progress = [&](const std::string& id, int64_t count, int64_t) {
    done[id] = count;
    const int64_t sum = std::accumulate(done.begin(), done.end(), int64_t{0}, [](int64_t s, const auto& entry) { return s + entry.second; });
    observer.progress(Phase::kReferences, sum, total, id);
  };
  // R2 first: it is this process's own work, and a plan that it refuses is worth knowing before workers start.
  auto native = reference::run_native(prepared.plan.bytes, prepared.inputs, [&](int64_t count, int64_t of) { options.progress("r2", count, of); },
                                      Deadline::in(kBudget));
  References& found = gathering.found();
  if (native) {
    found.r2 = std::move(*native);
  } else {
    gathering.missing("r2", native.error());
  }
  gathering.take(reference::run_references(jobs, options, Deadline::in(kBudget)));
  found.seconds = watch.seconds();
  return std::move(found);
}

}  // namespace assay::run
