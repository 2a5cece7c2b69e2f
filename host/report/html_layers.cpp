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
constexpr std::string_view kReference = "reference";

std::string unit_word(const Summary& s) {
  if (!s.latency) return "ticks";
  return s.latency->kind.find("instr") != std::string::npos ? "instr (emul.)" : s.latency->kind;
}

// Of "instr (emul.)" and "host ns" the unit itself.
std::string unit_short(const std::string& unit) {
  return unit.starts_with("host ") ? unit.substr(5) : unit.substr(0, unit.find(' '));
}

std::string_view kernel_set(const Layer& layer) {
  return std::string_view(layer.kernel).substr(0, layer.kernel.find('/'));
}

// A reference kernel is a fallback only where the model runs on better ones too.
bool mixes_sets(std::span<const Layer> layers) {
  return std::any_of(layers.begin(), layers.end(),
                     [](const Layer& l) { return !l.kernel.empty() && kernel_set(l) != kReference; });
}

// "reference/CONV_2D" beside "CONV_2D" says the operator twice.
std::string kernel_text(const Layer& layer) {
  const std::string_view set = kernel_set(layer);
  const bool repeats =
      layer.kernel.size() == set.size() + 1 + layer.op.size() && layer.kernel.ends_with(layer.op);
  return repeats ? std::string(set) : layer.kernel;
}

std::string fallback_cause(const Layer& layer) {
  return layer.note.empty() ? "no faster kernel for this operator" : layer.note;
}

std::string strip(std::span<const Layer> layers, const Shares& shares) {
  std::string body;
  double x = 0;
  for (size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
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
std::vector<size_t> chosen_rows(std::span<const Layer> layers) {
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

std::string layer_row(const Layer& layer, double shown_share, double most, bool emulated, bool mixed,
                      std::string_view error) {
  const OpClass cls = op_class(layer.op);
  const bool fallback = mixed && kernel_set(layer) == kReference;
  return fmt::format(
      "<tr><td class=\"n sub\">{}</td><td><svg class=\"mk\" width=\"10\" height=\"10\" "
      "aria-hidden=\"true\"><rect width=\"10\" height=\"10\" class=\"{}\"/></svg>{}</td>"
      "<td class=\"n second sub\">{}</td><td class=\"second\"><code title=\"{}\">{}</code>{}</td><td "
      "class=\"n\" "
      "data-v=\"{}\">{}</td><td class=\"bar\">{}</td><td class=\"n\">{}</td>"
      "<td class=\"n second\" data-v=\"{}\">{}</td><td class=\"n second\">{}</td><td class=\"n "
      "second\">{}</td></tr>",
      layer.index, cls.css, escape(layer.op), escape(typeset(layer.output_shape)), escape(layer.kernel),
      escape(kernel_text(layer)),
      fallback ? fmt::format(" <b class=\"own\" title=\"{}\">!</b>", escape(fallback_cause(layer))) : "",
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
  const auto layers = operators_of(s);
  if (mixes_sets(layers))
    for (const Layer& layer : layers)
      if (kernel_set(layer) == kReference)
        out += fmt::format("<b class=\"own\">!</b> {} {}: {}. ", layer.index, escape(layer.op),
                           escape(typeset(fallback_cause(layer))));
  out += fmt::format("Operators {} + gaps {} = {} %.", fixed(shares.sum, 1), fixed(shares.gaps, 1),
                     fixed(shares.sum + shares.gaps, 1));
  if (gaps_of(s) && s.latency && s.latency->median)
    out += fmt::format(" Timed operator by operator, {}; without that the median inference takes {}.",
                       s.latency->profiler_overhead && s.latency->profiler_overhead->n
                           ? "in " + plural(*s.latency->profiler_overhead->n, "extra pass", "extra passes")
                           : "in passes of their own",
                       grouped(s.latency->median->value));
  if (layers.size() > kMany)
    out += fmt::format(
        " The {} most expensive of {} operators are listed, the rest is one row; all are in ops.csv.", kRows,
        layers.size());
  return out;
}

struct Totals {
  double gaps = 0;
  std::optional<double> whole;
  std::string name;
};

// Operators are timed in passes of their own: their total is that of those passes, not of the bare inference,
// which may well be shorter than its parts.
Totals totals_of(const Summary& s, double operators) {
  if (const Layer* gaps = gaps_of(s)) {
    const double between = std::max(0.0, gaps->median.value_or(0));
    return {between, operators + between, "timed inference"};
  }
  if (!s.latency || !s.latency->median) return {};
  return {std::max(0.0, s.latency->median->value - operators), s.latency->median->value, "median inference"};
}

}  // namespace

std::string layers_section(const View& view) {
  const Summary& s = view.summary;
  if (s.layers.empty() ||
      std::none_of(s.layers.begin(), s.layers.end(), [](const Layer& l) { return l.median.has_value(); }))
    return "";
  const Shares shares = shares_of(s);
  const auto layers = operators_of(s);
  const bool mixed = mixes_sets(layers);
  double most = 0, operators = 0, macs = 0;
  for (const Layer& layer : layers)
    most = std::max(most, layer.share.value_or(0)), operators += layer.median.value_or(0),
    macs += static_cast<double>(layer.macs.value_or(0));
  const auto rows = chosen_rows(layers);
  std::string body;
  double listed = 0, listed_share = 0;
  for (const size_t i : rows) {
    const auto error = std::find_if(view.operator_errors.begin(), view.operator_errors.end(),
                                    [&](const auto& e) { return e.index == layers[i].index; });
    const bool known = error != view.operator_errors.end() && error->device_max_lsb;
    body += layer_row(layers[i], shares.operators[i], most, s.target.emulated, mixed,
                      known ? count(*error->device_max_lsb) : std::string(kAbsent));
    listed += layers[i].median.value_or(0), listed_share += shares.operators[i];
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
  if (rows.size() < layers.size())
    total_row("sub", plural(static_cast<int64_t>(layers.size() - rows.size()), "other operator"),
              operators - listed, shares.sum - listed_share, "", "", "");
  const Totals totals = totals_of(s, operators);
  if (totals.whole) {
    total_row("sub", "gaps between operators", totals.gaps, shares.gaps, "", "",
              svg_figure(12, "share", "", svg_rect(0, 1, most > 0 ? shares.gaps / most : 0, 10, "greybar")));
    total_row("total", totals.name, *totals.whole, shares.sum + shares.gaps, macs > 0 ? grouped(macs) : "",
              macs > 0 ? fixed(*totals.whole / macs, 2) : "", "");
  }
  const std::string unit = unit_word(s);
  return strip(layers, shares) +
         fmt::format(
             "<table class=\"sort layers\"><thead><tr><th class=\"n\">#</th><th>operator</th><th class=\"n "
             "second\">output</th><th class=\"second\">kernel</th><th class=\"n\">{}</th>"
             "<th class=\"bar nosort\"></th><th class=\"n\">% of total</th><th class=\"n "
             "second\">MACs</th><th class=\"n second\">{}/MAC</th><th class=\"n second\">LSB to "
             "R2</th></tr></thead>"
             "<tbody>{}</tbody><tfoot>{}</tfoot></table><p class=\"cap\">{}</p>",
             escape(unit), escape(unit_short(unit)), body, tail, layer_notes(s, shares));
}

}  // namespace assay::report
