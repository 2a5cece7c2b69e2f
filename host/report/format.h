// Numbers as every report prints them: one rule each, so that the page, the terminal and JUnit agree.
//
// Thousands are grouped by a narrow no-break space, minus is U+2212, accuracy differences are "pp", a missing
// figure is an em dash. ascii() turns any of it into what a plain pipe can show.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "results/summary.h"

namespace assay::report {

inline constexpr std::string_view kAbsent = "\u2014";

std::string fixed(double value, int decimals);  // -47.8 -> "−47.8"; never "−0.0"; not finite -> "—"
std::string count(int64_t value);               // 254118 -> "254 118"
std::string grouped(double value);  // a count that may have a half: "254 118", "16.5"; whole from 1000 on
std::string percent(double share, int decimals = 1);  // 0.355 -> "35.5 %"
std::string part_of(double share);                    // 0.355 -> "35.5 %", 0.0004 -> "< 0.1 %"
std::string points(double share, int decimals = 1);   // -0.478 -> "−47.8 pp"
std::string p_value(double p);                        // "0.007", "< 0.001", "1"
std::string kib(double bytes);                        // "7.6 KiB", "4 MiB", "830 B"
std::string si(double value);                         // 4 significant digits: "254.1 k", "7.700 M"
std::string short_id(std::string_view hash);          // first 12 digits
std::string plural(int64_t n, std::string_view one, std::string_view many = {});  // "1 flip", "3 flips"
// "3" is a fine name of a class and a poor subject of a sentence: "class 3"; other names as they are.
std::string spoken_class(const std::string& name);
std::string number_word(int64_t n);  // "Four"; digits above twelve

// What is known of the port in few words: "0 bits, exact", "3 bits", "within 0.1 (at most 0.086)", "7 outputs
// beyond 0.05 (at most 0.086)", or why nothing is.
std::string port_text(const results::Attribution& attribution);

// A figure without its unit, as its unit is printed: shares in %, bytes in KiB, counts grouped.
std::string value_text(const results::Figure& figure);
// "instructions (emulated)", "ns host", "KiB": the unit with the kind where that changes the meaning.
std::string unit_text(const results::Figure& figure);
// Of results/figures.h: a difference of two accuracies, printed in points.
bool is_difference(std::string_view name);
// "[81.7, 87.1]" in percent or points; empty without interval.
std::string interval_text(const results::Figure& figure);

// Of the figures of a task: shares in percent, their changes in points, others with four digits.
std::string task_value(const results::Figure& figure);
std::string task_change(const results::Figure& delta);
std::string task_interval(const results::Figure& figure);  // "[0.11, 0.14]"; empty without one
std::string task_figure_name(std::string name);            // "top3_set_agreement": "top3 set agreement"
// "room=noise", or the name of a named slice.
std::string slice_name(const results::SliceRow& row);

// Text that others wrote in ASCII ("-2.0", ">=") in this file's typography.
std::string typeset(std::string_view text);
// The reverse, for plain pipes and logs; characters without a substitute become '?'.
std::string ascii(std::string_view text);
// Bytes that are no UTF-8, and control characters but tab and line ends, become U+FFFD.
std::string valid_utf8(std::string_view text);
// For element content and quoted attributes of HTML and XML. Control characters that XML forbids become
// U+FFFD.
std::string escape(std::string_view text);

// The number in a gate's rule: ">= -2.0 pp" -> -2.0 with comparison and unit. nullopt when there is none.
struct Limit {
  std::string comparison;  // "≥", "≤", "="
  double value = 0;
  std::string unit;  // "pp", "bits", "KiB", ...
};
std::optional<Limit> limit_of(const results::Gate& gate);
// The gate of that metric, or nullptr.
const results::Gate* find_gate(const results::Summary& summary, std::string_view metric);

}  // namespace assay::report
