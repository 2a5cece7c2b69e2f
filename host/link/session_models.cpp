#include <fmt/format.h>

#include <algorithm>

#include "link/session_state.h"
#include "protocol/bounds.h"

namespace assay::link {
namespace {

constexpr uint32_t kMaxTensors = 64, kMaxOps = 65535;

// The product of the dimensions does not overflow.
bool within_transfer(const wire::Tensor& tensor) {
  uint64_t product = 1;
  for (const uint32_t dim : tensor.dims()) {
    if (dim > ASSAY_TRANSFER_MAX || (product *= dim) > ASSAY_TRANSFER_MAX) return false;
  }
  return true;
}

// Why the tensor cannot be used, and what to write instead; empty: it can.
Error tensor_error(const wire::Tensor& tensor, const TensorInfo& info, std::string where) {
  const auto bad = [&](std::string words, std::string remedy) {
    return Error{"link.bad_tensor", fmt::format("tensor '{}' of {} {}", info.name, where, words), where,
                 std::move(remedy)};
  };
  if (tensor.fault() == wire::TENSOR_NO_DATA)
    return bad("has no data: its pointer is NULL",
               "Point assay_tensor.data at the buffer before assay_init.");
  if (tensor.fault() == wire::TENSOR_MISALIGNED) {
    return bad(fmt::format("is misaligned: its data does not lie on a multiple of {} bytes, as {} needs",
                           element_size(info.type), element_name(info.type)),
               fmt::format("Declare the buffer with _Alignas({}), or as an array of its element type.",
                           element_size(info.type)));
  }
  if (tensor.fault() != wire::TENSOR_FINE)
    return bad(fmt::format("cannot be used: fault {}", static_cast<int>(tensor.fault())), "");
  if (info.bytes() != tensor.bytes()) {
    return bad(fmt::format("says {} of shape {} and {} bytes, which do not agree: that shape takes {}",
                           element_name(info.type), info.shape(), tensor.bytes(), info.bytes()),
               "Correct assay_tensor.type, rank, dims or bytes of that tensor.");
  }
  return {};
}

Result<TensorInfo> ask_tensor(Conversation& line, uint32_t model, bool output, uint32_t index) {
  wire::TensorRequest request;
  request.set_model(model);
  request.set_output(output ? 1 : 0);
  request.set_index(index);
  ASSAY_TRY(const auto tensor, ask<wire::Tensor>(line, wire::MESSAGE_TENSOR, request));
  TensorInfo info;
  info.name = printable(tensor.name());
  info.type = static_cast<ElementType>(tensor.type());
  info.dims.assign(tensor.dims().begin(), tensor.dims().end());
  info.scale = static_cast<double>(tensor.scale());
  info.zero_point = tensor.zero_point();
  if (tensor.type() > static_cast<uint32_t>(ElementType::kFloat64) || tensor.dims_size() > ASSAY_RANK_MAX ||
      tensor.bytes() > ASSAY_TRANSFER_MAX || !within_transfer(tensor)) {
    return fail("link.limit",
                fmt::format("tensor '{}' says type {}, shape {} and {} bytes, which cannot be", info.name,
                            tensor.type(), info.shape(), tensor.bytes()),
                line.name());
  }
  Error error =
      tensor_error(tensor, info, fmt::format("model {}, {} {}", model, output ? "output" : "input", index));
  if (!error.code.empty()) return fail(std::move(error));
  return info;
}

}  // namespace

std::string printable(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
  return name;
}

Result<ModelInfo> ask_model(Conversation& line, uint32_t index) {
  wire::ModelInfoRequest request;
  request.set_model(index);
  ASSAY_TRY(const auto model, ask<wire::ModelInfo>(line, wire::MESSAGE_MODEL_INFO, request));
  if (model.input_count() > kMaxTensors || model.output_count() > kMaxTensors || model.op_count() > kMaxOps) {
    return fail("link.limit",
                fmt::format("model '{}' says {} inputs, {} outputs, {} operators", model.name(),
                            model.input_count(), model.output_count(), model.op_count()),
                line.name());
  }
  ModelInfo info;
  info.name = printable(model.name());
  info.engine = printable(model.engine());
  info.hash = printable(model.hash());
  info.op_count = model.op_count();
  info.arena_bytes = model.arena_bytes();
  info.has_op_names = model.op_names();
  info.application_runs = model.application_runs();
  for (const bool output : {false, true}) {
    for (uint32_t i = 0; i < (output ? model.output_count() : model.input_count()); ++i) {
      ASSAY_TRY(TensorInfo tensor, ask_tensor(line, index, output, i));
      (output ? info.outputs : info.inputs).push_back(std::move(tensor));
    }
  }
  return info;
}

Result<std::vector<std::string>> Session::op_names(uint32_t model) {
  ASSAY_TRY(const auto all, models());
  if (model >= all.size())
    return fail("link.refused", fmt::format("there is no model {}", model), state_->line.name());
  std::vector<std::string> names;
  if (!all[model].has_op_names) return names;
  while (names.size() < all[model].op_count) {
    wire::OpNamesRequest request;
    request.set_model(model);
    request.set_first(static_cast<uint32_t>(names.size()));
    ASSAY_TRY(const auto page, ask<wire::OpNames>(state_->line, wire::MESSAGE_OP_NAMES, request));
    if (page.names_size() == 0 || page.total() != all[model].op_count) {
      return fail("link.bad_answer",
                  fmt::format("a page of operator names has {} of {} names, the model {} operators",
                              page.names_size(), page.total(), all[model].op_count),
                  state_->line.name());
    }
    for (const std::string& name : page.names()) names.push_back(printable(name));
  }
  names.resize(all[model].op_count);
  return names;
}

}  // namespace assay::link
