#include "run/tap_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "config/nearest.h"
#include "metric/classification.h"

namespace assay::run {
namespace {

using Kind = TapChoice::Kind;

constexpr size_t kAutoWorst = 3, kAutoFlips = 2, kFlips = 8, kMost = 100'000;

struct Word {
  std::string_view text;
  Kind kind;
  bool counted;  // may be followed by ":N"
  size_t count;  // without it; 0: it must be
};
constexpr Word kWords[] = {
    {"auto", Kind::kAuto, false, 0},       {"none", Kind::kNone, false, 0},  {"all", Kind::kAll, false, 0},
    {"flips", Kind::kFlips, true, kFlips}, {"worst", Kind::kWorst, true, 0},
};

// How far a row is off, in stored steps of integers and real units of floats; infinite where not finite.
double distance(const TensorRows& a, const TensorRows& b, size_t row) {
  const size_t size = element_size(a.info.type);
  const auto left = a.row(row), right = b.row(row);
  double most = 0;
  for (size_t at = 0; at + size <= left.size(); at += size) {
    if (std::equal(left.begin() + static_cast<std::ptrdiff_t>(at),
                   left.begin() + static_cast<std::ptrdiff_t>(at + size),
                   right.begin() + static_cast<std::ptrdiff_t>(at))) {
      continue;
    }
    const double d =
        std::abs(stored_value(a.info.type, left.data() + at) - stored_value(a.info.type, right.data() + at));
    most = std::max(most, std::isfinite(d) ? d : std::numeric_limits<double>::infinity());
  }
  return most;
}

// Samples by falling distance; equal ones in the order of the dataset.
std::vector<size_t> by_distance(const TapSides& sides, bool differing_only) {
  std::vector<double> distances(sides.device.rows());
  std::vector<size_t> rows;
  for (size_t i = 0; i < distances.size(); ++i) {
    distances[i] = distance(sides.device, sides.r2, i);
    if (!differing_only || rows_differ(sides.device, sides.r2, i)) rows.push_back(i);
  }
  std::stable_sort(rows.begin(), rows.end(), [&](size_t a, size_t b) { return distances[a] > distances[b]; });
  return rows;
}

// Samples whose answer changed, by falling margin of the reference.
std::vector<size_t> changed_answers(const TensorRows& reference, const TensorRows& device) {
  const metric::Decisions before = metric::decide_rows(reference), now = metric::decide_rows(device);
  std::vector<size_t> rows;
  for (size_t i = 0; i < now.top.size(); ++i) {
    if (before.top[i] != now.top[i]) rows.push_back(i);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [&](size_t a, size_t b) { return before.margin[a] > before.margin[b]; });
  return rows;
}

void take(std::vector<size_t> from, size_t count, std::set<size_t>& into) {
  from.resize(std::min(from.size(), count));
  into.insert(from.begin(), from.end());
}

TensorRows first_rows(const TensorRows& rows, size_t count) {
  TensorRows cut{rows.info, rows.data};
  cut.data.resize(std::min(rows.rows(), count) * rows.info.bytes());
  return cut;
}

TapSamples samples_of(const std::set<size_t>& rows, std::string words) {
  return {{rows.begin(), rows.end()}, std::move(words)};
}

TapSamples choose_auto(const TapSides& sides) {
  std::set<size_t> rows;
  const std::vector<size_t> differing = by_distance(sides, true);
  take(differing, kAutoWorst, rows);
  const size_t worst = rows.size();
  take(changed_answers(first_rows(sides.r2, sides.device.rows()), sides.device), kAutoFlips, rows);
  std::string words = fmt::format("the {} that differ most from the host build", worst);
  if (rows.size() > worst) words += fmt::format(", and {} more whose answer changed", rows.size() - worst);
  return samples_of(rows,
                    differing.empty() ? "" : words + fmt::format(" (of {} that differ)", differing.size()));
}

Result<TapSamples> choose_ids(const TapChoice& choice, const TapSides& sides) {
  ASSAY_CHECK(check_tap_ids(
      choice, {sides.ids.begin(), sides.ids.begin() + static_cast<std::ptrdiff_t>(sides.device.rows())}));
  std::set<size_t> rows;
  for (const std::string& id : choice.ids)
    rows.insert(static_cast<size_t>(std::find(sides.ids.begin(), sides.ids.end(), id) - sides.ids.begin()));
  return samples_of(rows, "as asked");
}

}  // namespace

bool rows_differ(const TensorRows& a, const TensorRows& b, size_t row) {
  const auto left = a.row(row), right = b.row(row);
  return !std::equal(left.begin(), left.end(), right.begin(), right.end());
}

Result<TapChoice> parse_tap_choice(const std::string& text) {
  if (text.empty()) return TapChoice{};
  const size_t colon = text.find(':');
  for (const Word& word : kWords) {
    if (text.substr(0, colon) != word.text || (colon != std::string::npos && !word.counted)) continue;
    TapChoice choice{word.kind, word.count, {}};
    const char *from = text.data() + std::min(text.size(), colon == std::string::npos ? colon : colon + 1),
               *end = text.data() + text.size();
    if (colon != std::string::npos) {
      const auto parsed = std::from_chars(from, end, choice.count);
      if (parsed.ec != std::errc() || parsed.ptr != end) choice.count = 0;
    }
    if (word.counted && (choice.count == 0 || choice.count > kMost)) {
      return fail("config.value", fmt::format("'{}' needs a number of samples from 1 to {}", text, kMost),
                  "--taps", fmt::format("Write {}:3.", word.text));
    }
    return choice;
  }
  TapChoice choice{Kind::kIds, 0, {}};
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    if (end > at) choice.ids.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (choice.ids.empty()) return fail("config.value", fmt::format("'{}' names no sample", text), "--taps");
  return choice;
}

Status check_tap_ids(const TapChoice& choice, const std::vector<std::string>& ids) {
  for (const std::string& id : choice.ids) {
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) continue;
    const std::string near = config::nearest(id, ids);
    return fail("dataset.not_found", fmt::format("no sample '{}' among the {} of this run", id, ids.size()),
                "--taps",
                fmt::format("{}Write auto, none, all, flips, worst:N, or ids of the run's samples.csv.",
                            near.empty() ? "" : fmt::format("Did you mean '{}'? ", near)));
  }
  return {};
}

Result<TapSamples> choose_tap_samples(const TapChoice& choice, const TapSides& sides) {
  std::set<size_t> rows;
  switch (choice.kind) {
    case Kind::kNone:
      return TapSamples{};
    case Kind::kAuto:
      return choose_auto(sides);
    case Kind::kIds:
      return choose_ids(choice, sides);
    case Kind::kAll:
      for (size_t i = 0; i < sides.device.rows(); ++i) rows.insert(i);
      return samples_of(rows, "all");
    case Kind::kWorst:
      take(by_distance(sides, false), choice.count, rows);
      return samples_of(rows, fmt::format("the {} that differ most from the host build", rows.size()));
    case Kind::kFlips:
      if (sides.baseline)
        take(changed_answers(first_rows(*sides.baseline, sides.device.rows()), sides.device), choice.count,
             rows);
      return samples_of(rows, fmt::format("the {} flips of the highest margin", rows.size()));
  }
  return TapSamples{};
}

}  // namespace assay::run
