#include "results/figures.h"

namespace assay::results {
namespace {

using Taken = std::optional<Figure>;

template <class Part, Taken Part::*kMember, std::optional<Part> Summary::*kPart>
Taken member(const Summary& s) {
  return s.*kPart ? (*(s.*kPart)).*kMember : std::nullopt;
}
template <Taken Accuracy::*kMember>
Taken accuracy(const Summary& s) {
  return member<Accuracy, kMember, &Summary::accuracy>(s);
}
template <Taken Latency::*kMember>
Taken latency(const Summary& s) {
  return member<Latency, kMember, &Summary::latency>(s);
}
template <Taken Memory::*kMember>
Taken memory(const Summary& s) {
  return member<Memory, kMember, &Summary::memory>(s);
}
template <Taken Flash::*kMember>
Taken flash(const Summary& s) {
  return member<Flash, kMember, &Summary::flash>(s);
}
template <Taken Link::*kMember>
Taken link(const Summary& s) {
  return member<Link, kMember, &Summary::link>(s);
}

// What the device's answers are: measured, emulated, or of a process.
std::string answer_kind(const Summary& s) {
  return s.target.emulated ? "emulated" : s.target.mode == "process" ? "host" : "measured";
}

template <std::optional<int64_t> Attribution::*kMember>
Taken counted(const Summary& s, const char* unit) {
  if (!s.attribution || !((*s.attribution).*kMember)) return std::nullopt;
  return Figure{.value = static_cast<double>(*((*s.attribution).*kMember)),
                .unit = unit,
                .kind = answer_kind(s),
                .n = s.samples_done};
}
Taken port_bits(const Summary& s) { return counted<&Attribution::port_bits>(s, "bits"); }
Taken rounding_flips(const Summary& s) { return counted<&Attribution::rounding_flips>(s, "flips"); }
Taken compression_flips(const Summary& s) { return counted<&Attribution::compression_flips>(s, "flips"); }

Taken worst_class(const Summary& s) {
  if (!s.accuracy || !s.accuracy->worst_class) return std::nullopt;
  const auto index = static_cast<size_t>(*s.accuracy->worst_class);
  if (*s.accuracy->worst_class < 0 || index >= s.accuracy->classes.size()) return std::nullopt;
  const ClassRow& row = s.accuracy->classes[index];
  if (!row.delta) return std::nullopt;
  return Figure{.value = *row.delta, .unit = "1", .kind = answer_kind(s), .n = row.support};
}

Taken agreement(const Summary& s) {
  if (!s.accuracy || !s.accuracy->agreement) return std::nullopt;
  return Figure{.value = *s.accuracy->agreement, .unit = "1", .kind = answer_kind(s), .n = s.samples_done};
}

struct Row {
  const char* name;
  Area area;
  Better better;
  bool held;
  Taken (*take)(const Summary&);
  double scatter = 0;  // as NamedFigure::scatter
};
// How deep a stack gets depends on where an interrupt found it: the exception frame of a Cortex-M4F with its
// FPU registers (104 bytes) and the handler's own. Of a process it depends on its environment too.
constexpr double kInterruptFrame = 128;
// clang-format off
constexpr Row kFigures[] = {
    {"accuracy.top1", Area::kAccuracy, Better::kHigher, true, accuracy<&Accuracy::device>},
    {"accuracy.delta", Area::kAccuracy, Better::kHigher, false, accuracy<&Accuracy::delta>},
    {"accuracy.worst_class", Area::kAccuracy, Better::kHigher, false, worst_class},
    {"accuracy.agreement", Area::kAccuracy, Better::kHigher, false, agreement},
    {"accuracy.r0", Area::kAccuracy, Better::kHigher, false, accuracy<&Accuracy::r0>},
    {"accuracy.r1", Area::kAccuracy, Better::kHigher, false, accuracy<&Accuracy::r1>},
    {"accuracy.r2", Area::kAccuracy, Better::kHigher, false, accuracy<&Accuracy::r2>},
    {"attribution.compression", Area::kAttribution, Better::kLower, false, compression_flips},
    {"attribution.rounding", Area::kAttribution, Better::kLower, false, rounding_flips},
    {"attribution.port", Area::kAttribution, Better::kLower, true, port_bits},
    {"latency.median", Area::kLatency, Better::kLower, true, latency<&Latency::median>},
    {"latency.p5", Area::kLatency, Better::kLower, false, latency<&Latency::p5>},
    {"latency.p95", Area::kLatency, Better::kLower, true, latency<&Latency::p95>},
    {"latency.min", Area::kLatency, Better::kLower, false, latency<&Latency::min>},
    {"latency.max", Area::kLatency, Better::kLower, false, latency<&Latency::max>},
    {"latency.first", Area::kLatency, Better::kLower, false, latency<&Latency::first>},
    {"memory.ram", Area::kMemory, Better::kLower, true, memory<&Memory::ram_total>, kInterruptFrame},
    {"memory.static", Area::kMemory, Better::kLower, true, memory<&Memory::static_ram>},
    {"memory.arena_planned", Area::kMemory, Better::kLower, true, memory<&Memory::arena_planned>},
    {"memory.arena", Area::kMemory, Better::kLower, true, memory<&Memory::arena_touched>},
    {"memory.stack", Area::kMemory, Better::kLower, true, memory<&Memory::stack_touched>, kInterruptFrame},
    {"memory.io", Area::kMemory, Better::kLower, true, memory<&Memory::io_buffers>},
    {"flash.total", Area::kFlash, Better::kLower, true, flash<&Flash::total>},
    {"flash.firmware", Area::kFlash, Better::kLower, true, flash<&Flash::firmware>},
    {"flash.model", Area::kFlash, Better::kLower, true, flash<&Flash::model>},
    {"link.samples_per_second", Area::kLink, Better::kHigher, false, link<&Link::samples_per_second>},
};
// clang-format on

// Answers and sizes repeat; of times only instructions that an emulator counted.
bool repeats(const Row& row, const Figure& figure, const Summary& s) {
  if (row.area == Area::kLink) return false;
  if (row.area == Area::kLatency) return figure.unit == "instructions" && s.target.mode == "exact";
  return row.scatter == 0;
}

}  // namespace

std::string_view area_name(Area area) {
  constexpr const char* kNames[] = {"accuracy", "attribution", "latency", "memory", "flash", "link"};
  return kNames[static_cast<size_t>(area)];
}

std::vector<NamedFigure> figures_of(const Summary& summary) {
  std::vector<NamedFigure> figures;
  for (const Row& row : kFigures) {
    if (Taken figure = row.take(summary)) {
      const bool exact = repeats(row, *figure, summary);
      figures.push_back({row.name, row.area, row.better, exact, row.held, std::move(*figure), row.scatter});
    }
  }
  return figures;
}

std::optional<NamedFigure> describe_figure(std::string_view name) {
  for (const Row& row : kFigures) {
    if (row.name == name)
      return NamedFigure{row.name, row.area, row.better, false, row.held, {}, row.scatter};
  }
  return std::nullopt;
}

}  // namespace assay::results
