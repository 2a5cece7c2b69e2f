#include "run/tapped_firmware.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"
#include "base/subprocess.h"
#include "probe/elf_image.h"
#include "reference/command.h"

namespace assay::run {
namespace fs = std::filesystem;
namespace {

constexpr double kBuildSeconds = 600;
constexpr size_t kLastWords = 400;  // of a log, in a message

struct Array {
  probe::ElfImage image;
  size_t offset = 0, bytes = 0;  // in the file
};

Result<Array> model_array(const CaseSpec& spec) {
  const config::Engine& engine = spec.profile.profile.engine();
  ASSAY_TRY(probe::ElfImage image, probe::ElfImage::read(engine.firmware()));
  const auto symbol = image.symbol(engine.model_symbol());
  if (!symbol) {
    return fail("diverge.model_symbol", fmt::format("the firmware has no array '{}'", engine.model_symbol()),
                engine.firmware(), "Correct `model_symbol` in [engine]; `assay size ELF` lists the symbols.");
  }
  const auto size = static_cast<size_t>(symbol->size);
  const auto offset = size > 0 ? image.file_offset(symbol->address, size) : std::nullopt;
  if (!offset) {
    return fail("diverge.model_symbol",
                fmt::format("'{}' ({} bytes) has no content in the image that could be overwritten",
                            engine.model_symbol(), size),
                engine.firmware(), "Name the initialised array that holds the .tflite.");
  }
  return Array{std::move(image), *offset, size};
}

Result<fs::path> overwritten(const CaseSpec& spec, std::span<const uint8_t> model, const fs::path& file) {
  ASSAY_TRY(const Array array, model_array(spec));
  if (model.size() > array.bytes) {
    return fail("diverge.model_symbol",
                fmt::format("the tapped model has {} bytes, the array '{}' {}", model.size(),
                            spec.profile.profile.engine().model_symbol(), array.bytes),
                spec.profile.profile.engine().firmware(), "Make the array larger by 64 bytes.");
  }
  const fs::path firmware = spec.profile.profile.engine().firmware();
  ASSAY_TRY(std::vector<uint8_t> bytes, read_bytes(firmware));
  if (array.offset + model.size() > bytes.size())
    return fail("diverge.model_symbol", "the firmware changed while it was read", firmware.string());
  std::copy(model.begin(), model.end(), bytes.begin() + static_cast<std::ptrdiff_t>(array.offset));
  ASSAY_CHECK(write_file(file, bytes));
  return file;
}

void replace_all(std::string& text, std::string_view from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// The end of the log in one line.
std::string last_words(const fs::path& log) {
  auto text = read_text(log);
  if (!text) return "";
  if (text->size() > kLastWords) text->erase(0, text->size() - kLastWords);
  std::replace(text->begin(), text->end(), '\n', ' ');
  while (!text->empty() && text->back() == ' ') text->pop_back();
  return text->empty() ? "" : ", it said: " + *text;
}

Result<fs::path> built(const CaseSpec& spec, const fs::path& model, const fs::path& file,
                       const fs::path& log) {
  const config::Engine& engine = spec.profile.profile.engine();
  ProcessSpec process{.directory = spec.profile.file.parent_path(), .out = Pipe::kFile, .err = Pipe::kFile};
  ASSAY_TRY(process.argv, reference::words_of(engine.build()));
  for (std::string& word : process.argv) {
    replace_all(word, "{model}", model.string());
    replace_all(word, "{firmware}", file.string());
  }
  process.out_file = process.err_file = log;
  const double seconds =
      (engine.build_timeout_s() > 0 ? engine.build_timeout_s() : kBuildSeconds) * spec.timeout_multiplier;
  auto started = Subprocess::start(process);
  if (!started)
    return fail("diverge.build_failed",
                fmt::format("`build` of [engine] cannot start: {}", started.error().message),
                spec.profile.file.string());
  auto ended = started->wait(Deadline::in(std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000))));
  if (!ended) {
    started->stop(std::chrono::milliseconds(200));
    if (ended.error().code == "base.interrupted") return fail(ended.error());
    return fail("diverge.build_failed",
                fmt::format("`build` of [engine] was not done within {:g} s and was stopped{}", seconds,
                            last_words(log)),
                log.string(), "Raise `build_timeout_s` in [engine].");
  }
  if (ended->code != 0 || ended->signal != 0) {
    return fail("diverge.build_failed",
                fmt::format("`build` of [engine] ended with {}{}", ended->text(), last_words(log)),
                log.string());
  }
  std::error_code error;
  if (!fs::is_regular_file(file, error))
    return fail("diverge.build_failed",
                fmt::format("`build` of [engine] ended well but made no {}{}", file.filename().string(),
                            last_words(log)),
                log.string(), "Let the command write the firmware to the file that stands for {firmware}.");
  return file;
}

}  // namespace

bool takes_models(const config::Profile& profile) {
  return !profile.engine().model_symbol().empty() || !profile.engine().build().empty();
}

Result<size_t> room_for_model(const CaseSpec& spec) {
  if (!spec.profile.profile.engine().build().empty()) return SIZE_MAX;
  ASSAY_TRY(const Array array, model_array(spec));
  return array.bytes;
}

Result<fs::path> firmware_with(const CaseSpec& spec, std::span<const uint8_t> model, const fs::path& folder) {
  ASSAY_CHECK(make_directories(folder));
  const fs::path home = fs::absolute(folder), firmware = spec.profile.profile.engine().firmware();
  const fs::path tflite = home / "model.tflite", file = home / ("firmware" + firmware.extension().string());
  ASSAY_CHECK(write_file(tflite, model));
  std::error_code error;
  fs::remove(file, error);  // of an earlier attempt
  Result<fs::path> made = spec.profile.profile.engine().build().empty()
                              ? overwritten(spec, model, file)
                              : built(spec, tflite, file, home / "build.log");
  if (made && !spec.board.has_probe()) {  // it is to be started
    fs::permissions(*made, fs::perms::owner_exec, fs::perm_options::add, error);
    if (error) return fail("base.file", "it cannot be made executable: " + error.message(), made->string());
  }
  return made;
}

}  // namespace assay::run
