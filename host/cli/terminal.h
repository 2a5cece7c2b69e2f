// What this program may do with its two output streams: colour, width, progress that rewrites a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace assay::cli {

bool is_terminal(int fd);
// A terminal that can rewrite a line: TERM is set and not "dumb".
bool rewrites(int fd);
// Such a terminal, and NO_COLOR is not set.
bool colour_on(int fd);
// UTF-8 marks (✓, ━) are used on a terminal whose locale is UTF-8.
bool unicode_on(int fd);
// $COLUMNS, else those of the terminal, else 80; at least 40.
int columns(int fd);

// "error[link.port_busy]: ..." with place, remedy and how to learn more on stderr, or {"error": {...}} on
// stdout.
void print_error(const Error& error, bool json);
// --json stands among the arguments.
bool json_wanted(int argc, char** argv);

// Broken at spaces into lines of at most `width` columns; a longer word stands alone.
std::vector<std::string> wrapped(const std::string& text, int width);

// Columns aligned, header first; where a row is wider than `width`, cells of the widest columns wrap: nothing
// is cut. Columns whose header begins with '>' are right-aligned; the '>' is not printed.
std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                  int width);

// "53.9 KiB", "640 B", "2.0 MiB".
std::string bytes_text(double bytes);

}  // namespace assay::cli
