#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "report/comparison.h"
#include "report/format.h"

namespace assay::report {
namespace {

using results::Comparison;
namespace word = results::word;

constexpr size_t kOperatorsShown = 12, kSamplesShown = 10;
constexpr int kIndent = 4, kNumber = 12, kChange = 11, kWord = 21;

size_t width_of(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string colour_of(const std::string& text) {
  if (text.starts_with(word::kWorse)) return "31";
  if (text.starts_with(word::kBetter)) return "32";
  return text.starts_with(word::kNotComparable) || text.starts_with(word::kNoEvidence) ? "33" : "";
}

class Page {
 public:
  explicit Page(const TerminalStyle& style)
      : style_(style), width_(static_cast<size_t>(std::max(60, style.width))) {}

  void blank() { out_ += '\n'; }
  // "  label      text", wrapped at spaces with a hanging indent.
  void line(const std::string& label, const std::string& text, const std::string& colour = {}) {
    constexpr size_t kLead = 13;
    std::string lead = "  " + label;
    lead.resize(kLead, ' ');
    std::string row;
    const auto flush = [&] {
      out_ += lead + painted(row, colour) + '\n';
      lead.assign(kLead, ' ');
      row.clear();
    };
    std::string rest = shown(text) + " ";
    for (size_t at = 0; at < rest.size();) {
      const size_t end = rest.find(' ', at);
      const std::string piece = rest.substr(at, end - at);
      if (!row.empty() && kLead + width_of(row) + 1 + width_of(piece) > width_) flush();
      row += (row.empty() ? "" : " ") + piece;
      at = end + 1;
    }
    flush();
  }
  void rows(const std::vector<ComparisonRow>& rows, size_t most) {
    std::string group;
    for (size_t i = 0; i < rows.size() && i < most; ++i) {
      if (rows[i].group != group) {
        group = rows[i].group;
        out_ += "  " + shown(group) + '\n';
      }
      row(rows[i]);
    }
    if (rows.size() > most) out_ += fmt::format("    and {} more: --json has all\n", rows.size() - most);
  }
  const std::map<std::string, int>& notes() const { return notes_; }
  std::string take() { return std::move(out_); }

 private:
  std::string shown(const std::string& text) const { return style_.unicode ? text : ascii(text); }
  std::string painted(const std::string& text, const std::string& colour) const {
    return style_.colour && !colour.empty() && !text.empty() ? "\x1b[" + colour + "m" + text + "\x1b[0m"
                                                             : text;
  }
  static std::string padded(const std::string& text, size_t width, bool right) {
    const size_t have = width_of(text);
    const std::string space(have < width ? width - have : 0, ' ');
    return right ? space + text : text + space;
  }
  void row(const ComparisonRow& row) {
    const size_t name_width = width_ - kIndent - 2 * kNumber - kChange - 2 - kWord;
    std::string name = shown(row.name);
    // A long name stands on a line of its own: nothing is cut.
    out_ += std::string(kIndent, ' ');
    if (width_of(name) > name_width) out_ += name + "\n" + std::string(kIndent, ' '), name.clear();
    out_ += padded(name, name_width, false) + padded(shown(row.before), kNumber, true) +
            padded(shown(row.now), kNumber, true) + padded(shown(row.change), kChange, true) + "  ";
    std::string last = shown(row.word), references;
    for (const std::string& code : row.codes) {
      const int number = notes_.emplace(code, static_cast<int>(notes_.size()) + 1).first->second;
      references += (references.empty() ? " [" : ",") + std::to_string(number);
    }
    if (!references.empty()) references += "]";
    const size_t used = width_ - kWord;
    if (used + width_of(last) + width_of(references) > width_) {
      out_.erase(out_.find_last_not_of(' ') + 1);
      out_ += "\n" + std::string(kIndent + 2, ' ');
    }
    out_ += painted(last, colour_of(last)) + references + '\n';
  }

  TerminalStyle style_;
  size_t width_;
  std::string out_;
  std::map<std::string, int> notes_;
};

std::string side_line(const results::ComparedSide& side) {
  std::string text = fmt::format("{}  {} on {}", side.name, side.identity.profile, side.identity.board);
  if (side.from == "baseline") text += "  (baseline)";
  return side.verdict.empty() ? text : text + "  " + side.verdict;
}

void changed_samples(Page& page, const Comparison& comparison) {
  if (!comparison.paired || comparison.paired->changed.empty()) return;
  const auto& changed = comparison.paired->changed;
  std::string text;
  for (size_t i = 0; i < changed.size() && i < kSamplesShown; ++i)
    text += fmt::format("{}{} {} ({} \u2192 {})", i == 0 ? "" : ", ", changed[i].id, changed[i].kind,
                        changed[i].before, changed[i].now);
  if (changed.size() > kSamplesShown) text += fmt::format(" and {} more", changed.size() - kSamplesShown);
  page.line("", text);
}

void footnotes(Page& page, const Comparison& comparison) {
  std::vector<std::pair<int, std::string>> order;
  for (const auto& [code, number] : page.notes()) order.emplace_back(number, code);
  std::sort(order.begin(), order.end());
  if (!order.empty()) page.blank();
  for (const auto& [number, code] : order) {
    const auto known = std::find_if(comparison.comparability.begin(), comparison.comparability.end(),
                                    [&, &wanted = code](const auto& issue) { return issue.code == wanted; });
    page.line(fmt::format("[{}]", number),
              code + (known == comparison.comparability.end() ? "" : ": " + known->message));
  }
}

}  // namespace

std::string comparison_text(const Comparison& comparison, const TerminalStyle& style) {
  Page page(style);
  page.line("before", side_line(comparison.before));
  page.line("now", side_line(comparison.now));
  const auto subject = subject_lines(comparison);
  page.line("changed", subject.empty() ? "nothing: the same subject" : subject.front());
  for (size_t i = 1; i < subject.size(); ++i) page.line("", subject[i]);
  const auto samples = sample_lines(comparison);
  for (size_t i = 0; i < samples.size(); ++i) page.line(i == 0 ? "samples" : "", samples[i]);
  changed_samples(page, comparison);
  page.blank();
  page.rows(figure_rows(comparison), SIZE_MAX);
  page.rows(class_rows(comparison), SIZE_MAX);
  const auto operators = operator_rows(comparison);
  page.rows(operators, kOperatorsShown);
  if (operators.empty() && !comparison.operators.empty())
    page.line("operators", fmt::format("all {} identical", comparison.operators.size()));
  footnotes(page, comparison);
  page.blank();
  page.line("", typeset(comparison.sentence), colour_of(comparison.word));
  return page.take();
}

}  // namespace assay::report
