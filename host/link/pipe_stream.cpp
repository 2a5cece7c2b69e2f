#include "link/fd_stream.h"
#include "link/streams.h"

namespace assay::link {
namespace {

class PipeStream : public FdStream {
 public:
  PipeStream(Subprocess process, std::string name)
      : FdStream(process.out_fd(), process.in_fd(), std::move(name)), process_(std::move(process)) {}
  ~PipeStream() override { disown(); }  // process_ closes its ends

 private:
  Subprocess process_;
};

}  // namespace

std::unique_ptr<ByteStream> pipe_stream(Subprocess process, std::string name) {
  return std::make_unique<PipeStream>(std::move(process), std::move(name));
}

}  // namespace assay::link
