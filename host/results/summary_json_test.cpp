#include "results/summary_json.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include <unistd.h>

#include "base/files.h"
#include "base/subprocess.h"
#include "catch.h"
#include "results/summary_fields.h"

using namespace assay;
using namespace assay::results;

namespace {

const std::filesystem::path kSource = ASSAY_SOURCE_DIR;

// Gives every member a value of its own, so that a member that is lost on the way is seen.
struct Fill {
  int next = 1;
  void set(std::string& v) { v = fmt::format("text {}", next++); }
  void set(bool& v) { v = true; }
  void set(double& v) { v = next++ + 0.125; }
  template <std::integral T>
  void set(T& v) {
    v = next++;
  }
  template <class T>
  void set(std::optional<T>& v) {
    set(v.emplace());
  }
  template <class T>
  void set(std::vector<T>& v) {
    v.resize(2);
    for (auto& item : v) set(item);
  }
  template <class K, class T>
  void set(std::map<K, T>& v) {
    K key{};
    set(key);
    set(v[key]);
  }
  template <Described T>
  void set(T& v) {
    fields(v, [this](const char*, auto& member) { this->set(member); });
  }
};

Summary full_summary() {
  Summary s;
  Fill().set(s);
  s.schema = "assay.summary", s.schema_version = 1, s.verdict = "fail", s.validity = "degraded";
  return s;
}

// Words that the schema restricts.
void restrict_words(nlohmann::ordered_json& json) {
  if (json.is_array()) {
    for (auto& item : json) restrict_words(item);
  } else if (json.is_object()) {
    for (auto& [key, value] : json.items()) {
      if (key.ends_with("sha256") && value.is_string()) value = std::string(64, 'a');
      if (key == "validity") value = "degraded";
      if (key == "kind" && json.contains("unit")) value = "emulated";
      if (key == "severity") value = "note";
      if (key == "better") value = "higher";
      if (key == "kind" && json.contains("figures")) value = "anomaly";
      if (key == "level") value = "R1";
      if (key == "baseline_level") value = "R0";
      if (key == "mode") value = "exact";
      if (key == "verdict") value = "fail";
      if (key == "owner" && json.contains("sentence")) value = "port";
      restrict_words(value);
    }
  }
}

template <class T>
std::set<std::string> names() {
  std::set<std::string> found;
  T value;
  fields(value, [&](const char* name, auto&) { found.insert(name); });
  return found;
}

std::map<std::string, std::set<std::string>> described_structs() {
  return {{"Figure", names<Figure>()},
          {"Issue", names<Issue>()},
          {"Gate", names<Gate>()},
          {"Subject", names<Subject>()},
          {"Target", names<Target>()},
          {"Dataset", names<Dataset>()},
          {"Reference", names<Reference>()},
          {"ClassRow", names<ClassRow>()},
          {"Confusion", names<Confusion>()},
          {"Accuracy", names<Accuracy>()},
          {"SliceRow", names<SliceRow>()},
          {"TaskFigure", names<TaskFigure>()},
          {"TaskClass", names<TaskClass>()},
          {"TaskEvent", names<TaskEvent>()},
          {"Task", names<Task>()},
          {"SampleSpread", names<SampleSpread>()},
          {"TensorPair", names<TensorPair>()},
          {"LsbHistogram", names<LsbHistogram>()},
          {"Attribution", names<Attribution>()},
          {"OperatorDivergence", names<OperatorDivergence>()},
          {"WorstElement", names<WorstElement>()},
          {"Divergence", names<Divergence>()},
          {"InputChannel", names<InputChannel>()},
          {"Latency", names<Latency>()},
          {"Layer", names<Layer>()},
          {"ArenaTensor", names<ArenaTensor>()},
          {"Memory", names<Memory>()},
          {"FlashSection", names<FlashSection>()},
          {"FlashSymbol", names<FlashSymbol>()},
          {"FlashOperator", names<FlashOperator>()},
          {"Flash", names<Flash>()},
          {"Variant", names<Variant>()},
          {"Link", names<Link>()},
          {"Provenance", names<Provenance>()},
          {"BaselineRow", names<BaselineRow>()},
          {"SinceBaseline", names<SinceBaseline>()},
          {"Artifact", names<Artifact>()},
          {"Summary", names<Summary>()}};
}

// Members of the structs of summary.h, read from its text.
std::map<std::string, std::set<std::string>> declared_structs() {
  std::string text = read_text(kSource / "host/results/summary.h").value();
  text = std::regex_replace(text, std::regex("//[^\n]*"), "");
  std::map<std::string, std::set<std::string>> found;
  const std::regex structure("struct (\\w+) \\{([^}]*)\\};"), statement("([^;]*);");
  for (std::sregex_iterator s(text.begin(), text.end(), structure), end; s != end; ++s) {
    const std::string body = (*s)[2];
    for (std::sregex_iterator m(body.begin(), body.end(), statement); m != end; ++m) {
      std::string declaration = (*m)[1];
      declaration = std::regex_replace(declaration, std::regex("\\{[^}]*\\}|=[^,]*"), "");
      while (std::regex_search(declaration, std::regex("<[^<>]*>"))) {
        declaration = std::regex_replace(declaration, std::regex("<[^<>]*>"), "");
      }
      const std::regex name("(\\w+)\\s*(,|$)");
      for (std::sregex_iterator n(declaration.begin(), declaration.end(), name); n != end; ++n) {
        found[(*s)[1]].insert((*n)[1]);
      }
    }
  }
  found.erase("Flip");  // a row of flips.csv
  return found;
}

}  // namespace

TEST_CASE("every member of summary.h is written, and the schema knows exactly these") {
  const auto described = described_structs();
  CHECK(declared_structs() == described);
  const auto schema = nlohmann::json::parse(read_text(kSource / "docs/schema/summary.schema.json").value());
  CHECK(schema["$defs"].size() == described.size() - 1);
  for (const auto& [name, members] : described) {
    const auto& object = name == "Summary" ? schema : schema["$defs"][name];
    CAPTURE(name);
    CHECK(object["additionalProperties"] == false);
    std::set<std::string> properties;
    for (const auto& [key, value] : object["properties"].items()) properties.insert(key);
    CHECK(properties == members);
  }
}

TEST_CASE("a summary with every member survives writing and reading") {
  const std::string text = summary_text(full_summary());
  const auto back = parse_summary(text);
  REQUIRE(back);
  CHECK(summary_text(*back) == text);
  CHECK(back->accuracy->confusion[1].counts[1][1] == full_summary().accuracy->confusion[1].counts[1][1]);
  CHECK(text.find("\"schema\"") < text.find("\"run_id\""));
}

TEST_CASE("absent is an absent key and no number is NaN") {
  Summary s;
  s.latency = Latency{.kind = "cycles",
                      .median = Figure{.value = std::nan(""), .unit = "cycles", .kind = "measured"}};
  s.accuracy.emplace().mcnemar_p = INFINITY;
  s.provenance.duration_s = std::nan("");
  s.title = "bad \xff byte";
  const std::string text = summary_text(s);
  const auto json = nlohmann::json::parse(text);
  CHECK_FALSE(json.contains("memory"));
  CHECK_FALSE(json["latency"].contains("median"));
  CHECK_FALSE(json["accuracy"].contains("mcnemar_p"));
  CHECK(json["provenance"]["duration_s"].is_null());
  CHECK(json["title"] == "bad \xEF\xBF\xBD byte");
  CHECK(std::isnan(parse_summary(text)->provenance.duration_s));
}

TEST_CASE("damaged summaries are refused with their path") {
  const auto message = [](const std::string& text) {
    const auto summary = parse_summary(text, "x/summary.json");
    REQUIRE_FALSE(summary);
    CHECK(summary.error().code == "results.bad_summary");
    return summary.error().message;
  };
  CHECK(message("{\"schema\":").find("JSON") != std::string::npos);
  CHECK(message("[]").find("object") != std::string::npos);
  CHECK(message(R"({"gates":[{"metric":1}]})") == "gates[0].metric must be a string");
  CHECK(message(R"({"samples_done":18446744073709551615})").find("samples_done must be an integer") == 0);
  CHECK(message(R"({"exit_code":5000000000})").find("exit_code") == 0);
  CHECK(message(R"({"attribution":{"histograms":[{"counts":{"x":1}}]}})").find("counts.x") !=
        std::string::npos);
  CHECK(message(R"({"schema_version":2})").find("newer") != std::string::npos);
  CHECK(message(R"({"schema":"other"})").find("other") != std::string::npos);
  CHECK(parse_summary(R"({"a_later_key":1})"));
}

TEST_CASE("the published schema accepts real output and refuses a stranger's key") {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("assay_schema_test_{}", getpid());
  REQUIRE(make_directories(folder));
  auto full = nlohmann::ordered_json::parse(summary_text(full_summary()));
  restrict_words(full);
  REQUIRE(parse_summary(full.dump()));
  auto stranger = full;
  stranger["latency"]["mean"] = 1;
  Summary least;
  REQUIRE(write_file(folder / "full.json", full.dump()));
  REQUIRE(write_file(folder / "least.json", summary_text(least)));
  REQUIRE(write_file(folder / "stranger.json", stranger.dump()));
  const std::string script =
      "import json,sys\ntry: import jsonschema\nexcept ImportError: sys.exit(77)\n"
      "s=json.load(open(sys.argv[1])); jsonschema.Draft202012Validator.check_schema(s)\n"
      "for f in sys.argv[2:]:\n"
      "  print([e.json_path+': '+e.message[:90] for e in "
      "jsonschema.Draft202012Validator(s).iter_errors(json.load(open(f)))])\n";
  std::filesystem::path interpreter = kSource / ".venv/bin/python";
  if (!std::filesystem::exists(interpreter)) interpreter = "python3";
  const auto output =
      run_process({.argv = {interpreter, "-c", script, kSource / "docs/schema/summary.schema.json",
                            folder / "full.json", folder / "least.json", folder / "stranger.json"}},
                  Deadline::in(std::chrono::seconds(60)));
  std::filesystem::remove_all(folder);
  REQUIRE(output);
  if (output->status.code == 77) {
    WARN("skipped: python has no jsonschema");
    return;
  }
  INFO(output->err);
  CHECK(output->out.substr(0, output->out.find('\n', 3)) == "[]\n[]");
  CHECK(output->out.find("'mean' was unexpected") != std::string::npos);
}
