#include "cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error_codes.h"

namespace assay::cli {
namespace {

bool set(const char* name) {
  const char* value = getenv(name);
  return value && *value;
}

// Columns that a UTF-8 text takes: its code points (no wide characters are printed).
size_t display_width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// Breaks at spaces; a word longer than `width` stands alone.
std::vector<std::string> wrap(const std::string& text, size_t width) {
  std::vector<std::string> lines(1);
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    std::string& line = lines.back();
    if (!line.empty() && display_width(line) + 1 + display_width(word) > width) {
      lines.push_back(word);
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
    begin = end + 1;
  }
  return lines;
}

}  // namespace

bool is_terminal(int fd) { return isatty(fd) == 1; }

bool colour_on(int fd) {
  const char* term = getenv("TERM");
  return is_terminal(fd) && !set("NO_COLOR") && term && std::strcmp(term, "dumb") != 0;
}

bool unicode_on(int fd) {
  if (!is_terminal(fd)) return false;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (set(name)) return std::strstr(getenv(name), "UTF-8") || std::strstr(getenv(name), "utf8");
  }
  return false;
}

int columns(int fd) {
  winsize size = {};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return std::max<int>(40, size.ws_col);
  return 80;
}

bool json_wanted(int argc, char** argv) {
  return std::any_of(argv, argv + argc, [](const char* argument) { return std::strcmp(argument, "--json") == 0; });
}

void print_error(const Error& error, bool json) {
  const ErrorCode* known = find_error_code(error.code);
  const std::string remedy = !error.remedy.empty() ? error.remedy : known ? std::string(known->remedy) : "";
  if (json) {
    const nlohmann::ordered_json object = {{"error",
                                            {{"code", error.code},
                                             {"message", error.message},
                                             {"where", error.where},
                                             {"remedy", remedy},
                                             {"exit_code", static_cast<int>(exit_code_of(error.code))}}}};
    fmt::print("{}\n", object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return;
  }
  const bool colour = colour_on(STDERR_FILENO);
  fmt::print(stderr, "{}error[{}]{}: {}\n", colour ? "\033[1;31m" : "", error.code, colour ? "\033[0m" : "", error.message);
  if (!error.where.empty()) fmt::print(stderr, "  at     {}\n", error.where);
  if (!remedy.empty()) fmt::print(stderr, "  remedy {}\n", remedy);
}

std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows, int width) {
  std::vector<std::string> titles = header;
  std::vector<bool> right(header.size());
  for (size_t c = 0; c < header.size(); ++c) {
    right[c] = header[c].starts_with('>');
    if (right[c]) titles[c].erase(0, 1);
  }
  std::vector<size_t> widths(header.size());
  auto widen = [&](const std::vector<std::string>& row) {
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], display_width(row[c]));
  };
  widen(titles);
  for (const auto& row : rows) widen(row);
  size_t used = 0;
  for (size_t c = 0; c + 1 < widths.size(); ++c) used += widths[c] + 2;
  const size_t last = std::max<size_t>(20, static_cast<size_t>(width) > used ? static_cast<size_t>(width) - used : 20);

  std::string text;
  auto print = [&](const std::vector<std::string>& row) {
    std::string line;
    for (size_t c = 0; c + 1 < row.size(); ++c) {
      const std::string padding(widths[c] - display_width(row[c]), ' ');
      line += right[c] ? padding + row[c] + "  " : row[c] + padding + "  ";
    }
    const auto wrapped = wrap(row.back(), last);
    for (size_t i = 0; i < wrapped.size(); ++i) {
      std::string whole = (i == 0 ? line : std::string(used, ' ')) +
                          (right.back() ? std::string(widths.back() - display_width(wrapped[i]), ' ') : "") + wrapped[i];
      whole.erase(whole.find_last_not_of(' ') + 1);
      text += whole + "\n";
    }
  };
  print(titles);
  for (const auto& row : rows) print(row);
  return text;
}

std::string bytes_text(double bytes) {
  if (bytes < 1024) return fmt::format("{:.0f} B", bytes);
  if (bytes < 1024 * 1024) return fmt::format("{:.1f} KiB", bytes / 1024);
  return fmt::format("{:.1f} MiB", bytes / (1024 * 1024));
}

}  // namespace assay::cli
