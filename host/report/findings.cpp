#include "report/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/format.h"
#include "report/shares.h"

namespace assay::report {
namespace {

using results::ClassRow;
using results::Summary;
using Text = std::string;  // empty: the rule does not match

int64_t classes_where(const Summary& s, bool (*is)(const ClassRow&)) {
  return s.accuracy ? std::count_if(s.accuracy->classes.begin(), s.accuracy->classes.end(), is) : 0;
}
bool vanished(const ClassRow& row) {
  return row.recall_device == 0.0 && row.recall_reference.value_or(0) > 0;
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (size_t i = 0; i < names.size(); ++i)
    out += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return out;
}

// A sentence begins with a capital, unless it begins with a name.
std::string opening(std::string sentence) {
  if (sentence.starts_with("class ")) sentence[0] = 'C';
  return sentence;
}

std::string lower_word(int64_t n) {
  std::string word = number_word(n);
  if (!word.empty()) word[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(word[0])));
  return word;
}

Text classes_vanished(const View& v) {
  const int64_t gone = classes_where(v.summary, vanished),
                all = classes_where(v.summary, [](const ClassRow&) { return true; });
  return gone == 0 ? "" : fmt::format("{} of {} classes vanished", number_word(gone), lower_word(all));
}
Text class_worst(const View& v) {
  if (!v.summary.accuracy || !v.summary.accuracy->worst_class) return "";
  const auto& worst = v.summary.accuracy->classes.at(static_cast<size_t>(*v.summary.accuracy->worst_class));
  if (!worst.delta || *worst.delta > -0.0005) return "";
  return opening(fmt::format("{} lost most: {}", spoken_class(worst.name), points(*worst.delta)));
}
Text classes_equal(const View& v) {
  const int64_t all = classes_where(v.summary, [](const ClassRow&) { return true; });
  const int64_t worse =
      classes_where(v.summary, [](const ClassRow& r) { return r.delta && *r.delta < -0.0005; });
  return all > 0 && worse == 0 ? "No class got worse" : "";
}
Text classes_note(const View& v) {
  if (!v.summary.accuracy) return "";
  std::vector<std::string> gone, weak;
  for (const ClassRow& row : v.summary.accuracy->classes) {
    if (vanished(row) && gone.size() < 6) gone.push_back(spoken_class(row.name));
    if (row.recall_reference && *row.recall_reference < 0.6 && weak.size() < 4)
      weak.push_back(spoken_class(row.name));
  }
  std::string out;
  if (!gone.empty())
    out += opening(listed(gone)) + (gone.size() == 1 ? " is" : " are") + " never recognised. ";
  if (!weak.empty())
    out += fmt::format(
        "{} {} weak before already: that part is the model, not the {}.", opening(listed(weak)),
        weak.size() == 1 ? "was" : "were",
        v.summary.attribution && v.summary.attribution->owner == "port" ? "port" : "quantisation");
  return out;
}

const results::Confusion* device_confusion(const Summary& s) {
  if (s.accuracy)
    for (const auto& confusion : s.accuracy->confusion)
      if (confusion.subject == "D") return &confusion;
  return nullptr;
}
Text answers_few(const View& v) {
  const auto* confusion = device_confusion(v.summary);
  const auto& classes = v.summary.dataset.classes;
  if (!confusion || confusion->counts.size() != classes.size()) return "";
  std::vector<std::string> answered;
  for (size_t c = 0; c < classes.size(); ++c)
    if (std::any_of(confusion->counts.begin(), confusion->counts.end(),
                    [&](const auto& row) { return c < row.size() && row[c] > 0; }))
      answered.push_back(spoken_class(classes[c]));
  if (answered.empty() || answered.size() == classes.size() || answered.size() > 4) return "";
  std::string names = listed(answered);
  if (const size_t at = names.rfind(" and "); at != std::string::npos) names.replace(at, 5, " or ");
  return "The device only ever answers " + names;
}
Text most_confused(const View& v) {
  const auto* confusion = device_confusion(v.summary);
  const auto& classes = v.summary.dataset.classes;
  if (!confusion || confusion->counts.size() != classes.size()) return "";
  int64_t most = 0;
  size_t truth = 0, answer = 0;
  for (size_t r = 0; r < classes.size(); ++r)
    for (size_t c = 0; c < confusion->counts[r].size() && c < classes.size(); ++c)
      if (r != c && confusion->counts[r][c] > most) most = confusion->counts[r][c], truth = r, answer = c;
  return most == 0 ? "No sample is confused"
                   : opening(fmt::format("{} is taken for {}, {}", spoken_class(classes[truth]),
                                         spoken_class(classes[answer]),
                                         most == 1 ? "once" : fmt::format("{} times", count(most))));
}
Text confusion_note(const View&) {
  return "Rows are the truth, columns the prediction. Blue: right. Orange: wrong. Hover a cell to find it in "
         "the other matrix.";
}

Text channels_gone(const View& v) {
  const auto& channels = v.summary.input_channels;
  std::vector<std::string> gone;
  for (const auto& channel : channels)
    if (channel.zero_share >= 0.99) gone.push_back(channel.name);
  if (gone.empty()) return "";
  return gone.size() > 6 ? fmt::format("{} of {} channels are gone before the first operator",
                                       count(static_cast<int64_t>(gone.size())), channels.size())
                         : fmt::format("{} {} gone before the first operator", listed(gone),
                                       gone.size() == 1 ? "is" : "are");
}
Text channel_worst(const View& v) {
  const auto& channels = v.summary.input_channels;
  const results::InputChannel* worst = nullptr;
  for (const auto& channel : channels)
    if (channel.sqnr_db && (!worst || *channel.sqnr_db < *worst->sqnr_db)) worst = &channel;
  if (worst && channels.size() == 1)
    return fmt::format("Quantising the input leaves {} dB", fixed(*worst->sqnr_db, 1));
  return worst ? fmt::format("Quantising the input costs {} most: {} dB", worst->name,
                             fixed(*worst->sqnr_db, 1))
               : "";
}
Text inputs_note(const View& v) {
  if (v.summary.dataset.quantised)
    return "The dataset is stored quantised: the loss of quantising the input is not in these figures.";
  if (v.input.scale <= 0) return "";
  return fmt::format(
      "One input scale, {:.4g} per step, serves all channels alike. Everything below {:.4g} rounds to zero.",
      v.input.scale, v.input.scale / 2);
}

Text flips_many(const View& v) {
  const Summary& s = v.summary;
  if (!s.accuracy) return "";
  const int64_t changed = s.accuracy->broken + s.accuracy->fixed + s.accuracy->both_wrong;
  return changed == 0 ? fmt::format("None of {} predictions changed", count(s.samples_done))
                      : fmt::format("{} of {} predictions changed", count(changed), count(s.samples_done));
}
Text flips_note(const View& v) {
  if (v.flips.empty()) return "";
  std::string out =
      "Sorted by the reference’s margin: confident flips point to bugs, narrow ones to rounding.";
  const auto confident =
      std::count_if(v.flips.begin(), v.flips.end(), [](const auto& f) { return f.reference_margin >= 0.5; });
  out += confident * 2 >= static_cast<int64_t>(v.flips.size()) ? " Most of these are confident."
                                                               : " Most of these are narrow.";
  return out;
}

Text ways_out(const View& v) {
  const auto passing = std::count_if(v.summary.variants.begin(), v.summary.variants.end(),
                                     [](const auto& x) { return x.would_pass == true; });
  if (passing == 0) return "No variant that was run would pass";
  return fmt::format("{} {} would pass", number_word(passing), passing == 1 ? "change" : "changes");
}

Text top_operators(const View& v) {
  const Summary& s = v.summary;
  const Shares shares = shares_of(s);
  std::vector<double> sorted = shares.operators;
  std::sort(sorted.rbegin(), sorted.rend());
  double sum = 0;
  size_t k = 0;
  while (k < sorted.size() && k < 5 && sum < 60) sum += sorted[k++];
  if (k == 0) return "";
  return fmt::format("{} {} {} {} % of the {}", number_word(static_cast<int64_t>(k)),
                     k == 1 ? "operator" : "operators", k == 1 ? "takes" : "take", fixed(sum, 1),
                     s.target.emulated ? "instructions" : "time");
}
Text layers_note(const View& v) {
  const auto& latency = v.summary.latency;
  std::string out = gaps_of(v.summary) ? "Medians of the timed passes." : "Median inference.";
  if (latency && latency->profiler_overhead)
    out += fmt::format(" Profiler {}: {}.", percent(latency->profiler_overhead->value, 2),
                       latency->profiler_overhead->value > 0.001 ? "perturbed" : "not perturbed");
  if (v.summary.target.emulated) out += " Dotted fill: emulated.";
  return out;
}

Text spread(const View& v) {
  const auto& s = v.summary;
  if (!s.latency || !s.latency->min || !s.latency->max || !s.latency->median || s.latency->median->value <= 0)
    return "";
  const double width = (s.latency->max->value - s.latency->min->value) / s.latency->median->value;
  // On a desktop one run that was put to sleep says nothing about the others.
  const bool outlier = width > 1 && s.latency->p5 && s.latency->p95;
  std::string out = width == 0 ? "Every inference took the same" : "Spread " + percent(width, 1);
  if (outlier)
    out = "Nine of ten runs spread " +
          percent((s.latency->p95->value - s.latency->p5->value) / s.latency->median->value, 0);
  if (s.link)
    out += s.link->retries + s.link->crc_errors + s.link->dropped_events == 0
               ? ", nothing lost on the wire"
               : ", " + plural(s.link->retries, "retry", "retries") + " on the wire";
  return out;
}
Text latency_note(const View& v) {
  return v.summary.target.emulated ? "Emulated: counts of instructions, not time. The emulator repeats "
                                     "exactly; what spread there is comes from the data."
                                   : "";
}

Text memory_share(const View& v) {
  const Summary& s = v.summary;
  if (s.memory && s.memory->ram_total && s.target.ram_bytes && *s.target.ram_bytes > 0)
    return part_of(s.memory->ram_total->value / static_cast<double>(*s.target.ram_bytes)) +
           " of the board’s RAM" +
           (s.flash && s.flash->total && s.target.flash_bytes && *s.target.flash_bytes > 0
                ? ", " + part_of(s.flash->total->value / static_cast<double>(*s.target.flash_bytes)) +
                      " of its flash"
                : "");
  return "";
}
Text memory_note(const View&) {
  return "Bars end at the gate. Stack is what was touched: the deepest frame may reserve more.";
}

Text issues_found(const View& v) {
  const auto n = static_cast<int64_t>(v.summary.issues.size());
  return n == 0 ? "" : n == 1 ? "One thing to know" : number_word(n) + " things to know";
}
Text ran(const View&) { return "What ran, exactly"; }

Text first_divergence(const View& view) {
  if (!view.summary.divergence) return "";
  const auto& d = *view.summary.divergence;
  if (d.first) return fmt::format("#{} {} is the first operator that differs", *d.first, d.op);
  return d.state == "agrees" ? "Every captured operator equals the host build" : "The operators agree, the output does not";
}

struct Rule {
  std::string_view section;
  Text (*say)(const View&);
};
constexpr Rule kRules[] = {
    {"Classes", classes_vanished},
    {"Classes", classes_equal},
    {"Classes", class_worst},
    {"Confusion", answers_few},
    {"Confusion", most_confused},
    {"Where the error enters", channels_gone},
    {"Where the error enters", channel_worst},
    {"Flips", flips_many},
    {"First divergence", first_divergence},
    {"Ways out", ways_out},
    {"Layers", top_operators},
    {"Latency and link", spread},
    {"Memory", memory_share},
    {"Notes", issues_found},
    {"Provenance", ran},
};
constexpr Rule kNotes[] = {
    {"Classes", classes_note}, {"Confusion", confusion_note}, {"Where the error enters", inputs_note},
    {"Flips", flips_note},     {"Layers", layers_note},       {"Latency and link", latency_note},
    {"Memory", memory_note},
};

template <size_t N>
Text first_match(const Rule (&rules)[N], std::string_view section, const View& view) {
  for (const Rule& rule : rules)
    if (rule.section == section)
      if (Text text = rule.say(view); !text.empty()) return text;
  return "";
}

}  // namespace

Finding finding(std::string_view section, const View& view) {
  Finding out{first_match(kRules, section, view), first_match(kNotes, section, view)};
  if (out.sentence.empty()) out.sentence = std::string(section);
  return out;
}

}  // namespace assay::report
