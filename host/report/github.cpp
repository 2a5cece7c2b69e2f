#include "report/github.h"

#include <fmt/format.h>

#include <cstdlib>

#include "report/format.h"
#include "report/sections.h"

namespace assay::report {
namespace {

namespace fs = std::filesystem;
using results::Gate;

constexpr size_t kMost = 8;  // of one kind

std::string data_text(std::string_view text) {
  std::string out;
  for (const char c : valid_utf8(text)) {
    if (c == '%' || c == '\r' || c == '\n')
      out += fmt::format("%{:02X}", static_cast<int>(c));
    else
      out += c;
  }
  return out;
}

std::string property_text(std::string_view text) {
  std::string out;
  for (const char c : data_text(text)) {
    if (c == ':' || c == ',')
      out += fmt::format("%{:02X}", static_cast<int>(c));
    else
      out += c;
  }
  return out;
}

struct Place {
  std::string file, line;
};

// "profile.toml:9" beside the profile, or the file of a baseline; empty when it lies outside of the
// repository.
Place place_of(const View& view, const Gate& gate, const fs::path& root) {
  const size_t colon = gate.where.rfind(':');
  const bool numbered = colon != std::string::npos && colon + 1 < gate.where.size() &&
                        gate.where.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  const fs::path named = numbered ? gate.where.substr(0, colon) : gate.where;
  if (named.empty() || root.empty()) return {};
  const bool by_profile = gate.metric.rfind("baseline.", 0) != 0 && !view.profile_file.empty();
  const fs::path whole =
      (by_profile ? view.profile_file.parent_path() / named : fs::absolute(named)).lexically_normal();
  const fs::path relative = whole.lexically_relative(root.lexically_normal());
  if (relative.empty() || *relative.begin() == "..") return {};
  return {relative.generic_string(), numbered ? gate.where.substr(colon + 1) : ""};
}

std::string command(std::string_view kind, const Place& place, const std::string& title,
                    const std::string& message) {
  std::string properties;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty())
      properties += fmt::format("{}{}={}", properties.empty() ? " " : ",", name, property_text(value));
  };
  add("file", place.file), add("line", place.line), add("title", title);
  return fmt::format("::{}{}::{}\n", kind, properties, data_text(message));
}

std::string gate_message(const Gate& gate) {
  return fmt::format("wants {}; got {}{}", gate.rule, gate.observed.empty() ? "nothing" : gate.observed,
                     gate.reason.empty() ? "" : ". " + gate.reason);
}

std::string gate_commands(const View& view, const fs::path& root, std::string_view verdict,
                          std::string_view kind) {
  std::string out;
  size_t shown = 0, all = 0;
  for (const Gate& gate : view.summary.gates) {
    if (gate.verdict != verdict || ++all > kMost) continue;
    const std::string title =
        fmt::format("{} on {}: {}", view.summary.profile, view.summary.target.board, gate.metric);
    out += command(kind, place_of(view, gate, root), title, gate_message(gate)), ++shown;
  }
  if (all > shown)
    out += command(kind, {}, view.summary.profile, fmt::format("{} gates more: see the report", all - shown));
  return out;
}

}  // namespace

std::string github_annotations(const View& view, const fs::path& root) {
  const results::Summary& s = view.summary;
  const std::string title = fmt::format("{} on {}: {}", s.profile, s.target.board, verdict_word(s.verdict));
  // A dead board is not a bad model: what could not be decided is a warning.
  const bool red = s.verdict == "fail" || s.verdict == "error";
  std::string out = command(s.verdict == "pass" ? "notice"
                            : red               ? "error"
                                                : "warning",
                            {}, title, ascii(s.sentence));
  out += gate_commands(view, root, "fail", "error");
  return out + gate_commands(view, root, "inconclusive", "warning");
}

std::string github_commands(const View& view) {
  const char* root = std::getenv("GITHUB_WORKSPACE");
  std::error_code error;
  return github_annotations(view, root && *root ? fs::path(root) : fs::current_path(error));
}

}  // namespace assay::report
