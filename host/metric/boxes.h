// Boxes of object detectors: read from output rows, matched by overlap, and the average precision of it all.
//
// Average precision as PASCAL VOC since 2010: detections by descending score over all images; each takes the
// box of truth of its class and image that it overlaps most; overlap below the threshold, or a box that is
// already taken, is a false positive. AP is the area under the precision envelope at every recall step.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "metric/task_setup.h"

namespace assay::metric {

struct Box {
  double y0 = 0, x0 = 0, y1 = 0, x1 = 0, score = 0;
  int label = -1;
  int64_t sample = 0;
};
// Area of the intersection over area of the union; 0 for boxes without area.
double overlap(const Box& a, const Box& b);

// Boxes of one side, in the order of the rows. `layout` names the values of one box (TaskSetup::layout);
// boxes with a score not above min_score, or with a NaN, are left out; `nonfinite` counts the latter.
std::vector<Box> boxes_of(const TensorRows& outputs, const std::vector<std::string>& layout, double min_score,
                          int64_t* nonfinite);
std::vector<Box> boxes_of(std::span<const TruthBox> truth);

// Detections of one class against the truth at one threshold: what average_precision() walks.
struct Matched {
  struct Detection {
    uint32_t sample;
    bool hit;
  };
  std::vector<Detection> detections;  // by descending score, equal scores in row order
  std::vector<uint32_t> truth;        // sample of each box of truth
};
Matched match(std::span<const Box> detections, std::span<const Box> truth, int label, double least_overlap);

// nullopt without boxes of truth. `counts`: how often each sample counts; empty: once.
std::optional<double> average_precision(const Matched& matched, std::span<const uint32_t> counts = {});

// Boxes of `a` that have a partner in `b`: same sample and class, overlap at least 0.5, one to one, the best
// scores of b first.
int64_t shared_boxes(std::span<const Box> a, std::span<const Box> b);

}  // namespace assay::metric
