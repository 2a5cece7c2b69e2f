#include "metric/task_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "config/nearest.h"
#include "config/profile.pb.h"
#include "metric/task_truth.h"

namespace assay::metric {
namespace {

tl::unexpected<Error> bad_task(std::string message) {
  return fail("metric.bad_task", std::move(message), "profile.toml [task]");
}

Status check_outputs(const TaskSetup& setup, const TaskSamples& samples) {
  if (setup.element < 0 || setup.element >= samples.outputs) {
    return bad_task(fmt::format("element {} is none of the model's {} outputs, which count from 0",
                                setup.element, samples.outputs));
  }
  const auto fields = static_cast<int64_t>(setup.layout.size());
  if (setup.kind == "detection" && samples.outputs % fields != 0) {
    return bad_task(fmt::format("boxes of {} values ({}) do not fill the model's {} outputs", fields,
                                fmt::join(setup.layout, " "), samples.outputs));
  }
  for (const char* name : {"y0", "x0", "y1", "x1", "score", "class"}) {
    if (std::count(setup.layout.begin(), setup.layout.end(), name) != 1) {
      return bad_task(
          fmt::format("layout must name each of y0 x0 y1 x1 score class once; {} is there {} times", name,
                      std::count(setup.layout.begin(), setup.layout.end(), name)));
    }
  }
  return {};
}

Status check_numbers(const TaskSetup& setup, const TaskSamples& samples) {
  if (!(setup.max_fpr > 0 && setup.max_fpr <= 1)) return bad_task("max_fpr must lie in 0..1, above 0");
  if (setup.top_k < 0 || setup.top_k > samples.outputs) {
    return bad_task(fmt::format("top_k {} with {} classes", setup.top_k, samples.outputs));
  }
  if (!std::isfinite(setup.unit_scale) || !std::isfinite(setup.unit_offset)) {
    return bad_task("unit_scale and unit_offset must be finite");
  }
  if (setup.kind == "streaming" && !(setup.hop_s > 0)) {
    return bad_task("streaming needs hop_s, the seconds from one row to the next");
  }
  if (setup.smoothing < 1 || setup.debounce_s < 0 || setup.grace_s < 0) {
    return bad_task("smoothing is a number of hops >= 1; debounce_s and grace_s are seconds >= 0");
  }
  if (!setup.group.empty() &&
      std::find(samples.columns.begin(), samples.columns.end(), setup.group) == samples.columns.end()) {
    const std::string near = config::nearest(setup.group, samples.columns);
    return bad_task(fmt::format("group = \"{}\" is no slice column of the dataset{}", setup.group,
                                near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
  }
  return {};
}

// Rows of a stream are hops one after the other; a choice of samples with holes is no stream.
Status check_consecutive(const TaskSamples& samples) {
  for (size_t i = 1; i < samples.rows.size(); ++i) {
    if (samples.rows[i] == samples.rows[i - 1] + 1) continue;
    return bad_task(fmt::format("streaming needs consecutive rows: {} follows {}; choose them as first:last",
                                samples.rows[i], samples.rows[i - 1]));
  }
  return {};
}

}  // namespace

Result<TaskSetup> load_task(const config::Profile& profile, const TaskSamples& samples) {
  TaskSetup setup;
  if (!profile.has_task()) return setup;
  const config::Task& task = profile.task();
  setup.kind = task.kind();
  setup.top_k = task.top_k();
  if (!task.unit().empty()) setup.unit = task.unit();
  if (task.unit_scale() != 0) setup.unit_scale = task.unit_scale();
  setup.unit_offset = task.unit_offset();
  if (!task.score().empty()) setup.score = task.score();
  setup.element = task.element();
  if (task.has_threshold()) setup.threshold = task.threshold();
  if (task.max_fpr() != 0) setup.max_fpr = task.max_fpr();
  setup.group = task.group();
  if (task.layout_size() > 0) setup.layout.assign(task.layout().begin(), task.layout().end());
  setup.min_score = task.min_score();
  setup.hop_s = task.hop_s();
  if (task.smoothing() != 0) setup.smoothing = task.smoothing();
  if (task.has_debounce_s()) setup.debounce_s = task.debounce_s();
  if (task.has_grace_s()) setup.grace_s = task.grace_s();
  for (const std::string& name : task.background()) {
    ASSAY_TRY(const int label, class_index(name, samples, "background"));
    setup.background.push_back(label);
  }
  ASSAY_CHECK(check_outputs(setup, samples));
  ASSAY_CHECK(check_numbers(setup, samples));
  if (setup.kind == "streaming") ASSAY_CHECK(check_consecutive(samples));
  ASSAY_CHECK(read_truth(task.truth(), samples, setup));
  return setup;
}

}  // namespace assay::metric
