#!/usr/bin/env python3
"""Prints what a firmware image costs, by owner and section, from the linker map, and writes it as JSON.

image_sizes.py IMAGE.map OUT.sizes.json

Owners: agent, runner (adapter and engine), board (startup, drivers, main), libc (newlib, libgcc), stack, arena.
OUT: {"sections": [{"owner", "section", "bytes", "memory": "flash"|"ram"}]}; .data counts in both memories.
"""
import collections
import json
import re
import sys

FLASH = (".vectors", ".assay_build_id", ".text", ".rodata", ".ARM.exidx", ".data")
RAM = (".stack", ".noinit", ".data", ".bss", ".arena")

# First match wins; against the object's path as the map writes it.
OWNERS = [
    (r"lib(c|g|m|c_nano|g_nano|gcc|stdc\+\+|nosys)[^/]*\.a\(", "libc"),
    (r"libassay_agent|/agent/[a-z_]+\.c", "agent"),
    (r"libassay_engine|runners/native|runners/\w+/CMakeFiles/[^/]*/example/|libtensorflow-microlite", "runner"),
    (r"", "board"),
]


def owner_of(section, place):
    if section in (".stack", ".arena"):
        return section[1:]
    return next(owner for pattern, owner in OWNERS if re.search(pattern, place))


def read_map(text):
    """Bytes by (owner, output section). Alignment between input sections goes to the board."""
    parts, totals, section = collections.defaultdict(list), {}, None
    body = text[text.index("Linker script and memory map"):]
    # A long name stands alone on its line; the numbers follow on the next.
    body = re.sub(r"\n( ?\.?[^\s*]\S*)\n\s+0x", r"\n\1 0x", body)
    for line in body.splitlines():
        output = re.match(r"(\.\S+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)", line)
        if output:
            section = output[1] if output[1] in FLASH + RAM else None
            if section:
                totals[section] = int(output[3], 16)
            continue
        if re.match(r"\S", line):
            section = None
        part = re.match(r" (\S+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S.*)", line)
        if section and part and part[1] != "*fill*":
            parts[section].append((int(part[2], 16), int(part[3], 16), part[4]))
    sizes = collections.Counter()
    for section, total in totals.items():
        # Merged strings stand with the size that they had before; what is left of one ends where the next part begins.
        ends = [address for address, _, _ in parts[section][1:]] + [2**32]
        counted = 0
        for (address, size, place), end in zip(parts[section], ends):
            size = min(size, max(end - address, 0))
            sizes[owner_of(section, place), section] += size
            counted += size
        rest = total - counted
        if rest < 0:
            sys.exit(f"{section}: its parts are larger than the section ({counted} > {total}): map not understood")
        if rest:
            sizes[owner_of(section, "fill"), section] += rest
    return sizes


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1]) as file:
        sizes = read_map(file.read())
    rows = []
    for (owner, section), size in sorted(sizes.items()):
        for memory, members in (("flash", FLASH), ("ram", RAM)):
            if size and section in members:
                rows.append({"owner": owner, "section": section, "bytes": size, "memory": memory})
    with open(sys.argv[2], "w") as file:
        json.dump({"sections": rows}, file, indent=1)
        file.write("\n")
    for memory in ("flash", "ram"):
        by_owner = collections.Counter()
        for row in rows:
            if row["memory"] == memory:
                by_owner[row["owner"]] += row["bytes"]
        print(f"{memory:5} {sum(by_owner.values()):8} bytes")
        for owner, size in by_owner.most_common():
            sections = ", ".join(f"{row['section']} {row['bytes']}" for row in rows
                                 if row["memory"] == memory and row["owner"] == owner)
            print(f"  {owner:7} {size:8}  {sections}")


if __name__ == "__main__":
    main()
