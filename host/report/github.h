// GitHub workflow commands: annotations on the lines of profile.toml whose gates do not hold.
//
// Few: GitHub shows ten of a step and kind. Text is escaped as the runner undoes it (%25, %0D, %0A; in
// properties %3A and %2C too), so that no name of a class can begin a command of its own.
#pragma once

#include <filesystem>
#include <string>

#include "report/view.h"

namespace assay::report {

// `root`: files below it are named relative to it, as GitHub wants them. One line a command, at least one.
std::string github_annotations(const View& view, const std::filesystem::path& root);
// The same with $GITHUB_WORKSPACE, or the working folder, as the root.
std::string github_commands(const View& view);

}  // namespace assay::report
