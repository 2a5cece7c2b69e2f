// Host and agent of different protocol versions, with the bytes of real agents: assay_echo_agent_v<N> is the
// agent's own code, built with another ASSAY_PROTO_VERSION.
#include <fmt/format.h>

#include "bad_input_record.h"
#include "catch.h"
#include "link/session.h"
#include "link/streams.h"
#include "protocol/bounds.h"

using namespace assay;

TEST_CASE("an agent of another protocol version is told by both versions and the remedy") {
  for (const auto& [version, name] : {std::pair(0, "an agent of an older protocol version (host newer)"),
                                      std::pair(2, "an agent of a newer protocol version")}) {
    CAPTURE(version);
    REQUIRE(version != ASSAY_PROTO_VERSION);
    auto process =
        Subprocess::start({.argv = {fmt::format("{}/assay_echo_agent_v{}", ASSAY_BIN_DIR, version)},
                           .in = Pipe::kPipe,
                           .out = Pipe::kPipe,
                           .err = Pipe::kInherit});
    REQUIRE(process);
    auto session = link::Session::connect(link::pipe_stream(std::move(*process), "other agent"));
    REQUIRE_FALSE(session);
    CHECK(session.error().code == "link.protocol_version");
    CHECK_THAT(session.error().message,
               Catch::Contains(fmt::format("the agent speaks protocol version {}", version)));
    CHECK_THAT(session.error().message, Catch::Contains(fmt::format("this program {}", ASSAY_PROTO_VERSION)));
    CHECK(exit_code_of(session.error().code) == Exit::kInfrastructure);
    const ErrorCode* code = find_error_code(session.error().code);
    REQUIRE(code);
    CHECK_THAT(std::string(code->remedy), Catch::Contains("Flash the agent of this version"));
    tests::record_bad_input("wire", name, session.error());
  }
}
