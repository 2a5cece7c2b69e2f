#include "model/tapped_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <numeric>

#include "model/tflite_import.h"
#include "tflite_generated.h"

namespace assay::model {
namespace {

constexpr size_t kLimit = size_t{1} << 31;  // FlatBuffers' offsets
constexpr int kMaxOperator = 65535;

struct Taps {
  std::vector<int32_t> outputs;
  std::vector<TappedOutput> added;
};

Status add_outputs(const format::SubGraph& graph, int op, const std::string& where, Taps& taps) {
  const auto* outputs = graph.operators()->Get(static_cast<flatbuffers::uoffset_t>(op))->outputs();
  for (size_t i = 0; outputs && i < outputs->size(); ++i) {
    const int32_t tensor = outputs->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (tensor < 0 || !graph.tensors() || static_cast<size_t>(tensor) >= graph.tensors()->size())
      return fail("model.bad_index",
                  fmt::format("operator {} writes tensor {}, which there is not", op, tensor), where);
    if (std::find(taps.outputs.begin(), taps.outputs.end(), tensor) != taps.outputs.end()) continue;
    const auto* name = graph.tensors()->Get(static_cast<flatbuffers::uoffset_t>(tensor))->name();
    taps.outputs.push_back(tensor);
    taps.added.push_back({op, tensor, name ? name->str() : fmt::format("tensor{}", tensor)});
  }
  return {};
}

// The one graph of the file.
Result<const format::SubGraph*> tappable(const std::vector<uint8_t>& bytes, const std::string& name) {
  ASSAY_CHECK(verify_tflite(bytes, name));
  const auto* model = format::GetModel(bytes.data());
  if (!model->subgraphs() || model->subgraphs()->size() != 1)
    return fail("model.unsupported_feature", "only models of one subgraph can be tapped", name);
  const format::SubGraph* graph = model->subgraphs()->Get(0);
  if (!graph->outputs() || graph->outputs()->size() == 0 || !graph->operators())
    return fail("model.unsupported_feature", "the model has no outputs or no operators", name);
  return graph;
}

tl::unexpected<Error> no_such_operator(int op, int count, const std::string& name) {
  return fail("config.value", fmt::format("there is no operator {}: the model has {}", op, count), name);
}

void append_word(std::vector<uint8_t>& bytes, uint32_t word) {
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<uint8_t>(word >> shift));
}

bool read_number(std::string_view text, int& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0 && value <= kMaxOperator;
}

}  // namespace

Result<TappedModel> tap_model(std::span<const uint8_t> file, const std::string& name,
                              const std::vector<int>& ops) {
  // The copy is aligned, and it is what the result is made of.
  TappedModel tapped{{file.begin(), file.end()}, {}, 0};
  std::vector<uint8_t>& bytes = tapped.bytes;
  ASSAY_TRY(const format::SubGraph* only, tappable(bytes, name));
  const format::SubGraph& graph = *only;
  Taps taps{{graph.outputs()->begin(), graph.outputs()->end()}, {}};
  std::vector<int> chosen = ops;
  const auto count = static_cast<int>(graph.operators()->size());
  if (chosen.empty()) {
    chosen.resize(static_cast<size_t>(count));
    std::iota(chosen.begin(), chosen.end(), 0);
  }
  for (int op : chosen) {
    if (op < 0 || op >= count) return no_such_operator(op, count, name);
    ASSAY_CHECK(add_outputs(graph, op, name, taps));
  }
  tapped.added = std::move(taps.added);
  tapped.outputs = taps.outputs.size();

  // The field holds the distance from itself to its vector, which may lie anywhere behind it.
  const auto field =
      static_cast<size_t>(reinterpret_cast<const uint8_t*>(&graph) - bytes.data()) +
      reinterpret_cast<const flatbuffers::Table&>(graph).GetOptionalFieldOffset(format::SubGraph::VT_OUTPUTS);
  bytes.resize((bytes.size() + 3) / 4 * 4);
  const size_t vector = bytes.size();
  if (vector + 4 * (taps.outputs.size() + 1) > kLimit)
    return fail("model.unsupported_feature", "the file is too large for FlatBuffers", name);
  append_word(bytes, static_cast<uint32_t>(taps.outputs.size()));
  for (int32_t tensor : taps.outputs) append_word(bytes, static_cast<uint32_t>(tensor));
  const auto distance = static_cast<uint32_t>(vector - field);
  std::memcpy(bytes.data() + field, &distance, sizeof distance);
  return tapped;
}

Result<std::vector<uint8_t>> model_ending_at(std::span<const uint8_t> file, const std::string& name, int op) {
  std::vector<uint8_t> bytes(file.begin(), file.end());
  ASSAY_TRY(const format::SubGraph* graph, tappable(bytes, name));
  const auto count = static_cast<int>(graph->operators()->size());
  if (op < 0 || op >= count) return no_such_operator(op, count, name);
  Taps taps;
  ASSAY_CHECK(add_outputs(*graph, op, name, taps));
  if (taps.outputs.size() != 1)
    return fail("model.unsupported_feature",
                fmt::format("operator {} has {} outputs, not 1", op, taps.outputs.size()), name);
  // A list that something else shares would change there too; writers of the format share none.
  const auto* list = reinterpret_cast<const uint8_t*>(graph->outputs()->Data());
  std::memcpy(bytes.data() + (list - bytes.data()), &taps.outputs[0], sizeof taps.outputs[0]);
  return bytes;
}

Result<std::vector<int>> parse_operators(const std::string& text) {
  std::vector<int> ops;
  if (text == "all") return ops;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    const std::string_view part = std::string_view(text).substr(at, end - at);
    const size_t dash = part.find('-');
    int first = 0, last = 0;
    const bool good =
        read_number(part.substr(0, dash), first) &&
        (dash == std::string_view::npos ? (last = first, true) : read_number(part.substr(dash + 1), last));
    if (!good || last < first) {
      return fail("config.value", fmt::format("'{}' names no operators", part), "--ops",
                  "Write all, or indices and ranges: 0,3,7-9.");
    }
    for (int op = first; op <= last; ++op) ops.push_back(op);
    at = end + 1;
  }
  return ops;
}

}  // namespace assay::model
