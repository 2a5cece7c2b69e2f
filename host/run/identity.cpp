#include "run/identity.h"

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/paths.h"
#include "base/subprocess.h"
#include "model/plan_json.h"
#include "run/own_firmware.h"
#include "run/probe_only.h"

namespace assay::run {
namespace {

using Json = nlohmann::ordered_json;

// The first line that a program prints; empty when it is absent or fails.
std::string first_line(const std::vector<std::string>& argv) {
  auto output = run_process({.argv = argv}, Deadline::in(std::chrono::seconds(5)));
  return output && output->status.code == 0 ? output->out.substr(0, output->out.find('\n')) : "";
}

std::string clock_words(link::ClockKind kind) {
  switch (kind) {
    case link::ClockKind::kCycles:
      return "cycles";
    case link::ClockKind::kInstructions:
      return "instructions (emulated)";
    case link::ClockKind::kHostNs:
      return "host ns";
    case link::ClockKind::kTimer:
      return "ticks";
    case link::ClockKind::kNone:
      break;
  }
  return "";
}

std::string now_utc() {
  char text[32];
  const time_t now = time(nullptr);
  tm parts;
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
  return text;
}

std::string hash_of(const std::vector<std::string>& ids) {
  std::string lines;
  for (const std::string& id : ids) lines += id + "\n";
  return sha256_hex(lines);
}

}  // namespace

void fill_identity(const CaseSpec& spec, const Prepared& prepared, results::Summary& summary) {
  const config::Profile& profile = spec.profile.profile;
  summary.profile = profile.profile().name();
  summary.title = profile.profile().title().empty() ? profile.profile().name() : profile.profile().title();
  summary.samples_asked = static_cast<int64_t>(prepared.dataset.count());

  const std::filesystem::path model = profile.model().file();
  summary.subject.runner = summary.subject.engine = "native";
  if (has_own_firmware(profile)) {
    summary.subject.way_in = is_probe_only(profile) ? kProbeOnlyWay : kLinkedWay;
    summary.subject.runner = "";
    summary.subject.engine = profile.engine().name();
  }
  summary.subject.model_file = summary.subject.model_name = model.filename().string();
  summary.subject.model_sha256 = prepared.model_sha256;
  summary.subject.model_bytes = static_cast<int64_t>(prepared.model.size());

  const config::Board& board = spec.board;
  summary.target.board = board.board().name();
  summary.target.board_title = board.board().title();
  summary.target.core = board.board().core();
  summary.target.mode = board.board().kind() == "process" ? "process" : "exact";
  int64_t ram = 0;
  for (const auto& memory : board.memory()) ram += memory.kind() == "ram" ? memory.size() : 0;
  if (ram > 0) summary.target.ram_bytes = ram;
  int64_t code = 0;
  for (const auto& memory : board.memory()) code += memory.kind() == "code" ? memory.size() : 0;
  if (code > 0) summary.target.flash_bytes = code;

  summary.dataset.name = prepared.dataset.name;
  summary.dataset.hash = prepared.dataset.hash;
  summary.dataset.count = summary.samples_asked;
  summary.dataset.classes = prepared.dataset.classes;
  summary.dataset.labelled = prepared.dataset.labelled();
  summary.dataset.quantised = prepared.dataset.quantised;
  summary.dataset.input_key = profile.data().input();
  summary.dataset.choice = prepared.dataset.choice;
  summary.dataset.preprocess = prepared.dataset.preprocess;
  summary.dataset.ids_sha256 = hash_of(prepared.dataset.ids);

  results::Provenance& provenance = summary.provenance;
  provenance.assay_version = ASSAY_VERSION;
  provenance.started = now_utc();
  provenance.command = spec.command;
  provenance.seed = static_cast<int64_t>(spec.seed);
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) == 0) provenance.host = host;
  const std::string sources = data_dir().string();
  provenance.git_commit = first_line({"git", "-C", sources, "rev-parse", "--short=12", "HEAD"});
  provenance.git_dirty = !provenance.git_commit.empty() &&
                         !first_line({"git", "-C", sources, "status", "--porcelain", "-uno"}).empty();
  if (board.has_emulator()) provenance.qemu = first_line({board.emulator().program(), "--version"});
}

void fill_device_identity(const Device& device, const probe::Unit& unit, results::Summary& summary) {
  summary.target.unit = unit.id;
  summary.target.emulated = device.board.emulated;
  summary.target.clock_kind = clock_words(device.board.clock);
  if (device.board.core_clock_hz != 0) summary.target.core_clock_hz = device.board.core_clock_hz;
  summary.subject.toolchain = device.compiler;
  summary.subject.firmware_build_id = device.firmware_build_id;
  if (summary.subject.way_in == kLinkedWay && !device.model.engine.empty())
    summary.subject.engine = device.model.engine;
  summary.subject.firmware_file = device.firmware.filename().string();
  if (device.probe) {
    summary.target.probe = fmt::format("{} {}", device.probe->tool, device.probe->tool_version);
    summary.provenance.probe_tool = fmt::format("{}  {}", summary.target.probe, device.probe->probe);
  }
}

std::string graph_json(const Prepared& prepared, bool real_inputs) {
  // A picture is one though the model takes it flat.
  const std::vector<int64_t>& dims = prepared.dataset.inputs.info.dims;
  const bool pixels =
      prepared.dataset.kind == "image" && dims.size() == 4 && (dims.back() == 1 || dims.back() == 3);
  const Json preview = {
      {"kind", prepared.dataset.kind},
      {"channels", prepared.dataset.channels},
      {"rate_hz", prepared.dataset.rate_hz},
      {"dims", pixels ? std::vector<int64_t>(dims.begin() + 1, dims.end()) : std::vector<int64_t>()},
      {"scale", real_inputs ? 0.0 : prepared.input.scale},
      {"zero_point", real_inputs ? int64_t{0} : prepared.input.zero_point}};
  const Json graph = {{"model", prepared.model_sha256},
                      {"input", model::tensor_json(prepared.input)},
                      {"output", model::tensor_json(prepared.output)},
                      {"preview", preview},
                      {"operators", model::operators_json(prepared.plan)}};
  return graph.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace assay::run
