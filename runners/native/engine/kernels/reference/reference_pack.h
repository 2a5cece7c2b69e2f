// The packers of the reference set, one per operator. Inputs that PackRequest lists as constant have their
// data.
#pragma once

#include "../pack.h"

namespace assay::engine::reference {

PackStatus pack_conv2d(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_depthwise_conv2d(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_fully_connected(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_pool2d(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_mean(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_reshape(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_softmax(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_add(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_quantize(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_dequantize(const PackRequest& request, Packed& packed, std::string& why);

PackStatus pack_conv2d_f32(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_depthwise_conv2d_f32(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_fully_connected_f32(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_pool2d_f32(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_mean_f32(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_softmax_f32(const PackRequest& request, Packed& packed, std::string& why);
PackStatus pack_add_f32(const PackRequest& request, Packed& packed, std::string& why);

}  // namespace assay::engine::reference
