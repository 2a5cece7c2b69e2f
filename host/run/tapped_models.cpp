#include "run/tapped_models.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "metric/divergence.h"
#include "model/file_operators.h"
#include "model/tapped_model.h"
#include "run/agent_limits.h"
#include "run/references.h"
#include "run/stopwatch.h"
#include "run/tap_search.h"
#include "run/tapped_firmware.h"

namespace assay::run {
namespace fs = std::filesystem;
namespace {

constexpr int kMostFailures = 3;                      // in a row: then it is not the operators
constexpr uint64_t kMostBytes = uint64_t{256} << 20;  // of tensors that one run keeps

TensorRows rows_of(const TensorRows& rows, const std::vector<size_t>& chosen) {
  TensorRows cut{rows.info, {}};
  for (size_t row : chosen) {
    const auto bytes = rows.row(row);
    cut.data.insert(cut.data.end(), bytes.begin(), bytes.end());
  }
  return cut;
}

// A model whose outputs include those of some operators.
struct TappedFile {
  std::vector<uint8_t> bytes;
  std::vector<int> ops;             // behind each output; -1: an output that is nobody's business here
  std::vector<TensorInfo> outputs;  // alike
};

class Tapping {
 public:
  Tapping(const CaseSpec& spec, const Prepared& prepared, const model::FileOperators& file,
          const TapSides& sides, const LeasedUnit& unit, const fs::path& folder, Capture& capture)
      : spec_(spec),
        prepared_(prepared),
        file_(file),
        unit_(unit),
        folder_(folder),
        capture_(capture),
        inputs_(rows_of(prepared.inputs, capture.samples.rows)),
        own_(rows_of(sides.device, capture.samples.rows)),
        r2_(rows_of(sides.r2, capture.samples.rows)) {
    own_.info = r2_.info = prepared.output;
    limits_.tolerance_lsb = spec.profile.profile.taps().tolerance_lsb();
    limits_.tolerance = spec.profile.profile.taps().tolerance();
  }

  Status find_room() {
    ASSAY_TRY(room_, room_for_model(spec_));
    return {};
  }
  Result<bool> output_differs() const { return metric::differs_beyond(own_, r2_, limits_); }

  // One tapped run with the outputs of `ops`, both sides.
  Status look(const std::vector<int>& ops, const std::function<void()>& progress) {
    const fs::path place = plan_folder(folder_, capture_.device.size());
    ASSAY_TRY(const TappedFile tapped, tapped_file(ops));
    ASSAY_TRY(auto device, run_device(tapped, place, progress));
    std::vector<TensorRows> host;
    for (size_t i = 0; i < tapped.ops.size(); ++i) {
      if (tapped.ops[i] == file_.last) {
        host.push_back(r2_);
      } else if (tapped.ops[i] < 0) {
        host.push_back({tapped.outputs[i], {}});
        device[i].data.clear();
      } else {
        ASSAY_TRY(TensorRows rows, run_host(tapped.ops[i], tapped.outputs[i], place));
        host.push_back(std::move(rows));
      }
    }
    model::Plan border;
    border.outputs = tapped.outputs;
    capture_.taps.plans.push_back({std::move(border), tapped.ops});
    capture_.device.push_back(std::move(device));
    capture_.r2.push_back(std::move(host));
    return {};
  }

  // Of the last run.
  Result<bool> differs(int op) const {
    const auto& ops = capture_.taps.plans.back().ops;
    const auto at = static_cast<size_t>(std::find(ops.begin(), ops.end(), op) - ops.begin());
    return metric::differs_beyond(capture_.device.back()[at], capture_.r2.back()[at], limits_);
  }

  void leave_out(int op, const std::string& why) { capture_.taps.left_out.push_back({op, why}); }

 private:
  std::string model_name() const {
    return fs::path(spec_.profile.profile.model().file()).filename().string();
  }

  // With the model's own outputs in front; where that does not fit, one operator takes the place of output 0.
  Result<TappedFile> tapped_file(const std::vector<int>& ops) const {
    TappedFile tapped;
    ASSAY_TRY(model::TappedModel more, model::tap_model(prepared_.model, model_name(), ops));
    tapped.outputs = prepared_.plan.outputs;
    tapped.ops.assign(tapped.outputs.size(), -1);
    tapped.ops[0] = file_.last;
    if (more.bytes.size() > room_ && ops.size() == 1) {
      ASSAY_TRY(tapped.bytes, model::model_ending_at(prepared_.model, model_name(), ops[0]));
      tapped.ops[0] = ops[0];
      tapped.outputs[0] = file_.operators[static_cast<size_t>(ops[0])].output;
      return tapped;
    }
    tapped.bytes = std::move(more.bytes);
    for (const auto& added : more.added) {
      tapped.ops.push_back(added.op);
      tapped.outputs.push_back(file_.operators[static_cast<size_t>(added.op)].output);
    }
    return tapped;
  }

  // Firmware may say of which file its model is: of the tapped one, or still of the one that ships.
  Result<Device> connect(const CaseSpec& spec, const TappedFile& tapped, const probe::Unit& unit,
                         const fs::path& place) const {
    Prepared expected;
    expected.model_sha256 = sha256_hex(tapped.bytes);
    expected.input = prepared_.input;
    expected.output = tapped.outputs[0];
    auto device = connect_agent(spec, expected, unit, place);
    if (device || device.error().code != "run.wrong_model") return device;
    expected.model_sha256 = prepared_.model_sha256;
    return connect_agent(spec, expected, unit, place);
  }

  Result<std::vector<TensorRows>> run_device(const TappedFile& tapped, const fs::path& place,
                                             const std::function<void()>& progress) const {
    ASSAY_TRY(const fs::path firmware, firmware_with(spec_, tapped.bytes, place));
    CaseSpec spec = spec_;
    spec.profile.profile.mutable_engine()->set_firmware(firmware.string());
    probe::Unit now = unit_.unit;
    QuietObserver quiet;
    if (spec.board.has_probe()) {
      ASSAY_TRY([[maybe_unused]] const auto identity,
                write_board(spec.board, firmware, {}, now, spec.timeout_multiplier, place, quiet));
    } else {
      ASSAY_TRY(now, unit_.acquire({.program = firmware, .plan = {}}, place));
    }
    ASSAY_TRY(Device device, connect(spec, tapped, now, place));
    return replay_tapped(prepared_.inputs, tapped.outputs, capture_.samples.rows, device, progress);
  }

  // The host build gives one output: the file ends at the operator.
  Result<TensorRows> run_host(int op, const TensorInfo& output, const fs::path& place) const {
    ASSAY_TRY(const auto bytes, model::model_ending_at(prepared_.model, model_name(), op));
    const fs::path model = fs::absolute(place) / fmt::format("ends_at_{}.tflite", op);
    ASSAY_CHECK(write_file(model, bytes));
    return run_host_build(spec_, model, inputs_, output);
  }

  const CaseSpec& spec_;
  const Prepared& prepared_;
  const model::FileOperators& file_;
  const LeasedUnit& unit_;
  const fs::path folder_;
  Capture& capture_;
  const TensorRows inputs_;
  TensorRows own_, r2_;
  metric::TappedRun limits_;
  size_t room_ = SIZE_MAX;
};

// Errors that no other operator would be spared.
bool ends_all(const Error& error) {
  return error.code == "base.interrupted" || error.code == "diverge.build_failed" ||
         error.code == "diverge.no_r2" || error.code.starts_with("reference.") ||
         error.code == "base.disk_full";
}

// One operator a run, until the first that differs is known.
void bisect(const model::FileOperators& file, Tapping& tapping, Capture& capture,
            const std::function<void()>& told) {
  std::vector<std::vector<int>> sources;
  for (const auto& op : file.operators) sources.push_back(op.sources);
  TapSearch search(std::move(sources), file.last);
  for (size_t i = 0; i < file.operators.size(); ++i) {
    if (file.operators[i].untappable.empty()) continue;
    search.cannot_look(static_cast<int>(i));
    tapping.leave_out(static_cast<int>(i), file.operators[i].untappable);
  }
  int failures = 0;
  for (auto ops = search.next(); !ops.empty() && !capture.failed; ops = search.next()) {
    const int op = ops[0];
    const Status looked = interrupted() ? Status(fail(interruption())) : tapping.look(ops, told);
    auto differs = looked ? tapping.differs(op) : Result<bool>(fail(looked.error()));
    if (differs) {
      search.answer(op, *differs);
      failures = 0;
      continue;
    }
    if (ends_all(differs.error()) || ++failures == kMostFailures) {
      capture.failed = differs.error();
    } else {
      search.cannot_look(op);
      tapping.leave_out(op, differs.error().text());
    }
  }
  capture.verified = search.verified();
}

// Every operator, a few a run; one by one where the firmware does not take several.
void take_all(const model::FileOperators& file, Tapping& tapping, Capture& capture,
              const std::function<void()>& told) {
  std::vector<std::vector<int>> groups(1);
  for (size_t i = 0; i < file.operators.size(); ++i) {
    const int op = static_cast<int>(i);
    if (op == file.last) continue;  // output 0 of every run
    if (!file.operators[i].untappable.empty()) {
      tapping.leave_out(op, file.operators[i].untappable);
      continue;
    }
    if (groups.back().size() + 1 == kAgentOutputs) groups.emplace_back();
    groups.back().push_back(op);
  }
  int failures = 0;
  for (size_t g = 0; g < groups.size() && !capture.failed; ++g) {
    const std::vector<int> group = groups[g];
    const Status looked = interrupted() ? Status(fail(interruption())) : tapping.look(group, told);
    if (looked) {
      failures = 0;
    } else if (ends_all(looked.error()) || ++failures == kMostFailures) {
      capture.failed = looked.error();
    } else if (group.size() > 1) {
      for (const int op : group) groups.push_back({op});
    } else if (group.size() == 1) {
      tapping.leave_out(group[0], looked.error().text());
    }
  }
}

}  // namespace

Result<Capture> capture_models(const CaseSpec& spec, const Prepared& prepared, TapSamples samples, bool every,
                               const TapSides& sides, const LeasedUnit& unit, const fs::path& folder,
                               Observer& observer) {
  Stopwatch watch;
  const fs::path name = spec.profile.profile.model().file();
  ASSAY_TRY(const model::FileOperators file, model::read_operators(prepared.model, name.filename().string()));
  uint64_t bytes = 0;
  for (const auto& op : file.operators) bytes += op.output.bytes();
  if (bytes * samples.rows.size() > kMostBytes)
    return fail("run.taps_too_large",
                fmt::format("{} samples of {} bytes of tensors are more than {} MiB", samples.rows.size(),
                            bytes, kMostBytes >> 20),
                name.string());
  Capture capture{.samples = std::move(samples), .taps = {}, .device = {}, .failed = {}, .not_restored = {}};
  Tapping tapping(spec, prepared, file, sides, unit, folder, capture);
  ASSAY_CHECK(tapping.find_room());
  ASSAY_TRY(const bool differs, tapping.output_differs());
  capture.bisected = differs && !every && file.last >= 0;
  int64_t done = 0;
  const auto told = [&] {
    observer.progress(Phase::kTapped, ++done, 0, fmt::format("tapped run {}", capture.device.size() + 1));
  };
  if (capture.bisected)
    bisect(file, tapping, capture, told);
  else
    take_all(file, tapping, capture, told);
  if (!interrupted()) {
    if (const Status back = restore(spec, prepared, unit); !back) capture.not_restored = back.error();
  }
  capture.seconds = watch.seconds();
  if (!capture.failed) {
    observer.done(
        Phase::kTapped,
        fmt::format("{} sample{} on {} tapped run{} of your engine: {}", capture.samples.rows.size(),
                    capture.samples.rows.size() == 1 ? "" : "s", capture.device.size(),
                    capture.device.size() == 1 ? "" : "s", capture.samples.words),
        capture.seconds);
  }
  return capture;
}

}  // namespace assay::run
