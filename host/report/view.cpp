#include "report/view.h"

#include <algorithm>

namespace assay::report {

int64_t PreviewFormat::channel_count() const { return dims.empty() ? 1 : std::max<int64_t>(1, dims.back()); }

const Preview* View::preview(int64_t index) const {
  const auto found =
      std::find_if(previews.begin(), previews.end(), [&](const Preview& p) { return p.index == index; });
  return found == previews.end() ? nullptr : &*found;
}

}  // namespace assay::report
