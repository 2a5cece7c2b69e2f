#include "probe/call_arguments.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/tensor.h"

namespace assay::probe {
namespace {

bool is_pointer(const std::string& type) { return type.ends_with("*") || type.ends_with("* const"); }
bool is_to_constant(const std::string& type) { return type.starts_with("const "); }

// A handle ("struct net*") is none.
bool may_be_buffer(const std::string& type) {
  std::string to = type.substr(0, type.find('*'));
  if (to.starts_with("const ")) to = to.substr(6);
  return is_pointer(type) && std::count(type.begin(), type.end(), '*') == 1 &&
         (to == "void" || element_type(to));
}

// One register each; others (float, 64 bits, structures) shift what follows or go elsewhere.
bool is_plain(const std::string& type) {
  constexpr const char* kWide[] = {"float32", "float64", "int64", "double", "float", "..."};
  if (is_pointer(type)) return true;
  if (type.starts_with("struct ") || type.starts_with("union ") || type.find("64") != std::string::npos ||
      type.find("long long") != std::string::npos) {
    return false;
  }
  return std::none_of(std::begin(kWide), std::end(kWide), [&](const char* wide) { return type == wide; });
}

// Which parameter each buffer is; empty: it cannot be told.
std::vector<size_t> buffers_in(const Function& function, size_t inputs, size_t outputs) {
  std::vector<size_t> constant, variable, all;
  for (size_t i = 0; i < function.parameters.size(); ++i) {
    if (!may_be_buffer(function.parameters[i])) continue;
    all.push_back(i);
    (is_to_constant(function.parameters[i]) ? constant : variable).push_back(i);
  }
  if (constant.size() == inputs && variable.size() == outputs) {
    constant.insert(constant.end(), variable.begin(), variable.end());
    return constant;
  }
  // Not declared const: in order, inputs first.
  return all.size() == inputs + outputs ? all : std::vector<size_t>();
}

std::string signature_of(const Function& function) {
  return fmt::format("{}({})", function.name, fmt::join(function.parameters, ", "));
}

}  // namespace

Result<CallArguments> call_arguments(const Function& function, const std::vector<Buffer>& inputs,
                                     const std::vector<Buffer>& outputs,
                                     std::optional<std::array<uint32_t, 4>> passed) {
  CallArguments out;
  if (passed) out.registers = *passed;
  out.words = passed ? "as the application passed them" : "none";
  if (function.parameters.empty()) {
    if (!function.returns.empty()) out.words = "none";
    return out;
  }
  const bool plain = function.parameters.size() <= out.registers.size() &&
                     std::all_of(function.parameters.begin(), function.parameters.end(), is_plain);
  const auto places = plain ? buffers_in(function, inputs.size(), outputs.size()) : std::vector<size_t>();
  const bool all_known = places.size() == function.parameters.size();
  if (!passed && !all_known) {
    return fail(
        "probe.bad_signature",
        fmt::format("{} has parameters that are not the {} input{} and {} output{} named",
                    signature_of(function), inputs.size(), inputs.size() == 1 ? "" : "s", outputs.size(),
                    outputs.size() == 1 ? "" : "s"),
        function.source,
        "Name as `ready` the function itself, so that the application passes them, or a function without "
        "parameters as `call`.");
  }
  std::vector<std::string> words;
  for (size_t i = 0; i < places.size(); ++i) {
    const Buffer& buffer = i < inputs.size() ? inputs[i] : outputs[i - inputs.size()];
    out.registers[places[i]] = buffer.address;
    words.push_back(fmt::format("parameter {} = {}", places[i] + 1, buffer.asked));
  }
  if (!words.empty()) {
    out.words = fmt::format("{}{}", fmt::join(words, ", "),
                            all_known ? "" : ", the others as the application passed them");
  }
  return out;
}

}  // namespace assay::probe
