#include "link/session.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "link/inference.h"
#include "link/session_state.h"
#include "link/transfer.h"
#include "protocol/bounds.h"

namespace assay::link {
namespace {

constexpr uint32_t kMaxOps = 65535;
constexpr int kUploadTries = 3;

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return text;
}

BoardInfo board_info(const wire::Board& board) {
  const auto has = [&](wire::Feature feature) { return (board.features() & feature) != 0; };
  BoardInfo info;
  info.board = printable(board.board());
  info.build_id = hex(board.build_id());
  const bool known = board.unit_id().find_first_not_of('\0') != std::string::npos;
  info.unit_id = known ? hex(board.unit_id()) : "";
  info.proto = board.proto();
  info.boot_id = board.boot_id();
  info.reset_cause = board.reset_cause();
  info.mtu = board.mtu();
  info.window = board.window();
  info.core_clock_hz = board.core_clock_hz();
  info.tick_hz = board.tick_hz();
  info.clock = static_cast<ClockKind>(board.clock());
  info.tick_numerator = board.tick_numerator();
  info.tick_denominator = board.tick_denominator();
  info.model_count = board.model_count();
  info.emulated = board.emulated();
  info.has_fault = board.has_fault();
  info.has_ticks = has(wire::FEATURE_TICKS);
  info.has_ops = has(wire::FEATURE_OPS);
  info.has_marker = has(wire::FEATURE_MARKER);
  info.has_quiet = has(wire::FEATURE_QUIET);
  info.has_stack = has(wire::FEATURE_STACK);
  info.has_reset = has(wire::FEATURE_RESET);
  info.has_spans = has(wire::FEATURE_SPANS);
  info.has_taps = has(wire::FEATURE_TAPS);
  info.has_observe = has(wire::FEATURE_OBSERVE);
  info.same_schema = board.schema_hash() == ASSAY_SCHEMA_HASH;
  return info;
}

}  // namespace

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::connect(std::unique_ptr<ByteStream> stream, LinkOptions options) {
  auto state = std::make_unique<State>(std::move(stream), std::move(options));
  ASSAY_CHECK(state->line.connect());
  state->board = board_info(state->line.board());
  return Session(std::move(state));
}

const BoardInfo& Session::board() const { return state_->board; }
LinkStats Session::stats() const { return state_->line.stats(); }

Result<std::vector<ModelInfo>> Session::models() {
  if (state_->models.empty()) {
    std::vector<ModelInfo> models;
    for (uint32_t i = 0; i < state_->board.model_count; ++i) {
      ASSAY_TRY(ModelInfo model, ask_model(state_->line, i));
      models.push_back(std::move(model));
    }
    state_->models = std::move(models);
  }
  return state_->models;
}

Status Session::upload(uint32_t model, uint32_t input, std::span<const uint8_t> bytes) {
  if (bytes.size() > ASSAY_TRANSFER_MAX)
    return fail("link.limit", fmt::format("{} bytes are more than a transfer holds", bytes.size()),
                state_->line.name());
  wire::Status status = wire::STATUS_BAD_CRC;
  for (int attempt = 0; attempt < kUploadTries && status == wire::STATUS_BAD_CRC; ++attempt) {
    ASSAY_TRY(status, upload_object(state_->line, state_->next_transfer(), model, input, bytes));
  }
  if (status != wire::STATUS_OK) return fail(refusal(wire::MESSAGE_CLOSE, status, state_->line.name()));
  return {};
}

Result<InvokeResult> Session::invoke(uint32_t model, const InvokeOptions& options) {
  std::vector<Pieces> none;
  ASSAY_TRY(const Invoked invoked, run_invoke(state_->line, {.model = model, .options = options}, none));
  return invoked.result;
}

Result<std::vector<uint8_t>> Session::download(uint32_t model, uint32_t output, uint32_t generation) {
  ASSAY_TRY(const auto all, models());
  if (model >= all.size() || output >= all[model].outputs.size()) {
    return fail("link.refused", fmt::format("model {} has no output {}", model, output), state_->line.name());
  }
  Pieces pieces(all[model].outputs[output].bytes());
  ASSAY_CHECK(fill_holes(state_->line, model, output, generation, pieces));
  return pieces.take();
}

Result<Inference> Session::infer_hop(uint32_t model, std::span<const std::span<const uint8_t>> inputs,
                                     const InvokeOptions& options) {
  Conversation& line = state_->line;
  const auto& all = state_->models;  // infer() asked for them
  for (uint32_t i = 0; i + 1 < inputs.size(); ++i) ASSAY_CHECK(upload(model, i, inputs[i]));
  std::vector<Pieces> outputs;
  for (const TensorInfo& tensor : all[model].outputs) outputs.emplace_back(tensor.bytes());
  InvokeRequest request{.model = model, .options = options, .push = true};
  const uint32_t last = static_cast<uint32_t>(inputs.size()) - 1;
  const bool burst = !inputs.empty() && inputs[last].size() == all[model].inputs[last].bytes() &&
                     fits_window(line.board(), inputs[last].size());
  if (burst) {
    request.transfer = state_->next_transfer();
    request.crc32 = crc32_of(inputs[last]);
    request.bytes_ahead = inputs[last].size();
    ASSAY_CHECK(burst_up(line, request.transfer, model, last, inputs[last]));
  } else if (!inputs.empty()) {
    ASSAY_CHECK(upload(model, last, inputs[last]));
  }
  ASSAY_TRY(Invoked invoked, run_invoke(line, request, outputs));
  if (invoked.input_missing) {  // part of the burst was lost and nothing ran: again, with flow control
    line.count_retry();
    ASSAY_CHECK(upload(model, last, inputs[last]));
    request.transfer = 0;
    request.bytes_ahead = 0;
    ASSAY_TRY(invoked, run_invoke(line, request, outputs));
  }
  Inference inference{invoked.result, {}};
  for (uint32_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].complete()) line.count_retry();
    ASSAY_CHECK(fill_holes(line, model, i, invoked.result.generation, outputs[i]));
    inference.outputs.push_back(outputs[i].take());
  }
  return inference;
}

Result<std::vector<OpRecord>> Session::op_records() {
  std::vector<OpRecord> records;
  for (uint32_t total = 1; records.size() < total;) {
    wire::OpPageRequest request;
    request.set_first(static_cast<uint32_t>(records.size()));
    ASSAY_TRY(const auto page, ask<wire::OpPage>(state_->line, wire::MESSAGE_OP_PAGE, request));
    total = page.total();
    if (page.ticks_size() == 0 || page.ticks_size() != page.calls_size() ||
        page.ticks_size() > ASSAY_OP_PAGE || total > kMaxOps) {
      return fail(
          "link.bad_answer",
          fmt::format("a page of operators has {} times and {} counts", page.ticks_size(), page.calls_size()),
          state_->line.name());
    }
    for (int i = 0; i < page.ticks_size() && records.size() < total; ++i)
      records.push_back({page.ticks(i), page.calls(i)});
  }
  return records;
}

Result<MemoryUse> Session::memory(uint32_t model) {
  wire::MemoryRequest request;
  request.set_model(model);
  ASSAY_TRY(const auto memory, ask<wire::Memory>(state_->line, wire::MESSAGE_MEMORY, request));
  const auto known = [](uint32_t bytes) { return bytes ? std::optional(bytes) : std::nullopt; };
  return MemoryUse{known(memory.static_bytes()), known(memory.arena_planned()), known(memory.arena_touched()),
                   known(memory.stack_bytes()),  known(memory.stack_touched()), known(memory.io_bytes()),
                   known(memory.agent_bytes())};
}

Status Session::listen(Deadline until) {
  while (!until.passed()) ASSAY_CHECK(state_->line.next(until));
  return {};
}

Status Session::check() { return state_->line.recover(); }

Status Session::reset() {
  wire::MemoryRequest nothing;
  ASSAY_TRY(const Reply reply, state_->line.request(wire::MESSAGE_RESET, nothing));
  if (reply.status != wire::STATUS_OK)
    return fail(refusal(wire::MESSAGE_RESET, reply.status, state_->line.name()));
  (void)state_->line.end(
      {"link.target_reset", "this session asked the board to restart", state_->line.name(), ""});
  return {};
}

}  // namespace assay::link
