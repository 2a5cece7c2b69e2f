// Errors are values: every call that can fail returns Result<T> and states its codes.
//
// A code is stable ("link.port_busy"): scripts match it and `assay explain` describes it, so each stands once
// in error_codes.cpp. Exceptions mean bugs; the file that wraps a library turns what the library throws into
// an Error.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace assay {

struct Error {
  std::string code;     // stable, "area.what", listed in error_codes.cpp
  std::string message;  // what happened, with the figures: one sentence without a full stop
  std::string where;    // file:line, unit, port, tool, ...; may be empty
  std::string remedy;   // what the user can do; empty: the code's own remedy

  // "message (where)": one line without code and remedy.
  std::string text() const { return where.empty() ? message : message + " (" + where + ")"; }
};

// tl::expected that warns when it is dropped.
template <class T>
struct [[nodiscard]] Result : tl::expected<T, Error> {
  using tl::expected<T, Error>::expected;
};

using Status = Result<void>;

// `return fail("link.port_busy", "...")` converts to any Result<T>.
inline tl::unexpected<Error> fail(std::string code, std::string message, std::string where = {},
                                  std::string remedy = {}) {
  return tl::unexpected<Error>(
      Error{std::move(code), std::move(message), std::move(where), std::move(remedy)});
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace assay

// Early return: `ASSAY_TRY(auto x, compute());` declares x or returns the error; `ASSAY_CHECK(step());` has
// no value.
#define ASSAY_TRY_NAME2(line) assay_result_##line
#define ASSAY_TRY_NAME(line) ASSAY_TRY_NAME2(line)
#define ASSAY_TRY(declaration, ...)                                                                 \
  auto ASSAY_TRY_NAME(__LINE__) = (__VA_ARGS__);                                                    \
  if (!ASSAY_TRY_NAME(__LINE__)) return ::assay::fail(std::move(ASSAY_TRY_NAME(__LINE__).error())); \
  declaration = std::move(*ASSAY_TRY_NAME(__LINE__))
#define ASSAY_CHECK(...)                                                        \
  do {                                                                          \
    auto assay_status_ = (__VA_ARGS__);                                         \
    if (!assay_status_) return ::assay::fail(std::move(assay_status_.error())); \
  } while (false)
