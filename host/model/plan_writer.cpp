#include "model/plan_writer.h"

#include <cstring>

#include "base/digest.h"
#include "engine/plan.h"

namespace assay::model {
namespace {

class PlanBytes {
 public:
  uint32_t append(const void* data, size_t bytes, size_t alignment) {
    bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment);
    const auto offset = static_cast<uint32_t>(bytes_.size());
    const auto* from = static_cast<const uint8_t*>(data);
    bytes_.insert(bytes_.end(), from, from + bytes);
    return offset;
  }
  uint32_t append(const std::string& text) { return append(text.c_str(), text.size() + 1, 1); }
  template <class T>
  uint32_t append(const std::vector<T>& items, size_t alignment) {
    return append(items.data(), items.size() * sizeof(T), alignment);
  }
  // Overwrites earlier bytes.
  template <class T>
  void put(uint32_t offset, const std::vector<T>& items) {
    if (!items.empty()) std::memcpy(bytes_.data() + offset, items.data(), items.size() * sizeof(T));
  }
  std::vector<uint8_t>& bytes() { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

// Plans list only what runs: model inputs and outputs, and what operators read and write.
struct TensorTable {
  std::vector<int> position;  // per tensor of the graph; -1: not in the plan
  std::vector<int> tensors;   // per tensor of the plan

  explicit TensorTable(size_t count) : position(count, -1) {}
  uint16_t of(int tensor) {
    int& at = position[static_cast<size_t>(tensor)];
    if (at < 0) {
      at = static_cast<int>(tensors.size());
      tensors.push_back(tensor);
    }
    return static_cast<uint16_t>(at);
  }
};

engine::PlanTensor describe(const Tensor& tensor, uint32_t offset) {
  engine::PlanTensor to{};
  to.offset = offset;
  to.bytes = static_cast<uint32_t>(tensor.info.bytes());
  to.type = static_cast<uint8_t>(tensor.info.type);
  to.rank = static_cast<uint8_t>(tensor.info.dims.size());
  to.storage = static_cast<uint8_t>(tensor.constant ? engine::Storage::kPlan : engine::Storage::kArena);
  for (size_t d = 0; d < tensor.info.dims.size(); ++d)
    to.dims[d] = static_cast<uint32_t>(tensor.info.dims[d]);
  to.scale = static_cast<float>(tensor.info.scale);
  to.zero_point = static_cast<int32_t>(tensor.info.zero_point);
  return to;
}

}  // namespace

std::vector<uint8_t> write_plan(const Graph& graph, const std::vector<PlannedOp>& ops,
                                const std::vector<uint64_t>& offsets, uint64_t arena_bytes,
                                const std::string& sha256) {
  TensorTable table(graph.tensors.size());
  std::vector<uint16_t> io;
  for (int input : graph.inputs) io.push_back(table.of(input));
  for (int output : graph.outputs) io.push_back(table.of(output));
  std::vector<std::vector<uint16_t>> operands(ops.size());
  for (size_t i = 0; i < ops.size(); ++i) {
    for (uint8_t input : ops[i].packed.read_inputs)
      operands[i].push_back(table.of(graph.ops[i].inputs[input]));
    operands[i].push_back(table.of(graph.ops[i].output));
  }

  engine::PlanHeader header{};
  PlanBytes plan;
  plan.append(&header, sizeof header, 1);
  std::vector<engine::PlanTensor> tensors(table.tensors.size());
  std::vector<engine::PlanOp> records(ops.size());
  header.tensors = plan.append(tensors, 4);
  header.ops = plan.append(records, 4);
  header.io = plan.append(io, 2);
  for (size_t i = 0; i < ops.size(); ++i) records[i].tensors = plan.append(operands[i], 2);
  header.name = plan.append(graph.name.substr(0, graph.name.find('\0')));
  header.hash = plan.append(sha256);
  for (size_t t = 0; t < tensors.size(); ++t) {
    const auto index = static_cast<size_t>(table.tensors[t]);
    const Tensor& tensor = graph.tensors[index];
    tensors[t] = describe(
        tensor, tensor.constant ? plan.append(tensor.data, 8) : static_cast<uint32_t>(offsets[index]));
  }
  for (size_t i = 0; i < ops.size(); ++i) {
    engine::PlanOp& record = records[i];
    record.kernel_set = static_cast<uint8_t>(ops[i].kernel_set);
    record.code = static_cast<uint8_t>(graph.ops[i].code);
    record.input_count = static_cast<uint8_t>(ops[i].packed.read_inputs.size());
    record.output_count = 1;
    record.parameters = plan.append(ops[i].packed.parameters, engine::kPlanAlignment);
    record.parameter_bytes = static_cast<uint32_t>(ops[i].packed.parameters.size());
    record.scratch = static_cast<uint32_t>(ops[i].scratch_offset);
    record.scratch_bytes = ops[i].packed.scratch_bytes;
  }
  plan.put(header.tensors, tensors);
  plan.put(header.ops, records);

  header.magic = engine::kPlanMagic;
  header.version = engine::kPlanVersion;
  header.header_bytes = sizeof header;
  header.arena_bytes = static_cast<uint32_t>(arena_bytes);
  header.tensor_count = static_cast<uint16_t>(tensors.size());
  header.op_count = static_cast<uint16_t>(ops.size());
  header.input_count = static_cast<uint8_t>(graph.inputs.size());
  header.output_count = static_cast<uint8_t>(graph.outputs.size());
  plan.append(nullptr, 0, engine::kPlanAlignment);
  header.plan_bytes = static_cast<uint32_t>(plan.bytes().size());
  plan.put(0, std::vector{header});
  header.crc32 = crc32_of(std::span<const uint8_t>(plan.bytes()).subspan(engine::kPlanChecksumStart));
  plan.put(0, std::vector{header});
  return std::move(plan.bytes());
}

}  // namespace assay::model
