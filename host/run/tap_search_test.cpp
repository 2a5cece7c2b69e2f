#include "run/tap_search.h"

#include <cmath>
#include <functional>

#include "catch.h"

using namespace assay::run;

namespace {

using Sources = std::vector<std::vector<int>>;

Sources chain(int n) {
  Sources sources = {{-1}};
  for (int i = 1; i < n; ++i) sources.push_back({i - 1});
  return sources;
}

// Blocks of three: two operators, then a sum of their output and what went in, as in a residual network.
Sources residual(int blocks) {
  Sources sources = {{-1}};
  for (int i = 0; i < blocks; ++i) {
    const int in = static_cast<int>(sources.size()) - 1;
    sources.push_back({in});
    sources.push_back({in + 1});
    sources.push_back({in, in + 2});
  }
  return sources;
}

// What differs when operator `fault` is wrong: it and everything behind it, but for what masks.
std::vector<bool> differing(const Sources& sources, int fault, const std::function<bool(int)>& masks = {}) {
  std::vector<bool> differs(sources.size());
  for (size_t op = 0; op < sources.size(); ++op) {
    bool now = static_cast<int>(op) == fault;
    for (const int source : sources[op]) now = now || (source >= 0 && differs[static_cast<size_t>(source)]);
    differs[op] = now && !(masks && masks(static_cast<int>(op)));
  }
  return differs;
}

struct Found {
  int op = -1, runs = 0;
  bool verified = false;
};
Found search(const Sources& sources, const std::vector<bool>& differs, size_t room = 1) {
  TapSearch search(sources, static_cast<int>(sources.size()) - 1);
  Found found;
  for (auto ops = search.next(room); !ops.empty(); ops = search.next(room)) {
    ++found.runs;
    REQUIRE(ops.size() <= room);
    REQUIRE(found.runs <= static_cast<int>(sources.size()));
    for (const int op : ops) search.answer(op, differs[static_cast<size_t>(op)]);
  }
  found.op = search.suspect();
  found.verified = search.verified();
  return found;
}

}  // namespace

TEST_CASE("a bisection names the operator of a chain in at most log2 of n runs rounded up") {
  for (const int n : {1, 2, 3, 7, 8, 9, 10, 13, 31, 64, 100}) {
    const Sources sources = chain(n);
    for (int fault = 0; fault < n; ++fault) {
      const Found found = search(sources, differing(sources, fault));
      CHECK(found.op == fault);
      CHECK(found.verified);
      CHECK(found.runs <= static_cast<int>(std::ceil(std::log2(n))));
    }
  }
}

TEST_CASE("with room for three outputs a run cuts into four") {
  const Sources sources = chain(64);
  for (int fault = 0; fault < 64; ++fault) {
    const Found found = search(sources, differing(sources, fault), 3);
    CHECK(found.op == fault);
    CHECK(found.verified);
    CHECK(found.runs <= 4);  // log4(64) + 1
  }
}

TEST_CASE("branches cost one run more, for what feeds the operator") {
  for (const int blocks : {1, 3, 5, 10}) {
    const Sources sources = residual(blocks);
    for (int fault = 0; fault < static_cast<int>(sources.size()); ++fault) {
      const Found found = search(sources, differing(sources, fault));
      CHECK(found.op == fault);
      CHECK(found.verified);
      CHECK(found.runs <= static_cast<int>(std::ceil(std::log2(sources.size()))) + 1);
    }
  }
}

TEST_CASE("a difference that is masked on one way is found behind an operator that was equal") {
  // Operator 3 hides what operator 1 did wrong; the sum that takes both sees it.
  const Sources sources = {{-1}, {0}, {1}, {2}, {1, 3}, {4}, {5}};
  const Found found = search(sources, differing(sources, 1, [](int op) { return op == 3; }));
  CHECK(found.op == 1);
  CHECK(found.verified);
}

TEST_CASE("operators that cannot be looked at are passed over and leave the answer unverified") {
  const Sources sources = chain(8);
  const auto differs = differing(sources, 4);
  TapSearch search(sources, 7);
  for (auto ops = search.next(); !ops.empty(); ops = search.next()) {
    if (ops[0] == 3)
      search.cannot_look(3);
    else
      search.answer(ops[0], differs[static_cast<size_t>(ops[0])]);
  }
  CHECK(search.suspect() == 4);
  CHECK_FALSE(search.verified());
}
