// What this program may do with its two output streams: colour, width, progress that rewrites a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace assay::cli {

// A stream is a terminal, TERM is not "dumb" and NO_COLOR is not set.
bool colour_on(int fd);
bool is_terminal(int fd);
// UTF-8 marks (✓, ━) are used on a terminal whose locale is UTF-8.
bool unicode_on(int fd);
// Columns of the terminal, at least 40; 80 where there is none.
int columns(int fd);

// "error[link.port_busy]: ..." with place and remedy on stderr, or {"error": {...}} on stdout.
void print_error(const Error& error, bool json);
// --json stands among the arguments.
bool json_wanted(int argc, char** argv);

// Columns aligned, header first; the last column wraps at `width` instead of being cut. Numbers (cells that begin with
// a digit, in columns whose header begins with '>') are right-aligned; the '>' is not printed.
std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows, int width);

// "53.9 KiB", "640 B", "2.0 MiB".
std::string bytes_text(double bytes);

}  // namespace assay::cli
