#include "run/recorded_outputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>

#include "base/digest.h"
#include "dataset/csv_titles.h"

namespace assay::run {
namespace {

namespace fs = std::filesystem;
constexpr size_t kNamed = 5;  // ids in a message
constexpr const char* kLatency = "latency_us";

bool is_csv(const std::string& file) { return fs::path(file).extension() == ".csv"; }

bool matches(const std::string& pattern, const std::string& title) {
  return pattern.ends_with('*') ? title.starts_with(pattern.substr(0, pattern.size() - 1)) : pattern == title;
}

bool is_output(const config::RecordedOutputs& wanted, const std::string& title) {
  return std::any_of(wanted.outputs().begin(), wanted.outputs().end(),
                     [&](const std::string& pattern) { return matches(pattern, title); });
}

// The [data] table that reads the file: its inputs are our outputs.
struct Layout {
  config::Data data;
  std::string latency;  // column or array; empty: none
  bool has_ids = false;
};

Result<Layout> csv_layout(const config::RecordedOutputs& wanted, config::Data data) {
  ASSAY_TRY(auto records, dataset::CsvRecords::open(wanted.file()));
  ASSAY_TRY(const auto titles, dataset::CsvTitles::read(records));
  Layout layout{std::move(data)};
  for (const std::string& pattern : wanted.outputs()) {
    if (std::none_of(titles.names().begin(), titles.names().end(),
                     [&](const auto& title) { return matches(pattern, title); })) {
      return fail("dataset.not_found",
                  fmt::format("no column '{}'; there are: {}", pattern, fmt::join(titles.names(), ", ")),
                  wanted.file(), "Correct `outputs` of the recorded outputs.");
    }
  }
  std::optional<size_t> id = titles.first_of(dataset::kIdTitles);
  if (!wanted.ids().empty()) {
    ASSAY_TRY(id, titles.require(wanted.ids(), "ids", wanted.file()));
    layout.data.set_id_column(wanted.ids());
  }
  layout.has_ids = id.has_value();
  layout.latency = wanted.latency_us();
  if (!layout.latency.empty()) {
    ASSAY_CHECK(titles.require(layout.latency, "latency_us", wanted.file()));
  } else if (titles.find(kLatency)) {
    layout.latency = kLatency;
  }
  // What is neither output nor id is carried along as text.
  for (size_t i = 0; i < titles.size(); ++i) {
    const std::string& title = titles.names()[i];
    if (i == id || (wanted.outputs_size() == 0 ? title != layout.latency : is_output(wanted, title)))
      continue;
    layout.data.add_slice_columns(title);
  }
  return layout;
}

Result<Layout> layout_of(const config::RecordedOutputs& wanted, const Prepared& prepared) {
  config::Data data;
  data.set_path(wanted.file());
  for (const std::string& name : prepared.dataset.classes) data.add_classes(name);
  const bool integers = wanted.values() == "quantised";
  if (is_csv(wanted.file())) {
    data.set_type(std::string(element_name(integers ? prepared.output.type : ElementType::kFloat32)));
    return csv_layout(wanted, std::move(data));
  }
  data.set_input(wanted.outputs_size() > 0 ? wanted.outputs(0) : "outputs");
  data.set_ids(wanted.ids());
  return Layout{std::move(data), wanted.latency_us(), !wanted.ids().empty()};
}

std::string named(const std::vector<std::string>& ids) {
  const size_t count = std::min(ids.size(), kNamed);
  return fmt::format("{}{}", fmt::join(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count), ", "),
                     ids.size() > count ? fmt::format(" and {} more", ids.size() - count) : "");
}

// For each sample of the run its row in the file.
Result<std::vector<size_t>> match(const config::RecordedOutputs& wanted, const Layout& layout,
                                  const dataset::Dataset& file, const Prepared& prepared,
                                  Recorded& recorded) {
  const dataset::Dataset& samples = prepared.dataset;
  std::vector<size_t> rows;
  if (!layout.has_ids) {
    for (const int64_t row : samples.rows) rows.push_back(static_cast<size_t>(row));
    const bool whole = samples.choice.empty();
    const size_t needed = rows.empty() ? 0 : *std::max_element(rows.begin(), rows.end()) + 1;
    if (whole ? file.count() == samples.count() : file.count() >= needed) return rows;
    return fail("run.recorded_ids",
                fmt::format("the file has {} rows and no ids, the dataset {} samples", file.count(),
                            whole ? samples.count() : needed),
                wanted.file(), "Record every sample in the order of the dataset, or name the ids.");
  }
  std::unordered_map<std::string, size_t> places;
  for (size_t i = 0; i < file.count(); ++i) places.emplace(file.ids[i], i);  // the reader refuses equal ids
  std::vector<std::string> missing;
  std::vector<bool> used(file.count());
  for (const std::string& id : samples.ids) {
    const auto place = places.find(id);
    if (place == places.end()) {
      missing.push_back(id);
      continue;
    }
    rows.push_back(place->second);
    used[place->second] = true;
  }
  if (!missing.empty()) {
    return fail(
        "run.recorded_ids",
        fmt::format("{} of {} samples are not recorded: {}", missing.size(), samples.count(), named(missing)),
        wanted.file());
  }
  for (size_t i = 0; i < file.count() && samples.choice.empty(); ++i)
    if (!used[i]) recorded.extra.push_back(file.ids[i]);
  return rows;
}

// As the deployed model's output, or as real values.
Result<TensorInfo> info_of(const config::RecordedOutputs& wanted, const TensorInfo& file,
                           const TensorInfo& output) {
  const bool real = file.type == ElementType::kFloat32 || file.type == ElementType::kFloat64;
  const bool integers = wanted.values() == "quantised" || (wanted.values().empty() && !real);
  if (file.elements() != output.elements() || (integers ? file.type != output.type : !real)) {
    return fail("run.recorded_shape",
                fmt::format("recorded are {} {} of {} for each sample, the model gives {} {}",
                            file.elements(), integers ? "integers" : "values", element_name(file.type),
                            output.elements(), element_name(output.type)),
                wanted.file(),
                "Declare `outputs` and `values` of the recorded outputs as the file has them.");
  }
  if (integers) return output;
  TensorInfo info = output;
  info.type = file.type;
  info.scale = 0;
  info.zero_point = 0;
  return info;
}

Result<std::vector<double>> latency_of(const config::RecordedOutputs& wanted, const Layout& layout,
                                       const dataset::Dataset& file) {
  std::vector<double> values;
  if (is_csv(wanted.file())) {
    for (const auto& column : file.slices) {
      if (column.name != layout.latency) continue;
      for (size_t i = 0; i < column.values.size(); ++i) {
        char* end = nullptr;
        values.push_back(strtod(column.values[i].c_str(), &end));
        if (column.values[i].empty() || *end != 0 || !(values.back() >= 0) || values.back() > 1e12) {
          return fail(
              "dataset.malformed",
              fmt::format("'{}' of sample {} is no latency in microseconds", column.values[i], file.ids[i]),
              wanted.file());
        }
      }
    }
    return values;
  }
  config::Data data = layout.data;
  data.set_input(layout.latency);
  ASSAY_TRY(const dataset::Dataset latency, dataset::open_dataset(data));
  if (latency.inputs.info.elements() != 1 || latency.count() != file.count()) {
    return fail("run.recorded_shape", fmt::format("'{}' is not one latency a sample", layout.latency),
                wanted.file());
  }
  for (size_t i = 0; i < latency.count(); ++i)
    values.push_back(stored_value(latency.inputs.info.type, latency.inputs.row(i).data()));
  return values;
}

}  // namespace

Result<Recorded> read_recorded(const config::RecordedOutputs& wanted, const Prepared& prepared) {
  Recorded recorded;
  ASSAY_TRY(recorded.sha256, sha256_file(wanted.file()));
  ASSAY_TRY(const Layout layout, layout_of(wanted, prepared));
  ASSAY_TRY(const dataset::Dataset file, dataset::open_dataset(layout.data));
  ASSAY_TRY(recorded.outputs.info, info_of(wanted, file.inputs.info, prepared.output));
  ASSAY_TRY(const auto rows, match(wanted, layout, file, prepared, recorded));
  for (const size_t row : rows) {
    const auto bytes = file.inputs.row(row);
    recorded.outputs.data.insert(recorded.outputs.data.end(), bytes.begin(), bytes.end());
  }
  if (layout.latency.empty()) return recorded;
  ASSAY_TRY(const auto latency, latency_of(wanted, layout, file));
  recorded.latency_us.emplace();
  for (const size_t row : rows) recorded.latency_us->push_back(latency[row]);
  return recorded;
}

}  // namespace assay::run
