// The streams that exist, each opened by an address or by what the caller already holds.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/subprocess.h"
#include "link/byte_stream.h"

namespace assay::link {

// "unix:/path", "tcp:host:port", "serial:/dev/ttyX?baud=115200". link.address when the text is none of these,
// link.open when it cannot be opened until the deadline, link.port_busy when another process holds it.
Result<std::unique_ptr<ByteStream>> open_stream(std::string_view address, Deadline deadline);

// The part after the scheme, as open_stream's table calls them. A socket that is not there yet is retried.
Result<std::unique_ptr<ByteStream>> open_unix_stream(const std::string& path, Deadline deadline);
Result<std::unique_ptr<ByteStream>> open_tcp_stream(const std::string& host_and_port, Deadline deadline);
// 8N1, exclusive; the port's settings are restored when the stream is destroyed. Default 115200 baud.
Result<std::unique_ptr<ByteStream>> open_serial_stream(const std::string& path_and_options,
                                                       Deadline deadline);

// Standard input and output of a process (both must be Pipe::kPipe); the stream owns it and stops it when
// destroyed.
std::unique_ptr<ByteStream> pipe_stream(Subprocess process, std::string name);

// `of` for one session after another: a session owns its stream, a line outlives sessions when a board that
// is a process, or a probe's serial port, is reset.
std::unique_ptr<ByteStream> lent_stream(std::shared_ptr<ByteStream> of);

}  // namespace assay::link
