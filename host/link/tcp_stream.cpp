#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <thread>

#include "base/interrupt.h"
#include "link/fd_stream.h"
#include "link/streams.h"

namespace assay::link {

namespace asio = boost::asio;

// Asio resolves and connects (all addresses of a name, bounded in time); afterwards the socket is a
// descriptor like any other.
Result<std::unique_ptr<ByteStream>> open_tcp_stream(const std::string& host_and_port, Deadline deadline) {
  const auto colon = host_and_port.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == host_and_port.size()) {
    return fail("link.address", "expected tcp:host:port", host_and_port);
  }
  const std::string name = "tcp:" + host_and_port;
  for (;;) {
    asio::io_context context;
    asio::ip::tcp::resolver resolver(context);
    asio::ip::tcp::socket socket(context);
    boost::system::error_code error;
    const auto addresses =
        resolver.resolve(host_and_port.substr(0, colon), host_and_port.substr(colon + 1), error);
    if (!error) {
      error = asio::error::timed_out;
      asio::async_connect(
          socket, addresses,
          [&](const boost::system::error_code& e, const asio::ip::tcp::endpoint&) { error = e; });
      context.run_until(deadline.time());
    }
    if (!error) {
      socket.set_option(asio::ip::tcp::no_delay(true), error);
      const int fd = socket.release(error);
      return std::make_unique<FdStream>(fd, fd, name);
    }
    if (interrupted()) return fail(interruption());
    if (error != asio::error::connection_refused || deadline.passed())
      return fail("link.open", "connect: " + error.message(), name);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace assay::link
