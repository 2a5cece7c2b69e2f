// Where the error enters: what quantising the input costs each channel, then operator by operator.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/format.h"
#include "report/html_preview.h"
#include "report/sections.h"
#include "report/svg.h"

namespace assay::report {
namespace {

using results::InputChannel;

constexpr size_t kChannels = 8;
constexpr double kBadDb = 10;

double badness(const InputChannel& channel) { return channel.sqnr_db ? *channel.sqnr_db : 1e9; }

// Eight worst where there are more, in the order of the tensor.
std::vector<size_t> chosen_channels(const std::vector<InputChannel>& channels) {
  std::vector<size_t> order(channels.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  if (order.size() <= kChannels) return order;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return badness(channels[a]) < badness(channels[b]); });
  order.resize(kChannels);
  std::sort(order.begin(), order.end());
  return order;
}

std::string channel_row(const View& view, size_t index, const Preview* sample) {
  const InputChannel& channel = view.summary.input_channels[index];
  const bool bad = channel.sqnr_db && *channel.sqnr_db < kBadDb;
  const std::string db = channel.sqnr_db ? fixed(*channel.sqnr_db, 1) + "\u202fdB" : std::string("exact");
  std::string share = percent(channel.zero_share, 0) + " zero";
  if (channel.saturated_share > 0) share += ", " + percent(channel.saturated_share, 1) + " saturated";
  return fmt::format(
      "<tr><th>{}</th>{}<td class=\"n {}\">{}</td><td class=\"n sub\">{}</td></tr>", escape(channel.name),
      sample ? "<td class=\"trace\">" + channel_traces(view.input, *sample, index) + "</td>" : "",
      bad ? "own b" : "", db, share);
}

// The sample in view: the most confident broken one whose input was kept.
const Preview* shown_sample(const View& view) {
  const Preview* best = nullptr;
  double margin = -1;
  for (const auto& flip : view.flips)
    if (const Preview* preview = view.preview(flip.index);
        preview && flip.kind == "broken" && flip.reference_margin > margin)
      best = preview, margin = flip.reference_margin;
  return best || view.previews.empty() ? best : &view.previews.front();
}

std::string operator_strip(const View& view) {
  const auto& errors = view.operator_errors;
  if (errors.empty())
    return "<p class=\"cap abs\">\u2014 Error by operator: intermediate tensors were not captured in this "
           "run.</p>";
  // D against R2 alone has a section of its own.
  if (std::none_of(errors.begin(), errors.end(),
                   [](const OperatorError& e) { return e.accumulated_db || e.local_db; }))
    return "";
  const double column = 100.0 / static_cast<double>(errors.size());
  double most = 1;
  for (const auto& e : errors) most = std::max({most, e.accumulated_db.value_or(0), e.local_db.value_or(0)});
  std::string body = svg_line(0, 84, 100, 84, "base");
  for (size_t i = 0; i < errors.size(); ++i) {
    const OperatorError& e = errors[i];
    const double x = column * static_cast<double>(i), middle = x + column / 2;
    const auto bar = [&](double db) { return 64 * std::clamp(db, 0.0, most) / most; };
    if (e.local_db)
      body += svg_rect(middle, 84 - bar(*e.local_db), column * 0.3, bar(*e.local_db), "outline");
    if (e.accumulated_db) {
      const bool bad = *e.accumulated_db < kBadDb;
      body += svg_rect(middle - column * 0.3, 84 - bar(*e.accumulated_db), column * 0.3,
                       bar(*e.accumulated_db), bad ? "badbar" : "greybar") +
              svg_text(middle - column * 0.19, 80 - bar(*e.accumulated_db), "middle",
                       bad ? "tiny own" : "tiny", fixed(*e.accumulated_db, 1));
    }
    body += svg_text(middle, 98, "middle", "tiny", i == 0 && e.index < 0 ? "in" : count(e.index)) +
            svg_text(middle, 118, "middle", e.r2_outside == 0 ? "tiny ok" : "tiny",
                     e.r2_outside ? count(*e.r2_outside) : std::string(kAbsent)) +
            svg_text(middle, 136, "middle", e.device_max_lsb == 0 ? "tiny ok" : "tiny",
                     e.device_max_lsb ? count(*e.device_max_lsb) : std::string(kAbsent));
  }
  return "<div class=\"strip\"><p class=\"cap\">R1 against R0, SQNR in dB<br>filled: accumulated<br>outline: "
         "this op alone<br><br>op<br>R2 outside envelope<br>D against R2, max LSB</p>" +
         svg_figure(142, "error by operator", "", body) + "</div>";
}

}  // namespace

std::string inputs_section(const View& view) {
  const auto& channels = view.summary.input_channels;
  if (channels.empty()) return "";
  const Preview* sample = shown_sample(view);
  const bool lines = view.input.kind == "series" || view.input.kind == "audio";
  const bool fits = lines && static_cast<size_t>(view.input.channel_count()) == channels.size();
  std::string out;
  if (sample && fits) {
    const double seconds = view.input.rate_hz > 0 && !view.input.dims.empty()
                               ? static_cast<double>(view.input.dims.front()) / view.input.rate_hz
                               : 0;
    out += fmt::format(
        "<p class=\"cap\">sample <code>{}</code>{} &nbsp;<span class=\"key real\"></span>as recorded "
        "&nbsp;<span class=\"key quant\"></span>as quantised &nbsp; figures over {}</p>",
        escape(sample->sample),
        seconds > 0 ? fmt::format(", {} s", fixed(seconds, seconds < 10 ? 1 : 0)) : "",
        plural(view.summary.samples_done, "sample"));
  } else {
    out += "<p class=\"cap\">quantising the input tensor, over " +
           plural(view.summary.samples_done, "sample") +
           (view.previews.empty() ? "; inputs were not kept, so nothing is drawn" : "") + "</p>";
  }
  const auto order = chosen_channels(channels);
  std::string columns;
  const size_t half = (order.size() + 1) / 2;
  for (const auto& [from, to] : {std::pair(size_t{0}, half), std::pair(half, order.size())}) {
    if (from == to) continue;
    columns += "<table class=\"channels\"><tbody>";
    for (size_t i = from; i < to; ++i) columns += channel_row(view, order[i], fits ? sample : nullptr);
    columns += "</tbody></table>";
  }
  out += "<div class=\"pair\">" + columns + "</div>";
  if (order.size() < channels.size())
    out += fmt::format("<p class=\"cap\">the {} worst of {} channels</p>", order.size(), channels.size());
  return out + operator_strip(view);
}

}  // namespace assay::report
