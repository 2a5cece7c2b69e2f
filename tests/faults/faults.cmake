# The faults: one line each, as people make them.

# Rounds toward minus infinity where the reference rounds to nearest, twice.
assay_seed_fault(rounding depthwise_conv2d
  "to_int8(a" "truncated_int8(a"
  "struct Taps {" "inline int8_t truncated_int8(int32_t sum, const Channel& channel, const OutputRange& range) {
  const int64_t product = static_cast<int64_t>(sum) * channel.multiplier >> 31@SEMICOLON@
  const auto scaled = static_cast<int32_t>(channel.shift >= 0 ? product << channel.shift : product >> -channel.shift)@SEMICOLON@
  return static_cast<int8_t>(clamp(scaled + range.zero_point, range.low, range.high))@SEMICOLON@
}
struct Taps {")

# A float kernel whose compiler may fuse multiply and add: one rounding instead of two. Needs a core that can.
if(CMAKE_SYSTEM_NAME STREQUAL "Generic")
  assay_fault_agent(contraction ${kernels}/conv2d_f32.cpp -ffp-contract=fast)
  return()  # two images prove that a real core is seen through; the others are the same code
endif()
include(CheckCXXSourceRuns)
set(CMAKE_REQUIRED_FLAGS -mfma)
check_cxx_source_runs("int main() { return __builtin_cpu_supports(\"fma\") ? 0 : 1; }" ASSAY_HOST_HAS_FMA)
unset(CMAKE_REQUIRED_FLAGS)
if(ASSAY_HOST_HAS_FMA)
  assay_fault_agent(contraction ${kernels}/conv2d_f32.cpp -mfma -ffp-contract=fast)
endif()

# Height and width swapped where a pixel is addressed.
assay_seed_fault(swapped_axis depthwise_conv2d "(y * w.in_w + x) * w.in_c" "(x * w.in_w + y) * w.in_c")

# SAME padding of 3x3 with stride 2 taken to be symmetric, as another framework has it.
assay_seed_fault(off_by_one_pad conv2d
  "- w.pad_h@SEMICOLON@" "- w.pad_h - (w.stride_h == 2 && w.filter_h == 3)@SEMICOLON@"
  "- w.pad_w@SEMICOLON@" "- w.pad_w - (w.stride_w == 2 && w.filter_w == 3)@SEMICOLON@")

# The border of a patch is what the pixel before left in the scratch buffer.
assay_seed_fault(stale_scratch conv2d "memset(patch, zero_point, row_bytes * w.filter_h)" "(void)zero_point")

# A sum that is never cleared.
assay_seed_fault(stale_accumulator mean "int32_t sum = p.channel.bias@SEMICOLON@" "static int32_t sum = 0@SEMICOLON@ sum += p.channel.bias@SEMICOLON@")

# Every result of one operator, the one that ASSAY_FAULT_OPERATOR counts to, is one step too high: wherever a bug may sit.
assay_seed_fault(one_lsb ../../engine
  "#include \"engine.h\"" "#include <stdlib.h>\n\n#include \"engine/engine.h\""
  "\"kernels/kernel.h\"" "\"engine/kernels/kernel.h\""
  "\"plan.h\"" "\"engine/plan.h\""
  "\"plan_check.h\"" "\"engine/plan_check.h\""
  "}  // namespace\n\nStatus Engine::open" "void spoil(const OpContext& context, int op) {
  const char* wanted = getenv(\"ASSAY_FAULT_OPERATOR\")@SEMICOLON@
  const PlanTensor& output = context.output_tensor()@SEMICOLON@
  if (!wanted || atoi(wanted) != op || output.type != static_cast<uint8_t>(Type::kInt8)) return@SEMICOLON@
  int8_t* values = static_cast<int8_t*>(context.output())@SEMICOLON@
  for (uint32_t i = 0@SEMICOLON@ i < output.bytes@SEMICOLON@ ++i) values[i] = static_cast<int8_t>(values[i] == 127 ? 126 : values[i] + 1)@SEMICOLON@
}

}  // namespace

Status Engine::open"
  "kernel->run(context)@SEMICOLON@" "kernel->run(context)@SEMICOLON@
    spoil(context, i)@SEMICOLON@")
