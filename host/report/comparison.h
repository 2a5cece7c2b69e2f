// A comparison as text of 80 columns, as Markdown and as JSON.
//
// The rows of text and Markdown are made once, in comparison_rows.cpp, so that both print the same digits.
#pragma once

#include <string>
#include <vector>

#include "report/terminal.h"
#include "results/comparison.h"

namespace assay::report {

struct ComparisonRow {
  std::string group;  // "latency, instructions (emulated)"
  std::string name;   // "median"
  std::string before, now, change, word;
  std::vector<std::string> codes;
};
std::vector<ComparisonRow> figure_rows(const results::Comparison& comparison);
std::vector<ComparisonRow> class_rows(const results::Comparison& comparison);
// Operators that differ, the largest difference first; identical ones are only counted.
std::vector<ComparisonRow> operator_rows(const results::Comparison& comparison);
// "model kws.tflite 4f2a91 > kws.tflite 51bd02"; empty when the subjects are equal.
std::vector<std::string> subject_lines(const results::Comparison& comparison);
// What became of single samples: counts, p, non-inferiority. Empty when they could not be paired.
std::vector<std::string> sample_lines(const results::Comparison& comparison);
// "-47.8 pp", "+2.4 %", "+1 B".
std::string change_text(double before, double delta, const std::string& unit);
// A value without its unit, exact: shares in %, counts and bytes whole.
std::string exact_text(double value, const std::string& unit);

std::string comparison_text(const results::Comparison& comparison, const TerminalStyle& style);
std::string comparison_markdown(const results::Comparison& comparison);
// Keys equal the members of results/comparison.h; schema "assay.comparison", version 1.
std::string comparison_json(const results::Comparison& comparison);

}  // namespace assay::report
