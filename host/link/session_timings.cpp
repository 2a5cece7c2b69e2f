// Spans and observed inferences, and their deadlines.
#include <fmt/format.h>

#include "link/session_state.h"
#include "protocol/bounds.h"

namespace assay::link {
namespace {

constexpr uint32_t kMaxRecords = 256, kMaxBins = 1024, kOctaveMin = 3, kOctaveMax = 31;

std::string record_name(TimingOf of, uint32_t index) {
  return fmt::format("{} {}", of == TimingOf::kSpan ? "span" : "model", index);
}

// Of the bins that can hold something, which is where the fastest and the slowest lie.
Status ask_bins(Conversation& line, TimingOf of, uint32_t index, Timing& timing) {
  if (timing.bins.empty() || timing.count == 0) return {};
  const size_t last = timing.bins.size() - 1;
  size_t at = bin_of(timing.ticks_min, timing.first_octave, timing.bins.size());
  // What is counted meanwhile may lie anywhere; only the bins that the record's extremes span are read, so
  // a percentile never leaves them.
  const size_t end = std::min(last, bin_of(timing.ticks_max, timing.first_octave, timing.bins.size())) + 1;
  while (at < end) {
    wire::BinsRequest request;
    request.set_of(static_cast<uint32_t>(of));
    request.set_index(index);
    request.set_first(static_cast<uint32_t>(at));
    ASSAY_TRY(const auto page, ask<wire::Bins>(line, wire::MESSAGE_BINS, request));
    if (page.counts_size() == 0 || page.counts_size() > ASSAY_BIN_PAGE) {
      return fail(
          "link.bad_answer",
          fmt::format("a page of bins of {} has {} counts", record_name(of, index), page.counts_size()),
          line.name());
    }
    for (int i = 0; i < page.counts_size() && at < end; ++i) timing.bins[at++] = page.counts(i);
  }
  return {};
}

Result<Timing> ask_timing(Conversation& line, TimingOf of, uint32_t index, uint32_t& total) {
  wire::TimingRequest request;
  request.set_of(static_cast<uint32_t>(of));
  request.set_index(index);
  ASSAY_TRY(const auto told, ask<wire::Timing>(line, wire::MESSAGE_TIMING, request));
  total = told.total();
  if (total > kMaxRecords || told.bins() > kMaxBins ||
      (told.bins() > 0 && (told.first_octave() < kOctaveMin || told.first_octave() > kOctaveMax))) {
    return fail("link.limit",
                fmt::format("{} says {} records, {} bins from octave {}", record_name(of, index), total,
                            told.bins(), told.first_octave()),
                line.name());
  }
  Timing timing;
  timing.name = printable(told.name());
  timing.count = told.count();
  timing.misses = told.misses();
  timing.deadline_ticks = told.deadline_ticks();
  timing.ticks = told.ticks();
  timing.ticks_min = told.ticks_min();
  timing.ticks_max = told.ticks_max();
  timing.now_ticks = told.now_ticks();
  timing.first_octave = told.first_octave();
  timing.bins.resize(told.bins());
  ASSAY_CHECK(ask_bins(line, of, index, timing));
  return timing;
}

}  // namespace

Result<std::vector<Timing>> Session::timings(TimingOf of) {
  std::vector<Timing> all;
  for (uint32_t index = 0, total = 1; index < total; ++index) {
    ASSAY_TRY(Timing timing, ask_timing(state_->line, of, index, total));
    all.push_back(std::move(timing));
  }
  return all;
}

Status Session::clear_timings() {
  ASSAY_TRY(const Reply reply,
            state_->line.request(wire::MESSAGE_CLEAR_TIMINGS, wire::ClearTimingsRequest()));
  if (reply.status == wire::STATUS_OK) return {};
  return fail(refusal(wire::MESSAGE_CLEAR_TIMINGS, reply.status, state_->line.name()));
}

Status Session::set_deadline(TimingOf of, uint32_t index, uint32_t ticks) {
  wire::SetDeadline request;
  request.set_of(static_cast<uint32_t>(of));
  request.set_index(index);
  request.set_ticks(ticks);
  ASSAY_TRY(const Reply reply, state_->line.request(wire::MESSAGE_SET_DEADLINE, request));
  if (reply.status == wire::STATUS_OK) return {};
  return fail(refusal(wire::MESSAGE_SET_DEADLINE, reply.status,
                      fmt::format("{}, {}", record_name(of, index), state_->line.name())));
}

}  // namespace assay::link
