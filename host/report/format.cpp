#include "report/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

namespace assay::report {
namespace {

constexpr std::string_view kThin = "\u202f";
constexpr std::string_view kMinus = "\u2212";

struct Substitute {
  std::string_view pretty, plain;
};
// What ascii() writes for the characters that reports use.
constexpr Substitute kSubstitutes[] = {
    {"\u202f", ""},   {"\u00a0", " "}, {"\u2212", "-"},   {"\u2014", "-"}, {"\u2013", "-"},  {"\u2265", ">="},
    {"\u2264", "<="}, {"\u2192", ">"}, {"\u2190", "<-"},  {"\u00b7", "|"}, {"\u00d7", "x"},  {"\u0394", "d"},
    {"\u2713", "ok"}, {"\u2717", "x"}, {"\u25b2", "^"},   {"\u25bc", "v"}, {"\u00b1", "+-"}, {"\u00b5", "u"},
    {"\u2248", "~"},  {"\u26a0", "!"}, {"\u2026", "..."}, {"\u2019", "'"}, {"\u2501", "="},  {"\u2588", "#"},
};

std::string group_digits(std::string digits) {
  if (digits.size() < 4) return digits;
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<size_t>(at), kThin);
  return digits;
}

bool starts_at(std::string_view text, size_t at, std::string_view what) {
  return text.substr(at, what.size()) == what;
}

// Bytes of the UTF-8 sequence at `at`, 0 when it is malformed.
size_t utf8_length(std::string_view text, size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  const size_t length = byte < 0x80                   ? 1
                        : byte >= 0xf0 && byte < 0xf5 ? 4
                        : byte >= 0xe0                ? 3
                        : byte >= 0xc2                ? 2
                                                      : 0;
  if (!length || byte >= 0xf5 || at + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return 0;
  return length;
}

bool is_share(std::string_view unit) { return unit == "1" || unit == "share"; }

}  // namespace

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return std::string(kAbsent);
  std::string digits = fmt::format("{:.{}f}", std::abs(value), decimals);
  const bool zero = digits.find_first_not_of("0.") == std::string::npos;
  const size_t point = digits.find('.');
  const std::string fraction = point == std::string::npos ? "" : digits.substr(point);
  digits = group_digits(digits.substr(0, point)) + fraction;
  return value < 0 && !zero ? std::string(kMinus) + digits : digits;
}

std::string count(int64_t value) { return fixed(static_cast<double>(value), 0); }

std::string grouped(double value) {
  return fixed(value, value == std::floor(value) || std::abs(value) >= 1000 ? 0 : 1);
}

std::string percent(double share, int decimals) {
  return std::isfinite(share) ? fixed(share * 100, decimals) + "\u202f%" : std::string(kAbsent);
}

std::string part_of(double share) { return share > 0 && share < 0.001 ? "< 0.1\u202f%" : percent(share); }

std::string points(double share, int decimals) {
  return std::isfinite(share) ? fixed(share * 100, decimals) + "\u202fpp" : std::string(kAbsent);
}

std::string p_value(double p) {
  if (!std::isfinite(p)) return std::string(kAbsent);
  if (p < 0.001) return "< 0.001";
  if (p >= 0.9995) return "1";
  return p < 0.01 ? fixed(p, 3) : fixed(p, 2);
}

std::string kib(double bytes) {
  if (!std::isfinite(bytes)) return std::string(kAbsent);
  const double size = std::abs(bytes);
  if (size < 1024) return fixed(bytes, 0) + "\u202fB";
  const auto short_form = [](double v) { return fixed(v, v == std::floor(v) || v >= 1000 ? 0 : 1); };
  return size < 1024.0 * 1024 ? short_form(bytes / 1024) + "\u202fKiB"
                              : short_form(bytes / 1048576) + "\u202fMiB";
}

std::string si(double value) {
  struct Prefix {
    double factor;
    std::string_view name;
  };
  constexpr std::array<Prefix, 5> kPrefixes{
      {{1e9, "\u202fG"}, {1e6, "\u202fM"}, {1e3, "\u202fk"}, {1, ""}, {0, ""}}};
  const double size = std::abs(value);
  for (const Prefix& prefix : kPrefixes) {
    if (size < prefix.factor || prefix.factor == 0) continue;
    const double scaled = size / prefix.factor;
    if (prefix.factor == 1 && scaled == std::floor(scaled)) break;
    const int decimals = scaled >= 1000 ? 0 : scaled >= 100 ? 1 : scaled >= 10 ? 2 : 3;
    return fixed(value / prefix.factor, decimals) + std::string(prefix.name);
  }
  return fixed(value, size == std::floor(size) ? 0 : 3);
}

std::string short_id(std::string_view hash) { return std::string(hash.substr(0, 12)); }

std::string plural(int64_t n, std::string_view one, std::string_view many) {
  const std::string word = n == 1         ? std::string(one)
                           : many.empty() ? std::string(one) + "s"
                                          : std::string(many);
  return count(n) + " " + word;
}

std::string spoken_class(const std::string& name) {
  const bool number = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
  return number ? "class " + name : name;
}

std::string number_word(int64_t n) {
  constexpr std::array<std::string_view, 13> kWords{"No",   "One",    "Two",   "Three", "Four",
                                                    "Five", "Six",    "Seven", "Eight", "Nine",
                                                    "Ten",  "Eleven", "Twelve"};
  return n >= 0 && n < static_cast<int64_t>(kWords.size()) ? std::string(kWords[static_cast<size_t>(n)])
                                                           : count(n);
}

std::string port_text(const results::Attribution& a) {
  if (a.port_tolerance && a.port_outside && a.port_max_error) {
    const std::string most = fmt::format("(at most {:.3g})", *a.port_max_error);
    return *a.port_outside == 0
               ? fmt::format("within {:g} {}", *a.port_tolerance, most)
               : fmt::format("{} beyond {:g} {}", plural(*a.port_outside, "output"), *a.port_tolerance, most);
  }
  if (a.port_bits) return *a.port_bits == 0 ? "0 bits, exact" : plural(*a.port_bits, "bit");
  if (a.port_max_error)
    return fmt::format("\u2014 not attributable to bits (at most {:.3g} from R2)", *a.port_max_error);
  return "\u2014 not attributable";
}

std::string value_text(const results::Figure& figure) {
  if (is_share(figure.unit)) return fixed(figure.value * 100, 1);
  if (figure.unit == "B") {
    const std::string text = kib(figure.value);
    return text.substr(0, text.rfind(kThin));
  }
  return grouped(figure.value);
}

std::string unit_text(const results::Figure& figure) {
  if (is_share(figure.unit)) return "%";
  if (figure.unit == "B") {
    const std::string text = kib(figure.value);
    return text.substr(text.rfind(kThin) + kThin.size());
  }
  // A count of instructions is only ever emulated, but the reader must not have to know that.
  if (figure.kind == "emulated" || figure.kind == "modelled") return figure.unit + " (" + figure.kind + ")";
  return figure.kind == "host" ? "host " + figure.unit : figure.unit;
}

bool is_difference(std::string_view name) {
  return name == "accuracy.delta" || name == "accuracy.worst_class";
}

std::string interval_text(const results::Figure& figure) {
  if (!figure.lo || !figure.hi) return "";
  const double factor = is_share(figure.unit) ? 100 : 1;
  return "[" + fixed(*figure.lo * factor, 1) + ", " + fixed(*figure.hi * factor, 1) + "]";
}

std::string task_value(const results::Figure& figure) {
  return figure.unit == "1" ? percent(figure.value) : typeset(fmt::format("{:.4g}", figure.value));
}
std::string task_change(const results::Figure& delta) {
  return delta.unit == "1" ? points(delta.value, 2) : typeset(fmt::format("{:+.4g}", delta.value));
}
std::string task_interval(const results::Figure& figure) {
  if (!figure.lo || !figure.hi) return "";
  if (figure.unit == "1")
    return fmt::format("[{}, {}]", fixed(*figure.lo * 100, 1), fixed(*figure.hi * 100, 1));
  return typeset(fmt::format("[{:.4g}, {:.4g}]", *figure.lo, *figure.hi));
}
std::string task_figure_name(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}
std::string slice_name(const results::SliceRow& row) {
  return row.column.empty() ? row.value : row.column + "=" + row.value;
}

std::string typeset(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    const bool digit_next = at + 1 < text.size() && std::isdigit(static_cast<unsigned char>(text[at + 1]));
    const bool word_before =
        at > 0 && (std::isalnum(static_cast<unsigned char>(text[at - 1])) || text[at - 1] == '-');
    if (starts_at(text, at, ">="))
      out += "\u2265", ++at;
    else if (starts_at(text, at, "<="))
      out += "\u2264", ++at;
    else if (text[at] == '-' && digit_next && !word_before)
      out += kMinus;
    else if (std::isdigit(static_cast<unsigned char>(text[at])) && !word_before &&
             (at == 0 || text[at - 1] != '.')) {
      // Long counts are grouped; hex ids, versions and fractions are left alone.
      size_t end = at;
      while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
      const bool number = end == text.size() || !(std::isalnum(static_cast<unsigned char>(text[end])) ||
                                                  text[end] == '-' || text[end] == ':');
      out += number && end - at >= 5 ? group_digits(std::string(text.substr(at, end - at)))
                                     : std::string(text.substr(at, end - at));
      at = end - 1;
    } else
      out += text[at];
  }
  return out;
}

std::string ascii(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const auto substitute = std::find_if(std::begin(kSubstitutes), std::end(kSubstitutes),
                                         [&](const Substitute& s) { return starts_at(text, at, s.pretty); });
    // "35.5<thin>%" keeps a space before a unit, "254<thin>118" does not.
    if (starts_at(text, at, kThin)) {
      const size_t next = at + kThin.size();
      if (next < text.size() && !std::isdigit(static_cast<unsigned char>(text[next]))) out += ' ';
      at = next;
    } else if (substitute != std::end(kSubstitutes)) {
      out += substitute->plain, at += substitute->pretty.size();
    } else if (static_cast<unsigned char>(text[at]) < 0x80) {
      out += text[at++];
    } else {
      out += '?', at += std::max<size_t>(1, utf8_length(text, at));
    }
  }
  return out;
}

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_length(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool forbidden = byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
    if (length == 0 || forbidden) {
      out += "\ufffd", ++at;
      continue;
    }
    if (length > 1)
      out += text.substr(at, length);
    else if (byte == '&')
      out += "&amp;";
    else if (byte == '<')
      out += "&lt;";
    else if (byte == '>')
      out += "&gt;";
    else if (byte == '"')
      out += "&quot;";
    else if (byte == '\'')
      out += "&#39;";
    else
      out += static_cast<char>(byte);
    at += length;
  }
  return out;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_length(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool control = byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
    out += length == 0 || control ? "\ufffd" : std::string(text.substr(at, length));
    at += std::max<size_t>(1, length);
  }
  return out;
}

std::optional<Limit> limit_of(const results::Gate& gate) {
  // "lower 95 % bound >= -2 pp": what is bounded stands before the comparison and may hold numbers too.
  std::string rule = ascii(gate.rule);
  if (const size_t start = rule.find_first_of("<>="); start != std::string::npos) rule.erase(0, start);
  size_t end = 0;
  while (end < rule.size() && std::string_view("<>= ").find(rule[end]) != std::string_view::npos) ++end;
  Limit limit;
  limit.comparison = rule.starts_with(">") ? "\u2265" : rule.starts_with("<") ? "\u2264" : "=";
  try {
    size_t used = 0;
    limit.value = std::stod(rule.substr(end), &used);
    const size_t unit = rule.find_first_not_of(' ', end + used);
    if (unit != std::string::npos) limit.unit = rule.substr(unit, rule.find_first_of(" ;,", unit) - unit);
  } catch (const std::exception&) {
    return std::nullopt;  // stod says so by throwing: the rule holds no number
  }
  return limit;
}

const results::Gate* find_gate(const results::Summary& summary, std::string_view metric) {
  const auto found = std::find_if(summary.gates.begin(), summary.gates.end(),
                                  [&](const results::Gate& gate) { return gate.metric == metric; });
  return found == summary.gates.end() ? nullptr : &*found;
}

}  // namespace assay::report
