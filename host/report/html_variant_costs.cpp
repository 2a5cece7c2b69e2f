// What the alternatives cost on the board: the second table of "ways out", when `assay whatif` ran them
// there.
#include <fmt/format.h>

#include <algorithm>

#include "report/format.h"
#include "report/sections.h"
#include "report/variants_table.h"

namespace assay::report {
namespace {

using results::Variant;

std::string cost_row(const Variant& row, bool deployed) {
  const std::string place =
      row.refused.empty() ? escape(row.where) : "not on the board: " + escape(row.refused);
  return fmt::format(
      "<tr class=\"{}\"><td>{}</td><td class=\"sub\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
      "<td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
      deployed ? "asis" : "", escape(row.name), place,
      row.top1 ? fixed(row.top1->value * 100, 2) : std::string(kAbsent), variant_cost(row.latency),
      variant_cost(row.ram), variant_cost(row.flash));
}

Variant deployed_row(const results::Summary& s) {
  Variant row{.name = "as deployed", .where = s.target.board};
  if (s.accuracy) row.top1 = s.accuracy->device;
  if (s.latency) row.latency = s.latency->median;
  if (s.memory) row.ram = s.memory->ram_total;
  if (s.flash) row.flash = s.flash->total;
  return row;
}

}  // namespace

std::string variant_costs(const View& view) {
  const auto& s = view.summary;
  const auto asked = [](const Variant& v) { return !v.run.empty() || !v.refused.empty(); };
  if (std::none_of(s.variants.begin(), s.variants.end(), asked)) return "";
  std::vector<Variant> shown = {deployed_row(s)};
  std::copy_if(s.variants.begin(), s.variants.end(), std::back_inserter(shown), asked);
  std::string rows;
  for (size_t i = 0; i < shown.size(); ++i) rows += cost_row(shown[i], i == 0);
  return fmt::format(
      "<table class=\"variants\"><thead><tr><th class=\"name\">variant</th><th class=\"where\">ran on</th>"
      "<th class=\"n\">top-1 %</th><th class=\"n\">latency</th><th class=\"n\">RAM</th>"
      "<th class=\"n\">flash</th></tr></thead><tbody>{}</tbody></table><p class=\"cap\">{}</p>",
      rows, escape(variants_note(shown)));
}

}  // namespace assay::report
