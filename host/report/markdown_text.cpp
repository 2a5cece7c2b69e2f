#include <fmt/format.h>

#include "report/format.h"
#include "report/markdown.h"

namespace assay::report {

std::string markdown_text(std::string_view text) {
  // escape() repairs UTF-8 and makes entities of what is markup in HTML.
  const std::string safe = escape(text);
  std::string out;
  for (const char c : safe) {
    if (c == '\n' || c == '\r' || c == '\t') {
      out += ' ';
    } else if (std::string_view("\\`*_{}[]()#+!|~^$").find(c) != std::string_view::npos) {
      out += fmt::format("&#{};", static_cast<int>(c));
    } else if (c == '@') {
      out += "&#64;";  // "@all" would call everybody
    } else {
      out += c;
    }
  }
  // Bare addresses become links.
  for (size_t at = out.find("://"); at != std::string::npos; at = out.find("://", at + 1))
    out.replace(at, 1, "&#58;");
  return out;
}

}  // namespace assay::report
