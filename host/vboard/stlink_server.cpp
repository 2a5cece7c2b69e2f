#include "vboard/stlink_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace assay::vboard {
namespace {

constexpr size_t kMostClients = 8;
constexpr size_t kLargestFrame = 10240;  // bytes, each way: a limit of the protocol
constexpr uint32_t kStatusOk = 1, kStatusBusy = 0x2004, kStatusBadParameter = 0x2001;
constexpr uint32_t kApiVersion = 3;  // below 3 OpenOCD does not queue register accesses
constexpr uint32_t kDeviceId = 1, kConnectId = 1;
constexpr size_t kCommandFrame = 32;
constexpr size_t kSerialField = 32;
constexpr int kSendLimitMs = 1000;

enum Op : uint8_t {
  kRefresh = 0,
  kCount = 1,
  kInfo = 2,
  kOpen = 3,
  kClose = 4,
  kCommand = 5,
  kServerVersion = 6
};
enum Direction : uint8_t { kWrites = 0 };

// Bytes of a request without the data of a write command, by op.
constexpr size_t kFrameSize[] = {2, 1, 8, 8, 8, kCommandFrame, 4};

uint32_t word(const uint8_t* at) { return at[0] | at[1] << 8 | at[2] << 16 | uint32_t{at[3]} << 24; }
void put_word(std::vector<uint8_t>& bytes, uint32_t value) {
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
}
std::vector<uint8_t> words(std::initializer_list<uint32_t> values) {
  std::vector<uint8_t> bytes;
  for (const uint32_t value : values) put_word(bytes, value);
  return bytes;
}

}  // namespace

Result<StlinkServer> StlinkServer::listen(MemoryPort& port, std::string serial) {
  StlinkServer server(port, std::move(serial));
  server.listen_fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (server.listen_fd_ < 0 || bind(server.listen_fd_, generic, size) != 0 ||
      ::listen(server.listen_fd_, static_cast<int>(kMostClients)) != 0 ||
      getsockname(server.listen_fd_, generic, &size) != 0) {
    return fail("vboard.listen", fmt::format("cannot listen on a loopback port: {}", strerror(errno)));
  }
  server.tcp_port_ = ntohs(address.sin_port);
  return server;
}

StlinkServer::StlinkServer(StlinkServer&& other) noexcept
    : session_(other.session_),
      serial_(std::move(other.serial_)),
      listen_fd_(std::exchange(other.listen_fd_, -1)),
      tcp_port_(other.tcp_port_),
      owner_fd_(other.owner_fd_),
      clients_(std::exchange(other.clients_, {})) {}

StlinkServer::~StlinkServer() {
  for (Client& client : clients_) close(client.fd);
  if (listen_fd_ >= 0) close(listen_fd_);
}

void StlinkServer::add_waits(std::vector<pollfd>& waits) const {
  waits.push_back({listen_fd_, POLLIN, 0});
  for (const Client& client : clients_) waits.push_back({client.fd, POLLIN, 0});
}

void StlinkServer::accept_clients() {
  for (;;) {
    const int fd = accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    if (clients_.size() >= kMostClients) {
      close(fd);
      continue;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    clients_.push_back({fd, {}});
  }
}

void StlinkServer::close_client(Client& client) {
  if (owner_fd_ == client.fd) owner_fd_ = -1;
  close(client.fd);
  client.fd = -1;
}

Status StlinkServer::serve() {
  accept_clients();
  for (Client& client : clients_) {
    const bool alive = receive(client);
    Next next = Next::kAgain;
    while (next == Next::kAgain) {
      ASSAY_TRY(next, serve_frame(client));
    }
    if (!alive || next == Next::kClose) close_client(client);
  }
  std::erase_if(clients_, [](const Client& client) { return client.fd < 0; });
  return {};
}

bool StlinkServer::receive(Client& client) {
  uint8_t chunk[kLargestFrame];
  // Bounded: what is left is served at the next turn.
  const ssize_t got = recv(client.fd, chunk, sizeof chunk, 0);
  if (got > 0) client.input.insert(client.input.end(), chunk, chunk + got);
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

bool StlinkServer::send(Client& client, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(client.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes = bytes.subspan(static_cast<size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return false;
    pollfd wait{client.fd, POLLOUT, 0};
    if (poll(&wait, 1, kSendLimitMs) <= 0) return false;
  }
  return true;
}

std::vector<uint8_t> StlinkServer::probe_info(const Client& client) const {
  std::vector<uint8_t> reply = words({kStatusOk, kDeviceId});
  std::string serial = serial_;
  serial.resize(kSerialField);
  reply.insert(reply.end(), serial.begin(), serial.end());
  for (const uint16_t id : {StlinkSession::kVendor, StlinkSession::kProduct}) {
    reply.push_back(static_cast<uint8_t>(id));
    reply.push_back(static_cast<uint8_t>(id >> 8));
  }
  reply.push_back(owner_fd_ >= 0 && owner_fd_ != client.fd ? 1 : 0);
  return reply;
}

Result<StlinkServer::Next> StlinkServer::serve_frame(Client& client) {
  if (client.input.empty()) return Next::kWait;
  const uint8_t op = client.input[0];
  if (op >= std::size(kFrameSize)) return Next::kClose;
  size_t size = kFrameSize[op];
  if (client.input.size() < size) return Next::kWait;
  if (op == kCommand && client.input[24] == kWrites) {
    const uint32_t data = word(&client.input[28]);
    if (data > kLargestFrame - kCommandFrame) return Next::kClose;
    size += data;
    if (client.input.size() < size) return Next::kWait;
  }
  std::vector<uint8_t> frame(client.input.begin(), client.input.begin() + static_cast<ptrdiff_t>(size));
  client.input.erase(client.input.begin(), client.input.begin() + static_cast<ptrdiff_t>(size));

  std::vector<uint8_t> reply;
  switch (op) {
    case kServerVersion:
      reply = words({kApiVersion, 1, 0, 0});
      break;  // no status word
    case kRefresh:
      reply = words({kStatusOk});
      break;
    case kCount:
      reply = words({1});
      break;  // no status word
    case kInfo:
      reply = probe_info(client);
      break;
    case kOpen: {
      const bool free = owner_fd_ < 0 || owner_fd_ == client.fd;
      if (free) owner_fd_ = client.fd;
      reply = words({free ? kStatusOk : kStatusBusy, free ? kConnectId : 0});
      break;
    }
    case kClose:
      if (owner_fd_ == client.fd) owner_fd_ = -1;
      reply = words({kStatusOk});
      break;
    default:
      return serve_command(client, frame);
  }
  return send(client, reply) ? Next::kAgain : Next::kClose;
}

Result<StlinkServer::Next> StlinkServer::serve_command(Client& client, std::span<const uint8_t> frame) {
  const bool writes = frame[24] == kWrites;
  const uint32_t size = word(&frame[28]);
  if (!writes && size > kLargestFrame) return Next::kClose;
  const bool opened = owner_fd_ == client.fd && word(&frame[4]) == kConnectId;
  std::vector<uint8_t> reply = words({opened ? kStatusOk : kStatusBadParameter});
  if (opened) {
    const auto command = frame.subspan(8).first<StlinkSession::kCommandSize>();
    ASSAY_TRY(const auto answer, session_.execute(command, frame.subspan(kCommandFrame)));
    if (!writes) reply.insert(reply.end(), answer.begin(), answer.end());
  }
  // The host blocks until it has every byte it asked for, also after an error.
  if (!writes) reply.resize(4 + size);
  return send(client, reply) ? Next::kAgain : Next::kClose;
}

}  // namespace assay::vboard
