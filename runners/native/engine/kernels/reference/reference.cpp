// The kernels of the reference set. Order is of no meaning; find_kernel() searches by code and element type.
#include "add.h"
#include "add_f32.h"
#include "conv2d.h"
#include "conv2d_f32.h"
#include "depthwise_conv2d.h"
#include "depthwise_conv2d_f32.h"
#include "mean.h"
#include "mean_f32.h"
#include "pool2d.h"
#include "pool2d_f32.h"
#include "quantize.h"
#include "reshape.h"
#include "softmax.h"
#include "softmax_f32.h"

namespace assay::engine::reference {
namespace {

constexpr Kernel kTable[] = {
    {OpCode::kConv2d, Type::kInt8, 1, check_conv2d, run_conv2d},
    {OpCode::kConv2d, Type::kFloat32, 1, check_conv2d_f32, run_conv2d_f32},
    {OpCode::kDepthwiseConv2d, Type::kInt8, 1, check_depthwise_conv2d, run_depthwise_conv2d},
    {OpCode::kDepthwiseConv2d, Type::kFloat32, 1, check_depthwise_conv2d_f32, run_depthwise_conv2d_f32},
    {OpCode::kFullyConnected, Type::kInt8, 1, check_conv2d, run_conv2d},
    {OpCode::kFullyConnected, Type::kFloat32, 1, check_conv2d_f32, run_conv2d_f32},
    {OpCode::kAveragePool2d, Type::kInt8, 1, check_pool2d, run_average_pool2d},
    {OpCode::kAveragePool2d, Type::kFloat32, 1, check_pool2d_f32, run_average_pool2d_f32},
    {OpCode::kMaxPool2d, Type::kInt8, 1, check_pool2d, run_max_pool2d},
    {OpCode::kMaxPool2d, Type::kFloat32, 1, check_pool2d_f32, run_max_pool2d_f32},
    {OpCode::kMean, Type::kInt8, 1, check_mean, run_mean},
    {OpCode::kMean, Type::kFloat32, 1, check_mean_f32, run_mean_f32},
    {OpCode::kReshape, kAnyType, 1, check_reshape, run_reshape},
    {OpCode::kSoftmax, Type::kInt8, 1, check_softmax, run_softmax},
    {OpCode::kSoftmax, Type::kFloat32, 1, check_softmax_f32, run_softmax_f32},
    {OpCode::kAdd, Type::kInt8, 2, check_add, run_add},
    {OpCode::kAdd, Type::kFloat32, 2, check_add_f32, run_add_f32},
    {OpCode::kQuantize, Type::kFloat32, 1, check_quantize, run_quantize},
    {OpCode::kQuantize, Type::kInt8, 1, check_quantize, run_quantize},
    {OpCode::kDequantize, Type::kInt8, 1, check_dequantize, run_dequantize},
};

}  // namespace

extern const KernelSet kKernels;
const KernelSet kKernels{"reference", kTable, sizeof kTable / sizeof kTable[0]};

}  // namespace assay::engine::reference
