// Writes the man pages, for installation: assay.1 and one page a verb.
#include <fmt/format.h>

#include <memory>

#include "base/files.h"
#include "cli/options.h"
#include "cli/verb_doc.h"
#include "cli/version.h"

namespace assay::cli {
namespace {

Result<Exit> write_pages(const VerbDoc& program, const std::filesystem::path& folder) {
  ASSAY_CHECK(make_directories(folder));
  const auto write = [&](const std::string& name, const VerbDoc& doc) {
    return write_file(folder / (name + ".1"), std::string_view(man_page(doc, program, version_number())));
  };
  ASSAY_CHECK(write("assay", program));
  for (const VerbDoc& verb : program.below) {
    if (!verb.summary.empty()) ASSAY_CHECK(write("assay-" + verb.name, verb));
  }
  return Exit::kPass;
}

}  // namespace

void add_manual(CLI::App& verb, Action& action) {
  auto folder = std::make_shared<std::string>();
  Options options(verb);
  options.positional("folder", *folder, "Where to").required();
  options.on_chosen(action,
                    [folder, program = &verb] { return write_pages(doc_of(root_of(*program)), *folder); });
}

}  // namespace assay::cli
