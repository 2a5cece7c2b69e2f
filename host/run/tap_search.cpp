#include "run/tap_search.h"

#include <algorithm>
#include <cstdlib>

namespace assay::run {

TapSearch::TapSearch(std::vector<std::vector<int>> sources, int differs)
    : sources_(std::move(sources)), seen_(sources_.size(), Seen::kNo), suspect_(differs) {
  seen_[static_cast<size_t>(differs)] = Seen::kDiffers;
}

std::vector<bool> TapSearch::ancestors_of(int op) const {
  std::vector<bool> found(sources_.size());
  std::vector<int> open = {op};
  while (!open.empty()) {
    const int at = open.back();
    open.pop_back();
    for (const int source : sources_[static_cast<size_t>(at)]) {
      if (source < 0 || found[static_cast<size_t>(source)]) continue;
      found[static_cast<size_t>(source)] = true;
      open.push_back(source);
    }
  }
  return found;
}

// In front of the suspect, not looked at, and not in front of one that is equal.
std::vector<int> TapSearch::candidates() const {
  std::vector<bool> open = ancestors_of(suspect_);
  for (size_t op = 0; op < seen_.size(); ++op) {
    if (seen_[op] != Seen::kNo) open[op] = false;
    if (seen_[op] != Seen::kEqual || masked_) continue;
    const std::vector<bool> equal = ancestors_of(static_cast<int>(op));
    for (size_t i = 0; i < equal.size(); ++i)
      if (equal[i]) open[i] = false;
  }
  std::vector<int> list;
  for (size_t op = 0; op < open.size(); ++op)
    if (open[op]) list.push_back(static_cast<int>(op));
  return list;
}

std::vector<int> TapSearch::next(size_t room) const {
  const std::vector<int> open = candidates();
  std::vector<int> chosen;
  if (open.empty()) {
    // Nobody is in question any more; what feeds the suspect is looked at where it was only inferred.
    for (const int source : sources_[static_cast<size_t>(suspect_)]) {
      if (source >= 0 && seen_[static_cast<size_t>(source)] == Seen::kNo && chosen.size() < room)
        chosen.push_back(source);
    }
    return chosen;
  }
  // Of each: how many in question lie in front of it, itself included.
  std::vector<size_t> in_front;
  for (const int op : open) {
    const std::vector<bool> ancestors = ancestors_of(op);
    in_front.push_back(1 + static_cast<size_t>(std::count_if(open.begin(), open.end(), [&](int other) {
                         return ancestors[static_cast<size_t>(other)];
                       })));
  }
  // As evenly as the graph allows.
  const size_t parts = std::min(room, open.size()) + 1;
  for (size_t part = 1; part < parts; ++part) {
    const auto wanted = static_cast<long>((open.size() + 1) * part / parts);
    size_t best = 0;
    for (size_t i = 1; i < open.size(); ++i) {
      if (std::labs(static_cast<long>(in_front[i]) - wanted) <
          std::labs(static_cast<long>(in_front[best]) - wanted))
        best = i;
    }
    if (std::find(chosen.begin(), chosen.end(), open[best]) == chosen.end()) chosen.push_back(open[best]);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

void TapSearch::answer(int op, bool differs) {
  seen_[static_cast<size_t>(op)] = differs ? Seen::kDiffers : Seen::kEqual;
  if (!differs) return;
  // One in front of an equal operator: the difference was masked on the way.
  for (size_t other = 0; other < seen_.size(); ++other) {
    if (seen_[other] == Seen::kEqual && ancestors_of(static_cast<int>(other))[static_cast<size_t>(op)])
      masked_ = true;
  }
  suspect_ = std::min(op, suspect_);
}

void TapSearch::cannot_look(int op) { seen_[static_cast<size_t>(op)] = Seen::kUnavailable; }

bool TapSearch::verified() const {
  const auto& sources = sources_[static_cast<size_t>(suspect_)];
  return std::all_of(sources.begin(), sources.end(), [&](int source) {
    return source < 0 || seen_[static_cast<size_t>(source)] == Seen::kEqual;
  });
}

}  // namespace assay::run
