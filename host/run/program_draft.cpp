// Drafts of programs: candidates by name and kind, because nothing else tells which function infers.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/catalogue.h"
#include "probe/debug_info.h"
#include "probe/elf_image.h"
#include "run/profile_draft.h"
#include "run/profile_draft_parts.h"

namespace assay::run {
namespace {

constexpr size_t kMostCandidates = 5;

struct Word {
  const char* word;
  int weight;
};
constexpr Word kInferWords[] = {{"invoke", 4},   {"infer", 4},   {"inference", 4}, {"predict", 4},
                                {"classify", 4}, {"forward", 3}, {"run", 2},       {"process", 1}};
constexpr Word kInputWords[] = {{"input", 4},   {"in", 3},     {"features", 3},
                                {"samples", 2}, {"pixels", 2}, {"x", 1}};
constexpr Word kOutputWords[] = {{"output", 4}, {"out", 3},           {"scores", 3}, {"result", 3},
                                 {"logits", 3}, {"probabilities", 3}, {"y", 1}};
// Libraries, start-up code, drivers: never the user's inference.
constexpr const char* kNotTheirs[] = {"assay_", "_", "HAL_", "std::", "__", "arm_", "tflite::"};

// "model_invoke", "modelInvoke", "app::invoke" -> their words in lower case.
std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> words(1);
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    const bool begins = std::isupper(static_cast<unsigned char>(c)) && i > 0 &&
                        std::islower(static_cast<unsigned char>(name[i - 1]));
    if ((!letter || begins) && !words.back().empty()) words.emplace_back();
    if (letter) words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return words;
}

int weight_of(const std::string& name, std::span<const Word> known) {
  for (const char* prefix : kNotTheirs)
    if (name.starts_with(prefix)) return 0;
  int weight = 0;
  for (const std::string& word : words_of(name)) {
    for (const Word& one : known) weight = word == one.word ? std::max(weight, one.weight) : weight;
  }
  return weight;
}

// The heaviest first; among equal ones the largest: a wrapper is smaller than what it wraps, but so is a
// getter.
template <class T>
std::vector<T> candidates(const std::vector<T>& all, std::span<const Word> known, auto&& fits) {
  std::vector<std::pair<int, T>> weighed;
  for (const T& one : all) {
    const int weight = fits(one) ? weight_of(one.name, known) : 0;
    if (weight > 0) weighed.emplace_back(weight, one);
  }
  std::stable_sort(weighed.begin(), weighed.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second.bytes > b.second.bytes;
  });
  std::vector<T> found;
  for (auto& one : weighed) found.push_back(std::move(one.second));
  if (found.size() > kMostCandidates) found.resize(kMostCandidates);
  return found;
}

bool is_buffer(const probe::Variable& variable) {
  return !variable.read_only && variable.bytes > 0 && variable.bytes <= 1u << 20 &&
         (!variable.dims.empty() || variable.type.empty() || variable.bytes > 8);
}

// Of a variable that holds one row; bytes where its type is unknown.
TensorInfo border_of(const probe::Variable* variable) {
  TensorInfo info{.name = "", .type = ElementType::kInt8, .dims = {1, 1}, .scale = 0, .zero_point = 0};
  if (!variable) return info;
  info.name = variable->name;
  const auto type = element_type(variable->type);
  if (type && *type != ElementType::kFloat64 && *type != ElementType::kBool && *type != ElementType::kInt64)
    info.type = *type;
  info.dims = {1, static_cast<int64_t>(variable->bytes / element_size(info.type))};
  return info;
}

std::string border_section(const char* key, const TensorInfo& info, ProfileDraft& draft) {
  std::string text = fmt::format("[[model.{}]]\n", key);
  if (info.name.empty())
    text += question(fmt::format("What is the {} of the model? The line below stands in.", key), draft);
  else
    text += fmt::format("name = {}\n", toml_text(info.name));
  text += fmt::format("type = \"{}\"\ndims = [1, {}]\n", element_name(info.type), info.dims[1]);
  if (info.type != ElementType::kFloat32)
    text +=
        "# scale = 1.0       # real = scale * (q - zero_point), where it is quantised\n# zero_point = 0\n";
  return text + "\n";
}

// Boards into whose memories all of the program fits.
std::vector<std::string> boards_that_fit(const probe::ElfImage& image) {
  std::vector<std::string> found;
  for (const std::string& name : config::board_names()) {
    const auto board = config::load_board(name);
    if (!board || !board->has_probe()) continue;
    const auto inside = [&](uint64_t address, uint64_t bytes) {
      return std::any_of(board->memory().begin(), board->memory().end(), [&](const auto& memory) {
        const auto begin = static_cast<uint64_t>(memory.address());
        return address >= begin && address + bytes <= begin + static_cast<uint64_t>(memory.size());
      });
    };
    const auto& segments = image.segments();
    if (!segments.empty() &&
        std::all_of(segments.begin(), segments.end(), [&](const probe::Segment& segment) {
          return inside(segment.address, segment.bytes.size());
        }))
      found.push_back(name);
  }
  return found;
}

template <class T>
std::string others_of(const char* key, const std::vector<T>& found, bool list) {
  std::string text;
  for (size_t i = 1; i < found.size(); ++i) {
    const std::string where = found[i].source.empty() ? "" : "   # " + found[i].source;
    const std::string value = toml_text(found[i].name);
    text += fmt::format("# {} = {}{}\n", key, list ? "[" + value + "]" : value, where);
  }
  return text;
}

struct Found {
  std::vector<probe::Function> calls;
  std::vector<probe::Variable> inputs, outputs;
};

std::string probe_section(const Found& found, ProfileDraft& draft) {
  std::string text;
  const auto part = [&](const char* key, const auto& list, bool is_list, const char* what) {
    if (list.empty()) {
      text += question(fmt::format("Which {}?", what), draft) +
              fmt::format("# {} = {}\n", key, is_list ? "[\"...\"]" : "\"...\"");
      return;
    }
    const std::string value = toml_text(list[0].name);
    draft.found.push_back(
        fmt::format("{} {}{}", key, list[0].name, list[0].source.empty() ? "" : " (" + list[0].source + ")"));
    text +=
        fmt::format("{} = {}\n", key, is_list ? "[" + value + "]" : value) + others_of(key, list, is_list);
  };
  part("call", found.calls, false, "function infers");
  part("input", found.inputs, true, "variable does it read");
  part("output", found.outputs, true, "variable does it write");
  if (!found.calls.empty() && !found.inputs.empty() && !found.outputs.empty())
    text += question("Are these the function and its buffers? They were found by their names.", draft);
  return text;
}

}  // namespace

Result<ProfileDraft> draft_of_program(const DraftWishes& wishes) {
  ASSAY_TRY(const probe::ElfImage image, probe::ElfImage::read(wishes.from));
  ASSAY_TRY(const probe::DebugInfo info, probe::DebugInfo::read(wishes.from));
  const bool agent = image.symbol("assay_init").has_value();
  const Found found{candidates(info.functions(), kInferWords,
                               [](const probe::Function& f) { return f.bytes > 2 && f.name != "main"; }),
                    candidates(info.variables(), kInputWords, is_buffer),
                    candidates(info.variables(), kOutputWords, is_buffer)};
  const TensorInfo input = border_of(found.inputs.empty() ? nullptr : &found.inputs[0]);
  const TensorInfo output = border_of(found.outputs.empty() ? nullptr : &found.outputs[0]);

  ProfileDraft draft{.name = wishes.from.stem().string()};
  if (!info.has_dwarf())
    draft.found.push_back("no debug information: types are not known; build with -g to have them");
  const auto boards = boards_that_fit(image);
  if (!boards.empty()) draft.board = boards[0];
  if (boards.size() > 1)
    draft.found.push_back(
        fmt::format("its addresses fit {}: choose the one with its core", fmt::join(boards, ", ")));

  const std::string program = toml_text(toml_path(wishes.from, wishes.folder));
  std::string text = identity_section(draft, wishes.from.filename().string());
  text += "[model]\n" +
          question(
              "Which file decides the model (a .tflite, a header of weights)? The program stands in, so that "
              "every "
              "build counts as another model.",
              draft) +
          fmt::format("file = {}\n\n", program);
  text += border_section("input", input, draft) + border_section("output", output, draft);
  text += fmt::format("[engine]\nfirmware = {}\n", program);
  if (agent) {
    draft.found.push_back("the agent is linked: the firmware presents its models itself");
    text += "# model = \"...\"      # which one, where the firmware has several\n";
  } else {
    text += "# Nothing of Assay is in the program: the probe calls it (docs/probe_only.md).\n" +
            probe_section(found, draft);
  }
  text += "\n" + data_section(wishes, input, output.elements(), draft);
  text += question("How is the engine built for this computer (R2)? Without it the port is not attributable.",
                   draft) +
          R"(# [[references.other]]
# name = "host_build"
# level = "R2"
# kind = "command"
# command = "python3 host_build.py"
#
# [[gate]]
# metric = "attribution.port"
# equals = 0
)";
  draft.toml = std::move(text);
  return draft;
}

}  // namespace assay::run
