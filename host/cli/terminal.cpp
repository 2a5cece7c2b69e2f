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
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// Breaks at spaces; a word longer than `width` stands alone.
std::vector<std::string> wrap_columns(const std::string& text, size_t width) {
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

// Every column as wide as its widest cell, but the row no wider than `width`: the widest columns shrink, not
// below their longest word, and their cells wrap.
std::vector<size_t> column_widths(const std::vector<std::vector<std::string>>& rows, size_t width) {
  const size_t count = rows.front().size();
  std::vector<size_t> widths(count), least(count);
  for (const auto& row : rows) {
    for (size_t c = 0; c < count; ++c) {
      widths[c] = std::max(widths[c], display_width(row[c]));
      for (const auto& word : wrap_columns(row[c], 1)) least[c] = std::max(least[c], display_width(word));
    }
  }
  size_t used = 2 * (count - 1);
  for (const size_t one : widths) used += one;
  for (; used > width; --used) {
    size_t widest = count;
    for (size_t i = 0; i < count; ++i) {
      if (widths[i] > least[i] && (widest == count || widths[i] >= widths[widest])) widest = i;
    }
    if (widest == count) break;  // single words: wider than the terminal, but whole
    --widths[widest];
  }
  return widths;
}

std::string row_text(const std::vector<std::string>& row, const std::vector<size_t>& widths,
                     const std::vector<bool>& right) {
  std::vector<std::vector<std::string>> cells;
  size_t height = 1;
  for (size_t c = 0; c < row.size(); ++c) {
    cells.push_back(wrap_columns(row[c], widths[c]));
    height = std::max(height, cells.back().size());
  }
  std::string text;
  for (size_t i = 0; i < height; ++i) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) {
      const std::string cell = i < cells[c].size() ? cells[c][i] : "";
      const std::string padding(widths[c] - std::min(widths[c], display_width(cell)), ' ');
      line += (c ? "  " : "") + (right[c] ? padding + cell : cell + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace

bool is_terminal(int fd) { return isatty(fd) == 1; }

bool rewrites(int fd) {
  const char* term = getenv("TERM");
  return is_terminal(fd) && set("TERM") && std::strcmp(term, "dumb") != 0;
}

bool colour_on(int fd) { return rewrites(fd) && !set("NO_COLOR"); }

bool unicode_on(int fd) {
  if (!is_terminal(fd)) return false;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (set(name)) return std::strstr(getenv(name), "UTF-8") || std::strstr(getenv(name), "utf8");
  }
  return false;
}

int columns(int fd) {
  constexpr int kLeast = 40, kMost = 1000;
  // Shells do not export COLUMNS by themselves: who does means it.
  if (set("COLUMNS")) {
    const int asked = atoi(getenv("COLUMNS"));
    if (asked > 0) return std::clamp(asked, kLeast, kMost);
  }
  winsize size = {};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return std::max<int>(kLeast, size.ws_col);
  return 80;
}

bool json_wanted(int argc, char** argv) {
  return std::any_of(argv, argv + argc,
                     [](const char* argument) { return std::strcmp(argument, "--json") == 0; });
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
  fmt::print(stderr, "{}error[{}]{}: {}\n", colour ? "\033[1;31m" : "", error.code, colour ? "\033[0m" : "",
             error.message);
  if (!error.where.empty()) fmt::print(stderr, "  at     {}\n", error.where);
  if (!remedy.empty()) fmt::print(stderr, "  remedy {}\n", remedy);
  if (known) fmt::print(stderr, "  more   assay explain {}\n", error.code);
}

std::vector<std::string> wrapped(const std::string& text, int width) {
  return wrap_columns(text, static_cast<size_t>(width));
}

std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                  int width) {
  std::vector<std::string> titles = header;
  std::vector<bool> right(header.size());
  for (size_t c = 0; c < header.size(); ++c) {
    right[c] = header[c].starts_with('>');
    if (right[c]) titles[c].erase(0, 1);
  }
  std::vector<std::vector<std::string>> all = {titles};
  all.insert(all.end(), rows.begin(), rows.end());
  const std::vector<size_t> widths = column_widths(all, static_cast<size_t>(width));
  std::string text;
  for (const auto& row : all) text += row_text(row, widths, right);
  return text;
}

std::string bytes_text(double bytes) {
  if (bytes < 1024) return fmt::format("{:.0f} B", bytes);
  if (bytes < 1024 * 1024) return fmt::format("{:.1f} KiB", bytes / 1024);
  return fmt::format("{:.1f} MiB", bytes / (1024 * 1024));
}

}  // namespace assay::cli
