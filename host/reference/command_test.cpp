// The kind "command": any program as a reference, and what becomes of the ones that misbehave.
#include "reference/command.h"

#include <signal.h>

#include "bad_input_record.h"
#include "reference/fixture.h"

namespace assay::reference {
namespace {

using std::chrono::milliseconds;

// Doubles each int8 input as float32, without numpy; `body` may do something else. Each start leaves a line
// in "starts".
std::string program(const std::string& body) {
  return R"(
import json, os, signal, struct, sys, time
folder = sys.argv[-1]
q = json.load(open(os.path.join(folder, "request.json")))
raw = open(os.path.join(folder, "inputs.npy"), "rb").read()
at = 10 + struct.unpack("<H", raw[8:10])[0]
x = struct.unpack("<%db" % (len(raw) - at), raw[at:])
open("starts", "a").write("%d %d\n" % (q["first"], q["count"]))
def save(rows, width, values, kind="<f4", code="f"):
    head = ("{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d), }\n" % (kind, rows, width)).encode()
    open(os.path.join(folder, "outputs.npy"), "wb").write(
        b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + struct.pack("<%d%s" % (len(values), code), *values))
)" + body +
         "\n";
}
constexpr char kDouble[] = "save(q['count'], 2, [2.0 * v for v in x])";

struct Bench {
  explicit Bench(const std::string& body, size_t samples = 3) {
    options.cache = scratch.path / "cache";
    options.no_progress = milliseconds(20'000);
    options.python = "no-python-is-needed";
    for (size_t i = 0; i < 2 * samples; ++i) inputs.data.push_back(static_cast<uint8_t>(i % 100));
    scratch.file("ref.py", program(body));
    job = {.id = "r1.mine",
           .level = "R1",
           .runtime = "command",
           .model = scratch.file("m.tflite", "model"),
           .inputs = &inputs};
    job.command = Job::Command{.words = {"python3", "ref.py"}, .folder = scratch.path};
  }
  Result<ReferenceOutputs> run() {
    return run_reference(job, options, Deadline::in(std::chrono::seconds(60)));
  }
  Error error() {
    auto result = run();
    REQUIRE_FALSE(result);
    return result.error();
  }
  std::string starts() { return read_text(scratch.path / "starts").value_or(""); }
  Scratch scratch;
  Options options;
  TensorRows inputs = int8_rows({1, 2}, {});
  Job job;
};

}  // namespace

TEST_CASE("a command turns inputs into outputs, without any Python of ours") {
  Bench bench(kDouble);
  bench.job.command->version = "1.2";
  const auto result = bench.run();
  if (!result) FAIL(result.error().text());
  CHECK(real_values(result->outputs.info, result->outputs.row(2)) == std::vector<double>{8, 10});
  CHECK(result->info.runtime == "command");
  CHECK(result->info.resolver == "python3 ref.py");
  CHECK(result->info.version == "1.2");
}

TEST_CASE("ten thousand samples are ten starts of a command, not ten thousand") {
  Bench bench(kDouble, 10'000);
  std::vector<int64_t> seen;
  bench.options.progress = [&](const std::string&, int64_t done, int64_t) { seen.push_back(done); };
  const auto result = bench.run();
  if (!result) FAIL(result.error().text());
  CHECK(result->outputs.rows() == 10'000);
  const std::string starts = bench.starts();
  CHECK(std::count(starts.begin(), starts.end(), '\n') == 10);
  CHECK_THAT(starts, Catch::StartsWith("0 1024\n1024 1024\n") && Catch::EndsWith("9216 784\n"));
  REQUIRE(seen.size() == 11);
  CHECK(seen[0] == 1024);
  CHECK(seen[9] == 10'000);
  // Each row is its own sample's: the last chunk continues where the one before ended.
  CHECK(real_values(result->outputs.info, result->outputs.row(9217)) ==
        std::vector<double>{2.0 * (18434 % 100), 2.0 * (18435 % 100)});
}

TEST_CASE("a command runs again when anything that decides its outputs changes, and only then") {
  Bench bench(kDouble);
  const auto runs = [&] {
    const std::string before = bench.starts();
    REQUIRE(bench.run());
    return bench.starts() != before;
  };
  CHECK(runs());
  CHECK_FALSE(runs());
  bench.scratch.file("ref.py", program(std::string("# another comment\n") + kDouble));
  CHECK(runs());
  CHECK_FALSE(runs());
  bench.job.command->words.push_back("--fast");
  CHECK(runs());
  bench.job.command->uses = {bench.scratch.file("weights.bin", "1")};
  CHECK(runs());
  bench.scratch.file("weights.bin", "2");
  CHECK(runs());
  bench.job.command->version = "2";
  CHECK(runs());
  bench.scratch.file("m.tflite", "another model");
  CHECK(runs());
  bench.inputs.data[0] = 7;
  CHECK(runs());
  CHECK_FALSE(runs());
}

TEST_CASE("a command that misbehaves costs its own result and says why") {
  struct Row {
    const char *body, *code, *word;
  };
  const Row rows[] = {
      {"sys.exit('no weights')", "reference.worker_died", "exit code 1, it said: no weights"},
      {"os.kill(os.getpid(), signal.SIGSEGV)", "reference.worker_died", "signal 11"},
      {"pass", "reference.worker_garbage", "no outputs.npy"},
      {"open(folder + '/outputs.npy', 'w').write('garbage')", "reference.worker_garbage",
       "no readable outputs"},
      {"print('INFO: ' + 'x' * 100000)\nsave(2, 2, [1.0] * 4)", "reference.shape",
       "2 rows of 1x2 float32 for 3 samples"},
      {"save(3, 2, [float('nan')] * 6)", "reference.nonfinite", "NaN for sample 0"},
      {"save(3, 2, [1.0, 2, 3, 4, float('inf'), 6])", "reference.nonfinite", "infinity for sample 2"},
  };
  for (const Row& row : rows) {
    INFO(row.body);
    const Error error = Bench(row.body).error();
    CHECK(error.code == row.code);
    CHECK_THAT(error.message, Catch::Contains(row.word));
    tests::record_bad_input("reference", "a command that misbehaves", error);
  }
}

TEST_CASE("a program with a path is seen from the folder of the profile") {
  Bench bench(kDouble);
  std::filesystem::create_directory(bench.scratch.path / "bin");
  const auto script = bench.scratch.file("bin/run.sh", "#!/bin/sh\nexec python3 ref.py \"$@\"\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  bench.job.command->words = {"bin/run.sh"};
  const auto result = bench.run();
  if (!result) FAIL(result.error().text());
  CHECK(result->outputs.rows() == 3);
}

TEST_CASE("a command that does not exist is told before anything runs") {
  Bench bench(kDouble);
  bench.job.command->words = {"no-such-program"};
  const Error error = bench.error();
  CHECK(error.code == "reference.unavailable");
  CHECK_THAT(error.message, Catch::Contains("no-such-program"));
}

TEST_CASE("a command that hangs is stopped with all it started, even when its stderr floods") {
  for (const char* body : {"time.sleep(600)", "while True: sys.stderr.write('y' * 8192 + '\\n')",
                           "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nimport subprocess\n"
                           "child = subprocess.Popen(['sleep', '600'])\nopen('child', "
                           "'w').write(str(child.pid))\ntime.sleep(600)"}) {
    INFO(body);
    Bench bench(body);
    bench.job.command->limit = milliseconds(1500);
    const Error error = bench.error();
    CHECK(error.code == "reference.worker_timeout");
    CHECK_THAT(error.message, Catch::Contains("within 1.5 s"));
    const auto child = read_text(bench.scratch.path / "child");
    if (!child) continue;
    const pid_t pid = static_cast<pid_t>(std::stol(*child));
    for (int i = 0; i < 100 && kill(pid, 0) == 0; ++i) usleep(20'000);
    CHECK(kill(pid, 0) != 0);
  }
}

TEST_CASE("shapes must stay the same from chunk to chunk") {
  Bench bench("w = 2 if q['first'] == 0 else 1\nsave(q['count'], w, [1.0] * (w * q['count']))", 4);
  bench.job.command->chunk = 2;
  const Error error = bench.error();
  CHECK(error.code == "reference.shape");
  CHECK_THAT(error.message, Catch::Contains("1x1 float32 for sample 2, 1x2 float32 before"));
}

TEST_CASE("real values of a quantised model's reference become its steps at R1 and R2, and stay real at R0") {
  Bench bench("save(3, 2, [0.1, 0.24, 100.0, -100.0, 0.26, 0.0])");
  bench.job.deployed_output =
      TensorInfo{.name = "out", .type = ElementType::kInt8, .dims = {1, 2}, .scale = 0.5, .zero_point = -3};
  auto result = bench.run();
  if (!result) FAIL(result.error().text());
  CHECK(result->outputs.info.type == ElementType::kInt8);
  const std::vector<uint8_t> expected = {253, 253, 127, 128, 254, 253};  // round(v / 0.5) - 3, saturated
  CHECK(result->outputs.data == expected);
  bench.job.level = "R0";
  result = bench.run();
  REQUIRE(result);
  CHECK(result->from_cache);
  CHECK(result->outputs.info.type == ElementType::kFloat32);
  CHECK(result->outputs.info.scale == 0);
  bench.job.deployed_output->dims = {1, 3};
  CHECK(bench.error().code == "reference.shape");
}

TEST_CASE("integers of a command are the deployed model's own, or refused") {
  Bench bench("save(3, 2, [1, 2, 3, 4, 5, 6], '|i1', 'b')");
  bench.job.deployed_output =
      TensorInfo{.type = ElementType::kInt8, .dims = {1, 2}, .scale = 0.5, .zero_point = 1};
  const auto result = bench.run();
  if (!result) FAIL(result.error().text());
  CHECK(real_values(result->outputs.info, result->outputs.row(0)) == std::vector<double>{0, 0.5});
  bench.job.deployed_output->type = ElementType::kInt16;
  CHECK(bench.error().code == "reference.shape");
}

TEST_CASE("a command line is split as a shell does") {
  const auto words = words_of("python3  'my ref.py' --name=\"a b\" c\\ d ''");
  REQUIRE(words);
  CHECK(*words == std::vector<std::string>{"python3", "my ref.py", "--name=a b", "c d", ""});
  for (const char* bad : {"", "   ", "a 'b", "a \"b", "''"}) {
    INFO(bad);
    const auto split = words_of(bad);
    REQUIRE_FALSE(split);
    CHECK(split.error().code == "config.value");
  }
}

}  // namespace assay::reference
