// One instance of a board, as the rest of the host sees it: what to open to talk to it and to debug it.
//
// Plain data: whoever found or started the unit (host/farm) owns the processes behind it.
#pragma once

#include <cstdint>
#include <string>

namespace assay::probe {

// Where the debug probe of a unit is reached.
struct Endpoint {
  uint16_t stlink_tcp_port =
      0;               // a virtual probe: its ST-LINK server on 127.0.0.1; 0: a probe on USB, or none
  std::string serial;  // of the probe; empty: the only one there is

  bool present() const { return stlink_tcp_port != 0 || !serial.empty(); }
};

struct Unit {
  std::string board;           // name of the type, "mps2-an386"
  std::string id;              // names this instance; what a lease locks
  std::string serial_address;  // of the agent's byte stream: "unix:/path", "tcp:host:port", "/dev/ttyACM0"
  Endpoint probe;
};

}  // namespace assay::probe
