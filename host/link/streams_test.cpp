#include "link/streams.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstring>
#include <filesystem>

#include "catch.h"

using namespace assay;
using namespace std::chrono_literals;

namespace {

void check_echo(link::ByteStream& stream, int peer) {
  const uint8_t out[] = {0,    1,    2,    0x0A,
                         0x0D, 0x11, 0x13, 0xFF};  // what a terminal in cooked mode would change
  REQUIRE(stream.write(out, Deadline::in(1s)));
  uint8_t seen[sizeof out];
  REQUIRE(read(peer, seen, sizeof seen) == sizeof seen);
  CHECK(memcmp(seen, out, sizeof out) == 0);
  REQUIRE(write(peer, out, sizeof out) == sizeof out);
  uint8_t back[sizeof out];
  size_t got = 0;
  while (got < sizeof back) {
    auto count = stream.read(std::span(back).subspan(got), Deadline::in(1s));
    REQUIRE(count);
    REQUIRE(*count > 0);
    got += *count;
  }
  CHECK(memcmp(back, out, sizeof out) == 0);
}

void check_silence(link::ByteStream& stream) {
  uint8_t byte;
  const auto begin = std::chrono::steady_clock::now();
  auto count = stream.read({&byte, 1}, Deadline::in(30ms));
  REQUIRE(count);
  CHECK(*count == 0);
  CHECK(std::chrono::steady_clock::now() - begin >= 30ms);
}

}  // namespace

TEST_CASE("an address that is none names what is expected") {
  auto stream = link::open_stream("usb:3", Deadline::in(1s));
  REQUIRE_FALSE(stream);
  CHECK(stream.error().code == "link.address");
  CHECK(stream.error().remedy.find("unix:/path") != std::string::npos);
  CHECK(link::open_stream("tcp:4444", Deadline::in(1s)).error().code == "link.address");
  CHECK(link::open_stream("serial:/dev/null?speed=9600", Deadline::in(1s)).error().code == "link.address");
  CHECK(link::open_stream("serial:/dev/null?baud=fast", Deadline::in(1s)).error().code == "link.address");
}

TEST_CASE("a unix socket carries bytes, waits for its server, and tells when the peer left") {
  const std::string path =
      std::filesystem::temp_directory_path() / ("assay-link-test-" + std::to_string(getpid()));
  CHECK(link::open_stream("unix:" + path, Deadline::in(30ms)).error().code == "link.open");
  const int server = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  REQUIRE(bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(server, 1) == 0);
  auto stream = link::open_stream("unix:" + path, Deadline::in(1s));
  REQUIRE(stream);
  const int peer = accept(server, nullptr, nullptr);
  check_echo(**stream, peer);
  check_silence(**stream);
  close(peer);
  uint8_t byte;
  CHECK((*stream)->read({&byte, 1}, Deadline::in(1s)).error().code == "link.lost");
  close(server);
  unlink(path.c_str());
}

TEST_CASE("a TCP socket carries bytes") {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), 0});
  const auto port = acceptor.local_endpoint().port();
  auto stream = link::open_stream("tcp:127.0.0.1:" + std::to_string(port), Deadline::in(2s));
  REQUIRE(stream);
  auto peer = acceptor.accept();
  check_echo(**stream, peer.native_handle());
  check_silence(**stream);
}

TEST_CASE("a serial port is raw, exclusive, and gets its settings back") {
  int master = -1, slave = -1;
  char path[128];
  REQUIRE(openpty(&master, &slave, path, nullptr, nullptr) == 0);
  termios before{};
  tcgetattr(slave, &before);
  REQUIRE((before.c_lflag & ICANON) != 0);
  const std::string address = std::string("serial:") + path + "?baud=57600";
  {
    auto stream = link::open_stream(address, Deadline::in(1s));
    REQUIRE(stream);
    termios now{};
    tcgetattr(slave, &now);
    CHECK(cfgetospeed(&now) == B57600);
    CHECK((now.c_lflag & (ICANON | ECHO)) == 0);
    check_echo(**stream, master);
    check_silence(**stream);
    auto second = link::open_stream(address, Deadline::in(1s));
    REQUIRE_FALSE(second);
    CHECK(second.error().code == "link.port_busy");
  }
  termios after{};
  tcgetattr(slave, &after);
  CHECK(after.c_lflag == before.c_lflag);
  CHECK(cfgetospeed(&after) == cfgetospeed(&before));
  CHECK(link::open_stream(address, Deadline::in(1s)));
  close(master);
  close(slave);
}

TEST_CASE("what is no serial port is refused") {
  CHECK(link::open_stream("serial:/dev/null", Deadline::in(1s)).error().code == "link.open");
  CHECK(link::open_stream("serial:/dev/not-there", Deadline::in(1s)).error().code == "link.open");
}

TEST_CASE("a peer that takes nothing is an error at the deadline, not a hang") {
  auto process = Subprocess::start({.argv = {"sleep", "30"}, .in = Pipe::kPipe, .out = Pipe::kPipe});
  REQUIRE(process);
  auto stream = link::pipe_stream(std::move(*process), "deaf");
  auto written = stream->write(std::vector<uint8_t>(1 << 20), Deadline::in(100ms));
  REQUIRE_FALSE(written);
  CHECK(written.error().code == "link.lost");
}
