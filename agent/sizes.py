#!/usr/bin/env python3
"""What the agent costs on Cortex-M4 and M0+: compiles the shipped sources with -Os and adds their sections.

    agent/sizes.py            prints the table
    agent/sizes.py --check    also fails when a core is above the budget (flash 6 KB, RAM 1.2 KB at MTU 256)
"""
import pathlib
import re
import subprocess
import sys
import tempfile

FLASH_BUDGET, RAM_BUDGET = 6 * 1024, 1228
CORES = ("cortex-m4", "cortex-m0plus")
HERE = pathlib.Path(__file__).resolve().parent


def sources():
    listed = re.search(r"set\(ASSAY_AGENT_SOURCES ([^)]*)\)", (HERE.parent / "cmake/agent.cmake").read_text())[1]
    return [HERE / name for name in listed.split()]


def sizes(core):
    with tempfile.TemporaryDirectory() as folder:
        objects = []
        for source in sources():
            objects.append(f"{folder}/{source.stem}.o")
            subprocess.run(["arm-none-eabi-gcc", "-std=c99", "-Os", "-Wall", "-Wextra", "-Werror", f"-mcpu={core}",
                            "-mthumb", "-ffunction-sections", "-fdata-sections", f"-I{HERE}", f"-I{HERE.parent}",
                            "-c", source, "-o", objects[-1]], check=True)
        table = subprocess.run(["arm-none-eabi-size", "-t", *objects], check=True, capture_output=True, text=True).stdout
    text, data, bss = (int(figure) for figure in table.splitlines()[-1].split()[:3])
    return text + data, data + bss


def main():
    failed = False
    for core in CORES:
        flash, ram = sizes(core)
        failed |= flash > FLASH_BUDGET or ram > RAM_BUDGET
        print(f"{core:14} flash {flash:5} of {FLASH_BUDGET} B   RAM {ram:5} of {RAM_BUDGET} B")
    return 1 if failed and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
