// The packers of the reference set; the last column: the output may take the place of a dying input.
#include "reference_pack.h"

namespace assay::engine::reference {
namespace {

constexpr Packer kTable[] = {
    {OpCode::kConv2d, Type::kInt8, pack_conv2d, false},
    {OpCode::kConv2d, Type::kFloat32, pack_conv2d_f32, false},
    {OpCode::kDepthwiseConv2d, Type::kInt8, pack_depthwise_conv2d, false},
    {OpCode::kDepthwiseConv2d, Type::kFloat32, pack_depthwise_conv2d_f32, false},
    {OpCode::kFullyConnected, Type::kInt8, pack_fully_connected, false},
    {OpCode::kFullyConnected, Type::kFloat32, pack_fully_connected_f32, false},
    {OpCode::kAveragePool2d, Type::kInt8, pack_pool2d, false},
    {OpCode::kAveragePool2d, Type::kFloat32, pack_pool2d_f32, false},
    {OpCode::kMaxPool2d, Type::kInt8, pack_pool2d, false},
    {OpCode::kMaxPool2d, Type::kFloat32, pack_pool2d_f32, false},
    {OpCode::kMean, Type::kInt8, pack_mean, false},
    {OpCode::kMean, Type::kFloat32, pack_mean_f32, false},
    {OpCode::kReshape, kAnyType, pack_reshape, true},
    {OpCode::kSoftmax, Type::kInt8, pack_softmax, true},
    {OpCode::kSoftmax, Type::kFloat32, pack_softmax_f32, true},
    {OpCode::kAdd, Type::kInt8, pack_add, true},
    {OpCode::kAdd, Type::kFloat32, pack_add_f32, true},
    {OpCode::kQuantize, Type::kFloat32, pack_quantize, true},
    {OpCode::kQuantize, Type::kInt8, pack_quantize, true},
    {OpCode::kDequantize, Type::kInt8, pack_dequantize, false},
};

}  // namespace

extern const PackerSet kPackers;
const PackerSet kPackers{"reference", kTable, sizeof kTable / sizeof kTable[0]};

}  // namespace assay::engine::reference
