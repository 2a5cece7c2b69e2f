// protocol/vectors/vectors.txt against the host's codec, Google's parser, and (through its self-test) the
// agent's.
#include <google/protobuf/util/message_differencer.h>

#include <sstream>

#include "assay.pb.h"
#include "base/files.h"
#include "catch.h"
#include "link/frame.h"
#include "vectors_selftest.h"

using namespace assay;

namespace {

std::vector<uint8_t> unhex(const std::string& text) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; text != "-" && i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::vector<std::vector<std::string>> rows(const std::string& kind) {
  const auto text = read_text(ASSAY_SOURCE_DIR "/protocol/vectors/vectors.txt");
  REQUIRE(text);
  std::vector<std::vector<std::string>> found;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::vector<std::string> row;
    for (std::string word; words >> word;) row.push_back(word);
    if (!row.empty() && row[0] == kind) found.push_back(row);
  }
  REQUIRE(found.size() > 5);
  return found;
}

uint32_t number(const std::string& text) { return static_cast<uint32_t>(std::stoul(text, nullptr, 0)); }

std::unique_ptr<google::protobuf::Message> parse(const std::string& name, const std::vector<uint8_t>& bytes) {
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName("assay.wire." + name);
  REQUIRE(type);
  std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  return message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ? std::move(message) : nullptr;
}

}  // namespace

TEST_CASE("vectors: the agent's codecs pass their self-test") {
  CHECK(assay_vectors_count() > 50);
  CHECK(assay_vectors_selftest() == 0);
}

TEST_CASE("vectors: the host encodes and decodes every frame") {
  for (const auto& row : rows("frame")) {
    INFO(row[1]);
    const link::Frame frame{static_cast<link::FrameKind>(number(row[2])),
                            static_cast<uint8_t>(number(row[3])), static_cast<uint16_t>(number(row[4])),
                            number(row[5]), unhex(row[6])};
    CHECK(link::encode_frame(frame) == unhex(row[7]));
    link::FrameDecoder decoder(256);
    std::optional<link::Frame> decoded;
    for (const uint8_t byte : unhex(row[7])) {
      if (auto complete = decoder.feed(byte)) decoded = complete;
    }
    REQUIRE(decoded);
    CHECK(*decoded == frame);
    CHECK(decoder.rejected() == 0);
  }
}

TEST_CASE("vectors: the host rejects what is no frame, for the reason in the table") {
  for (const auto& row : rows("reject")) {
    INFO(row[1]);
    link::FrameDecoder decoder(256);
    std::optional<link::FrameError> error;
    for (const uint8_t byte : unhex(row[3])) {
      CHECK_FALSE(decoder.feed(byte));
      if (decoder.last_error()) error = decoder.last_error();
    }
    REQUIRE(error);
    CHECK(link::frame_error_name(*error) == row[2]);
  }
}

TEST_CASE("vectors: Google's parser reads the same values from requests") {
  for (const auto& row : rows("request")) {
    INFO(row[1]);
    const auto message = parse(row[2], unhex(row[4]));
    REQUIRE(message);
    std::istringstream values(row[3]);
    int field = 0;
    for (std::string value; std::getline(values, value, ',');) {
      const auto* descriptor = message->GetDescriptor()->FindFieldByNumber(++field);
      CHECK((descriptor ? message->GetReflection()->GetUInt32(*message, descriptor) : 0u) == number(value));
    }
  }
}

TEST_CASE("vectors: Google's parser refuses what the table calls malformed") {
  for (const auto& row : rows("malformed")) {
    INFO(row[1]);
    CHECK(parse(row[2], unhex(row[3])) == nullptr);
  }
}
