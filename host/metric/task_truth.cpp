#include "metric/task_truth.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "config/nearest.h"
#include "metric/row_values.h"
#include "results/csv.h"
#include "results/npy.h"

namespace assay::metric {
namespace {
namespace fs = std::filesystem;

struct TruthTable {
  std::string file;
  results::CsvTable csv;

  std::string place(size_t row) const { return fmt::format("{}:{}", file, csv.lines[row]); }
};

tl::unexpected<Error> bad_truth(std::string message, std::string where) {
  return fail("metric.bad_truth", std::move(message), std::move(where));
}

Result<TruthTable> read_table(const fs::path& path, const std::vector<std::string>& wanted) {
  TruthTable table{.file = path.filename().string()};
  ASSAY_TRY(table.csv, results::read_csv(path));
  for (const std::string& name : wanted) {
    if (table.csv.column(name) >= 0) continue;
    return bad_truth(
        fmt::format("there is no column '{}'; the header must name {}", name, fmt::join(wanted, ", ")),
        table.file);
  }
  return table;
}

Result<double> number(const TruthTable& table, size_t row, int column) {
  const std::string& text = table.csv.rows[row][static_cast<size_t>(column)];
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && std::isfinite(value)) return value;
  return bad_truth(fmt::format("'{}' in column {} is no finite number", text,
                               table.csv.header[static_cast<size_t>(column)]),
                   table.place(row));
}

Result<double> number(const TruthTable& table, size_t row, const char* column) {
  return number(table, row, table.csv.column(column));
}

std::unordered_map<std::string, int64_t> places_of(const TaskSamples& samples) {
  std::unordered_map<std::string, int64_t> places;
  for (size_t i = 0; i < samples.ids.size(); ++i) places.emplace(samples.ids[i], static_cast<int64_t>(i));
  return places;
}

// Targets of one row, physical units.
using Targets = std::vector<double>;

Status set_targets(const std::vector<Targets>& by_row, const TaskSamples& samples, const std::string& file,
                   TaskSetup& setup) {
  for (int64_t row : samples.rows) {
    if (row < 0 || static_cast<size_t>(row) >= by_row.size()) {
      return bad_truth(fmt::format("{} rows of targets, sample {} needs row {}", by_row.size(),
                                   samples.ids[setup.targets.size() / by_row.at(0).size()], row),
                       file);
    }
    const Targets& targets = by_row[static_cast<size_t>(row)];
    setup.targets.insert(setup.targets.end(), targets.begin(), targets.end());
  }
  return {};
}

Status check_width(size_t width, const TaskSamples& samples, const std::string& file) {
  if (static_cast<int64_t>(width) == samples.outputs) return {};
  return bad_truth(fmt::format("{} targets a sample, the model has {} outputs", width, samples.outputs),
                   file);
}

Status read_npy_targets(const fs::path& path, const TaskSamples& samples, TaskSetup& setup) {
  ASSAY_TRY(const TensorRows rows, results::read_npy(path));
  const std::string file = path.filename().string();
  ASSAY_CHECK(check_width(static_cast<size_t>(rows.info.elements()), samples, file));
  std::vector<Targets> by_row;
  RowValues values(rows);
  for (size_t i = 0; i < rows.rows(); ++i) {
    const auto row = values(i);
    if (!std::all_of(row.begin(), row.end(), [](double v) { return std::isfinite(v); })) {
      return bad_truth(fmt::format("row {} holds NaN or infinity", i), file);
    }
    by_row.emplace_back(row.begin(), row.end());
  }
  if (by_row.empty()) return bad_truth("there are no targets", file);
  return set_targets(by_row, samples, file, setup);
}

Status read_targets(const fs::path& path, const TaskSamples& samples, TaskSetup& setup) {
  if (path.extension() == ".npy") return read_npy_targets(path, samples, setup);
  ASSAY_TRY(const TruthTable table, read_table(path, {}));
  int id_column = -1;
  for (const char* name : {"id", "file", "sample"}) {
    if (id_column < 0) id_column = table.csv.column(name);
  }
  std::vector<int> columns;
  for (int c = 0; c < static_cast<int>(table.csv.header.size()); ++c) {
    if (c != id_column) columns.push_back(c);
  }
  ASSAY_CHECK(check_width(columns.size(), samples, table.file));
  std::vector<Targets> by_row(table.csv.rows.size());
  std::unordered_map<std::string, size_t> by_id;
  for (size_t row = 0; row < by_row.size(); ++row) {
    for (int column : columns) {
      ASSAY_TRY(const double value, number(table, row, column));
      by_row[row].push_back(value);
    }
    if (id_column >= 0) by_id.emplace(table.csv.rows[row][static_cast<size_t>(id_column)], row);
  }
  if (by_row.empty()) return bad_truth("there are no targets", table.file);
  if (id_column < 0) return set_targets(by_row, samples, table.file, setup);
  for (const std::string& id : samples.ids) {
    const auto at = by_id.find(id);
    if (at == by_id.end()) return bad_truth(fmt::format("sample {} has no targets", id), table.file);
    setup.targets.insert(setup.targets.end(), by_row[at->second].begin(), by_row[at->second].end());
  }
  return {};
}

Status read_boxes(const fs::path& path, const TaskSamples& samples, TaskSetup& setup) {
  ASSAY_TRY(const TruthTable table, read_table(path, {"sample", "y0", "x0", "y1", "x1", "class"}));
  const auto places = places_of(samples);
  const auto sample_column = static_cast<size_t>(table.csv.column("sample")),
             class_column = static_cast<size_t>(table.csv.column("class"));
  for (size_t row = 0; row < table.csv.rows.size(); ++row) {
    TruthBox box;
    ASSAY_TRY(box.label, class_index(table.csv.rows[row][class_column], samples, table.place(row)));
    ASSAY_TRY(box.y0, number(table, row, "y0"));
    ASSAY_TRY(box.x0, number(table, row, "x0"));
    ASSAY_TRY(box.y1, number(table, row, "y1"));
    ASSAY_TRY(box.x1, number(table, row, "x1"));
    if (box.y1 <= box.y0 || box.x1 <= box.x0) {
      return bad_truth("a box must have y0 < y1 and x0 < x1", table.place(row));
    }
    const auto at = places.find(table.csv.rows[row][sample_column]);
    if (at == places.end()) continue;  // not among the chosen samples
    box.sample = at->second;
    setup.boxes.push_back(box);
  }
  if (setup.boxes.empty()) {
    return bad_truth(fmt::format("none of {} boxes belongs to a chosen sample: 'sample' holds ids such as {}",
                                 table.csv.rows.size(), samples.ids.empty() ? "" : samples.ids[0]),
                     table.file);
  }
  return {};
}

Status read_events(const fs::path& path, const TaskSamples& samples, TaskSetup& setup) {
  ASSAY_TRY(const TruthTable table, read_table(path, {"start", "end", "class"}));
  const auto class_column = static_cast<size_t>(table.csv.column("class"));
  const double first = samples.rows.empty() ? 0 : static_cast<double>(samples.rows.front()) * setup.hop_s,
               last = samples.rows.empty() ? 0 : static_cast<double>(samples.rows.back() + 1) * setup.hop_s;
  for (size_t row = 0; row < table.csv.rows.size(); ++row) {
    TruthEvent event;
    ASSAY_TRY(event.label, class_index(table.csv.rows[row][class_column], samples, table.place(row)));
    ASSAY_TRY(event.start_s, number(table, row, "start"));
    ASSAY_TRY(event.end_s, number(table, row, "end"));
    if (event.end_s < event.start_s) return bad_truth("the event ends before it starts", table.place(row));
    if (event.start_s >= first && event.start_s < last) setup.events.push_back(event);
  }
  std::stable_sort(setup.events.begin(), setup.events.end(),
                   [](const TruthEvent& a, const TruthEvent& b) { return a.start_s < b.start_s; });
  return {};
}

struct Reader {
  const char* kind;
  Status (*read)(const fs::path&, const TaskSamples&, TaskSetup&);
};
constexpr Reader kReaders[] = {
    {"regression", read_targets}, {"detection", read_boxes}, {"streaming", read_events}};

}  // namespace

Result<int> class_index(const std::string& name, const TaskSamples& samples, const std::string& where) {
  const auto at = std::find(samples.classes.begin(), samples.classes.end(), name);
  if (at != samples.classes.end()) return static_cast<int>(at - samples.classes.begin());
  int number = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool whole = error == std::errc() && end == name.data() + name.size();
  if (whole && number >= 0 &&
      (samples.classes.empty() || number < static_cast<int>(samples.classes.size()))) {
    return number;
  }
  const std::string near = config::nearest(name, samples.classes);
  return bad_truth(
      fmt::format("'{}' is no class{}", name, near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
      where);
}

Status read_truth(const fs::path& path, const TaskSamples& samples, TaskSetup& setup) {
  if (path.empty()) {
    if (setup.kind == "regression" && samples.outputs == 1) {
      setup.targets.assign(samples.labels.begin(), samples.labels.end());
    }
    return {};
  }
  setup.has_truth = true;
  for (const Reader& reader : kReaders) {
    if (setup.kind == reader.kind) return reader.read(path, samples, setup);
  }
  return fail(
      "metric.bad_task",
      fmt::format("a truth file is for regression, detection and streaming; {} takes the labels of [data]",
                  setup.kind),
      "profile.toml [task]");
}

}  // namespace assay::metric
