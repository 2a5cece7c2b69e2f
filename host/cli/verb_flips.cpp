#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/options.h"
#include "cli/terminal.h"
#include "report/format.h"
#include "results/run_folder.h"

namespace assay::cli {
namespace {

using Json = nlohmann::ordered_json;
using results::Flip;

struct FlipsOptions {
  std::string run = "@last", out = "out";
  bool json = false, csv = false;
};

std::string class_text(const std::vector<std::string>& classes, int index) {
  if (index < 0) return "-";
  return static_cast<size_t>(index) < classes.size() ? classes[static_cast<size_t>(index)]
                                                     : std::to_string(index);
}

Json class_json(int index) { return index < 0 ? Json(nullptr) : Json(index); }

void print_json(const results::Summary& summary, const std::vector<Flip>& flips) {
  Json rows = Json::array();
  for (const Flip& flip : flips) {
    rows.push_back({{"sample", flip.sample},
                    {"index", flip.index},
                    {"truth", class_json(flip.truth)},
                    {"reference", class_json(flip.reference)},
                    {"device", class_json(flip.device)},
                    {"r1", class_json(flip.r1)},
                    {"r2", class_json(flip.r2)},
                    {"reference_margin", flip.reference_margin},
                    {"device_margin", flip.device_margin},
                    {"kind", flip.kind},
                    {"envelope", flip.envelope}});
  }
  const Json object = {{"run", summary.run_id},
                       {"baseline_level", summary.accuracy ? summary.accuracy->baseline_level : ""},
                       {"classes", summary.dataset.classes},
                       {"flips", rows}};
  fmt::print("{}\n", object.dump(2, ' ', false, Json::error_handler_t::replace));
}

void print_table(const results::Summary& summary, const std::vector<Flip>& flips) {
  if (flips.empty()) {
    fmt::print("No flips: the device answers as its reference on all {} samples of run {}.\n",
               summary.samples_done, summary.run_id);
    return;
  }
  bool marked = false;
  std::vector<std::vector<std::string>> rows;
  for (const Flip& flip : flips) {
    marked = marked || flip.envelope;
    rows.push_back({flip.sample, class_text(summary.dataset.classes, flip.truth),
                    class_text(summary.dataset.classes, flip.reference),
                    class_text(summary.dataset.classes, flip.device),
                    fmt::format("{:.3f}", flip.reference_margin), fmt::format("{:.3f}", flip.device_margin),
                    flip.kind, flip.envelope ? "~" : ""});
  }
  fmt::print("{}", table({"sample", "truth", "reference", "device", ">margin", ">device", "kind", ""}, rows,
                         columns(STDOUT_FILENO)));
  const std::string words = fmt::format(
      "{} of {} samples, by falling margin of the reference: confident ones suggest a fault, small "
      "margins rounding.",
      report::plural(static_cast<int64_t>(flips.size()), "flip"), summary.samples_done);
  fmt::print("\n");
  for (const std::string& line : wrapped(words, columns(STDOUT_FILENO))) fmt::print("{}\n", line);
  if (marked) fmt::print("~ the desktop runtimes disagree among themselves on it\n");
}

Result<Exit> flips(const FlipsOptions& options) {
  ASSAY_TRY(const std::filesystem::path path, results::resolve_run(options.run, options.out));
  ASSAY_TRY(const results::RunFolder folder, results::RunFolder::open(path));
  if (!folder.has(results::file::kFlips)) {
    return fail("results.bad_run",
                fmt::format("run {} has no list of flips: it ended before the comparison", folder.id()),
                path.string(), "Go on with it: assay run --resume RUN.");
  }
  ASSAY_TRY(const results::Summary summary, folder.read_summary());
  ASSAY_TRY(const std::vector<Flip> all, folder.read_flips());
  if (options.csv) {
    fmt::print("{}", results::flips_text(all));
  } else if (options.json) {
    print_json(summary, all);
  } else {
    print_table(summary, all);
  }
  return Exit::kPass;
}

}  // namespace

void add_flips(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<FlipsOptions>();
  Options options(verb);
  options.positional("run", choice->run, "A run folder, the start of its id or name, or @last");
  options.option("--out", choice->out, "Folder of run folders");
  options.flag("--csv", choice->csv, "Print CSV, as flips.csv");
  options.flag("--json", choice->json, "Print JSON");
  options.on_chosen(action, [choice] { return flips(*choice); });
}

}  // namespace assay::cli
