// OpenOCD's Tcl RPC port: one command out, one reply back, each ended by 0x1a.
//
// Replies carry no status of their own, so each command is sent wrapped: caught, captured (without `capture`
// the error text goes to the log alone) and answered as "<status> <text>". Who reaches the port has a shell
// (Tcl has `exec`), so this talks to 127.0.0.1 only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/result.h"

namespace assay::probe {

struct TclReply {
  int status = 0;    // 0: the command succeeded
  std::string text;  // its result, or what it complained about
};

class TclRpc {
 public:
  // probe.died when nothing listens, probe.timeout, base.interrupted.
  static Result<TclRpc> connect(uint16_t port, Deadline deadline);

  TclRpc() = default;
  TclRpc(TclRpc&& other) noexcept;
  TclRpc& operator=(TclRpc&& other) noexcept;
  TclRpc(const TclRpc&) = delete;
  TclRpc& operator=(const TclRpc&) = delete;
  ~TclRpc();

  // `idle` is called about every 200 ms while waiting; may be empty. probe.timeout (the connection is then
  // out of step: drop it), probe.died (closed by the other side, or no valid reply), base.interrupted.
  Result<TclReply> call(std::string_view command, Deadline deadline, const std::function<void()>& idle = {});
  // Whether a signal ends a wait (base.interrupted); at first it does.
  void heed_signals(bool heed) { heed_signals_ = heed; }
  void close();

 private:
  Status send(std::string_view bytes, Deadline deadline);
  Status wait_for(short events, Deadline deadline) const;
  int fd_ = -1;
  bool heed_signals_ = true;
};

// One Tcl word that stands for exactly `text`.
std::string tcl_word(std::string_view text);

}  // namespace assay::probe
