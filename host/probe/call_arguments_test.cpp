#include "probe/call_arguments.h"

#include "catch.h"

using namespace assay;
using namespace assay::probe;

namespace {

using Registers = std::array<uint32_t, 4>;

Function function_of(std::vector<std::string> parameters, const std::string& returns = "int32") {
  Function function;
  function.name = "f";
  function.parameters = std::move(parameters);
  function.returns = returns;
  return function;
}

const std::vector<Buffer> kIn = {{"in", 0x20000100, 8, "int8", {}}},
                          kOut = {{"out", 0x20000200, 4, "int8", {}}};
constexpr Registers kPassed = {1, 2, 3, 4};

Registers given(const std::vector<std::string>& parameters, std::optional<Registers> passed) {
  const auto arguments = call_arguments(function_of(parameters), kIn, kOut, passed);
  if (!arguments) FAIL(arguments.error().text());
  return arguments->registers;
}

}  // namespace

TEST_CASE("pointers that can only be the buffers get their addresses") {
  CHECK(given({"const int8*", "int8*"}, std::nullopt) == Registers{0x20000100, 0x20000200, 0, 0});
  CHECK(given({"int8*", "const int8*"}, std::nullopt) == Registers{0x20000200, 0x20000100, 0, 0});
  CHECK(given({"const void*", "void*"}, std::nullopt) == Registers{0x20000100, 0x20000200, 0, 0});
  CHECK(given({"int8*", "int8*"}, std::nullopt) == Registers{0x20000100, 0x20000200, 0, 0});  // in order
}

TEST_CASE("handles and lengths stay as the application passed them") {
  CHECK(given({"struct net*", "const int8*", "int8*", "int32"}, kPassed) ==
        Registers{1, 0x20000100, 0x20000200, 4});
  CHECK(given({"struct net*"}, kPassed) == kPassed);
  CHECK(given({}, kPassed) == kPassed);
  // A floating-point parameter shifts what follows: nothing is guessed.
  CHECK(given({"float32", "const int8*", "int8*"}, kPassed) == kPassed);
  CHECK(given({"int64", "const int8*", "int8*"}, kPassed) == kPassed);
  // A table of pointers is no buffer.
  CHECK(given({"const int8**", "int8*"}, kPassed) == kPassed);
}

TEST_CASE("a parameter that nobody can fill is refused") {
  for (const auto& parameters : {std::vector<std::string>{"int32"},
                                 {"struct net*"},
                                 {"const int8*"},
                                 {"const int8*", "int8*", "int32"},
                                 {"float32", "const int8*", "int8*"}}) {
    const auto refused = call_arguments(function_of(parameters), kIn, kOut, std::nullopt);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "probe.bad_signature");
    CHECK(refused.error().message.find("f(" + parameters[0]) == 0);
  }
  CHECK(call_arguments(function_of({}, ""), kIn, kOut, std::nullopt)->words == "none");
}
