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
  return fmt::format("<td class=\"n\">{} / {}</td>", escape(one(pair.saturation_a)),
                     escape(one(pair.saturation_b)));
}

std::string largest(const TensorPair& p) {
  std::string where;
  if (p.max_abs && !p.exact)
    where = fmt::format("<br><span class=\"sub\">{}, element {}</span>", escape(p.max_abs_sample),
                        p.max_abs_element);
  return fmt::format("<td class=\"n where\">{}{}</td>",
                     p.max_abs ? typeset(fmt::format("{:.4g}", *p.max_abs)) : std::string(kAbsent), where);
}

std::string per_sample(const TensorPair& p) {
  for (const auto& spread : p.per_sample) {
    if (spread.metric != "sqnr_db") continue;
    return fmt::format("<td class=\"n where\">{} / {} / {}<br><span class=\"sub\">{}</span></td>",
                       fixed(spread.p50, 1), fixed(spread.p95, 1), fixed(spread.worst, 1),
                       escape(spread.worst_sample));
  }
  return number({});
}

std::string nonfinite(const TensorPair& p) {
  const int64_t bad = p.nan_a + p.nan_b + p.inf_a + p.inf_b;
  return fmt::format(
      "<td class=\"n {}\">{}</td>", bad ? "worse" : "sub",
      bad ? fmt::format("{} ({} disagree)", count(bad), count(p.nonfinite_disagreements)) : "0");
}

template <std::optional<double> TensorPair::*kMember>
std::string plain(const TensorPair& p) {
  return number(p.*kMember);
}

// One row a metric, with its denominator; one column a pair, so that a phone shows them all.
struct Row {
  const char *name, *definition;
  std::string (*cell)(const TensorPair&);
};
constexpr Row kRows[] = {
    {"SQNR, dB", "10 log10(sum a\u00b2 / sum e\u00b2)", sqnr},
    {"mean |e|", "", plain<&TensorPair::mae>},
    {"bias", "mean e", plain<&TensorPair::bias>},
    {"RMSE", "", plain<&TensorPair::rmse>},
    {"max |e|", "", largest},
    {"\u2016e\u2016/\u2016a\u2016", "", plain<&TensorPair::l2r_ref>},
    {"\u2016e\u2016/\u2016b\u2016", "", plain<&TensorPair::l2r_dev>},
    {"NSE", "1 \u2212 sum e\u00b2 / sum (a \u2212 mean a)\u00b2", plain<&TensorPair::nse>},
    {"cosine", "", plain<&TensorPair::cosine>},
    {"dB per sample", "p50 / p95 / worst", per_sample},
    {"saturated", "a / b", saturation},
    {"NaN, Inf", "", nonfinite},
};

}  // namespace

std::string tensors_section(const View& view) {
  const auto& pairs = view.summary.tensors;
  if (pairs.empty()) return "";
  std::string head = "<th>e = b \u2212 a</th>", rows;
  for (const TensorPair& pair : pairs)
    head += fmt::format("<th class=\"n\">{}\u2192{}</th>", escape(pair.a), escape(pair.b));
  for (const Row& row : kRows) {
    rows +=
        fmt::format("<tr><td><b>{}</b> <span class=\"sub second\">{}</span></td>", row.name, row.definition);
    for (const TensorPair& pair : pairs) rows += row.cell(pair);
    rows += "</tr>";
  }
  return fmt::format(
      "<table class=\"pairs\"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
      "<p class=\"cap\">Dequantised outputs in float64 over all {} elements of {} samples. Samples that are "
      "exact "
      "have no dB; p95 and worst lie at the bad end.</p>",
      head, rows, count(pairs[0].elements), count(pairs[0].samples));
}

}  // namespace assay::report
