#!/usr/bin/env python3
"""Writes the build id into a linked firmware image: 16 bytes that identify exactly what the board will run.

build_id.py IMAGE.elf BUILD_ID_ADDRESS

The id is the first half of the SHA-256 over every loadable byte (physical address, length, content of each segment in
address order) with the id's own field set to zero. So it does not depend on paths, time or debug information, and an
image that is linked again from the same bytes keeps its id. Run again on its own output, it changes nothing.
"""
import hashlib
import struct
import sys

PT_LOAD = 1
ID_BYTES = 16


def loadable_segments(elf):
    """(file offset, physical address, size) of every segment that holds bytes, by address. 32-bit little-endian."""
    if elf[:6] != b"\x7fELF\x01\x01":
        sys.exit("not a 32-bit little-endian ELF file")
    table, = struct.unpack_from("<I", elf, 28)
    entry_size, count = struct.unpack_from("<HH", elf, 42)
    segments = []
    for index in range(count):
        kind, offset, _, address, size = struct.unpack_from("<5I", elf, table + index * entry_size)
        if kind == PT_LOAD and size:
            segments.append((offset, address, size))
    return sorted(segments, key=lambda segment: segment[1])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    path, field_address = sys.argv[1], int(sys.argv[2], 0)
    with open(path, "rb") as file:
        elf = bytearray(file.read())
    segments = loadable_segments(elf)
    fields = [offset + field_address - address for offset, address, size in segments
              if address <= field_address and field_address + ID_BYTES <= address + size]
    if len(fields) != 1:
        sys.exit(f"{path}: no loadable segment holds the build id at {field_address:#x}")
    field = fields[0]
    elf[field:field + ID_BYTES] = bytes(ID_BYTES)
    digest = hashlib.sha256()
    for offset, address, size in segments:
        digest.update(struct.pack("<II", address, size))
        digest.update(elf[offset:offset + size])
    build_id = digest.digest()[:ID_BYTES]
    elf[field:field + ID_BYTES] = build_id
    with open(path, "r+b") as file:
        file.seek(field)
        file.write(build_id)
    print(f"build id {build_id.hex()}")


if __name__ == "__main__":
    main()
