// The packers of the reference set; the last column: the output may take the place of a dying input.
#include "reference_pack.h"

namespace assay::engine::reference {
namespace {

constexpr Packer kTable[] = {
    {OpCode::kConv2d, pack_conv2d, false},
    {OpCode::kDepthwiseConv2d, pack_depthwise_conv2d, false},
    {OpCode::kFullyConnected, pack_fully_connected, false},
    {OpCode::kAveragePool2d, pack_pool2d, false},
    {OpCode::kMaxPool2d, pack_pool2d, false},
    {OpCode::kMean, pack_mean, false},
    {OpCode::kReshape, pack_reshape, true},
    {OpCode::kSoftmax, pack_softmax, true},
    {OpCode::kAdd, pack_add, true},
    {OpCode::kQuantize, pack_quantize, true},
    {OpCode::kDequantize, pack_dequantize, false},
};

}  // namespace

extern const PackerSet kPackers;
const PackerSet kPackers{"reference", kTable, sizeof kTable / sizeof kTable[0]};

}  // namespace assay::engine::reference
