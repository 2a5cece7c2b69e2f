#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/serial_port.hpp>
#include <charconv>

#include "link/fd_stream.h"
#include "link/streams.h"

namespace assay::link {
namespace {

namespace asio = boost::asio;

class SerialStream : public FdStream {
 public:
  SerialStream(int fd, const termios& before, std::string name)
      : FdStream(fd, fd, std::move(name)), fd_(fd), before_(before) {}
  ~SerialStream() override {
    tcsetattr(fd_, TCSANOW, &before_);
    ioctl(fd_, TIOCNXCL);
  }

 private:
  int fd_;
  termios before_;
};

// "/dev/ttyX?baud=115200" -> path and baud.
Result<std::pair<std::string, unsigned>> parse(const std::string& text) {
  const auto question = text.find('?');
  unsigned baud = 115200;
  if (question != std::string::npos) {
    const std::string option = text.substr(question + 1);
    const char* end = option.data() + option.size();
    if (option.rfind("baud=", 0) != 0)
      return fail("link.address", "the one option of a serial port is ?baud=", text);
    const auto [stop, error] = std::from_chars(option.data() + 5, end, baud);
    if (error != std::errc() || stop != end || baud == 0)
      return fail("link.address", "baud is a number above 0", text);
  }
  if (question == 0 || text.empty())
    return fail("link.address", "expected serial:/dev/ttyX?baud=115200", text);
  return std::pair(text.substr(0, question), baud);
}

boost::system::error_code configure(asio::serial_port& port, unsigned baud) {
  using Base = asio::serial_port_base;
  boost::system::error_code error;
  if (port.set_option(Base::baud_rate(baud), error)) return error;
  if (port.set_option(Base::character_size(8), error)) return error;
  if (port.set_option(Base::parity(Base::parity::none), error)) return error;
  if (port.set_option(Base::stop_bits(Base::stop_bits::one), error)) return error;
  port.set_option(Base::flow_control(Base::flow_control::none), error);
  return error;
}

}  // namespace

Result<std::unique_ptr<ByteStream>> open_serial_stream(const std::string& path_and_options, Deadline) {
  ASSAY_TRY(const auto parsed, parse(path_and_options));
  const auto& [path, baud] = parsed;
  const std::string name = "serial:" + path;
  asio::io_context context;
  asio::serial_port port(context);
  boost::system::error_code error;
  // Asio sets raw mode on opening, so what was there before is read through a descriptor of our own.
  const int probe = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (probe < 0) {
    const auto reason = boost::system::error_code(errno, boost::system::system_category());
    return fail(errno == EBUSY ? "link.port_busy" : "link.open", "open: " + reason.message(), name);
  }
  termios before{};
  const bool is_terminal = tcgetattr(probe, &before) == 0;
  // TIOCEXCL does not stop root, so there is also a lock.
  const bool locked = flock(probe, LOCK_EX | LOCK_NB) == 0;
  if (!is_terminal || !locked) {
    ::close(probe);
    return is_terminal ? fail("link.port_busy", "another process has locked the port", name)
                       : fail("link.open", "not a serial port", name);
  }
  port.assign(probe, error);
  termios raw = before;
  cfmakeraw(&raw);
  raw.c_cflag |= CREAD | CLOCAL;
  if (!error && tcsetattr(probe, TCSANOW, &raw) != 0) error.assign(errno, boost::system::system_category());
  if (!error) error = configure(port, baud);
  if (error) {
    tcsetattr(probe, TCSANOW, &before);
    return fail("link.open", fmt::format("{} baud 8N1: {}", baud, error.message()), name);
  }
  ioctl(probe, TIOCEXCL);
  tcflush(probe, TCIOFLUSH);
  // Asio keeps its descriptor; a copy shares the open file, and with it the lock.
  const int fd = fcntl(probe, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return fail("link.open", "cannot copy the descriptor", name);
  return std::make_unique<SerialStream>(fd, before, name);
}

}  // namespace assay::link
