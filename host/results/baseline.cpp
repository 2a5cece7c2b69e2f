#include "results/baseline.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/files.h"
#include "config/baseline.pb.h"
#include "config/toml_reader.h"

namespace assay::results {
namespace {

namespace fs = std::filesystem;

// JSON's strings are TOML's, but for one control character.
std::string quoted(const std::string& text) {
  std::string out = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  for (size_t at = out.find('\x7f'); at != std::string::npos; at = out.find('\x7f', at))
    out.replace(at, 1, "\\u007F");
  return out;
}

std::string file_part(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '_';
    out += plain ? c : '-';
  }
  // ".." must not lead out of the folder.
  if (out.empty() || out.front() == '.') out.insert(0, "-");
  return out;
}

std::string figure_line(const NamedFigure& named) {
  const Figure& figure = named.figure;
  std::string line = fmt::format("  {{name = {}, value = {}, unit = {}, kind = {}", quoted(named.name),
                                 figure.value, quoted(figure.unit), quoted(figure.kind));
  const bool interval = figure.lo && figure.hi && std::isfinite(*figure.lo) && std::isfinite(*figure.hi);
  if (interval) line += fmt::format(", lo = {}, hi = {}", *figure.lo, *figure.hi);
  if (figure.n) line += fmt::format(", n = {}", *figure.n);
  if (figure.validity != "valid") line += fmt::format(", validity = {}", quoted(figure.validity));
  return line + fmt::format(", exact = {}}},\n", named.exact);
}

std::string class_line(const ClassCount& row) {
  std::string line =
      fmt::format("  {{name = {}, support = {}, right = {}", quoted(row.name), row.support, row.right);
  if (!row.hits.empty()) line += fmt::format(", hits = {}", quoted(row.hits));
  return line + "},\n";
}

tl::unexpected<Error> corrupt(const fs::path& file, const std::string& what) {
  return fail("baseline.corrupt", what, file.string());
}

// The schema is looked at before the rest: a newer file has keys that this program does not know.
Status check_schema(const fs::path& file) {
  ASSAY_TRY(const std::string text, read_text(file));
  for (size_t at = 0; at < text.size(); at = std::min(text.find('\n', at), text.size() - 1) + 1) {
    int64_t schema = 0;
    if (sscanf(text.c_str() + at, "schema = %ld", &schema) != 1) continue;
    if (schema == kBaselineSchema) return {};
    return fail("baseline.other_schema",
                fmt::format("the baseline has schema {}, this program knows {}", schema, kBaselineSchema),
                file.string());
  }
  return corrupt(file, "no line says `schema = 1`: this is no baseline");
}

Identity identity_of_message(const config::BaselineSubject& s) {
  return {.profile = s.profile(),
          .model_name = s.model(),
          .model_sha256 = s.model_sha256(),
          .dataset_name = s.dataset(),
          .dataset_hash = s.dataset_hash(),
          .ids_sha256 = s.ids_sha256(),
          .samples = s.samples(),
          .board = s.board(),
          .mode = s.mode(),
          .clock_kind = s.clock(),
          .engine = s.engine(),
          .toolchain = s.toolchain(),
          .firmware_build_id = s.firmware()};
}

Status read_figures(const config::Baseline& message, const fs::path& file, Baseline& baseline) {
  std::set<std::string> seen;
  for (const auto& row : message.figures()) {
    auto named = describe_figure(row.name());
    if (!named) return corrupt(file, fmt::format("no figure is called '{}'", row.name()));
    if (!seen.insert(row.name()).second)
      return corrupt(file, fmt::format("'{}' stands there twice", row.name()));
    named->exact = row.exact();
    named->figure = {.value = row.value(), .unit = row.unit(), .kind = row.kind()};
    if (row.has_n()) named->figure.n = row.n();
    if (row.has_lo()) named->figure.lo = row.lo();
    if (row.has_hi()) named->figure.hi = row.hi();
    if (!row.validity().empty()) named->figure.validity = row.validity();
    baseline.figures.push_back(std::move(*named));
  }
  return {};
}

Status read_classes(const config::Baseline& message, const fs::path& file, Baseline& baseline) {
  for (const auto& row : message.classes()) {
    const auto digits = static_cast<int64_t>(row.hits().size());
    if (row.right() > row.support())
      return corrupt(file,
                     fmt::format("class '{}' has {} right of {}", row.name(), row.right(), row.support()));
    if (!row.hits().empty() && (digits != (row.support() + 3) / 4 ||
                                row.hits().find_first_not_of("0123456789abcdef") != std::string::npos))
      return corrupt(file, fmt::format("the hits of class '{}' are not {} bits in hex digits", row.name(),
                                       row.support()));
    baseline.classes.push_back({row.name(), row.support(), row.right(), row.hits()});
  }
  return {};
}

}  // namespace

fs::path baseline_file(const fs::path& folder, const Identity& identity) {
  const std::string toolchain = identity.toolchain.empty() ? "" : "-" + file_part(identity.toolchain);
  return folder / file_part(identity.profile) / (file_part(identity.board) + toolchain + ".toml");
}

std::string baseline_text(const Baseline& b) {
  std::string out = fmt::format(
      "# Written by `assay baseline update`; review its diff. `assay baseline check` holds a run to "
      "it.\nschema = {}\n\n",
      kBaselineSchema);
  const auto text = [&](const char* key, const std::string& value) {
    if (!value.empty()) out += fmt::format("{} = {}\n", key, quoted(value));
  };
  // Array before the tables: a key behind a [table] would belong to it.
  auto figures = b.figures;
  std::sort(figures.begin(), figures.end(), [](const auto& x, const auto& y) { return x.name < y.name; });
  out += "figures = [\n";
  for (const NamedFigure& figure : figures)
    if (std::isfinite(figure.figure.value)) out += figure_line(figure);
  out += "]\n\nclasses = [\n";
  for (const ClassCount& row : b.classes) out += class_line(row);
  out += "]\n\n[run]\n";
  text("git_commit", b.git_commit), text("id", b.run_id);
  out += fmt::format("repeats = {}\n", b.repeats);
  text("started", b.started);
  const Identity& i = b.identity;
  out += "\n[subject]\n";
  text("board", i.board);
  out += "class_names = [";
  for (const std::string& name : b.class_names) out += (out.ends_with('[') ? "" : ", ") + quoted(name);
  out += "]\n";
  text("clock", i.clock_kind), text("dataset", i.dataset_name), text("dataset_hash", i.dataset_hash);
  text("engine", i.engine), text("firmware", i.firmware_build_id), text("ids_sha256", i.ids_sha256);
  text("mode", i.mode), text("model", i.model_name), text("model_sha256", i.model_sha256);
  text("outputs_sha256", b.outputs_sha256), text("profile", i.profile);
  out += fmt::format("samples = {}\n", i.samples);
  text("toolchain", i.toolchain);
  return out;
}

Status write_baseline(const fs::path& file, const Baseline& baseline) {
  const auto read_only = [&](const Error& error) {
    return fail("baseline.read_only", error.message, file.string());
  };
  if (const Status made = make_directories(file.parent_path()); !made)
    return made.error().code == "base.file" ? read_only(made.error()) : fail(made.error());
  if (const Status written = write_file(file, baseline_text(baseline)); !written)
    return written.error().code == "base.file" ? read_only(written.error()) : fail(written.error());
  return {};
}

Result<Baseline> read_baseline(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return fail("baseline.missing", "there is no baseline", file.string());
  if (!fs::is_regular_file(file, error)) return corrupt(file, "this is no plain file");
  ASSAY_CHECK(check_schema(file));
  config::Baseline message;
  if (const Status read = config::read_toml(file, message); !read) return corrupt(file, read.error().text());
  Baseline baseline{.identity = identity_of_message(message.subject()),
                    .run_id = message.run().id(),
                    .started = message.run().started(),
                    .git_commit = message.run().git_commit(),
                    .outputs_sha256 = message.subject().outputs_sha256(),
                    .repeats = message.run().repeats()};
  baseline.class_names.assign(message.subject().class_names().begin(), message.subject().class_names().end());
  ASSAY_CHECK(read_figures(message, file, baseline));
  ASSAY_CHECK(read_classes(message, file, baseline));
  return baseline;
}

}  // namespace assay::results
