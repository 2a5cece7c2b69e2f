#!/usr/bin/env python3
"""Which lines and branches the tests reached: a table of folders, and the least covered files.

Usage: tests/coverage.py build/coverage   (after `ctest --preset coverage`; reads its counts/*.profraw)

Only the product's sources count: no tests, no generated code. A process that is killed leaves no counts, so what runs
only there is missing; firmware runs on an emulator without counters, its portable parts on the host with.
"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDERS = ("agent", "boards", "host", "runners")
NOT_COUNTED = re.compile(r"_test\.cpp$|/fixture\.h$|/fake_target\.h$|_for_test\.h$|/selftest/")
LEAST = 10


def tool(name):
    """The unversioned name, or Debian's versioned one."""
    for candidate in (name, f"{name}-14"):
        if subprocess.run(["which", candidate], capture_output=True).returncode == 0:
            return candidate
    sys.exit(f"{name} is not installed: run ./bootstrap coverage")


def export(tree):
    profile = tree / "all.profdata"
    raw = [str(path) for path in (tree / "counts").glob("*.profraw")]
    if not raw:
        sys.exit(f"no counts in {tree / 'counts'}: run ctest --preset coverage first")
    subprocess.run([tool("llvm-profdata"), "merge", "-sparse", "--failure-mode=all", *raw, "-o", str(profile)], check=True)
    programs = [path for path in (tree / "bin").iterdir() if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"]
    objects = [word for path in programs[1:] for word in ("-object", str(path))]
    done = subprocess.run([tool("llvm-cov"), "export", "-summary-only", f"-instr-profile={profile}", str(programs[0]), *objects],
                          check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["data"][0]["files"]


def product_files(files):
    for file in files:
        path = pathlib.Path(os.path.normpath(file["filename"]))
        if not path.is_relative_to(ROOT):
            continue
        name = str(path.relative_to(ROOT))
        if name.split("/")[0] in FOLDERS and not NOT_COUNTED.search(name):
            yield name, {kind: (file["summary"][kind]["covered"], file["summary"][kind]["count"]) for kind in ("lines", "branches")}


def percent(covered, count):
    return f"{100 * covered / count:6.1f} %" if count else "       -"


def main(tree):
    files = dict(product_files(export(pathlib.Path(tree).resolve())))
    sums = collections.defaultdict(lambda: {"lines": [0, 0], "branches": [0, 0]})
    for name, summary in files.items():
        parts = name.split("/")
        folder = "/".join(parts[:2]) if parts[0] == "host" else parts[0]
        for key in (folder, "all"):
            for kind, (covered, count) in summary.items():
                sums[key][kind][0] += covered
                sums[key][kind][1] += count
    print(f"{'folder':20} {'lines':>8} {'covered':>8} {'branches':>9} {'covered':>8}")
    for key in sorted(sums, key=lambda key: (key == "all", key)):
        lines, branches = sums[key]["lines"], sums[key]["branches"]
        print(f"{key:20} {lines[1]:8} {percent(*lines)} {branches[1]:9} {percent(*branches)}")
    print(f"\nthe {LEAST} least covered files of 20 lines or more:")
    big = [(name, summary) for name, summary in files.items() if summary["lines"][1] >= 20]
    for name, summary in sorted(big, key=lambda entry: entry[1]["lines"][0] / entry[1]["lines"][1])[:LEAST]:
        print(f"  {percent(*summary['lines'])} lines {percent(*summary['branches'])} branches  {name}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
