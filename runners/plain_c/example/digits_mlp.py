#!/usr/bin/env python3
"""The digits network of runners/plain_c/example in Python: how it was made, and what it should answer.

    digits_mlp.py make              trains (scikit-learn), quantises, writes digits_mlp_float.npz and digits_mlp_weights.h
    digits_mlp.py float FOLDER      reference R0: the float network on FOLDER/inputs.npy (real pixels, 0..1)
    digits_mlp.py integer FOLDER    reference R1: the quantised network, computed by NumPy from the same header

The last two are commands of profile.toml and need NumPy only (docs/references.md, "Any command").
"""
import pathlib
import re
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
FLOAT, HEADER = HERE / "digits_mlp_float.npz", HERE / "digits_mlp_weights.h"
TEST = HERE.parents[2] / "profiles/digits/data/digits_test.npz"
SIZES, IN_SCALE, SEED = (64, 32, 16, 10), 1 / 16, 1


def float_layers():
    stored = np.load(FLOAT)
    return [(stored[f"w{i}"], stored[f"b{i}"]) for i in range(3)]


def run_float(x, layers):
    """Activations of every layer; ReLU between layers."""
    found = []
    for i, (weights, bias) in enumerate(layers):
        x = x @ weights.T + bias
        x = x if i == 2 else np.maximum(x, 0)
        found.append(x)
    return found


def header_values(name):
    text = re.search(rf"\b{name}(?:\[\d+\] = {{([^}}]*)}}| (\d+))", HEADER.read_text())
    text = text[1] or text[2]
    return np.array([int(word) for word in text.replace(",", " ").split()])


def run_integer(q):
    x = q.astype(np.int64)
    for i in range(3):
        weights = header_values(f"digits_mlp_weights_{i}").reshape(SIZES[i + 1], SIZES[i])
        total = x @ weights.T + header_values(f"digits_mlp_bias_{i}")
        x = (total * header_values(f"DIGITS_MLP_MULTIPLIER_{i}") + (1 << 23)) >> 24
        x = np.clip(x, 0 if i < 2 else -127, 127)
    return x.astype(np.int8)


def c_array(kind, name, values):
    words = [str(int(v)) for v in np.ravel(values)]
    lines = [", ".join(words[i:i + 24]) for i in range(0, len(words), 24)]
    return f"static const {kind} {name}[{len(words)}] = {{\n    " + ",\n    ".join(lines) + "};\n"


def write_header(layers, calibration):
    activations = run_float(calibration, layers)
    scale, text = IN_SCALE, ""
    for i, (weights, bias) in enumerate(layers):
        weight_scale = np.abs(weights).max() / 127
        out_scale = np.abs(activations[i]).max() / 127
        text += c_array("int8_t", f"digits_mlp_weights_{i}", np.round(weights / weight_scale))
        text += c_array("int32_t", f"digits_mlp_bias_{i}", np.round(bias / (scale * weight_scale)))
        text += f"#define DIGITS_MLP_MULTIPLIER_{i} {round(scale * weight_scale / out_scale * 2**24)}\n\n"
        scale = out_scale
    HEADER.write_text("/* Made by digits_mlp.py make. */\n#ifndef DIGITS_MLP_WEIGHTS_H\n#define DIGITS_MLP_WEIGHTS_H\n\n"
                      f"#include <stdint.h>\n\n#define DIGITS_MLP_OUT_SCALE {np.float32(scale):.9g}f\n\n/* clang-format off */\n"
                      + text + "/* clang-format on */\n\n#endif\n")


def make():
    from sklearn.datasets import load_digits
    from sklearn.neural_network import MLPClassifier
    source = load_digits()
    ids = [int(name.decode().split("/")[1]) for name in np.load(TEST)["ids"]]
    train = np.setdiff1d(np.arange(len(source.data)), ids)
    real = source.data * IN_SCALE
    network = MLPClassifier(SIZES[1:-1], alpha=0.01, max_iter=400, random_state=SEED).fit(real[train], source.target[train])
    layers = [(w.T.astype(np.float32), b.astype(np.float32)) for w, b in zip(network.coefs_, network.intercepts_)]
    np.savez_compressed(FLOAT, **{f"w{i}": w for i, (w, _) in enumerate(layers)}, **{f"b{i}": b for i, (_, b) in enumerate(layers)})
    write_header(layers, real[train].astype(np.float32))
    for name, outputs in (("float", run_float(real[ids], layers)[-1]), ("int8", run_integer(source.data[ids]))):
        print(f"{name}: {100 * np.mean(outputs.argmax(1) == source.target[ids]):.2f} % of {len(ids)}")


def reference(run, folder):
    x = np.load(folder / "inputs.npy")
    np.save(folder / "outputs.npy", run(x.reshape(len(x), -1)))


if __name__ == "__main__":
    action = sys.argv[1] if len(sys.argv) > 1 else ""
    if action == "make":
        make()
    elif action == "float" and len(sys.argv) == 3:
        reference(lambda x: run_float(x, float_layers())[-1].astype(np.float32), pathlib.Path(sys.argv[2]))
    elif action == "integer" and len(sys.argv) == 3:
        reference(run_integer, pathlib.Path(sys.argv[2]))
    else:
        sys.exit(__doc__)
