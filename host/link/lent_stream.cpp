#include "link/streams.h"

namespace assay::link {
namespace {

class LentStream : public ByteStream {
 public:
  explicit LentStream(std::shared_ptr<ByteStream> of) : of_(std::move(of)) {}
  Result<size_t> read(std::span<uint8_t> into, Deadline deadline) override {
    return of_->read(into, deadline);
  }
  Status write(std::span<const uint8_t> bytes, Deadline deadline) override {
    return of_->write(bytes, deadline);
  }
  std::string name() const override { return of_->name(); }

 private:
  std::shared_ptr<ByteStream> of_;
};

}  // namespace

std::unique_ptr<ByteStream> lent_stream(std::shared_ptr<ByteStream> of) {
  return std::make_unique<LentStream>(std::move(of));
}

}  // namespace assay::link
