#include "report/csv_figures.h"

#include <fmt/format.h>

#include <cmath>

#include "results/csv.h"
#include "results/figures.h"

namespace assay::report {
namespace {

std::string number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? fmt::format("{}", *value) : std::string();
}

std::string line(const std::string& name, const results::Figure& figure) {
  return results::csv_line({name, number(figure.value), figure.unit, figure.kind,
                            figure.n ? std::to_string(*figure.n) : "", number(figure.lo), number(figure.hi),
                            figure.validity});
}

}  // namespace

std::string csv_figures(const View& view) {
  std::string out = results::csv_line({"figure", "value", "unit", "kind", "n", "lo", "hi", "validity"});
  for (const auto& named : results::figures_of(view.summary)) out += line(named.name, named.figure);
  if (!view.summary.accuracy) return out;
  const std::string kind = view.summary.accuracy->device ? view.summary.accuracy->device->kind : "";
  for (const auto& row : view.summary.accuracy->classes) {
    if (!row.recall_device) continue;
    out += line("recall." + row.name, {.value = *row.recall_device,
                                       .unit = "1",
                                       .kind = kind,
                                       .n = row.support,
                                       .lo = row.device_lo,
                                       .hi = row.device_hi});
  }
  return out;
}

}  // namespace assay::report
