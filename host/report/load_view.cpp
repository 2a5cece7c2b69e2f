#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "report/view.h"
#include "results/case_lock.h"
#include "results/incomplete_run.h"
#include "results/npy.h"
#include "results/run_folder.h"

namespace assay::report {
namespace {

using results::RunFolder;
using results::Summary;

// More previews than this are not shown by any format.
constexpr size_t kPreviews = 4000;

struct Quantisation {
  double scale = 0;
  double zero_point = 0;
  // To what the integer tensor can hold, in real units.
  float round_trip(float real) const {
    return static_cast<float>(scale *
                              std::clamp(std::round(real / scale), -128 - zero_point, 127 - zero_point));
  }
};

struct Graph {
  PreviewFormat format;
  Quantisation input;   // of the deployed input tensor
  Quantisation stored;  // of the rows of inputs.npy
};

double number_or(const nlohmann::json& object, const char* key, double fallback) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_number() ? found->get<double>() : fallback;
}

Result<Graph> read_graph(const RunFolder& folder) {
  Graph graph;
  if (!folder.has(results::file::kGraph)) return graph;
  const auto path = folder.path(results::file::kGraph);
  ASSAY_TRY(const std::string text, read_text(path));
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return fail("results.bad_run", "graph.json is no JSON object", path.string());
  const auto input = json.value("input", nlohmann::json::object()),
             preview = json.value("preview", nlohmann::json::object());
  graph.input = {number_or(input, "scale", 0), number_or(input, "zero_point", 0)};
  graph.stored = {number_or(preview, "scale", 0), number_or(preview, "zero_point", 0)};
  graph.format.scale = graph.input.scale;
  graph.format.rate_hz = number_or(preview, "rate_hz", 0);
  if (!preview.is_object()) return graph;
  if (const auto kind = preview.find("kind");
      kind != preview.end() && kind->is_string() && !kind->get<std::string>().empty())
    graph.format.kind = kind->get<std::string>();
  if (const auto channels = preview.find("channels"); channels != preview.end() && channels->is_array())
    for (const auto& channel : *channels)
      if (channel.is_string()) graph.format.channels.push_back(channel.get<std::string>());
  if (const auto dims = preview.find("dims"); dims != preview.end() && dims->is_array())
    for (const auto& dim : *dims)
      if (dim.is_number_integer() && dim.get<int64_t>() > 0) graph.format.dims.push_back(dim.get<int64_t>());
  return graph;
}

// Dimensions of one row without the batch and the ones that say nothing (100x1x6 is a series of six
// channels).
std::vector<int64_t> row_dims(const TensorInfo& info, const PreviewFormat& format) {
  const int64_t elements = info.elements();
  int64_t product = 1;
  for (const int64_t dim : format.dims) product *= dim;
  if (!format.dims.empty() && product == elements) return format.dims;
  const auto channels = static_cast<int64_t>(format.channels.size());
  if (format.kind == "series" || format.kind == "audio") {
    const int64_t last = channels > 0 && elements % channels == 0 ? channels
                         : format.kind == "audio"                 ? 1
                         : info.dims.empty()                      ? 1
                                                                  : info.dims.back();
    return {elements / std::max<int64_t>(1, last), last};
  }
  return info.dims.size() > 1 ? std::vector(info.dims.begin() + 1, info.dims.end()) : info.dims;
}

// Rows of one channel in two dimensions, such as spectra over time, can be looked at though nothing says what
// they are.
bool is_map(const std::vector<int64_t>& dims) {
  constexpr int64_t kLeast = 4, kMost = 256;
  const auto side = [](int64_t d) { return d >= kLeast && d <= kMost; };
  return (dims.size() == 2 || (dims.size() == 3 && dims[2] == 1)) && side(dims[0]) && side(dims[1]);
}

bool is_number(const std::string& name) {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

// A dataset without names numbers its classes, a model its channels: a bare number in a sentence says
// nothing.
void name_the_nameless(Summary& s) {
  if (s.accuracy && s.dataset.classes.empty()) {
    for (auto& row : s.accuracy->classes) {
      if (is_number(row.name)) row.name = "class " + row.name;
      s.dataset.classes.push_back(row.name);
    }
    for (auto& variant : s.variants)
      if (is_number(variant.worst_class)) variant.worst_class = "class " + variant.worst_class;
  }
  for (auto& channel : s.input_channels)
    if (is_number(channel.name))
      channel.name = s.input_channels.size() == 1 ? "input" : "channel " + channel.name;
}

Status read_inputs(const RunFolder& folder, View& view) {
  ASSAY_TRY(Graph graph, read_graph(folder));
  view.input = graph.format;
  if (!folder.has(results::file::kInputs) || !folder.has(results::file::kInputIndex)) return {};
  ASSAY_TRY(TensorRows rows, results::read_npy(folder.path(results::file::kInputs)));
  ASSAY_TRY(const std::vector<int64_t> index,
            results::read_npy_integers(folder.path(results::file::kInputIndex)));
  if (index.size() != rows.rows())
    return fail("results.bad_run",
                "inputs.npy has " + std::to_string(rows.rows()) + " rows, inputs_index.npy " +
                    std::to_string(index.size()),
                folder.path().string());
  view.input.dims = row_dims(rows.info, view.input);
  if (view.input.kind == "other" && is_map(view.input.dims)) view.input.kind = "map";
  rows.info.scale = graph.stored.scale;
  rows.info.zero_point = static_cast<int64_t>(graph.stored.zero_point);
  std::map<int64_t, std::string> names;
  for (const auto& flip : view.flips) names[flip.index] = flip.sample;
  for (size_t i = 0; i < index.size() && view.previews.size() < kPreviews; ++i) {
    Preview preview{names.count(index[i]) ? names[index[i]] : std::to_string(index[i]), index[i], {}, {}};
    for (const double value : real_values(rows.info, rows.row(i)))
      preview.real.push_back(static_cast<float>(value));
    if (graph.input.scale > 0 && !view.summary.dataset.quantised)
      for (const float value : preview.real)
        preview.quantised.push_back(std::isfinite(value) ? graph.input.round_trip(value) : value);
    view.previews.push_back(std::move(preview));
  }
  return {};
}

}  // namespace

namespace {

// What only some formats ask for; an old or cut run lacks it.
void read_extras(const RunFolder& folder, View& view) {
  if (folder.has(results::file::kSamples)) {
    if (auto samples = folder.read_samples())
      view.samples = std::move(*samples);
    else
      view.summary.issues.push_back(
          {samples.error().code, "warning", "the table of samples is damaged: " + samples.error().text()});
  }
  const auto text = read_text(folder.path(results::file::kProfileLock));
  if (!text) return;
  const auto lock = results::CaseLock::parse(*text, folder.path().string());
  if (lock) view.profile_file = lock->text(std::string(results::CaseLock::kAsked) + ".subject");
}

}  // namespace

Result<View> load_view(const std::filesystem::path& run_folder) {
  ASSAY_TRY(const RunFolder folder, RunFolder::open(run_folder));
  View view;
  ASSAY_TRY(view.summary, results::read_any_summary(folder));
  name_the_nameless(view.summary);
  if (view.summary.divergence) {
    for (const auto& op : view.summary.divergence->operators) {
      if (op.max_lsb && *op.max_lsb <= std::numeric_limits<int>::max())
        view.operator_errors.push_back({.index = op.index,
                                        .accumulated_db = {},
                                        .local_db = op.local_sqnr_db,
                                        .r2_outside = {},
                                        .device_max_lsb = static_cast<int>(*op.max_lsb)});
    }
  }
  if (folder.has(results::file::kFlips)) {
    auto flips = folder.read_flips();
    if (flips)
      view.flips = std::move(*flips);
    else
      view.summary.issues.push_back(
          {flips.error().code, "warning", "the list of flips is damaged: " + flips.error().text()});
  }
  if (const Status inputs = read_inputs(folder, view); !inputs)
    view.summary.issues.push_back(
        {inputs.error().code, "warning", "the kept inputs cannot be shown: " + inputs.error().text()});
  read_extras(folder, view);
  return view;
}

}  // namespace assay::report
