// Where the time goes: a strip in execution order and the table of the same.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/format.h"
#include "report/op_class.h"
#include "report/sections.h"
#include "report/shares.h"
#include "report/svg.h"

namespace assay::report {
namespace {

using results::Layer;
using results::Summary;

constexpr size_t kRows = 40;  // of more than kMany operators
constexpr size_t kMany = 60;

std::string unit_word(const Summary& s) {
  if (!s.latency) return "ticks";
  return s.latency->kind.find("instr") != std::string::npos ? "instr (emul.)" : s.latency->kind;
}

std::string strip(const Summary& s, const Shares& shares) {
  std::string body;
  double x = 0;
  for (size_t i = 0; i < s.layers.size(); ++i) {
    const Layer& layer = s.layers[i];
    const double width = layer.share.value_or(0) * 100;
    const OpClass cls = op_class(layer.op);
    body += fmt::format("<g><title>{} {} {} %</title>", layer.index, escape(layer.op),
                        fixed(shares.operators[i], 1)) +
            svg_rect(x, 0, width, 24, std::string(cls.css) + " slice");
    if (width > 5)
      body += svg_text(x + width / 2, 16, "middle",
                       (width > 9 ? "st " : "st second ") + std::string(cls.css) + "-t",
                       fmt::format("{} {}", layer.index, cls.word));
    body += "</g>";
    x += width;
  }
  return svg_figure(24, "operators in execution order, width is share of time", "lstrip", body);
}

// The rows to show: all, or the most expensive of many in execution order.
std::vector<size_t> chosen_rows(const std::vector<Layer>& layers) {
  std::vector<size_t> order(layers.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (layers.size() <= kMany) return order;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return layers[a].median.value_or(0) > layers[b].median.value_or(0);
  });
  order.resize(kRows);
  std::sort(order.begin(), order.end());
  return order;
}

std::string bar(double share, double most, bool emulated) {
  return svg_figure(12, "share", "",
                    svg_rect(0, 1, most > 0 ? 100 * share / most : 0, 10, emulated ? "dots" : "bar"));
}

std::string layer_row(const Layer& layer, double shown_share, double most, bool emulated,
                      std::string_view error) {
  const OpClass cls = op_class(layer.op);
  const bool fallback = !layer.note.empty();
  return fmt::format(
      "<tr><td class=\"n sub\">{}</td><td><svg class=\"mk\" width=\"10\" height=\"10\" "
      "aria-hidden=\"true\"><rect width=\"10\" height=\"10\" class=\"{}\"/></svg>{}</td>"
      "<td class=\"n second sub\">{}</td><td class=\"second\"><code>{}</code>{}</td><td class=\"n\" "
      "data-v=\"{}\">{}</td><td class=\"bar\">{}</td><td class=\"n\">{}</td>"
      "<td class=\"n second\" data-v=\"{}\">{}</td><td class=\"n second\">{}</td><td class=\"n "
      "second\">{}</td></tr>",
      layer.index, cls.css, escape(layer.op), escape(typeset(layer.output_shape)), escape(layer.kernel),
      fallback ? fmt::format(" <b class=\"own\" title=\"{}\">!</b>", escape(layer.note)) : "",
      layer.median.value_or(0), layer.median ? grouped(*layer.median) : std::string(kAbsent),
      bar(layer.share.value_or(0), most, emulated),
      layer.share ? fixed(shown_share, 1) : std::string(kAbsent), layer.macs.value_or(0),
      layer.macs ? count(*layer.macs) : std::string(kAbsent),
      layer.macs && *layer.macs > 0 && layer.median
          ? fixed(*layer.median / static_cast<double>(*layer.macs), 2)
          : std::string(kAbsent),
      error);
}

std::string layer_notes(const Summary& s, const Shares& shares) {
  std::string out;
  for (const Layer& layer : s.layers)
    if (!layer.note.empty())
      out += fmt::format("<b class=\"own\">!</b> {} {}: {}. ", layer.index, escape(layer.op),
                         escape(typeset(layer.note)));
  out += fmt::format("Operators {} + gaps {} = {} %.", fixed(shares.sum, 1), fixed(shares.gaps, 1),
                     fixed(shares.sum + shares.gaps, 1));
  if (s.layers.size() > kMany)
    out += fmt::format(
        " The {} most expensive of {} operators are listed, the rest is one row; all are in ops.csv.", kRows,
        s.layers.size());
  return out;
}

}  // namespace

std::string layers_section(const View& view) {
  const Summary& s = view.summary;
  if (s.layers.empty() ||
      std::none_of(s.layers.begin(), s.layers.end(), [](const Layer& l) { return l.median.has_value(); }))
    return "";
  const Shares shares = shares_of(s);
  double most = 0, operators = 0, macs = 0;
  for (const Layer& layer : s.layers)
    most = std::max(most, layer.share.value_or(0)), operators += layer.median.value_or(0),
    macs += static_cast<double>(layer.macs.value_or(0));
  const auto rows = chosen_rows(s.layers);
  std::string body;
  double listed = 0, listed_share = 0;
  for (const size_t i : rows) {
    const auto error = std::find_if(view.operator_errors.begin(), view.operator_errors.end(),
                                    [&](const auto& e) { return e.index == s.layers[i].index; });
    const bool known = error != view.operator_errors.end() && error->device_max_lsb;
    body += layer_row(s.layers[i], shares.operators[i], most, s.target.emulated,
                      known ? count(*error->device_max_lsb) : std::string(kAbsent));
    listed += s.layers[i].median.value_or(0), listed_share += shares.operators[i];
  }
  std::string tail;
  const auto total_row = [&](std::string_view cls, const std::string& name, double value, double share,
                             const std::string& mac, const std::string& ratio, const std::string& plot) {
    tail += fmt::format(
        "<tr class=\"{}\"><td></td><td>{}</td><td class=\"second\"></td><td class=\"second\"></td><td "
        "class=\"n\">{}</td><td class=\"bar\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"n second\">{}</td><td class=\"n second\">{}</td><td class=\"second\"></td></tr>",
        cls, name, grouped(value), plot, fixed(share, 1), mac, ratio);
  };
  if (rows.size() < s.layers.size())
    total_row("sub", plural(static_cast<int64_t>(s.layers.size() - rows.size()), "other operator"),
              operators - listed, shares.sum - listed_share, "", "", "");
  const std::optional<double> total =
      s.latency && s.latency->median ? std::optional(s.latency->median->value) : std::nullopt;
  if (total) {
    total_row("sub", "gaps between operators", *total - operators, shares.gaps, "", "",
              svg_figure(12, "share", "", svg_rect(0, 1, most > 0 ? shares.gaps / most : 0, 10, "greybar")));
    total_row("total", "median inference", *total, shares.sum + shares.gaps, macs > 0 ? grouped(macs) : "",
              macs > 0 ? fixed(*total / macs, 2) : "", "");
  }
  const std::string unit = unit_word(s);
  return strip(s, shares) +
         fmt::format(
             "<table class=\"sort layers\"><thead><tr><th class=\"n\">#</th><th>operator</th><th class=\"n "
             "second\">output</th><th class=\"second\">kernel</th><th class=\"n\">{}</th>"
             "<th class=\"bar nosort\"></th><th class=\"n\">% of total</th><th class=\"n "
             "second\">MACs</th><th class=\"n second\">{}/MAC</th><th class=\"n second\">LSB to "
             "R2</th></tr></thead>"
             "<tbody>{}</tbody><tfoot>{}</tfoot></table><p class=\"cap\">{}</p>",
             escape(unit), escape(unit.substr(0, unit.find(' '))), body, tail, layer_notes(s, shares));
}

}  // namespace assay::report
