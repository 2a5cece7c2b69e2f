#include "vboard/kept_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace assay::vboard {
namespace {

constexpr size_t kBlock = 0x30000;

tl::unexpected<Error> file_error(const char* verb, const std::string& name, int error) {
  return fail("base.file", fmt::format("cannot {} the kept memory '{}': {}", verb, name, strerror(error)));
}

}  // namespace

Result<KeptMemory> KeptMemory::open(const MemoryMap& map, const std::filesystem::path& folder) {
  KeptMemory kept;
  for (const Region& region : map.regions()) {
    if (!region.persistent) continue;
    const auto path = folder / (region.name + ".mem");
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return file_error("open", path.string(), errno);
    kept.files_[region.name] = fd;
    // Shorter after a change of board.toml, longer never.
    if (ftruncate(fd, static_cast<off_t>(region.size)) != 0) return file_error("size", path.string(), errno);
  }
  return kept;
}

KeptMemory::~KeptMemory() {
  for (const auto& [name, fd] : files_) close(fd);
}

Status KeptMemory::restore(const MemoryMap& map, Bus& bus) const {
  std::vector<uint8_t> block(kBlock);
  for (const Region& region : map.regions()) {
    const auto found = files_.find(region.name);
    if (found == files_.end()) continue;
    const auto size = static_cast<off_t>(region.size);
    for (off_t at = lseek(found->second, 0, SEEK_DATA); at >= 0 && at < size;
         at = lseek(found->second, at, SEEK_DATA)) {
      const off_t hole = std::min(lseek(found->second, at, SEEK_HOLE), size);
      while (at < hole) {
        const auto want = static_cast<size_t>(std::min<off_t>(hole - at, kBlock));
        const ssize_t got = pread(found->second, block.data(), want, at);
        if (got <= 0) return file_error("read", region.name, errno);
        const std::span<const uint8_t> bytes(block.data(), static_cast<size_t>(got));
        ASSAY_CHECK(bus.write_memory(region.address + static_cast<uint32_t>(at), bytes));
        at += got;
      }
    }
  }
  return {};
}

Status KeptMemory::keep(const Region& region, uint64_t offset, std::span<const uint8_t> bytes) const {
  const auto found = files_.find(region.name);
  if (found == files_.end()) return {};
  while (!bytes.empty()) {
    const ssize_t sent = pwrite(found->second, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return file_error("write", region.name, errno);
    bytes = bytes.subspan(static_cast<size_t>(sent));
    offset += static_cast<uint64_t>(sent);
  }
  return {};
}

}  // namespace assay::vboard
