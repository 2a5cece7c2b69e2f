#include "vboard/stlink_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "catch.h"
#include "vboard/fake_target.h"

namespace assay::vboard {
namespace {

using Bytes = std::vector<uint8_t>;

struct Bench {
  MemoryMap map = *MemoryMap::make({{Region::Kind::kMemory, "ram", 0x20000000, 0x10000, false}});
  FakeTarget target;
  CoreDebug core{target, target, map};
  MemoryPort port{core, target, map, {}};
  StlinkServer server = std::move(*StlinkServer::listen(port, "VB0123456789"));

  int connect_client() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.tcp_port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    turn();
    return fd;
  }
  // One round of the main loop, after loopback had time to deliver.
  void turn() {
    std::vector<pollfd> waits;
    server.add_waits(waits);
    poll(waits.data(), waits.size(), 200);
    REQUIRE(server.serve());
  }
  // What came back; empty when the connection was closed.
  Bytes ask(int fd, const Bytes& request) {
    REQUIRE(::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()));
    turn();
    Bytes reply(20000);
    const ssize_t got = recv(fd, reply.data(), reply.size(), MSG_DONTWAIT);
    reply.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return reply;
  }
  Bytes open_probe(int fd) { return ask(fd, {3, 0, 0, 0, 1, 0, 0, 0}); }
};

Bytes usb_command(Bytes command, uint8_t direction, uint32_t size, const Bytes& data = {}) {
  Bytes frame{5, 0, 0, 0, 1, 0, 0, 0};
  command.resize(16);
  frame.insert(frame.end(), command.begin(), command.end());
  frame.insert(frame.end(), {direction, 0, 0, 0});
  for (int i = 0; i < 4; ++i) frame.push_back(static_cast<uint8_t>(size >> (8 * i)));
  frame.insert(frame.end(), data.begin(), data.end());
  return frame;
}

TEST_CASE("a client sees one probe with the unit's serial number") {
  Bench bench;
  const int fd = bench.connect_client();
  CHECK(bench.ask(fd, {6, 1, 0, 0}).size() == 16);
  CHECK(bench.ask(fd, {0, 0}) == Bytes{1, 0, 0, 0});
  CHECK(bench.ask(fd, {1}) == Bytes{1, 0, 0, 0});
  const Bytes info = bench.ask(fd, {2, 0, 0, 0, 41, 0, 0, 0});
  REQUIRE(info.size() == 45);
  CHECK(std::string(info.begin() + 8, info.begin() + 20) == "VB0123456789");
  CHECK(info[44] == 0);
  close(fd);
}

TEST_CASE("a reply always has the length that was asked for, also after an error") {
  Bench bench;
  const int fd = bench.connect_client();
  REQUIRE(bench.open_probe(fd).size() == 8);
  CHECK(bench.ask(fd, usb_command({0xEE, 0xEE}, 1, 100)).size() == 104);
  // 32-bit read of nothing: 8 bytes of zeros, then status 0x11 and the address.
  CHECK(bench.ask(fd, usb_command({0xF2, 0x07, 0, 0, 0, 0x30, 8, 0}, 1, 8)) ==
        Bytes{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  const Bytes status = bench.ask(fd, usb_command({0xF2, 0x3E}, 1, 12));
  CHECK(status == Bytes{1, 0, 0, 0, 0x11, 0, 0, 0, 0, 0, 0, 0x30, 0, 0, 0, 0});
  close(fd);
}

TEST_CASE("memory is written and read through USB commands") {
  Bench bench;
  const int fd = bench.connect_client();
  bench.open_probe(fd);
  const Bytes data{9, 8, 7, 6};
  CHECK(bench.ask(fd, usb_command({0xF2, 0x08, 0, 0, 0, 0x20, 4, 0}, 0, 4, data)) == Bytes{1, 0, 0, 0});
  CHECK(bench.ask(fd, usb_command({0xF2, 0x07, 0, 0, 0, 0x20, 4, 0}, 1, 4)) == Bytes{1, 0, 0, 0, 9, 8, 7, 6});
  SECTION("and by a queue of items") {
    // address 0x20000000; write 5; read 0x20000000; read of nothing
    const Bytes items{1, 2, 3, 3, 0, 0, 0, 0x20, 5, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0x30};
    bench.ask(fd, usb_command({0xF2, 0x51, 4}, 0, static_cast<uint32_t>(items.size()), items));
    const Bytes result = bench.ask(fd, usb_command({0xF2, 0x52}, 1, 32));
    CHECK(result == Bytes{1, 0, 0,    0, 0, 0, 0,    0, 0, 0, 0,    0, 5, 0, 0,    0, 0, 0,
                          0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0x11, 0, 0, 0});
  }
  close(fd);
}

TEST_CASE("a frame may come in pieces, and a client may leave in the middle of one") {
  Bench bench;
  const int fd = bench.connect_client();
  bench.open_probe(fd);
  const Bytes frame = usb_command({0xF2, 0x08, 0, 0, 0, 0x20, 4, 0}, 0, 4, {1, 2, 3, 4});
  CHECK(bench.ask(fd, Bytes(frame.begin(), frame.begin() + 33)).empty());
  CHECK(bench.server.has_client());
  SECTION("the rest completes it") {
    CHECK(bench.ask(fd, Bytes(frame.begin() + 33, frame.end())) == Bytes{1, 0, 0, 0});
    CHECK(bench.target.word(0x20000000) == 0x04030201);
    close(fd);
  }
  SECTION("a client that leaves frees the probe") {
    close(fd);
    bench.turn();
    CHECK_FALSE(bench.server.has_client());
    CHECK(bench.target.word(0x20000000) == 0);
    const int second = bench.connect_client();
    CHECK(bench.open_probe(second)[0] == 1);
    close(second);
  }
}

TEST_CASE("only one client has the probe, others see that it is used") {
  Bench bench;
  const int first = bench.connect_client(), second = bench.connect_client();
  REQUIRE(bench.open_probe(first)[0] == 1);
  CHECK(bench.ask(second, {2, 0, 0, 0, 41, 0, 0, 0})[44] == 1);
  CHECK(bench.open_probe(second) == Bytes{0x04, 0x20, 0, 0, 0, 0, 0, 0});
  // A command without the probe: refused, in full length, and nothing is written.
  CHECK(bench.ask(second, usb_command({0xF2, 0x08, 0, 0, 0, 0x20, 4, 0}, 0, 4, {1, 2, 3, 4})) ==
        Bytes{1, 0x20, 0, 0});
  CHECK(bench.target.word(0x20000000) == 0);
  close(first);
  close(second);
}

TEST_CASE("what is not a frame closes that connection only") {
  Bench bench;
  const int good = bench.connect_client();
  REQUIRE(bench.open_probe(good).size() == 8);
  const std::string http = "GET / HTTP/1.0\r\n\r\n";
  const Bytes garbage =
      GENERATE_COPY(Bytes(http.begin(), http.end()), Bytes(5000, 0xFF),
                    usb_command({0xF2, 0x08}, 0, 0xFFFFFFFF), usb_command({0xF2, 0x07}, 1, 0xFFFFFFFF));
  const int bad = bench.connect_client();
  CHECK(bench.ask(bad, garbage).empty());
  uint8_t byte;
  CHECK(recv(bad, &byte, 1, MSG_DONTWAIT) <= 0);
  CHECK(bench.ask(good, usb_command({0xF5}, 1, 2)).size() == 6);
  close(bad);
  close(good);
}

}  // namespace
}  // namespace assay::vboard
