#include "probe/operator_names.h"

#include <algorithm>
#include <string>

namespace assay::probe {
namespace {

// '*' stands for any characters.
bool matches(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

struct Rule {
  std::string_view symbol, op;
};
// The first that matches counts.
constexpr Rule kRules[] = {
    // Assay's own engine: namespace and file of each kernel.
    {"assay::engine::*depthwise_conv2d*", "DEPTHWISE_CONV_2D"},
    {"assay::engine::*conv2d*", "CONV_2D/FULLY_CONNECTED"},
    {"assay::engine::*average_pool2d*", "AVERAGE_POOL_2D"},
    {"assay::engine::*max_pool2d*", "MAX_POOL_2D"},
    {"assay::engine::*pool2d*", "AVERAGE_POOL_2D/MAX_POOL_2D"},
    {"assay::engine::*softmax*", "SOFTMAX"},
    {"assay::engine::*exp_of_negative*", "SOFTMAX"},
    {"assay::engine::*_mean*", "MEAN"},
    {"assay::engine::*_dequantize*", "DEQUANTIZE"},
    {"assay::engine::*_quantize*", "QUANTIZE"},
    {"assay::engine::*_reshape*", "RESHAPE"},
    {"assay::engine::*::run_add*", "ADD"},
    {"assay::engine::*::check_add*", "ADD"},
    // CMSIS-NN.
    {"arm_depthwise_conv*", "DEPTHWISE_CONV_2D"},
    {"arm_nn_depthwise_conv*", "DEPTHWISE_CONV_2D"},
    {"arm_transpose_conv*", "TRANSPOSE_CONV"},
    {"arm_convolve*", "CONV_2D"},
    {"arm_nn_mat_mult_kernel_*", "CONV_2D"},
    {"arm_fully_connected*", "FULLY_CONNECTED"},
    {"arm_vector_sum*", "FULLY_CONNECTED"},
    {"arm_nn_vec_mat_mult*", "FULLY_CONNECTED"},
    {"arm_batch_matmul*", "BATCH_MATMUL"},
    {"arm_softmax*", "SOFTMAX"},
    {"arm_nn_softmax*", "SOFTMAX"},
    {"arm_avgpool*", "AVERAGE_POOL_2D"},
    {"arm_avg_pool*", "AVERAGE_POOL_2D"},
    {"arm_max_pool*", "MAX_POOL_2D"},
    {"arm_elementwise_add*", "ADD"},
    {"arm_elementwise_mul*", "MUL"},
    {"arm_svdf*", "SVDF"},
    {"arm_lstm*", "UNIDIRECTIONAL_SEQUENCE_LSTM"},
    {"arm_nn_lstm*", "UNIDIRECTIONAL_SEQUENCE_LSTM"},
    {"arm_concatenation*", "CONCATENATION"},
    {"arm_reshape*", "RESHAPE"},
    {"arm_transpose_*", "TRANSPOSE"},
    {"arm_pad_*", "PAD"},
    {"arm_maximum*", "MAXIMUM"},
    {"arm_minimum*", "MINIMUM"},
    {"arm_relu6*", "RELU6"},
    {"arm_relu*", "RELU"},
    // ST's run time library: one forward_ function a layer.
    {"forward_*dw*", "DEPTHWISE_CONV_2D"},
    {"forward_*depthwise*", "DEPTHWISE_CONV_2D"},
    {"forward_*conv2d*", "CONV_2D"},
    {"forward_*dense*", "FULLY_CONNECTED"},
    {"forward_ap*", "AVERAGE_POOL_2D"},
    {"forward_mp*", "MAX_POOL_2D"},
    {"forward_sm*", "SOFTMAX"},
    {"forward_eltwise*", "ADD/MUL"},
    // emlearn.
    {"eml_trees*", "TREES"},
    {"eml_net*", "FULLY_CONNECTED"},
    {"eml_bayes*", "BAYES"},
    // Models as arrays.
    {"*_tflite", "model data"},
    {"*_tflite_data", "model data"},
    {"g_model", "model data"},
    {"g_*_model_data", "model data"},
    {"*model_data", "model data"},
};

// TensorFlow Lite Micro spells one operator in three ways.
struct TfliteOperator {
  std::string_view op, camel, file;  // Register_<op>, Parse<camel>, <file>.cc
};
constexpr TfliteOperator kTflite[] = {
    {"DEPTHWISE_CONV_2D", "DepthwiseConv", "depthwise_conv"},
    {"TRANSPOSE_CONV", "TransposeConv", "transpose_conv"},
    {"CONV_2D", "Conv", "conv"},
    {"FULLY_CONNECTED", "FullyConnected", "fully_connected"},
    {"BATCH_MATMUL", "BatchMatMul", "batch_matmul"},
    {"LOG_SOFTMAX", "LogSoftmax", "log_softmax"},
    {"SOFTMAX", "Softmax", "softmax"},
    {"AVERAGE_POOL_2D", "Average", ""},
    {"MAX_POOL_2D", "Max", ""},
    {"AVERAGE_POOL_2D/MAX_POOL_2D", "Pool", "pooling"},
    {"ADD", "Add", "add"},
    {"SUB", "Sub", "sub"},
    {"MUL", "Mul", "mul"},
    {"DIV", "Div", "div"},
    {"SVDF", "Svdf", "svdf"},
    {"UNIDIRECTIONAL_SEQUENCE_LSTM", "UnidirectionalSequenceLstm", "unidirectional_sequence_lstm"},
    {"MEAN", "Mean", "reduce"},
    {"DEQUANTIZE", "Dequantize", "dequantize"},
    {"QUANTIZE", "Quantize", "quantize"},
    {"RESHAPE", "Reshape", "reshape"},
    {"CONCATENATION", "Concatenation", "concatenation"},
    {"LOGISTIC", "Logistic", "logistic"},
    {"TANH", "Tanh", "tanh"},
    {"HARD_SWISH", "HardSwish", "hard_swish"},
    {"LEAKY_RELU", "LeakyRelu", "leaky_relu"},
    {"PRELU", "Prelu", "prelu"},
    {"RELU6", "Relu6", ""},
    {"RELU", "Relu", "activations"},
    {"PAD", "Pad", "pad"},
    {"STRIDED_SLICE", "StridedSlice", "strided_slice"},
    {"SLICE", "Slice", "slice"},
    {"SPLIT_V", "SplitV", "split_v"},
    {"SPLIT", "Split", "split"},
    {"PACK", "Pack", "pack"},
    {"UNPACK", "Unpack", "unpack"},
    {"TRANSPOSE", "Transpose", "transpose"},
    {"RESIZE_BILINEAR", "ResizeBilinear", "resize_bilinear"},
    {"RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighbor", "resize_nearest_neighbor"},
    {"ARG_MAX", "ArgMax", "arg_min_max"},
    {"DETECTION_POSTPROCESS", "DetectionPostprocess", "detection_postprocess"},
    {"EXP", "Exp", "exp"},
    {"RSQRT", "Rsqrt", ""},
};

// `word` as a whole part of a name in which each part begins with a capital: "Add" in "EvalAdd", not in
// "Address".
bool has_part(std::string_view name, std::string_view word) {
  for (size_t at = name.find(word); at != std::string_view::npos; at = name.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool ends = end == name.size() || !(name[end] >= 'a' && name[end] <= 'z');
    const bool begins = at == 0 || !(name[at - 1] >= 'A' && name[at - 1] <= 'Z');
    if (ends && begins) return true;
  }
  return false;
}

// Kernels and their helpers begin, prepare or evaluate something of the operator's name.
constexpr std::string_view kWorkWords[] = {"Eval",       "Prepare", "Init",  "OpData",
                                           "PerChannel", "Int8",    "Int16", "Float"};
constexpr std::string_view kKernelSpaces[] = {"tflite::reference_ops::", "tflite::reference_integer_ops::"};

std::string tflite_operator(std::string_view name, std::string_view file) {
  const std::string_view last =
      name.substr(name.rfind("::") == std::string_view::npos ? 0 : name.rfind("::") + 2);
  for (const TfliteOperator& known : kTflite) {
    if (matches("tflite::*Register_" + std::string(known.op), name) ||
        matches("tflite::*Register_" + std::string(known.op) + "_*", name))
      return std::string(known.op);
  }
  bool kernel = last.starts_with("Parse");
  for (const std::string_view space : kKernelSpaces) kernel = kernel || name.starts_with(space);
  for (const std::string_view word : kWorkWords) kernel = kernel || has_part(last, word);
  for (const TfliteOperator& known : kTflite) {
    if (kernel && has_part(last, known.camel)) return std::string(known.op);
  }
  for (const TfliteOperator& known : kTflite) {
    if (known.file.empty()) continue;
    const std::string stem(known.file);
    if (file == stem + ".cc" || file == stem + "_common.cc") return std::string(known.op);
  }
  return std::string(kSharedCode);
}

}  // namespace

std::string operator_of_symbol(std::string_view name, std::string_view file) {
  for (const Rule& rule : kRules) {
    if (matches(rule.symbol, name)) return std::string(rule.op);
  }
  if (name.starts_with("tflite::")) return tflite_operator(name, file);
  return std::string(kSharedCode);
}

bool names_operator(std::string_view operators, std::string_view op) {
  for (size_t at = 0; at <= operators.size();) {
    const size_t end = std::min(operators.find('/', at), operators.size());
    if (operators.substr(at, end - at) == op) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace assay::probe
