#!/usr/bin/env python3
"""Makes the weights and pictures of this example: handwritten digits, 8x8, and a network of two dense layers in int8.

Neither the application nor a test run needs this file: what it makes is committed. To make it again (seconds on one
core): pip install numpy==2.4.6 scikit-learn==1.9.1, then run it.

The split is that of profiles/digits, so its 600 test images are unseen here too. Weights are symmetric int8 a layer;
the scales of input, hidden layer and output differ by powers of two only where a shift does the rescaling.
"""
import pathlib
import re
import sys

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

SEED, HIDDEN, TEST = 1, 24, 600
HERE = pathlib.Path(__file__).resolve().parent
INPUT_SCALE = 1 / 16  # pixels 0..16


def quantised(weights, biases, input_scale, outputs):
    """int8 weights, int32 biases, and the shift after which `outputs` fit into int8; the scale of the result."""
    scale = np.abs(weights).max() / 127
    accumulated = input_scale * scale
    shift = max(0, int(np.ceil(np.log2(np.abs(outputs).max() / accumulated / 127))))
    return (np.rint(weights / scale).astype(int), np.rint(biases / accumulated).astype(int), shift, accumulated * 2.0**shift)


def rows(name, kind, values):
    dims = "".join(f"[{size}]" for size in values.shape)
    if values.ndim == 1:
        return f"static const {kind} {name}{dims} = {{{', '.join(map(str, values))}}};\n"
    body = ",\n".join("  {" + ", ".join(map(str, row)) + "}" for row in values)
    return f"static const {kind} {name}{dims} = {{\n{body}}};\n"


def main():
    source = load_digits()
    pixels = source.data
    train, test = train_test_split(np.arange(len(pixels)), test_size=TEST, stratify=source.target, random_state=SEED)
    network = MLPClassifier((HIDDEN,), alpha=0.1, max_iter=1000, random_state=SEED).fit(pixels[train] / 16, source.target[train])
    (w1, w2), (b1, b2) = network.coefs_, network.intercepts_

    def layers(x):
        hidden = np.maximum(x / 16 @ w1 + b1, 0)
        return hidden, hidden @ w2 + b2

    hidden, logits = layers(pixels[train])
    q1, c1, shift1, hidden_scale = quantised(w1, b1, INPUT_SCALE, hidden)
    q2, c2, shift2, output_scale = quantised(w2, b2, hidden_scale, logits)
    header = [f"/* Made by train.py. */\n#ifndef DIGITS_WEIGHTS_H\n#define DIGITS_WEIGHTS_H\n\n#include <stdint.h>\n\n",
              f"#define DIGITS_HIDDEN {HIDDEN}\n#define HIDDEN_SHIFT {shift1}\n#define OUTPUT_SHIFT {shift2}\n",
              "\n",
              rows("hidden_weights", "int8_t", q1.T), rows("hidden_biases", "int32_t", c1),
              rows("output_weights", "int8_t", q2.T), rows("output_biases", "int32_t", c2), "\n#endif\n"]
    (HERE / "app/digits_weights.h").write_text("".join(header))
    shown = [next(index for index in train if source.target[index] == digit) for digit in range(10)]
    (HERE / "app/pictures.h").write_text("/* Made by train.py: one training picture of each digit. */\n" +
                                         rows("pictures", "int8_t", pixels[shown].astype(int)))
    np.savez_compressed(HERE / "float_outputs.npz", outputs=layers(pixels[test])[1].astype(np.float32),
                        ids=np.array([f"digits/{index:04d}" for index in test], dtype="S"))
    x = pixels[test].astype(int)
    h = np.clip((x @ q1 + c1 + (1 << shift1 >> 1)) >> shift1, 0, 127)
    y = np.clip((h @ q2 + c2 + (1 << shift2 >> 1)) >> shift2, -128, 127)
    truth = source.target[test]
    declared = re.search(r"#define DIGITS_SCALE ([0-9.]+)f", (HERE / "app/digits.h").read_text())[1]
    if abs(float(declared) - output_scale) > 1e-7:
        sys.exit(f"app/digits.h: DIGITS_SCALE is {declared}, write {output_scale:.9g}f")
    print(f"float {np.mean(layers(pixels[test])[1].argmax(1) == truth):.4f}, int8 {np.mean(y.argmax(1) == truth):.4f}, "
          f"shifts {shift1} {shift2}, scales {hidden_scale:.5f} {output_scale:.5f}")


if __name__ == "__main__":
    main()
