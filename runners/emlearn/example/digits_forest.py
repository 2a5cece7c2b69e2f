#!/usr/bin/env python3
"""The forests of runners/emlearn/example in Python: how they were made, and what they should answer.

    digits_forest.py make                   trains (scikit-learn) and writes digits_forest.h, digits_forest_raw.h (emlearn)
    digits_forest.py original SCALE FOLDER  reference R0: scikit-learn's own forest on FOLDER/inputs.npy (real pixels, 0..16)
    digits_forest.py converted HEADER FOLDER  reference R1: the forest that emlearn wrote, walked by NumPy

SCALE is what a pixel is multiplied by before training: 2 or 1. The last two are commands of the profiles
(docs/references.md, "Any command"). Training is repeated for every reference: a fraction of a second, the same trees each
time with the same scikit-learn.
"""
import pathlib
import re
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
TEST = HERE.parents[2] / "profiles/digits/data/digits_test.npz"
FORESTS = {"digits_forest": 2, "digits_forest_raw": 1}
TREES, DEPTH, LEAF_BITS, SEED = 20, 8, 8, 1


def trained(scale):
    from sklearn.datasets import load_digits
    from sklearn.ensemble import RandomForestClassifier
    source = load_digits()
    ids = [int(name.decode().split("/")[1]) for name in np.load(TEST)["ids"]]
    train = np.setdiff1d(np.arange(len(source.data)), ids)
    return RandomForestClassifier(TREES, max_depth=DEPTH, random_state=SEED).fit(source.data[train] * scale, source.target[train])


def make(folder):
    import emlearn
    for name, scale in FORESTS.items():
        converted = emlearn.convert(trained(scale), method="loadable", leaf_bits=LEAF_BITS)
        text = converted.save(name=name)
        (folder / f"{name}.h").write_text("\n".join(["// clang-format off"] + [line.rstrip() for line in text.strip().splitlines()]) + "\n")


def numbers(text, name):
    return np.array([int(word) for word in re.findall(r"-?\d+", re.search(rf"\b{name}\[\d+\] = {{(.*?)}};", text, re.S)[1])])


def walk(header, q):
    """Mean of the leaves' proportions, in emlearn's order of float32 operations."""
    text, name = header.read_text(), header.stem
    nodes = numbers(text, f"{name}_nodes").reshape(-1, 4)
    leaves = numbers(text, f"{name}_leaves").reshape(-1, 10).astype(np.float32) / np.float32(255)
    total, rows = np.zeros((len(q), 10), np.float32), np.arange(len(q))
    for root in numbers(text, f"{name}_tree_roots"):
        at = np.full(len(q), root)
        while (inner := at >= 0).any():
            feature, value, left, right = nodes[np.where(inner, at, 0)].T
            child = np.where(q[rows, feature] < value, left, right)
            at = np.where(inner, np.where(child >= 0, at + child, child), at)
        total += leaves[-at - 1]
    return total / np.float32(TREES)


def main(words):
    if words[:1] == ["make"] and len(words) in (1, 2):
        return make(pathlib.Path(words[1]) if len(words) == 2 else HERE)
    if len(words) != 3 or words[0] not in ("original", "converted"):
        sys.exit(__doc__)
    folder = pathlib.Path(words[2])
    x = np.load(folder / "inputs.npy")
    x = x.reshape(len(x), -1)
    outputs = trained(int(words[1])).predict_proba(x * int(words[1])) if words[0] == "original" else walk(HERE / words[1], x)
    np.save(folder / "outputs.npy", outputs.astype(np.float32))
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
