// The kernels of the reference set. Order is of no meaning; find_kernel() searches by code.
#include "add.h"
#include "conv2d.h"
#include "depthwise_conv2d.h"
#include "mean.h"
#include "pool2d.h"
#include "quantize.h"
#include "reshape.h"
#include "softmax.h"

namespace assay::engine::reference {
namespace {

constexpr Kernel kTable[] = {
    {OpCode::kConv2d, 1, check_conv2d, run_conv2d},
    {OpCode::kDepthwiseConv2d, 1, check_depthwise_conv2d, run_depthwise_conv2d},
    {OpCode::kFullyConnected, 1, check_conv2d, run_conv2d},
    {OpCode::kAveragePool2d, 1, check_pool2d, run_average_pool2d},
    {OpCode::kMaxPool2d, 1, check_pool2d, run_max_pool2d},
    {OpCode::kMean, 1, check_mean, run_mean},
    {OpCode::kReshape, 1, check_reshape, run_reshape},
    {OpCode::kSoftmax, 1, check_softmax, run_softmax},
    {OpCode::kAdd, 2, check_add, run_add},
    {OpCode::kQuantize, 1, check_quantize, run_quantize},
    {OpCode::kDequantize, 1, check_dequantize, run_dequantize},
};

}  // namespace

extern const KernelSet kKernels;
const KernelSet kKernels{"reference", kTable, sizeof kTable / sizeof kTable[0]};

}  // namespace assay::engine::reference
