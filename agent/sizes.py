#!/usr/bin/env python3
"""What the agent costs in a firmware: compiles the shipped sources with -Os, links what is called, adds the sections.

    agent/sizes.py            prints the tables of docs/agent_sizes.md
    agent/sizes.py --check    fails when a core is above the budget, or when docs/agent_sizes.md says something else
    agent/sizes.py --write    writes docs/agent_sizes.md

Features are linked only when they are called, so each has a row of its own. A core whose compiler is not installed is
left as the document has it. No libc is linked: memcpy, memset and strlen are every firmware's own.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FLASH_BUDGET, RAM_BUDGET = 6 * 1024, 1228  # of what every firmware links, at MTU 256
HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "docs/agent_sizes.md"
ARM, RISCV = "arm-none-eabi-", "riscv64-unknown-elf-"
CORES = {
    "Cortex-M0+": (ARM, ["-mcpu=cortex-m0plus", "-mthumb"]),
    "Cortex-M3": (ARM, ["-mcpu=cortex-m3", "-mthumb"]),
    "Cortex-M4": (ARM, ["-mcpu=cortex-m4", "-mthumb"]),
    "Cortex-M55": (ARM, ["-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"]),
    "RV32IMAC": (RISCV, ["-march=rv32imac", "-mabi=ilp32"]),
}
BASE = ["assay_init", "assay_poll", "assay_op_begin", "assay_op_end", "assay_log", "assay_session"]
FEATURES = {
    "spans": ["assay_use_spans", "assay_span_begin", "assay_span_end"],
    "observe": ["assay_use_observe", "assay_observe_begin", "assay_observe_end"],
    "taps": ["assay_use_taps", "assay_tap"],
}
MTUS = (128, 256, 512, 1024)
# Bare-metal compilers come without one; these three are all that the agent calls.
STRING_H = """#include <stddef.h>
void* memcpy(void*, const void*, size_t);
void* memset(void*, int, size_t);
size_t strlen(const char*);
"""


def sources():
    listed = re.search(r"set\(ASSAY_AGENT_SOURCES ([^)]*)\)", (HERE.parent / "cmake/agent.cmake").read_text())[1]
    return [HERE / name for name in listed.split()]


class Build:
    """The agent's objects for one core and MTU."""

    def __init__(self, folder, core, mtu):
        self.prefix, self.flags = CORES[core]
        self.folder = pathlib.Path(folder) / f"{core}-{mtu}"
        self.folder.mkdir()
        (self.folder / "string.h").write_text(STRING_H)
        self.objects = [self.compile(source, mtu) for source in sources()]

    def compile(self, source, mtu):
        target = self.folder / f"{source.stem}.o"
        subprocess.run([f"{self.prefix}gcc", "-std=c99", "-Os", "-Wall", "-Wextra", "-Werror", "-ffreestanding",
                        *self.flags, f"-DASSAY_MTU={mtu}", "-ffunction-sections", "-fdata-sections", f"-I{HERE}",
                        f"-I{HERE.parent}", f"-I{self.folder}", "-c", source, "-o", target], check=True)
        return target

    def linked(self, called):
        """Flash and RAM of what these functions pull in, bytes."""
        program = self.folder / "linked.elf"
        roots = [f"-Wl,-u,{name}" for name in called]
        subprocess.run([f"{self.prefix}gcc", *self.flags, "-nostdlib", *roots, "-Wl,-e,assay_init",
                        "-Wl,--gc-sections", "-Wl,--unresolved-symbols=ignore-all", *self.objects, "-lgcc",
                        "-o", program], check=True, stderr=subprocess.DEVNULL)
        table = subprocess.run([f"{self.prefix}size", program], check=True, capture_output=True, text=True).stdout
        text, data, bss = (int(figure) for figure in table.splitlines()[1].split()[:3])
        return text + data, data + bss


def installed(core):
    return shutil.which(CORES[core][0] + "gcc") is not None


def core_rows(folder):
    """A row of the first table for each core that can be built, and whether one is above the budget."""
    rows, above = {}, []
    for core in filter(installed, CORES):
        build = Build(folder, core, 256)
        flash, ram = build.linked(BASE)
        extra = [build.linked(BASE + calls)[0] - flash for calls in FEATURES.values()]
        whole = build.linked(BASE + sum(FEATURES.values(), []))[0]
        rows[core] = f"| {core} | {flash} | " + " | ".join(f"+{more}" for more in extra) + f" | {whole} | {ram} |"
        if flash > FLASH_BUDGET or ram > RAM_BUDGET:
            above.append(f"{core}: flash {flash} of {FLASH_BUDGET} B, RAM {ram} of {RAM_BUDGET} B")
    return rows, above


def mtu_rows(folder):
    return [f"| {mtu} | {Build(folder, 'Cortex-M4', mtu).linked(BASE)[1]} |" for mtu in MTUS]


def kept_row(core):
    text = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    found = re.search(rf"^\| {re.escape(core)} \|.*$", text, re.M)
    return found[0] if found else None


def compilers():
    """Their versions, as the document names them; what is not installed as it named it before."""
    kept = re.search(r"GCC (\S+) for Arm, (\S+) for RISC-V", DOCUMENT.read_text() if DOCUMENT.exists() else "")
    found = []
    for i, prefix in enumerate((ARM, RISCV)):
        if shutil.which(prefix + "gcc"):
            found.append(subprocess.run([prefix + "gcc", "-dumpfullversion"], check=True, capture_output=True,
                                        text=True).stdout.strip())
        else:
            found.append(kept[i + 1] if kept else "?")
    return f"GCC {found[0]} for Arm, {found[1]} for RISC-V"


def document():
    with tempfile.TemporaryDirectory() as folder:
        rows, above = core_rows(folder)
        mtus = pathlib.Path(folder) / "mtu"
        mtus.mkdir()
        by_mtu = mtu_rows(mtus)
    text = "\n".join([
        "# What the agent costs",
        "Bytes; `agent/sizes.py --write` writes this page and a test checks it.",
        f"{compilers()}, `-Os`, `--gc-sections`, without the C library.",
        f"*Base* is init, poll, operator hooks and log: at most {FLASH_BUDGET} B of flash and {RAM_BUDGET} B of RAM at "
        "MTU 256.",
        "A feature is linked only when the firmware calls it; spans and observe share most of their code.",
        "",
        "| core | base flash | spans | observe | taps | all | RAM at MTU 256 |",
        "|---|---|---|---|---|---|---|",
        *[row for core in CORES if (row := rows.get(core) or kept_row(core))],
        "",
        "The firmware's own tables come on top: 16 B of RAM per operator record, 56 B per span or observed model,",
        "4 B per bin, and the tap buffer.",
        "",
        "| ASSAY_MTU | RAM on 32-bit cores |",
        "|---|---|",
        *by_mtu, ""])
    return text, above


def main():
    text, above = document()
    if "--write" in sys.argv:
        DOCUMENT.write_text(text)
    elif "--check" not in sys.argv:
        print(text)
    elif not DOCUMENT.exists() or (DOCUMENT.read_text() != text and compilers() in DOCUMENT.read_text()):
        above.append("docs/agent_sizes.md is out of date: agent/sizes.py --write mends it")
    for line in above:
        print(line)
    return 1 if above and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
