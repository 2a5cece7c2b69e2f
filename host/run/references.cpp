#include "run/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <list>
#include <map>
#include <mutex>
#include <numeric>

#include "base/files.h"
#include "dataset/quantise.h"
#include "model/tflite_import.h"
#include "reference/command.h"
#include "reference/native.h"
#include "reference/table.h"
#include "run/recorded_outputs.h"
#include "run/stopwatch.h"

namespace assay::run {
namespace {

constexpr auto kBudget = std::chrono::minutes(30);  // a worker without progress is killed much earlier
const std::vector<std::string> kDefaultR1 = {"litert_ref", "litert_builtin", "litert_xnnpack",
                                             "tflite_micro"};

// Desktop runtimes load a .tflite and nothing else, and know of no state between two calls.
std::vector<std::string> desktop_runtimes(const config::Profile& profile) {
  if (profile.model().input_size() > 0 || profile.engine().hops() > 1) return {};
  const auto& named = profile.references().r1();
  return named.empty() ? kDefaultR1 : std::vector<std::string>(named.begin(), named.end());
}

Result<reference::Job::Command> command_of(const config::OtherReference& other,
                                           const std::filesystem::path& folder) {
  reference::Job::Command command{.folder = folder, .version = other.version()};
  ASSAY_TRY(command.words, reference::words_of(other.command()));
  command.uses.assign(other.uses().begin(), other.uses().end());
  if (other.chunk() > 0) command.chunk = other.chunk();
  command.limit = std::chrono::milliseconds(static_cast<int64_t>(other.timeout_s() * 1000));
  return command;
}

// What a finished job is for.
enum class Role { kR0, kR1, kR2, kVariant };
struct Planned {
  reference::Job job;
  Role role;
  int variant = -1;
};

class Gathering {
 public:
  Gathering(const CaseSpec& spec, const Prepared& prepared)
      : prepared_(prepared),
        profile_(spec.profile.profile),
        float_data_(spec.float_data),
        folder_(spec.profile.file.parent_path()) {}

  void plan() {
    const std::vector<std::string> r1 = desktop_runtimes(profile_);
    for (const std::string& runtime : r1) {
      add(Role::kR1, {.id = "r1." + runtime,
                      .level = "R1",
                      .runtime = runtime,
                      .model = profile_.model().file(),
                      .inputs = &prepared_.inputs,
                      .primary = planned_.empty(),
                      .output_type = prepared_.output.type});
    }
    const std::string runtime = r1.empty() ? kDefaultR1[0] : r1[0];
    for (const config::OtherReference& other : profile_.references().other()) plan_other(other);
    if (!profile_.model().float_file().empty() && !declares(profile_, "R0")) {
      const dataset::Dataset* data = float_dataset();
      if (const TensorRows* inputs = data ? inputs_of(*data, profile_.model().float_file(), "r0") : nullptr) {
        add(Role::kR0, {.id = "r0",
                        .level = "R0",
                        .runtime = runtime,
                        .model = profile_.model().float_file(),
                        .inputs = inputs});
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
        case Role::kR0:
          found_.r0 = std::move(*outcomes[i]);
          break;
        case Role::kR1:
          found_.r1.push_back(std::move(*outcomes[i]));
          break;
        case Role::kR2:
          found_.r2 = std::move(*outcomes[i]);
          break;
        case Role::kVariant: {
          std::error_code error;
          found_.variants.push_back(
              {planned_[i].variant, std::move(outcomes[i]->outputs), std::move(outcomes[i]->info),
               static_cast<int64_t>(std::filesystem::file_size(planned_[i].job.model, error))});
          break;
        }
      }
    }
  }

  void take_host_build(Result<reference::ReferenceOutputs> outcome) {
    if (!outcome) return missing("r2", outcome.error());
    found_.r2 = std::move(*outcome);
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

  void plan_other(const config::OtherReference& other) {
    static const std::map<std::string, Role> kRoles = {
        {"R0", Role::kR0}, {"R1", Role::kR1}, {"R2", Role::kR2}};
    const std::string id = other.level() == "R1" ? "r1." + other.name() : other.level() == "R0" ? "r0" : "r2";
    auto job = job_of(other, id);
    if (!job) return missing(fmt::format("{} ({})", id, other.name()), job.error());
    add(kRoles.at(other.level()), std::move(*job));
  }

  Result<reference::Job> job_of(const config::OtherReference& other, const std::string& id) {
    ASSAY_TRY(const reference::RuntimeSpec* kind, reference::find_runtime(other.kind()));
    reference::Job job{.id = id, .level = other.level(), .runtime = kind->id, .model = model_of(other)};
    job.layout = other.layout() == "nchw" ? "nchw" : "";
    job.deployed_output = prepared_.output;
    ASSAY_TRY(job.inputs, inputs_for(other, *kind, job));
    if (kind->how == reference::How::kCommand) {
      ASSAY_TRY(job.command, command_of(other, folder_));
    }
    if (kind->how == reference::How::kRecorded) {
      job.model = other.recorded().file();
      auto read = read_recorded(other.recorded(), prepared_);
      if (!read)
        return fail("reference.recorded", fmt::format("{} [{}]", read.error().message, read.error().code),
                    read.error().where, read.error().remedy);
      Recorded& recorded = *read;
      if (!recorded.extra.empty()) {
        found_.issues.push_back(
            {"run.recorded_ids", "note",
             fmt::format("{} holds {} that no sample of the dataset has, the first is {}", id,
                         recorded.extra.size() == 1 ? "an id" : fmt::format("{} ids", recorded.extra.size()),
                         recorded.extra[0])});
      }
      recorded_.push_back(std::move(recorded.outputs));
      job.recorded = &recorded_.back();
    }
    return job;
  }

  std::string model_of(const config::OtherReference& other) const {
    if (!other.model().empty()) return other.model();
    const config::Model& model = profile_.model();
    return other.level() == "R0" && !model.float_file().empty() ? model.float_file() : model.file();
  }

  // What it takes: the border of a .tflite says it, else the profile.
  Result<const TensorRows*> inputs_for(const config::OtherReference& other,
                                       const reference::RuntimeSpec& kind, const reference::Job& job) {
    if (std::string_view(kind.model) == ".tflite") {
      const TensorRows* rows = job.model == profile_.model().file()
                                   ? &prepared_.inputs
                                   : inputs_of(prepared_.dataset, job.model, job.id);
      if (!rows) return fail("reference.shape", "its inputs cannot be made", job.model.string());
      return rows;
    }
    const bool real = other.inputs().empty()
                          ? other.level() == "R0" || std::string_view(kind.model) == ".onnx"
                          : other.inputs() == "real";
    if (!real || prepared_.input.type == ElementType::kFloat32) return &prepared_.inputs;
    if (!real_inputs_) {
      TensorInfo info = prepared_.input;
      info.type = ElementType::kFloat32;
      info.scale = 0;
      info.zero_point = 0;
      ASSAY_TRY(auto rows, dataset::quantise_inputs(prepared_.dataset, info, &prepared_.stored_for));
      inputs_.push_back(std::move(rows));
      real_inputs_ = &inputs_.back();
    }
    return real_inputs_;
  }

  // The samples as the float model takes them, where the case's own model takes them otherwise.
  const dataset::Dataset* float_dataset() {
    if (!float_data_) return &prepared_.dataset;
    auto whole = dataset::open_dataset(*float_data_);
    auto chosen = whole ? dataset::take_rows(*whole, prepared_.dataset.rows) : std::move(whole);
    if (!chosen) return missing("r0", chosen.error()), nullptr;
    return &float_dataset_.emplace(std::move(*chosen));
  }

  // The samples as the input of another model; kept as long as this object.
  const TensorRows* inputs_of(const dataset::Dataset& dataset, const std::string& file,
                              const std::string& id) {
    auto bytes = read_bytes(file);
    if (!bytes) return missing(id, bytes.error()), nullptr;
    auto border = model::read_border(*bytes, std::filesystem::path(file).filename().string());
    if (!border) return missing(id, border.error()), nullptr;
    auto rows = dataset::quantise_inputs(dataset, border->inputs[0], &prepared_.stored_for);
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
      add(Role::kVariant,
          {.id = id, .level = "R1", .runtime = runtime, .model = variant.file(), .inputs = inputs}, index);
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
      ASSAY_CHECK(dataset::set_channel_scale(
          dataset, scale, {variant.channel_zero_point().begin(), variant.channel_zero_point().end()}));
    }
    return dataset;
  }

  const Prepared& prepared_;
  const config::Profile& profile_;
  const std::optional<config::Data>& float_data_;
  std::optional<dataset::Dataset> float_dataset_;
  std::vector<Planned> planned_;
  std::list<TensorRows> inputs_, recorded_;  // stable addresses: jobs borrow them
  const TensorRows* real_inputs_ = nullptr;
  std::filesystem::path folder_;  // of the profile
  References found_;
};

}  // namespace

bool declares(const config::Profile& profile, std::string_view level) {
  const auto& others = profile.references().other();
  return std::any_of(others.begin(), others.end(),
                     [&](const config::OtherReference& other) { return other.level() == level; });
}

bool has_desktop_runtime(const config::Profile& profile) {
  return !desktop_runtimes(profile).empty() || declares(profile, "R1");
}

Result<TensorRows> run_host_build(const CaseSpec& spec, const std::filesystem::path& model,
                                  const TensorRows& inputs, const TensorInfo& output) {
  const auto& others = spec.profile.profile.references().other();
  const auto other = std::find_if(others.begin(), others.end(),
                                  [](const config::OtherReference& one) { return one.level() == "R2"; });
  const std::string where = spec.profile.file.string();
  if (other == others.end())
    return fail("diverge.no_r2", "the profile declares no reference of level R2", where);
  ASSAY_TRY(const reference::RuntimeSpec* kind, reference::find_runtime(other->kind()));
  const bool takes_it = kind->how == reference::How::kCommand || std::string_view(kind->model) == ".tflite";
  if (!takes_it || !other->model().empty()) {
    return fail("diverge.no_r2",
                fmt::format("the host build '{}' runs no other model than its own", other->name()), where,
                "Declare a reference of level R2 that runs a .tflite: a desktop runtime, or a command.");
  }
  reference::Job job{.id = "r2", .level = "R2", .runtime = kind->id, .model = model, .inputs = &inputs};
  job.layout = other->layout() == "nchw" ? "nchw" : "";
  job.output_elements = output.elements();
  job.deployed_output = output;
  if (kind->how == reference::How::kCommand) {
    ASSAY_TRY(job.command, command_of(*other, spec.profile.file.parent_path()));
  }
  reference::Options options;
  options.use_cache = spec.cache;
  options.no_progress =
      std::chrono::duration_cast<std::chrono::milliseconds>(options.no_progress * spec.timeout_multiplier);
  auto outcomes = reference::run_references({job}, options, Deadline::in(kBudget));
  if (!outcomes[0]) return fail(outcomes[0].error());
  TensorRows rows = std::move(outcomes[0]->outputs);
  if (rows.info.type != output.type || rows.info.bytes() != output.bytes()) {
    return fail(
        "reference.shape",
        fmt::format("the host build gives {} {} for '{}', wanted is {} {}", element_name(rows.info.type),
                    rows.info.shape(), output.name, element_name(output.type), output.shape()),
        model.string());
  }
  rows.info = output;
  return rows;
}

References gather_references(const CaseSpec& spec, const Prepared& prepared, Observer& observer) {
  Stopwatch watch;
  Gathering gathering(spec, prepared);
  gathering.plan();
  gathering.keep_real_inputs();
  const auto jobs = gathering.jobs();
  const auto total = static_cast<int64_t>(prepared.inputs.rows() * (jobs.size() + 1));
  std::map<std::string, int64_t> done;
  std::mutex mutex;  // R2 counts beside the workers
  reference::Options options;
  options.use_cache = spec.cache;
  options.parallel =
      spec.workers > 0 ? spec.workers : static_cast<int>(spec.profile.profile.references().workers());
  options.no_progress =
      std::chrono::duration_cast<std::chrono::milliseconds>(options.no_progress * spec.timeout_multiplier);
  options.progress = [&](const std::string& id, int64_t count, int64_t) {
    const std::lock_guard lock(mutex);
    done[id] = count;
    const int64_t sum = std::accumulate(done.begin(), done.end(), int64_t{0},
                                        [](int64_t s, const auto& entry) { return s + entry.second; });
    observer.progress(Phase::kReferences, sum, total, id);
  };
  // R2 of the native engine is this process's own work, beside the workers.
  std::future<Result<reference::ReferenceOutputs>> native;
  if (!prepared.plan.bytes.empty() && !declares(spec.profile.profile, "R2")) {
    native = std::async(std::launch::async, [&] {
      return reference::run_native(
          prepared.plan.bytes, prepared.inputs,
          [&](int64_t count, int64_t of) { options.progress("r2", count, of); }, Deadline::in(kBudget));
    });
  }
  auto outcomes = reference::run_references(jobs, options, Deadline::in(kBudget));
  if (native.valid()) gathering.take_host_build(native.get());
  gathering.take(std::move(outcomes));
  gathering.found().seconds = watch.seconds();
  return std::move(gathering.found());
}

}  // namespace assay::run
