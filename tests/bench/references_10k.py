#!/usr/bin/env python3
"""What many samples cost the host: keyword spotting (kws01 of the public data, resampled) on the posix board with R0, the R1
set and R2. Prints one table; a line for each number of samples.

    tests/bench/references_10k.py [--bin build/bin] [--shared DIR] [--samples 1000,10000] [--workers N]

Per process of the run: CPU seconds and peak resident memory, from /proc every 20 ms (what lives shorter is not seen; starts
of Python are counted by a wrapper and exact). Growth from line to line matters more than the level: a build with
AddressSanitizer takes several times as much of both.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path(os.environ.get("ASSAY_BIN_DIR", ROOT / "build/bin")))
    parser.add_argument("--shared", type=pathlib.Path, default=pathlib.Path(os.environ.get("ASSAY_SHARED_DATA", ROOT.parent / "shared/data")))
    parser.add_argument("--samples", default="1000,10000")
    parser.add_argument("--workers", type=int, default=0)
    return parser.parse_args()


def write_profile(shared, folder, count):
    labels = [line.split(",") for line in (shared / "datasets/kws01/y_labels.csv").read_text().split()]
    chosen = np.random.default_rng(1).integers(len(labels), size=count)
    samples = [np.frombuffer((shared / "datasets/kws01" / name).read_bytes(), np.int8) for name, _, _ in labels]
    np.savez(folder / "kws.npz", x=np.stack([samples[i] for i in chosen]).reshape(count, 49, 10, 1),
             y=np.array([int(labels[i][2]) for i in chosen]), ids=np.array([f"{n:05d}_{labels[i][0]}" for n, i in enumerate(chosen)], dtype="S"))
    (folder / "profile.toml").write_text(f"""
[profile]
name = "kws{count}"
[model]
file = "{shared}/models/kws01_kws_ref_model_int8.tflite"
float_file = "{shared}/models/kws01_kws_saved_model_fp32.tflite"
[data]
path = "kws.npz"
ids = "ids"
quantised = true
""")


def watch(process, seen):
    """Last CPU time and peak memory of each process of the session, by what it is."""
    while process.poll() is None:
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                if int(entry.name) != process.pid and int(stat[1]) != process.pid:
                    continue
                words = (entry / "cmdline").read_bytes().split(b"\0")
                status = dict(line.split(":\t") for line in (entry / "status").read_text().splitlines() if ":\t" in line)
                what = next((name for name in ("desktop.py", "assay-agent-posix") if any(name.encode() in word for word in words)), "assay")
                if int(entry.name) != process.pid and what == "assay":
                    continue  # between fork and exec, or a short tool
                seen[int(entry.name)] = (what, (int(stat[11]) + int(stat[12])) / TICKS, int(status["VmHWM"].split()[0]) / 1024)
            except (OSError, KeyError, ValueError):
                continue
        time.sleep(0.02)


def measure(options, home, count):
    folder = home / f"profile{count}"
    folder.mkdir()
    write_profile(options.shared, folder, count)
    starts, python = home / f"starts{count}", home / "python"
    real = ROOT / ".venv/bin/python"
    python.write_text(f'#!/bin/sh\necho "$3" >> "{starts}"\nexec "{real if real.exists() else "python3"}" "$@"\n')
    python.chmod(0o755)
    environment = dict(os.environ, ASSAY_PYTHON=str(python), ASSAY_STATE_DIR=str(home / "state"), ASSAY_CACHE_DIR=str(home / "cache"),
                       ASSAY_DATA_DIR=str(ROOT), ASAN_OPTIONS="detect_leaks=0")
    run = home / f"run{count}"
    command = [options.bin / "assay", "run", folder, "--board", "posix", "--no-cache", "-q", "--folder", run]
    if options.workers:
        command += ["--workers", str(options.workers)]
    begin, seen = time.monotonic(), {}
    process = subprocess.Popen(list(map(str, command)), env=environment, cwd=home, stdout=subprocess.DEVNULL, start_new_session=True)
    watch(process, seen)
    wall = time.monotonic() - begin
    summary = json.loads((run / "summary.json").read_text())
    of = lambda what, index: [one[index] for one in seen.values() if one[0] == what]
    return {"samples": count, "wall s": wall, "assay CPU us/sample": sum(of("assay", 1)) / count * 1e6,
            "assay peak MiB": max(of("assay", 2)), "workers CPU us/sample": sum(of("desktop.py", 1)) / count * 1e6,
            "worker peak MiB": max(of("desktop.py", 2), default=0), "Python starts": len(starts.read_text().splitlines()),
            "references": len(summary["references"]), "port bits": summary["attribution"]["port_bits"]}


def main():
    options = arguments()
    options.bin, options.shared = options.bin.resolve(), options.shared.resolve()
    home = pathlib.Path(tempfile.mkdtemp(prefix="assay_bench_"))
    try:
        rows = [measure(options, home, int(count)) for count in options.samples.split(",")]
        for title in rows[0]:
            print(f"{title:24}" + "".join(f"{row[title]:>12.1f}" if isinstance(row[title], float) else f"{row[title]:>12}" for row in rows))
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
