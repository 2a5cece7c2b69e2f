#!/usr/bin/env python3
"""Turns boards/<type>/board.toml into what a firmware build needs, so that no number is written twice.

board_config.py BOARD_TOML OUT_DIR [--stack-bytes N]
  OUT_DIR/board_config.h   constants of the clock, the model region, the name
  OUT_DIR/memory.ld        regions CODE and RAM for agent/ports/cortex_m/sections.ld (bare-metal cores only)
  OUT_DIR/board.cmake      ASSAY_BOARD_NAME, ASSAY_BOARD_CORE, ASSAY_BOARD_IMAGE, ASSAY_BOARD_SOURCE,
                           ASSAY_BOARD_BUILD_ID_ADDRESS
"""
import argparse
import pathlib
import re
import sys
import tomllib

# As in host/config/quantity.cpp.
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "kB": 10**3, "MB": 10**6, "GB": 10**9,
         "Hz": 1, "kHz": 10**3, "MHz": 10**6, "GHz": 10**9}
QUANTITIES = ("size", "arena_bytes", "tick_hz")
DEEPEST_INCLUDE = 8

CLOCK_KINDS = {"cycles": "ASSAY_CLOCK_CYCLES", "instructions": "ASSAY_CLOCK_INSTRUCTIONS",
               "host_ns": "ASSAY_CLOCK_HOST_NS"}


def fail(toml, message):
    sys.exit(f"{toml}: {message}")


def add_missing(own, base):
    for key, value in base.items():
        if key not in own:
            own[key] = value
        elif isinstance(value, dict) and isinstance(own[key], dict):
            add_missing(own[key], value)


def read_toml(path, depth=1):
    """The file with what it includes, merged as host/config/toml_reader.cpp does."""
    table = tomllib.loads(path.read_text())
    named = table.pop("include", [])
    if named and depth >= DEEPEST_INCLUDE:
        fail(path, "files include each other too deeply")
    base = {}
    for name in [named] if isinstance(named, str) else named:
        below = read_toml(path.parent / name, depth + 1)
        add_missing(below, base)
        base = below
    add_missing(table, base)
    return table


def in_numbers(toml, table):
    """Quantities with units ("4 MiB") become numbers."""
    for key, value in table.items():
        if isinstance(value, (dict, list)):
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    in_numbers(toml, inner)
        elif key in QUANTITIES and isinstance(value, str):
            match = re.fullmatch(r"([0-9.]+) *([A-Za-z]+)", value)
            if not match or match[2] not in UNITS:
                fail(toml, f"{key} is {value!r}, expected a number and one of {', '.join(UNITS)}")
            table[key] = int(float(match[1]) * UNITS[match[2]])


def header(toml, board):
    clock = board.get("clock", {})
    region = board.get("model_region", {})
    kind = clock.get("kind")
    if kind not in CLOCK_KINDS:
        fail(toml, f"clock.kind is {kind!r}, expected one of {', '.join(sorted(CLOCK_KINDS))}")
    emulated = 1 if board["board"]["kind"] == "virtual" else 0
    return f"""// Generated from {toml.parent.name}/board.toml by boards/tools/board_config.py.
#pragma once

#include <stdint.h>

#include "agent/assay.h"

namespace assay::boards {{

constexpr char kBoardName[] = "{board['board']['name']}";
constexpr assay_clock_kind kClockKind = {CLOCK_KINDS[kind]};
constexpr uint32_t kTickHz = {clock['tick_hz']}u;
constexpr uint32_t kTickNumerator = {clock.get('tick_numerator', 0)}u;
constexpr uint32_t kTickDenominator = {clock.get('tick_denominator', 0)}u;
constexpr uint8_t kEmulated = {emulated};
constexpr uintptr_t kPlanAddress = {region.get('address', 0):#x}u;
constexpr uint32_t kPlanBytes = {region.get('size', 0):#x}u;  // 0: the plan comes otherwise
constexpr uint32_t kArenaBytes = {region.get('arena_bytes', 0):#x}u;  // 0: the board's own choice

}}  // namespace assay::boards
"""


def first(toml, board, kind):
    for memory in board.get("memory", []):
        if memory["kind"] == kind:
            return memory
    fail(toml, f"no [[memory]] of kind \"{kind}\", so there is nowhere to link to")


def memory_ld(toml, board, stack_bytes):
    code, ram = first(toml, board, "code"), first(toml, board, "ram")
    code_end = code["address"] + code["size"]
    region = board.get("model_region")
    # The image ends where the host's plan begins.
    if region and code["address"] <= region["address"] < code_end:
        code_end = region["address"]
    build_id = board["firmware"].get("build_id_address")
    if build_id is None:
        fail(toml, "firmware.build_id_address is missing; use the first 16-byte place after the vectors")
    return f"""/* Generated from {toml.parent.name}/board.toml by boards/tools/board_config.py. */
assay_build_id_address = {build_id:#x};
assay_stack_bytes = {stack_bytes};
MEMORY
{{
  CODE (rx) : ORIGIN = {code['address']:#x}, LENGTH = {code_end - code['address']:#x}
  RAM (rw) : ORIGIN = {ram['address']:#x}, LENGTH = {ram['size']:#x}
}}
"""


def cmake(toml, board):
    source = board["firmware"].get("source")
    source = toml.parent.parent / source if source else toml.parent / "board.cpp"
    if not source.is_file():
        fail(toml, f"{source} is missing; write it, or name the code of a like board as firmware.source")
    return f"""set(ASSAY_BOARD_NAME "{board['board']['name']}")
set(ASSAY_BOARD_CORE "{board['board']['core']}")
set(ASSAY_BOARD_IMAGE "{board['firmware']['image']}")
set(ASSAY_BOARD_SOURCE "{source}")
set(ASSAY_BOARD_BUILD_ID_ADDRESS "{board['firmware'].get('build_id_address', 0):#x}")
"""


def write_if_changed(path, text):
    # An unchanged header must not rebuild the firmware.
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("board_toml", type=pathlib.Path)
    arguments.add_argument("out_dir", type=pathlib.Path)
    arguments.add_argument("--stack-bytes", type=int, default=8192)
    options = arguments.parse_args()
    try:
        board = read_toml(options.board_toml)
    except (OSError, tomllib.TOMLDecodeError) as error:
        fail(options.board_toml, error)
    in_numbers(options.board_toml, board)
    try:
        options.out_dir.mkdir(parents=True, exist_ok=True)
        write_if_changed(options.out_dir / "board_config.h", header(options.board_toml, board))
        if board["board"]["core"] != "host":
            write_if_changed(options.out_dir / "memory.ld", memory_ld(options.board_toml, board, options.stack_bytes))
        write_if_changed(options.out_dir / "board.cmake", cmake(options.board_toml, board))
    except KeyError as error:
        fail(options.board_toml, f"key {error} is missing")


if __name__ == "__main__":
    main()
