#include "results/case_lock.h"

#include "catch.h"

using namespace assay;
using namespace assay::results;

namespace {

CaseLock sample() {
  CaseLock lock;
  lock.set("profile.name", "a \"quoted\"\nname");
  lock.set("data.samples", int64_t{600});
  lock.set("data.first", int64_t{0});
  lock.set("run.references", true);
  lock.set("gate[0].metric", "accuracy.device");
  lock.set("gate[0].min", 0.5);
  lock.set("gate[0].equals", 3.0);
  lock.set("asked.board", "posix");
  return lock;
}

}  // namespace

TEST_CASE("a lock is TOML of flat sections and comes back as it was") {
  const std::string text = sample().file_text();
  CHECK(text.find("\n[profile]\nname = \"a \\\"quoted\\\"\\nname\"\n") != std::string::npos);
  CHECK(text.find("\n[\"gate[0]\"]\nmetric = \"accuracy.device\"\nmin = 0.5\nequals = 3.0\n") !=
        std::string::npos);
  const auto back = CaseLock::parse(text, "f").value();
  CHECK(back.file_text() == text);
  CHECK(back.text("profile.name") == "a \"quoted\"\nname");
  CHECK(back.integer("data.samples") == 600);
  CHECK(back.number("gate[0].min", 0) == 0.5);
  CHECK(back.flag("run.references"));
  CHECK(back.text("data.samples").empty());
  CHECK(back.integer("nothing", -1) == -1);
  CHECK(CaseLock::differences(back, sample()).empty());
}

TEST_CASE("differences name key, before and now, how the case was asked is none") {
  CaseLock now;
  now.set("profile.name", "a \"quoted\"\nname");
  now.set("data.samples", int64_t{601});
  now.set("data.first", int64_t{0});
  now.set("run.references", true);
  now.set("gate[0].metric", "accuracy.device");
  now.set("gate[0].min", 0.5);
  now.set("gate[1].max", 1.0);
  now.set("asked.board", "other");
  CHECK(CaseLock::differences(sample(), now) == std::vector<std::string>{"data.samples was 600, is 601",
                                                                         "gate[0].equals was 3.0, is absent",
                                                                         "gate[1].max was absent, is 1.0"});
}

TEST_CASE("what was not known may become known, not the other way round") {
  CaseLock unknown, known;
  unknown.set("firmware.sha256", CaseLock::kUnknown);
  known.set("firmware.sha256", "ab");
  CHECK(CaseLock::differences(unknown, known).empty());
  CHECK(CaseLock::differences(known, unknown).size() == 1);
}

TEST_CASE("a damaged lock is named with its line") {
  for (const char* text :
       {"[profile]\nname\n", "[profile]\nname = x\n", "[profile]\nname = \"cut", "[profile]\n\"a = 1\n"}) {
    const auto parsed = CaseLock::parse(text, "the-file");
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == "results.bad_run");
    CHECK(parsed.error().where == "the-file");
    CHECK(parsed.error().message.find("line 2") == 0);
  }
}
