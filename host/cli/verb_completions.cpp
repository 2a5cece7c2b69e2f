#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/completions.h"
#include "cli/options.h"

namespace assay::cli {
namespace {

constexpr Shell kShells[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

}  // namespace

std::span<const Shell> shells() { return kShells; }

void add_completions(CLI::App& verb, Action& action) {
  auto shell = std::make_shared<std::string>();
  std::vector<std::string> names;
  for (const Shell& entry : kShells) names.emplace_back(entry.name);
  Options options(verb);
  options.positional("shell", *shell, "Of which shell").required().among(names);
  // The verbs are asked for their options when all of them have declared some.
  options.on_chosen(action, [shell, program = &verb]() -> Result<Exit> {
    const auto found = std::find_if(std::begin(kShells), std::end(kShells),
                                    [&](const Shell& entry) { return entry.name == *shell; });
    fmt::print("{}", found->script(doc_of(root_of(*program))));
    return Exit::kPass;
  });
}

}  // namespace assay::cli
