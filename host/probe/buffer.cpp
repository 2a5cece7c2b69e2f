#include "probe/buffer.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace assay::probe {
namespace {

struct Part {
  std::string name;
  uint32_t offset = 0, bytes = 0;
};

bool parse_number(std::string_view text, uint32_t& value) {
  const int base = text.starts_with("0x") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && stop == text.data() + text.size() && !text.empty();
}

Result<std::optional<Part>> part_of(const std::string& asked) {
  if (asked.find('[') == std::string::npos) return std::optional<Part>();
  const auto open = asked.rfind('['), colon = asked.rfind(':');
  Part part;
  const bool formed =
      open != std::string::npos && colon != std::string::npos && colon > open && open > 0 &&
      parse_number(std::string_view(asked).substr(open + 1, colon - open - 1), part.offset) &&
      parse_number(std::string_view(asked).substr(colon + 1, asked.size() - colon - 2), part.bytes) &&
      part.bytes > 0;
  if (!formed)
    return fail("probe.bad_place", fmt::format("'{}' is not of the form NAME[OFFSET:BYTES]", asked));
  part.name = asked.substr(0, open);
  return std::optional(part);
}

}  // namespace

Result<Buffer> find_buffer(const DebugInfo& info, const std::string& asked, BufferUse use) {
  ASSAY_TRY(const std::optional<Part> part, part_of(asked));
  ASSAY_TRY(const Variable variable, info.find_variable(part ? part->name : asked));
  if (use == BufferUse::kInput && variable.read_only) {
    return fail("probe.bad_place",
                fmt::format("'{}' is constant: an input must be written to", variable.name), variable.source);
  }
  if (!part && variable.bytes == 0) {
    return fail("probe.bad_place", fmt::format("the program does not say how large '{}' is", variable.name),
                variable.source, fmt::format("Give the part to use: {}[0:BYTES].", asked));
  }
  if (!part) return Buffer{asked, variable.address, variable.bytes, variable.type, variable.dims};
  if (variable.bytes > 0 && (part->offset > variable.bytes || part->bytes > variable.bytes - part->offset)) {
    return fail("probe.bad_place",
                fmt::format("bytes {} to {} lie outside of '{}', which has {}", part->offset,
                            uint64_t{part->offset} + part->bytes - 1, variable.name, variable.bytes),
                variable.source);
  }
  // A part of raw bytes may hold anything.
  return Buffer{asked, variable.address + part->offset, part->bytes, "", {}};
}

}  // namespace assay::probe
