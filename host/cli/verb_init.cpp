#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/options.h"
#include "results/npy.h"
#include "run/profile_draft.h"

namespace assay::cli {
namespace fs = std::filesystem;
namespace {

struct InitOptions {
  std::string from, out, data, labels, float_model;
  bool json = false;
};

Result<run::ProfileDraft> draft_of(const run::DraftWishes& wishes) {
  ASSAY_TRY(const auto bytes, read_bytes(wishes.from));
  const bool elf = bytes.size() >= 4 && std::equal(bytes.begin(), bytes.begin() + 4,
                                                   "\x7f"
                                                   "ELF");
  return elf ? run::draft_of_program(wishes) : run::draft_of_model(wishes);
}

Status write_draft(const run::ProfileDraft& draft, const fs::path& folder) {
  const fs::path file = folder / "profile.toml";
  std::error_code error;
  // One that nobody touched since may be written again.
  const auto before = read_text(file);
  if (before ? *before != draft.toml : fs::exists(file, error)) {
    return fail("init.exists", "there is a profile already, which may hold answers of yours", file.string(),
                "Choose another folder with --out, or delete it.");
  }
  if (draft.random_inputs) {
    const fs::path inputs = folder / run::kRandomInputs;
    ASSAY_CHECK(make_directories(inputs.parent_path()));
    ASSAY_CHECK(results::write_npy(inputs, *draft.random_inputs));
  }
  ASSAY_CHECK(make_directories(folder));
  return write_file(file, draft.toml);
}

Result<Exit> init(const InitOptions& options) {
  const fs::path folder = options.out.empty() ? fs::path(options.from).stem() : fs::path(options.out);
  ASSAY_TRY(const run::ProfileDraft draft, draft_of({.from = options.from,
                                                     .folder = folder,
                                                     .data = options.data,
                                                     .labels = options.labels,
                                                     .float_model = options.float_model}));
  ASSAY_CHECK(write_draft(draft, folder));
  const std::string next =
      fmt::format("assay check {}{}", folder.string(), draft.board.empty() ? "" : " --board " + draft.board);
  if (options.json) {
    const nlohmann::ordered_json object = {{"profile", (folder / "profile.toml").string()},
                                           {"board", draft.board},
                                           {"found", draft.found},
                                           {"questions", draft.questions},
                                           {"next", next}};
    fmt::print("{}\n", object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return Exit::kPass;
  }
  fmt::print("wrote  {}\n", (folder / "profile.toml").string());
  for (const std::string& found : draft.found) fmt::print("found  {}\n", found);
  for (const std::string& question : draft.questions) fmt::print("asks   {}\n", question);
  fmt::print("next   {}\n", next);
  return Exit::kPass;
}

}  // namespace

void add_init(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<InitOptions>();
  Options options(verb);
  options.option("--from", choice->from, "A .tflite, or an ELF with or without the agent in it").required();
  options.option("--data", choice->data, "Samples, in a format that docs/datasets.md lists");
  options.option("--labels", choice->labels, "Labels as .csv or .npy, where the data has none");
  options.option("--float", choice->float_model, "The model's float original");
  options.option("--out", choice->out, "Folder for the profile (default: the name of the file)");
  options.flag("--json", choice->json, "Print JSON");
  options.on_chosen(action, [choice] { return init(*choice); });
}

}  // namespace assay::cli
