#!/usr/bin/env python3
"""R2: the same C built for this computer, over the inputs of a folder: host_build.py FOLDER (docs/references.md)."""
import ctypes
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

folder = pathlib.Path(sys.argv[1])
with tempfile.TemporaryDirectory() as scratch:
    library = f"{scratch}/digits.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "app/digits.c", "-o", library], check=True)
    digits = ctypes.CDLL(library)
    pixels = (ctypes.c_int8 * 64).in_dll(digits, "digits_input")
    scores = (ctypes.c_int8 * 10).in_dll(digits, "digits_output")
    outputs = []
    for sample in np.load(folder / "inputs.npy").reshape(-1, 64):
        pixels[:] = sample.tolist()
        digits.digits_run()
        outputs.append(list(scores))
np.save(folder / "outputs.npy", np.array(outputs, np.int8))
