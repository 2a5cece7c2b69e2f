#include "report/op_class.h"

namespace assay::report {
namespace {

struct Entry {
  std::string_view op;
  OpClass cls;
};
constexpr OpClass kConv{"oc-conv", "conv"}, kDepthwise{"oc-dw", "dw"}, kDense{"oc-dense", "dense"},
    kElementwise{"oc-elem", "elem"}, kPool{"oc-pool", "pool"}, kSoftmax{"oc-soft", "act"},
    kMove{"oc-move", "move"};
constexpr Entry kOps[] = {
    {"CONV_2D", kConv},
    {"TRANSPOSE_CONV", kConv},
    {"CONV_3D", kConv},
    {"DEPTHWISE_CONV_2D", kDepthwise},
    {"FULLY_CONNECTED", kDense},
    {"BATCH_MATMUL", kDense},
    {"UNIDIRECTIONAL_SEQUENCE_LSTM", kDense},
    {"SVDF", kDense},
    {"ADD", kElementwise},
    {"SUB", kElementwise},
    {"MUL", kElementwise},
    {"DIV", kElementwise},
    {"MAXIMUM", kElementwise},
    {"MINIMUM", kElementwise},
    {"RELU", kElementwise},
    {"RELU6", kElementwise},
    {"LEAKY_RELU", kElementwise},
    {"PRELU", kElementwise},
    {"HARD_SWISH", kElementwise},
    {"QUANTIZE", kElementwise},
    {"DEQUANTIZE", kElementwise},
    {"MEAN", kPool},
    {"SUM", kPool},
    {"MAX_POOL_2D", kPool},
    {"AVERAGE_POOL_2D", kPool},
    {"REDUCE_MAX", kPool},
    {"SOFTMAX", kSoftmax},
    {"LOG_SOFTMAX", kSoftmax},
    {"LOGISTIC", kSoftmax},
    {"TANH", kSoftmax},
};

}  // namespace

OpClass op_class(std::string_view op) {
  for (const Entry& entry : kOps)
    if (entry.op == op) return entry.cls;
  return kMove;
}

}  // namespace assay::report
