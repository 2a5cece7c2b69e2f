#include "probe/flash.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"

namespace assay::probe {
namespace {

// Enough to tell two plans apart by their headers, so that a differing region costs one short read and not a
// failing verify, which prints 128 differences into the log.
constexpr uint32_t kHeadBytes = 64;

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Image::Memory memory_of(const config::Board& board) {
  return board.probe().load() == "flash" ? Image::Memory::kFlash : Image::Memory::kRam;
}

Image image_of(const config::Board& board, const ElfImage& elf) {
  Image image{elf.path(), Image::Format::kElf, memory_of(board), {}};
  for (const Segment& segment : elf.segments()) {
    image.extents.push_back({segment.address, static_cast<uint32_t>(segment.bytes.size())});
  }
  return image;
}

// True when the target holds the image, false when it holds something else.
Result<bool> holds(Probe& probe, const Image& image) {
  auto verified = probe.verify(image);
  if (verified) return true;
  if (verified.error().code == "probe.verify_mismatch") return false;
  return fail(verified.error());
}

Result<BuildId> read_build_id(Probe& probe, uint32_t address) {
  ASSAY_TRY(const auto bytes, probe.read(address, std::tuple_size_v<BuildId>));
  BuildId id;
  std::copy(bytes.begin(), bytes.end(), id.begin());
  return id;
}

// Why the image must be written; empty when the target has it.
Result<std::string> reason_to_write(Probe& probe, const config::Board& board, const Image& image,
                                    const std::optional<BuildId>& wanted) {
  if (wanted) {
    ASSAY_TRY(const BuildId present,
              read_build_id(probe, static_cast<uint32_t>(board.firmware().build_id_address())));
    if (present != *wanted) {
      return fmt::format("other build id {}, wanted {}", build_id_text(present).substr(0, 8),
                         build_id_text(*wanted).substr(0, 8));
    }
  }
  ASSAY_TRY(const bool same, holds(probe, image));
  if (same) return std::string();
  return std::string(wanted ? "same build id but other content"
                            : "other content (the image has no build id)");
}

}  // namespace

Result<FlashOutcome> flash_firmware(Probe& probe, const config::Board& board, const ElfImage& elf) {
  const Stopwatch watch;
  const auto wanted = elf.build_id(static_cast<uint64_t>(board.firmware().build_id_address()));
  const Image image = image_of(board, elf);
  ASSAY_TRY(const std::string reason, reason_to_write(probe, board, image, wanted));
  if (reason.empty()) {
    return FlashOutcome{FlashOutcome::Action::kSkipped, image.bytes(), watch.seconds(),
                        wanted ? "same build id and content" : "same content"};
  }
  ASSAY_CHECK(probe.write(image));
  ASSAY_CHECK(probe.verify(image));
  if (wanted) {
    ASSAY_TRY(const BuildId now,
              read_build_id(probe, static_cast<uint32_t>(board.firmware().build_id_address())));
    if (now != *wanted) {
      return fail("probe.verify_mismatch",
                  fmt::format("after writing {} the board's build id is {}, not {}", elf.path().string(),
                              build_id_text(now), build_id_text(*wanted)));
    }
  }
  return FlashOutcome{FlashOutcome::Action::kWritten, image.bytes(), watch.seconds(), reason};
}

Result<FlashOutcome> write_model_region(Probe& probe, const config::Board& board,
                                        std::span<const uint8_t> plan, const std::filesystem::path& scratch) {
  const Stopwatch watch;
  const auto& region = board.model_region();
  if (!board.has_model_region()) {
    return fail("probe.unsupported", fmt::format("board '{}' has no model region", board.board().name()));
  }
  if (plan.empty()) return fail("probe.write_failed", "the plan is empty");
  if (plan.size() > static_cast<uint64_t>(region.size())) {
    return fail("probe.region_too_small",
                fmt::format("the plan needs {} bytes, {} more than the {} bytes of the model region at "
                            "0x{:08x} of board '{}'",
                            plan.size(), plan.size() - static_cast<uint64_t>(region.size()), region.size(),
                            region.address(), board.board().name()));
  }
  const auto address = static_cast<uint32_t>(region.address());
  const Image image{scratch / "plan.bin",
                    Image::Format::kBinary,
                    memory_of(board),
                    {{address, static_cast<uint32_t>(plan.size())}}};
  ASSAY_CHECK(write_file(image.file, plan));
  const auto head = std::min<uint32_t>(kHeadBytes, static_cast<uint32_t>(plan.size()));
  ASSAY_TRY(const auto present, probe.read(address, head));
  bool same = std::equal(present.begin(), present.end(), plan.begin());
  if (same) {
    ASSAY_TRY(same, holds(probe, image));
  }
  if (same) return FlashOutcome{FlashOutcome::Action::kSkipped, plan.size(), watch.seconds(), "same content"};
  ASSAY_CHECK(probe.write(image));
  ASSAY_CHECK(probe.verify(image));
  return FlashOutcome{FlashOutcome::Action::kWritten, plan.size(), watch.seconds(), "other content"};
}

}  // namespace assay::probe
