// Outputs element by element, for every pair of sides: with the denominators in the titles.
#include <fmt/format.h>

#include "report/format.h"
#include "report/sections.h"

namespace assay::report {
namespace {

using results::TensorPair;

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("<td class=\"n\" data-v=\"{0:.9g}\">{1}</td>", *value,
                             typeset(fmt::format("{:.4g}", *value)))
               : "<td class=\"n\">\u2014</td>";
}

std::string sqnr(const TensorPair& pair) {
  if (pair.exact) return "<td class=\"n ok\">exact</td>";
  return pair.sqnr_db ? fmt::format("<td class=\"n\">{}</td>", fixed(*pair.sqnr_db, 1)) : number({});
}

std::string saturation(const TensorPair& pair) {
  const auto one = [](const std::optional<double>& s) { return s ? part_of(*s) : std::string(kAbsent); };
  return fmt::format("<td class=\"n second\">{} / {}</td>", escape(one(pair.saturation_a)),
                     escape(one(pair.saturation_b)));
}

std::string pair_row(const TensorPair& p) {
  std::string where;
  if (p.max_abs && !p.exact)
    where = fmt::format("<br><span class=\"sub\">{}, element {}</span>", escape(p.max_abs_sample),
                        p.max_abs_element);
  std::string worst = std::string(kAbsent);
  for (const auto& spread : p.per_sample) {
    if (spread.metric != "sqnr_db") continue;
    worst = fmt::format("{} / {} / {}<br><span class=\"sub\">{}</span>", fixed(spread.p50, 1),
                        fixed(spread.p95, 1), fixed(spread.worst, 1), escape(spread.worst_sample));
  }
  const int64_t bad = p.nan_a + p.nan_b + p.inf_a + p.inf_b;
  return fmt::format(
      "<tr><td><b>{}\u2192{}</b></td>{}{}{}{}<td class=\"n\">{}{}</td>{}{}{}{}<td class=\"n "
      "second\">{}</td>{}<td class=\"n "
      "{}\">{}</td></tr>",
      escape(p.a), escape(p.b), sqnr(p), number(p.mae), number(p.bias), number(p.rmse),
      p.max_abs ? typeset(fmt::format("{:.4g}", *p.max_abs)) : std::string(kAbsent), where, number(p.l2r_ref),
      number(p.l2r_dev), number(p.nse), number(p.cosine), worst, saturation(p), bad ? "worse" : "sub",
      bad ? fmt::format("{} ({} disagree)", count(bad), count(p.nonfinite_disagreements)) : "0");
}

}  // namespace

std::string tensors_section(const View& view) {
  const auto& pairs = view.summary.tensors;
  if (pairs.empty()) return "";
  std::string rows;
  for (const TensorPair& pair : pairs) rows += pair_row(pair);
  return fmt::format(
      "<table><thead><tr><th>e = b \u2212 a</th><th class=\"n\" title=\"10 log10(sum a\u00b2 / sum "
      "e\u00b2)\">SQNR, dB</th>"
      "<th class=\"n\">mean |e|</th><th class=\"n\">bias</th><th class=\"n\">RMSE</th><th class=\"n\">max "
      "|e|</th>"
      "<th class=\"n\">\u2016e\u2016/\u2016a\u2016</th><th class=\"n\">\u2016e\u2016/\u2016b\u2016</th><th "
      "class=\"n\">NSE</th>"
      "<th class=\"n\">cosine</th><th class=\"n second\">dB per sample: p50 / p95 / worst</th>"
      "<th class=\"n second\">saturated a / b</th><th class=\"n\">NaN, "
      "Inf</th></tr></thead><tbody>{}</tbody></table>"
      "<p class=\"cap\">Dequantised outputs in float64 over all {} elements of {} samples. NSE = 1 \u2212 "
      "sum e\u00b2 / sum "
      "(a \u2212 mean a)\u00b2. Samples that are exact have no dB; p95 and worst lie at the bad end.</p>",
      rows, count(pairs[0].elements), count(pairs[0].samples));
}

}  // namespace assay::report
