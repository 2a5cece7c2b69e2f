// Workers that misbehave, and the cache. Real runtimes are in runtimes_test.cpp.
#include "reference/reference.h"

#include <catch.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bad_input_record.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "reference/fixture.h"
#include "reference/table.h"

namespace assay::reference {
namespace {

using std::chrono::milliseconds;

// A worker that does `body` with the request `q`. say() sends an event, save() writes outputs.npy by hand,
// without numpy.
std::string script(const std::string& body) {
  return R"(
import json, os, sys, time, signal
if sys.argv[1:] == ["--versions"]:
    print(json.dumps({"litert_ref": "9.9", "litert_builtin": "9.9", "tflite_micro": None})); sys.exit(0)
q = json.loads(sys.stdin.readline())
def say(**event): print(json.dumps(event), flush=True)
def save(rows, width, values):
    head = ("{'descr': '|i1', 'fortran_order': False, 'shape': (%d, %d), }\n" % (rows, width)).encode()
    open(q["outputs"], "wb").write(b"\x93NUMPY\x01\x00" + bytes([len(head), 0]) + head + bytes(values))
def done(dims=[1, 2]): say(event="done", name="out", type="int8", dims=dims, scale=0.5, zero_point=-3)
open(os.path.join(os.path.dirname(os.path.realpath(q["model"])), "starts"), "a").write(q["runtime"] + "\n")
say(event="ready", version="9.9")
)" + body +
         "\n";
}

struct Bench {
  explicit Bench(const std::string& body) {
    options.python = "python3";
    options.worker = scratch.file("worker.py", script(body));
    options.cache = scratch.path / "cache";
    options.no_progress = milliseconds(20'000);
    job = {.id = "r1.litert_ref",
           .level = "R1",
           .runtime = "litert_ref",
           .model = scratch.file("m.tflite", "model"),
           .inputs = &inputs};
  }
  Result<ReferenceOutputs> run() {
    return run_reference(job, options, Deadline::in(std::chrono::seconds(60)));
  }
  // The error of the run; a result fails the test.
  Error error() {
    auto result = run();
    REQUIRE_FALSE(result);
    return result.error();
  }
  size_t starts() {
    const auto text = read_text(scratch.path / "starts");
    return text ? static_cast<size_t>(std::count(text->begin(), text->end(), '\n')) : 0;
  }
  Scratch scratch;
  Options options;
  TensorRows inputs = int8_rows({1, 2}, {1, 2, 3, 4, 5, 6});
  Job job;
};

constexpr char kGood[] = "save(3, 2, [1, 2, 3, 4, 5, 255]); done()";

}  // namespace

TEST_CASE("a good worker's outputs come with shape, scale and origin") {
  Bench bench(std::string("say(event='progress', done=2, total=3)\n") + kGood);
  std::vector<int64_t> seen;
  bench.options.progress = [&](const std::string& id, int64_t done, int64_t total) {
    CHECK(id == "r1.litert_ref");
    CHECK(total == 3);
    seen.push_back(done);
  };
  const auto result = bench.run();
  if (!result) FAIL(result.error().text());
  CHECK(result->outputs.rows() == 3);
  CHECK(real_values(result->outputs.info, result->outputs.row(2)) == std::vector<double>{4.0, 1.0});
  CHECK(result->info.runtime == "LiteRT");
  CHECK(result->info.version == "9.9");
  CHECK(result->info.resolver == "BUILTIN_REF");
  CHECK(result->info.model_sha256.size() == 64);
  CHECK(result->info.count == 3);
  CHECK(seen == std::vector<int64_t>{2, 3});
}

TEST_CASE("a worker that dies is reported with its last words") {
  Error error = Bench("sys.stderr.write('arena too small\\n'); sys.exit(3)").error();
  CHECK(error.code == "reference.worker_died");
  CHECK_THAT(error.message, Catch::Contains("exit code 3") && Catch::Contains("arena too small"));
  error = Bench("os.kill(os.getpid(), signal.SIGSEGV)").error();
  CHECK(error.code == "reference.worker_died");
  CHECK_THAT(error.message, Catch::Contains("signal 11"));
}

TEST_CASE("a worker that hangs is killed, also when it keeps talking") {
  for (const char* body :
       {"time.sleep(600)", "while True: say(event='progress', done=1, total=3); time.sleep(0.02)",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"}) {
    INFO(body);
    Bench bench(body);
    bench.options.no_progress = milliseconds(3000);
    const auto start = std::chrono::steady_clock::now();
    const Error error = bench.error();
    CHECK(error.code == "reference.worker_timeout");
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
  }
}

TEST_CASE("the deadline ends a worker that makes progress") {
  Bench bench("for i in range(3): say(event='progress', done=i, total=3)\ntime.sleep(600)");
  const auto result = run_reference(bench.job, bench.options, Deadline::in(milliseconds(3000)));
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "reference.worker_timeout");
}

TEST_CASE("what a worker may not say is garbage") {
  for (const char* body :
       {"print('hello')", "print('{\"event\": 3}')", "say(event='party')", "print('\\xff\\xfe')",
        "say(event='progress', done=4, total=3)", "say(event='error')",
        "say(event='done', type='int8', dims=[0])", "say(event='done', type='int8', dims=[1<<40, 1<<40])",
        "say(event='done', type='int9', dims=[1, 2])", "done()",
        "open(q['outputs'], 'w').write('no npy'); done()"}) {
    INFO(body);
    CHECK(Bench(body).error().code == "reference.worker_garbage");
  }
}

TEST_CASE("a line without end does not fill the memory") {
  const Error error = Bench("while True: sys.stdout.write('x' * 65536)").error();
  CHECK(error.code == "reference.worker_died");
  CHECK_THAT(error.message, Catch::Contains("longer than"));
}

TEST_CASE("a worker that writes to stderr without end fills no disk and does not hide its last words") {
  const char* flood = "sys.stderr.write('x' * 8192 + '\\n')";
  Bench good("for i in range(100): " + std::string(flood) + "\n" + kGood);
  CHECK(good.run());
  Bench bench("while True: " + std::string(flood));
  bench.options.no_progress = milliseconds(1500);
  const Error error = bench.error();
  CHECK(error.code == "reference.worker_timeout");
  CHECK_THAT(error.message, Catch::Contains("xxxx"));
  tests::record_bad_input("reference", "a worker that writes to stderr without end", error);
  const Error dead =
      Bench("for i in range(100): " + std::string(flood) + "\nsys.stderr.write('last words'); sys.exit(1)")
          .error();
  CHECK(dead.code == "reference.worker_died");
  CHECK_THAT(dead.message, Catch::Contains("xxxx last words"));
}

TEST_CASE("a worker that is ready for ever makes no progress") {
  Bench bench("while True: say(event='ready', version='9.9')");
  bench.options.no_progress = milliseconds(1500);
  CHECK(bench.error().code == "reference.worker_timeout");
}

TEST_CASE("a worker that hangs, or prints without end, when asked for versions") {
  for (const auto& [body, code] :
       {std::pair("import time; time.sleep(600)", "reference.worker_timeout"),
        std::pair("import sys\nwhile True: sys.stdout.write('x' * 65536)", "reference.unavailable")}) {
    Bench bench(kGood);
    bench.options.worker = bench.scratch.file("worker.py", body);
    bench.options.no_progress = milliseconds(1500);
    const Error error = bench.error();
    CHECK((error.code == code ||
           error.code == "reference.worker_timeout"));  // a slow machine does not print 64 MiB in time
    tests::record_bad_input("reference", "a worker that tells no versions", error);
  }
}

TEST_CASE("a reference of NaN or infinity is none") {
  for (const auto& [bits, word] :
       {std::pair("0x7fc00000", "NaN for sample 2"), std::pair("0xff800000", "infinity for sample 2")}) {
    Bench bench(
        "import struct\nhead = b\"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1), }\\n\"\n"
        "open(q['outputs'], 'wb').write(b'\\x93NUMPY\\x01\\x00' + bytes([len(head), 0]) + head + "
        "struct.pack('<ffI', 1, 2, " +
        std::string(bits) +
        "))\nsay(event='done', name='out', type='float32', dims=[1, 1], scale=0, zero_point=0)");
    const Error error = bench.error();
    CHECK(error.code == "reference.nonfinite");
    CHECK_THAT(error.message, Catch::Contains(word));
    tests::record_bad_input("reference", "a worker that returns NaN or infinity", error);
  }
}

TEST_CASE("outputs of a wrong shape are refused") {
  for (const char* body :
       {"save(2, 2, [0] * 4); done()", "save(3, 3, [0] * 9); done()", "save(3, 2, [0] * 6); done([1, 4])"}) {
    INFO(body);
    CHECK(Bench(body).error().code == "reference.shape");
  }
  CHECK(Bench("say(event='error', kind='shape', message='2 inputs')").error().code == "reference.shape");
}

TEST_CASE("a runtime that is absent or refuses says what to do") {
  const Error refused = Bench("say(event='error', kind='refused', message='no GELU')").error();
  CHECK(refused.code == "reference.refused");
  CHECK_THAT(refused.message, Catch::Contains("no GELU"));

  Bench bench(kGood);
  bench.job.runtime = "tflite_micro";  // the worker reports no version of it
  const Error absent = bench.error();
  CHECK(absent.code == "reference.unavailable");
  CHECK_THAT(absent.remedy, Catch::Contains("pip install tflite-micro"));
  bench.job.runtime = "abacus";
  CHECK(bench.error().code == "reference.unknown");

  bench.job.runtime = "litert_ref";
  bench.options.python = bench.scratch.path / "no-python";
  CHECK(bench.error().code == "reference.unavailable");
  bench.options.python = "python3";
  bench.options.worker = bench.scratch.file("broken.py", "print('no versions')");
  CHECK(bench.error().code == "reference.worker_garbage");
}

TEST_CASE("what was computed is kept until anything that decides it changes") {
  Bench bench(kGood);
  REQUIRE(bench.run());
  auto again = bench.run();
  REQUIRE(again);
  CHECK(again->from_cache);
  CHECK(bench.starts() == 1);
  CHECK(again->outputs.data == std::vector<uint8_t>{1, 2, 3, 4, 5, 255});
  CHECK(again->outputs.info.zero_point == -3);
  CHECK(again->outputs.info.dims == std::vector<int64_t>{1, 2});

  size_t expected = 1;
  auto computes = [&] {
    const auto result = bench.run();
    REQUIRE(result);
    CHECK_FALSE(result->from_cache);
    CHECK(bench.starts() == ++expected);
  };
  bench.inputs.data[0] = 9;
  computes();
  bench.scratch.file("m.tflite", "another model");
  computes();
  bench.job.runtime = "litert_builtin";
  computes();
  bench.scratch.file("worker.py", script(std::string(kGood) + "  # changed"));
  computes();
  bench.options.use_cache = false;
  computes();
}

TEST_CASE("a damaged cache entry is computed again") {
  Bench bench(kGood);
  size_t expected = 0;
  for (const char* extension : {".npy", ".json"}) {
    for (const char* content : {"", "[1]", "{\"sha256\": 7}", "rubbish"}) {
      std::filesystem::remove_all(bench.options.cache);
      REQUIRE(bench.run());
      for (const auto& entry : std::filesystem::directory_iterator(bench.options.cache)) {
        if (entry.path().extension() == extension)
          REQUIRE(write_file(entry.path(), std::string_view(content)));
      }
      const auto result = bench.run();
      REQUIRE(result);
      CHECK_FALSE(result->from_cache);
      CHECK(bench.starts() == (expected += 2));
    }
  }
}

TEST_CASE("a cache entry whose values changed is computed again") {
  Bench bench(kGood);
  REQUIRE(bench.run());
  for (const auto& entry : std::filesystem::directory_iterator(bench.options.cache)) {
    if (entry.path().extension() != ".npy") continue;
    auto bytes = read_bytes(entry.path());
    REQUIRE(bytes);
    bytes->back() ^= 1;  // still a valid array
    REQUIRE(write_file(entry.path(), std::span<const uint8_t>(*bytes)));
  }
  const auto result = bench.run();
  REQUIRE(result);
  CHECK_FALSE(result->from_cache);
  CHECK(result->outputs.data.back() == 255);
}

TEST_CASE("several run at once and fail one by one") {
  // Each waits for the other's start, so that they end only if they overlap; one then fails.
  Bench bench(R"(
folder = os.path.dirname(os.path.realpath(q["model"]))
while open(os.path.join(folder, "starts")).read().count("\n") < 2: time.sleep(0.01)
if q["runtime"] == "litert_builtin": sys.exit(1)
)" + std::string(kGood));
  std::vector<Job> jobs(2, bench.job);
  jobs[1].runtime = "litert_builtin";
  const auto results = run_references(jobs, bench.options, Deadline::in(std::chrono::seconds(60)));
  REQUIRE(results.size() == 2);
  CHECK(results[0].has_value());
  REQUIRE_FALSE(results[1].has_value());
  CHECK(results[1].error().code == "reference.worker_died");
}

TEST_CASE("a signal ends the wait and the worker") {
  Bench bench("time.sleep(600)");
  // In a process of its own: the flag stays set.
  const pid_t child = fork();
  if (child == 0) {
    install_interrupt_handlers();
    bench.options.progress = nullptr;
    const pid_t parent = getpid();
    if (fork() == 0) {
      usleep(1'500'000);
      kill(parent, SIGTERM);
      _exit(0);
    }
    const auto result = bench.run();
    _exit(result ? 1 : result.error().code == "base.interrupted" ? 42 : 2);
  }
  int status = 0;
  const Deadline deadline = Deadline::in(std::chrono::seconds(30));
  while (waitpid(child, &status, WNOHANG) == 0 && !deadline.passed()) usleep(10'000);
  if (deadline.passed()) kill(child, SIGKILL);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
}

}  // namespace assay::reference
