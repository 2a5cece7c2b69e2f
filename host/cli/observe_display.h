// What `assay observe` shows while it goes on: a table that stays in place on a terminal, one line per record
// and interval in a pipe, one JSON object per interval with --json.
#pragma once

#include <string>

#include "run/observation.h"

namespace assay::cli {

class ObserveDisplay {
 public:
  enum class Style { kTable, kLines, kJson };
  explicit ObserveDisplay(Style style) : style_(style) {}
  static Style style_for(bool json);

  void show(const link::BoardInfo& board, const run::TickUnit& unit, const run::Snapshot& snapshot);
  void event(const std::string& words);
  // The last figures, whole.
  void finish(const link::BoardInfo& board, const run::TickUnit& unit, const run::Snapshot& snapshot,
              const std::string& ended, const std::string& folder);

 private:
  void rewrite(const std::string& text);
  Style style_;
  int lines_ = 0;  // of the table that stands on the terminal
};

}  // namespace assay::cli
