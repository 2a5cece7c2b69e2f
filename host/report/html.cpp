#include "report/html.h"

#include <fmt/format.h>

#include "report/assets.h"
#include "report/findings.h"
#include "report/format.h"
#include "report/sections.h"
#include "report/svg.h"

namespace assay::report {
namespace {

struct Section {
  std::string_view name;
  std::string (*content)(const View&);
  std::string_view absent;  // why it may be missing; empty: the section is left out without a word
};
constexpr Section kSections[] = {
    {"Notes", issues_section, ""},
    {"Since the baseline", baseline_section, ""},
    {"Classes", classes_section, "no labels, or the run ended before the comparison"},
    {"Confusion", confusion_section, "no labels, or the run ended before the comparison"},
    {"Where the error enters", inputs_section,
     "the input tensor is not quantised, or its channels were not compared"},
    {"Flips", flips_section, "there is no reference to compare with"},
    {"First divergence", divergence_section, ""},
    {"Ways out", variants_section, "the profile names no variants"},
    {"Layers", layers_section, "no per-operator ticks were recorded; run with --layers"},
    {"Latency and link", latency_section, "the run recorded neither ticks nor link statistics"},
    {"Memory", memory_section, "the agent reported no memory"},
    {"Provenance", provenance_section, ""},
};

std::string section_html(const Section& section, const View& view) {
  std::string content = section.content(view);
  Finding found = finding(section.name, view);
  if (content.empty()) {
    if (section.absent.empty()) return "";
    content = fmt::format("<p class=\"abs\">\u2014 {}</p>", escape(section.absent));
    found = {std::string(section.name), ""};
  }
  const bool named = found.sentence == section.name;
  return fmt::format(
      "<section class=\"sec\"><div class=\"margin\">{}<h2>{}</h2>{}</div><div "
      "class=\"content\">{}</div></section>",
      named ? "" : fmt::format("<p class=\"cap\">{}</p>", section.name), escape(typeset(found.sentence)),
      found.note.empty() ? "" : "<p class=\"cap\">" + escape(typeset(found.note)) + "</p>", content);
}

}  // namespace

std::string report_css() { return std::string(kReportCss) + heat_css(); }

std::string html_page(const View& view) {
  const auto& s = view.summary;
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\"><title>{} {} on {}</title><style>{}</style><link "
      "rel=\"stylesheet\" href=\"report.css\"></head><body>",
      escape(verdict_word(s.verdict)), escape(s.title.empty() ? s.profile : s.title), escape(s.target.board),
      report_css());
  out += svg_definitions() + "<main>" + masthead(view) + verdict_banner(view);
  out += "<div class=\"first\"><div>" + attribution_waterfall(view) + "</div><div>" + class_dumbbells(view) +
         "</div></div>" + cost_strip(view);
  for (const Section& section : kSections) out += section_html(section, view);
  out += page_footer(view) + "</main><div id=\"tip\" hidden></div><script>" + std::string(kReportJs) +
         "</script></body></html>\n";
  return out;
}

}  // namespace assay::report
