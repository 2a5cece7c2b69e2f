// What the stock firmware needs of a board. One source file per board (boards/<type>/board.cpp, or one that
// like boards share in boards/chips/) defines every function: a missing one is a link error, never a silent
// default. What does not differ in code is data: board.toml, read through board_config.h.
//
// To add a board: write boards/<type>/board.toml and board.cpp (see boards/posix), nothing else. Where the
// code of another board fits, board.toml names it as firmware.source (see boards/mps2-an385) and is all there
// is.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace assay::boards {

// Clock, counter, serial line, marker pin. Every wait in it is bounded.
// False: the board cannot start (posix: bad arguments); it has told the user why.
bool start(int argc, char** argv);

// The free-running counter described by [clock] in board.toml.
uint32_t tick();

// Serial line to the host: bytes read, 0 when none wait; never blocks.
size_t rx(uint8_t* to, size_t room);
// Sends all; blocks for as long as the line takes.
void tx(const uint8_t* bytes, size_t count);

// Bytes that rx keeps while the agent works: how far the host may run ahead.
uint32_t rx_window();

// What a board may lack; nullptr makes the feature absent, and BOARD says so to the host.
struct Extras {
  void (*marker)(int high) = nullptr;  // the pin that is high during an inference
  void (*link)(int on) = nullptr;      // quiet window: serial peripheral off and on
  void (*idle)() = nullptr;            // lowest power until something happens
};
Extras extras();

// The clock that was reached, Hz; 0: meaningless (emulated, or a process).
uint32_t core_clock_hz();

// Returns when bytes may be waiting, at the latest after about 100 ms where time is real. Called between two
// polls, never inside a timed span.
void wait();

[[noreturn]] void reset();

// 0 unknown 1 power 2 pin 3 software 4 watchdog 5 fault, as assay_port.reset_cause.
uint8_t reset_cause();
// Differs from boot to boot where the board can make it so.
uint32_t boot_id();
// 16 bytes that identify the image / the chip; zeros: unknown.
void build_id(uint8_t* to);
void unit_id(uint8_t* to);

struct Region {
  const uint8_t* data = nullptr;
  size_t bytes = 0;
};
// Where the host puts the plan; bytes = 0: there is none.
Region plan_region();

struct Memory {
  uint8_t* stack_low = nullptr;  // nullptr: unknown
  uint8_t* stack_high = nullptr;
  uint32_t static_bytes = 0;  // .data + .bss, 0: unknown
};
Memory memory();

// A line about a fault before the last reset, written to `to` (room bytes, ended by NUL; 90 characters at
// most); false: there was none.
bool last_fault(char* to, size_t room);

}  // namespace assay::boards
