#!/usr/bin/env python3
"""Stands where the references' Python should be, and misbehaves once it has its request.

    worker_double.py MODE REAL_PYTHON ARGUMENTS...     the arguments are those that Assay gives to Python
"""
import json
import os
import resource
import signal
import sys
import time

MODE, PYTHON, ARGUMENTS = sys.argv[1], sys.argv[2], sys.argv[3:]


def say(**event):
    print(json.dumps(event), flush=True)


def save(request, rows, width, kind="int8", value=0):
    import numpy as np
    np.save(request["outputs"], np.full((rows, width), value, dtype=kind))
    say(event="done", name="out", type=kind, dims=[1, width], scale=0.0 if kind.startswith("float") else 0.00390625,
        zero_point=0 if kind.startswith("float") else -128)


def rows_of(request):
    import numpy as np
    return len(np.load(request["inputs"], mmap_mode="r"))


def flood(stream):
    while True:
        stream.write("no end in sight\n" * 1000)


def dies(words, end):
    sys.stderr.write(words + "\n")
    sys.stderr.flush()
    end()


MISCHIEF = {
    "exit": lambda request: dies("tensor arena exhausted", lambda: sys.exit(7)),
    "segv": lambda request: dies("about to crash", lambda: os.kill(os.getpid(), signal.SIGSEGV)),
    "kill": lambda request: dies("the kernel needs my memory", lambda: os.kill(os.getpid(), signal.SIGKILL)),
    "hang": lambda request: dies("thinking", lambda: time.sleep(600)),
    "garbage": lambda request: print("INFO: Created TensorFlow Lite XNNPACK delegate for CPU.", flush=True),
    "shape": lambda request: save(request, rows_of(request), 7),
    "type": lambda request: save(request, rows_of(request), 10, "int32"),
    "half": lambda request: save(request, rows_of(request) // 2, 10),
    "nan": lambda request: save(request, rows_of(request), 10, "float32", float("nan")),
    "stderr": lambda request: flood(sys.stderr),
    "silent_end": lambda request: None,
}


def main():
    if MODE == "old":
        sys.exit('  File "desktop.py", line 97\n    raise Failure("shape", f"the model has")\nSyntaxError: invalid syntax')
    if MODE == "no_packages":
        os.execv(PYTHON, [PYTHON, "-S", *ARGUMENTS])
    if MODE == "versions_hang" and "--versions" in ARGUMENTS:
        time.sleep(600)
    if "--versions" in ARGUMENTS or MODE == "good":
        os.execv(PYTHON, [PYTHON, *ARGUMENTS])
    if MODE == "memory":
        resource.setrlimit(resource.RLIMIT_AS, (120 << 20, 120 << 20))
        os.execv(PYTHON, [PYTHON, *ARGUMENTS])
    request = json.loads(sys.stdin.readline())
    say(event="ready", version="9.9")
    MISCHIEF[MODE](request)


if __name__ == "__main__":
    main()
