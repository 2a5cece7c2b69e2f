// What ran, exactly: names, hashes and versions of everything that took part; and what a reader must know.
#include <fmt/format.h>

#include "report/format.h"
#include "report/sections.h"

namespace assay::report {
namespace {

using results::Summary;

std::string file_name(const std::string& path) {
  const size_t slash = path.find_last_of("/\\");
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

struct Rows {
  std::string html;
  void add(std::string_view what, const std::string& name, const std::string& id, const std::string& detail) {
    if (name.empty() && id.empty()) return;
    const auto cell = [](const std::string& text) {
      return text.empty() ? std::string(kAbsent) : escape(text);
    };
    html += fmt::format(
        "<tr><td class=\"sub\">{}</td><td>{}</td><td><code>{}</code></td><td class=\"second "
        "sub\">{}</td></tr>",
        what, cell(name), cell(id), cell(detail));
  }
};

void add_subject(Rows& rows, const Summary& s) {
  rows.add("model", file_name(s.subject.model_file.empty() ? s.subject.model_name : s.subject.model_file),
           short_id(s.subject.model_sha256),
           s.subject.model_bytes ? kib(static_cast<double>(s.subject.model_bytes)) : "");
  for (const auto& reference : s.references)
    rows.add(
        reference.level + (reference.primary ? ", primary" : ""),
        reference.runtime + (reference.version.empty() ? "" : " " + reference.version),
        short_id(reference.model_sha256),
        (reference.resolver.empty() ? "" : reference.resolver + " · ") + file_name(reference.model_file));
  rows.add("dataset", s.dataset.name, short_id(s.dataset.hash),
           plural(s.dataset.count, "sample") +
               (s.dataset.quantised ? ", stored in the model’s own integers" : ""));
  if (!s.dataset.preprocess.empty())
    rows.add("prepared by", s.dataset.preprocess, "",
             "applied once on the host: device and references see the same");
  rows.add("firmware", file_name(s.subject.firmware_file), short_id(s.subject.firmware_build_id),
           s.subject.toolchain);
  rows.add("engine", s.subject.engine, "",
           s.subject.runner + (s.subject.way_in.empty() || s.subject.runner.empty() ? "" : " · ") +
               s.subject.way_in);
}

}  // namespace

std::string issues_section(const View& view) {
  std::string rows;
  for (const auto& issue : view.summary.issues)
    rows += fmt::format("<tr><td class=\"{}\">{}</td><td><code>{}</code></td><td>{}</td></tr>",
                        issue.severity == "error"     ? "own b"
                        : issue.severity == "warning" ? "warn b"
                                                      : "sub",
                        escape(issue.severity), escape(issue.code), escape(typeset(issue.message)));
  return rows.empty() ? "" : "<table class=\"facts\"><tbody>" + rows + "</tbody></table>";
}

std::string provenance_section(const View& view) {
  const Summary& s = view.summary;
  Rows rows;
  add_subject(rows, s);
  rows.add(
      "board", s.target.board + (s.target.board_title.empty() ? "" : ", " + s.target.board_title), "",
      s.target.core + (s.provenance.qemu.empty() ? "" : " · QEMU " + s.provenance.qemu) +
          (s.target.mode.empty() ? "" : ", mode " + s.target.mode) +
          (s.target.core_clock_hz ? " · " + si(static_cast<double>(*s.target.core_clock_hz)) + "Hz" : ""));
  rows.add("unit and probe", s.target.unit, "",
           s.target.probe + (s.provenance.probe_tool.empty() ? "" : " · " + s.provenance.probe_tool));
  rows.add("source", s.provenance.git_commit.empty() ? "" : short_id(s.provenance.git_commit),
           s.provenance.git_commit.empty() ? ""
           : s.provenance.git_dirty        ? "dirty"
                                           : "clean",
           "seed " + count(s.provenance.seed));
  rows.add("host", s.provenance.host, "", s.provenance.python.empty() ? "" : "Python " + s.provenance.python);
  std::string phases;
  for (const auto& [name, seconds] : s.provenance.phase_s)
    phases += (phases.empty() ? "" : " · ") + name + " " + fixed(seconds, 1) + " s";
  rows.add("run time", fixed(s.provenance.duration_s, 1) + " s", "", phases);
  return "<table class=\"facts prov\"><thead><tr><th>what</th><th>name</th><th>id</th><th "
         "class=\"second\">detail</th></tr></thead><tbody>" +
         rows.html + "</tbody></table>";
}

}  // namespace assay::report
