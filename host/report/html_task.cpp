// What the task asks of a model, for every side: one table for all kinds, then classes of detection and
// events of streaming.
#include <fmt/format.h>

#include "report/format.h"
#include "report/sections.h"

namespace assay::report {
namespace {

using results::Figure;
using results::Task;

constexpr size_t kMostRows = 40;

std::string cell(const std::optional<Figure>& figure, std::string_view cls) {
  if (!figure) return fmt::format("<td class=\"{}\">\u2014</td>", cls);
  return fmt::format("<td class=\"{}\" data-v=\"{:.9g}\">{}<br><span class=\"sub\">{}</span></td>", cls,
                     figure->value, task_value(*figure), task_interval(*figure));
}

std::string figure_row(const results::TaskFigure& f) {
  const Figure* any = f.device ? &*f.device : f.r0 ? &*f.r0 : nullptr;
  const std::string unit = any && any->unit != "1" ? " " + any->unit : "";
  std::string n = std::string(kAbsent);
  if (any && any->n) n = count(*any->n) + " " + escape(f.counts);
  std::string delta = "<td class=\"n\">\u2014</td>";
  if (f.delta) {
    const bool worse = f.better == "higher" ? f.delta->value < 0 : f.delta->value > 0;
    delta = fmt::format("<td class=\"n {}\" data-v=\"{:.9g}\">{}<br><span class=\"sub\">{}</span></td>",
                        f.delta->value == 0 ? "sub"
                        : worse             ? "worse"
                                            : "better",
                        f.delta->value, task_change(*f.delta), task_interval(*f.delta));
  }
  return fmt::format("<tr><td><b>{}</b>{}</td>{}{}{}{}{}<td class=\"n sub second\">{}</td></tr>",
                     task_figure_name(f.name), escape(unit), cell(f.r0, "n second"), cell(f.r1, "n second"),
                     cell(f.r2, "n second"), cell(f.device, "n"), delta, n);
}

std::string share(const std::optional<double>& value) {
  return value ? fixed(*value * 100, 1) : std::string(kAbsent);
}

std::string classes_table(const Task& task) {
  if (task.classes.empty()) return "";
  std::string rows;
  for (size_t i = 0; i < task.classes.size() && i < kMostRows; ++i) {
    const auto& c = task.classes[i];
    rows += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
        "class=\"n\">{}</td></tr>",
        escape(c.name), count(c.support), c.sufficient ? "" : " <span class=\"sub\">few</span>",
        share(c.ap_reference), share(c.ap_device), share(c.delta));
  }
  return fmt::format(
      "<table class=\"sort\"><thead><tr><th>class</th><th class=\"n\">boxes</th><th class=\"n\">AP50 "
      "ref., %</th><th class=\"n\">AP50 device, %</th><th class=\"n\">change, pp</th></tr></thead>"
      "<tbody>{}</tbody></table><p class=\"cap\">{} classes have truth.</p>",
      rows, task.classes.size());
}

std::string events_table(const Task& task) {
  std::string rows;
  size_t shown = 0, differ = 0;
  const auto delay = [](const std::optional<double>& s) {
    return s ? fixed(*s, 2) + " s" : std::string("missed");
  };
  for (const auto& event : task.events) {
    if (event.reference_s == event.device_s) continue;
    ++differ;
    if (++shown > kMostRows) continue;
    rows += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
        escape(event.name), fixed(event.start_s, 2), delay(event.reference_s), delay(event.device_s));
  }
  if (task.events.empty()) return "";
  if (rows.empty())
    return fmt::format("<p class=\"cap\">All {} events are found alike.</p>", task.events.size());
  return fmt::format(
      "<table class=\"sort\"><thead><tr><th>event</th><th class=\"n\">at, s</th><th class=\"n\">delay "
      "ref.</th><th class=\"n\">delay device</th></tr></thead><tbody>{}</tbody></table><p "
      "class=\"cap\">{} of {} events differ.</p>",
      rows, differ, task.events.size());
}

}  // namespace

std::string task_section(const View& view) {
  const auto& task = view.summary.task;
  if (!task || task->figures.empty()) return "";
  std::string rows;
  for (const auto& figure : task->figures) rows += figure_row(figure);
  std::string note = task->rule.empty() ? "" : task->rule + ". ";
  note +=
      "Brackets: 95 % intervals; the change is device minus " +
      (task->baseline_level.empty() ? std::string("nothing: no reference was run") : task->baseline_level) +
      ".";
  return fmt::format(
      "<table><thead><tr><th>figure</th><th class=\"n second\">R0</th><th class=\"n second\">R1</th><th "
      "class=\"n second\">R2</th><th class=\"n\">device</th><th class=\"n\">change</th><th class=\"n "
      "second\">n</th>"
      "</tr></thead><tbody>{}</tbody></table><p class=\"cap\">{}</p>{}{}",
      rows, escape(typeset(note)), classes_table(*task), events_table(*task));
}

}  // namespace assay::report
