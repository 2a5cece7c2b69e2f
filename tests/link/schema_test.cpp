// The numbers that C code repeats by hand, against the schema.
#include <fmt/format.h>

#include <regex>

#include "assay.pb.h"
#include "base/digest.h"
#include "base/files.h"
#include "catch.h"
#include "protocol/bounds.h"
#include "schema.h"

using namespace assay;

TEST_CASE("schema: the hash in bounds.h is that of assay.proto") {
  auto text = read_text(ASSAY_SOURCE_DIR "/protocol/assay.proto");
  REQUIRE(text);
  std::string bare = std::regex_replace(*text, std::regex("//[^\n]*"), "");
  bare.erase(std::remove_if(bare.begin(), bare.end(), [](unsigned char c) { return std::isspace(c); }),
             bare.end());
  const uint32_t hash = crc32_of({reinterpret_cast<const uint8_t*>(bare.data()), bare.size()});
  INFO(fmt::format("write ASSAY_SCHEMA_HASH 0x{:08X}u in protocol/bounds.h, and a line in protocol/HISTORY",
                   hash));
  CHECK(hash == ASSAY_SCHEMA_HASH);
}

TEST_CASE("schema: the agent's enumerators equal the schema's") {
  CHECK(+ASSAY_MESSAGE_OPEN == wire::MESSAGE_OPEN);
  CHECK(+ASSAY_MESSAGE_RESET == wire::MESSAGE_RESET);
  CHECK(+ASSAY_MESSAGE_DONE == wire::MESSAGE_DONE);
  CHECK(+ASSAY_MESSAGE_OP_NAMES == wire::MESSAGE_OP_NAMES);
  CHECK(+ASSAY_MESSAGE_TIMING == wire::MESSAGE_TIMING);
  CHECK(+ASSAY_MESSAGE_SET_DEADLINE == wire::MESSAGE_SET_DEADLINE);
  CHECK(+ASSAY_MESSAGE_READ_TAP == wire::MESSAGE_READ_TAP);
  CHECK(+ASSAY_MESSAGE_READ_TAP == wire::Message_MAX);
  CHECK(+ASSAY_UNKNOWN_MESSAGE == wire::STATUS_UNKNOWN_MESSAGE);
  CHECK(+ASSAY_BAD_CRC == wire::STATUS_BAD_CRC);
  CHECK(+ASSAY_NEEDS_INPUT == wire::STATUS_NEEDS_INPUT);
  CHECK(+ASSAY_BAD_TENSOR == wire::STATUS_BAD_TENSOR);
  CHECK(+ASSAY_TAP_OUTSIDE == wire::STATUS_TAP_OUTSIDE);
  CHECK(+ASSAY_TAP_OUTSIDE == wire::Status_MAX);
  CHECK(+ASSAY_TENSOR_MISALIGNED == wire::TENSOR_MISALIGNED);
  CHECK(+ASSAY_TENSOR_MISALIGNED == wire::TensorFault_MAX);
  CHECK(+ASSAY_TIMING_OF_MODEL == wire::TIMING_OF_MODEL);
  CHECK(+ASSAY_FEATURE_SPANS == wire::FEATURE_SPANS);
  CHECK(+ASSAY_FEATURE_OBSERVE == wire::FEATURE_OBSERVE);
  CHECK(+ASSAY_FEATURE_TICKS == wire::FEATURE_TICKS);
  CHECK(+ASSAY_FEATURE_STATIC == wire::FEATURE_STATIC);
  CHECK(+ASSAY_INVOKE_OPS == wire::INVOKE_OPS);
  CHECK(+ASSAY_INVOKE_PUSH == wire::INVOKE_PUSH);
  CHECK(+ASSAY_INVOKE_QUIET == wire::INVOKE_QUIET);
  CHECK(+ASSAY_INVOKE_RESET_STATE == wire::INVOKE_RESET_STATE);
}

TEST_CASE("schema: requests have only uint32 fields that the agent's reader holds") {
  for (const char* name :
       {"Hello", "Open", "Close", "Read", "ModelInfoRequest", "TensorRequest", "Invoke", "ResultRequest",
        "OpPageRequest", "MemoryRequest", "OpNamesRequest", "TimingRequest", "BinsRequest",
        "ClearTimingsRequest", "SetDeadline", "SelectTap", "ReadTap"}) {
    INFO(name);
    const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
        std::string("assay.wire.") + name);
    REQUIRE(type);
    for (int i = 0; i < type->field_count(); ++i) {
      CHECK(type->field(i)->type() == google::protobuf::FieldDescriptor::TYPE_UINT32);
      CHECK(type->field(i)->number() <= ASSAY_REQUEST_FIELDS);
      CHECK_FALSE(type->field(i)->is_repeated());
    }
  }
}
