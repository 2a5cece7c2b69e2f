#!/usr/bin/env python3
"""How fast runs are found among many: `assay runs`, `show @last` and `reindex` over 10^5 run folders, as a small table.

Not a test: figures depend on the computer. Usage: tests/bench/runs_index.py [--bin build/bin] [--runs 100000] [--in /dev/shm]
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

from run_folders import LONG_AGO, make_runs

parser = argparse.ArgumentParser()
parser.add_argument("--bin", default="build/bin", type=pathlib.Path)
parser.add_argument("--runs", default=100_000, type=int)
parser.add_argument("--in", dest="root", default="/dev/shm")
parser.add_argument("--rounds", default=11, type=int)
arguments = parser.parse_args()

root = pathlib.Path(tempfile.mkdtemp(prefix="assay_bench_", dir=arguments.root))
out = root / "out"
environment = dict(os.environ, ASSAY_STATE_DIR=str(root / "state"))


def seconds(*words):
    start = time.perf_counter()
    done = subprocess.run([arguments.bin / "assay", *words, "--out", out], env=environment, capture_output=True, text=True)
    elapsed = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}: {done.stderr}")
    return elapsed


def row(what, times):
    print(f"{what:<58} {statistics.median(times) * 1e3:9.1f} ms  (n {len(times)}, max {max(times) * 1e3:.1f})", flush=True)


def measure(what, *words, before=lambda: None, rounds=None):
    times = []
    for _ in range(rounds or arguments.rounds):
        before()
        times.append(seconds(*words))
    row(what, times)


try:
    start = time.perf_counter()
    make_runs(out, arguments.runs)
    print(f"{arguments.runs} run folders in {out}, made in {time.perf_counter() - start:.1f} s")
    measure("runs: the first time, no index", "runs", "--limit", "20", rounds=1)
    os.utime(out, (LONG_AGO, LONG_AGO))
    seconds("runs")
    query = ("runs", "--limit", "20", "--profile", "watch")
    measure("runs --limit 20 --profile watch: nothing changed", *query)
    measure("runs --limit 20", "runs", "--limit", "20")
    measure("runs --limit 20 --verdict fail --board posix", "runs", "--limit", "20", "--verdict", "fail", "--board", "posix")
    extra = iter(range(10 ** 6, 10 ** 7))
    measure("runs --limit 20 --profile watch: one run is new", *query, before=lambda: make_runs(out, 1, first=next(extra)))
    measure("show @last", "show", "@last")
    measure("reindex", "reindex", rounds=1)
finally:
    shutil.rmtree(root)
