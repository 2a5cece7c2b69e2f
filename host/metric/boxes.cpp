#include "metric/boxes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "metric/row_values.h"

namespace assay::metric {
namespace {

double area(const Box& box) { return std::max(0.0, box.y1 - box.y0) * std::max(0.0, box.x1 - box.x0); }

std::vector<size_t> by_score(std::span<const Box> boxes, int label) {
  std::vector<size_t> order;
  for (size_t i = 0; i < boxes.size(); ++i) {
    if (boxes[i].label == label) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return boxes[a].score > boxes[b].score; });
  return order;
}

}  // namespace

double overlap(const Box& a, const Box& b) {
  const double height = std::min(a.y1, b.y1) - std::max(a.y0, b.y0),
               width = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
  if (height <= 0 || width <= 0) return 0;
  const double both = height * width;
  return both / (area(a) + area(b) - both);
}

std::vector<Box> boxes_of(const TensorRows& outputs, const std::vector<std::string>& layout, double min_score,
                          int64_t* nonfinite) {
  const auto place = [&](const char* name) {
    return static_cast<size_t>(std::find(layout.begin(), layout.end(), name) - layout.begin());
  };
  const size_t y0 = place("y0"), x0 = place("x0"), y1 = place("y1"), x1 = place("x1"), score = place("score"),
               label = place("class");
  std::vector<Box> boxes;
  RowValues values(outputs);
  for (size_t sample = 0; sample < outputs.rows(); ++sample) {
    const auto row = values(sample);
    for (size_t at = 0; at + layout.size() <= row.size(); at += layout.size()) {
      const auto box = row.subspan(at, layout.size());
      if (!std::all_of(box.begin(), box.end(), [](double v) { return std::isfinite(v); })) {
        if (nonfinite) ++*nonfinite;
        continue;
      }
      if (!(box[score] > min_score) || std::abs(box[label]) > 1e6) continue;
      boxes.push_back({.y0 = box[y0],
                       .x0 = box[x0],
                       .y1 = box[y1],
                       .x1 = box[x1],
                       .score = box[score],
                       .label = static_cast<int>(std::lround(box[label])),
                       .sample = static_cast<int64_t>(sample)});
    }
  }
  return boxes;
}

std::vector<Box> boxes_of(std::span<const TruthBox> truth) {
  std::vector<Box> boxes;
  for (const TruthBox& t : truth) {
    boxes.push_back({.y0 = t.y0, .x0 = t.x0, .y1 = t.y1, .x1 = t.x1, .label = t.label, .sample = t.sample});
  }
  return boxes;
}

Matched match(std::span<const Box> detections, std::span<const Box> truth, int label, double least_overlap) {
  Matched matched;
  std::map<int64_t, std::vector<size_t>> of_sample;
  for (size_t i = 0; i < truth.size(); ++i) {
    if (truth[i].label != label) continue;
    of_sample[truth[i].sample].push_back(i);
    matched.truth.push_back(static_cast<uint32_t>(truth[i].sample));
  }
  std::set<size_t> taken;
  for (size_t d : by_score(detections, label)) {
    const auto here = of_sample.find(detections[d].sample);
    size_t best = 0;
    double best_overlap = -1;
    if (here != of_sample.end()) {
      for (size_t t : here->second) {
        const double shared = overlap(detections[d], truth[t]);
        if (shared > best_overlap) best_overlap = shared, best = t;
      }
    }
    const bool hit = best_overlap >= least_overlap && taken.insert(best).second;
    matched.detections.push_back({static_cast<uint32_t>(detections[d].sample), hit});
  }
  return matched;
}

std::optional<double> average_precision(const Matched& matched, std::span<const uint32_t> counts) {
  const auto weight = [&](uint32_t sample) { return counts.empty() ? 1.0 : counts[sample]; };
  double truth = 0;
  for (uint32_t sample : matched.truth) truth += weight(sample);
  if (truth == 0) return std::nullopt;
  struct Step {
    double precision, gained;  // hits that this detection adds
  };
  std::vector<Step> steps;
  double hits = 0, all = 0;
  for (const Matched::Detection& detection : matched.detections) {
    const double w = weight(detection.sample);
    if (w == 0) continue;
    all += w;
    if (!detection.hit) continue;
    hits += w;
    steps.push_back({hits / all, w});
  }
  double highest = 0, area = 0;  // precision envelope from the right; it can only rise at a hit
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    highest = std::max(highest, step->precision);
    area += step->gained * highest;
  }
  return area / truth;
}

int64_t shared_boxes(std::span<const Box> a, std::span<const Box> b) {
  std::set<int> labels;
  for (const Box& box : a) labels.insert(box.label);
  int64_t shared = 0;
  for (int label : labels) {
    const Matched matched = match(b, a, label, 0.5);
    shared += std::count_if(matched.detections.begin(), matched.detections.end(),
                            [](const Matched::Detection& d) { return d.hit; });
  }
  return shared;
}

}  // namespace assay::metric
