// What drafts of models and of programs have in common (profile_draft.h).
#pragma once

#include "run/profile_draft.h"

namespace assay::run {

// A string as TOML writes it, quotes included.
std::string toml_text(const std::string& text);
// `file` as the profile in `folder` names it.
std::string toml_path(const std::filesystem::path& file, const std::filesystem::path& folder);
// [profile], from the name of the file.
std::string identity_section(const ProfileDraft& draft, const std::string& title);
// [data] of what was named, else of random inputs, which it adds to the draft.
std::string data_section(const DraftWishes& wishes, const TensorInfo& input, int64_t outputs,
                         ProfileDraft& draft);
// Adds a question to the draft; returns its line.
std::string question(const std::string& text, ProfileDraft& draft);

}  // namespace assay::run
