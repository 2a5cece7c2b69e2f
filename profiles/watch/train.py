#!/usr/bin/env python3
"""Makes the models and the test data of profiles/watch and profiles/watch_raw from a public data set.

Neither the build nor a run needs this file: what it makes is committed. To make it again (development packages, in
their own environment, about a minute on one core):

    pip install tensorflow-cpu==2.21.0 seglearn==1.2.5 pandas
    python profiles/watch/train.py

Data: 140 recordings of 10 people doing 7 shoulder exercises, smartwatch on the wrist, 6 axes at 50 Hz (see data/SOURCE.md).
Preparation: pairs averaged to 25 Hz; acceleration stored as int16 of 1/4096 g, rotation as int16 of 1/16 degree per
second, as a sensor delivers them; windows of 100 samples (4 s), step 20 for training (people 1-7), step 50 for the
test (people 8-10). Nothing was tuned on the test set.

One network is trained once, on inputs normalised per axis. profiles/watch deploys it as it is. profiles/watch_raw
deploys the same weights behind a fixed 1x1 depthwise layer that does the normalising inside the model, so that the
input is in g and degrees per second: equal in float, ruined by int8, because one input scale has to serve both.
"""
import importlib.util
import json
import pathlib

import numpy as np

SEED, EPOCHS, BATCH, CALIBRATION = 1, 25, 128, 200
WINDOW, TRAIN_STEP, TEST_STEP = 100, 20, 50
TEST_SUBJECTS = (8, 9, 10)
# One stored step of each axis: g, then degrees per second.
STEP = np.array([2.0**-12] * 3 + [2.0**-4] * 3)
HERE = pathlib.Path(__file__).resolve().parent


def recordings():
    """(subject, recording number, class, int16 series at 25 Hz of shape [n, 6]), in the order of the source."""
    # find_spec does not import the package, whose own dependencies are not needed here.
    package = pathlib.Path(importlib.util.find_spec("seglearn").origin).parent
    source = np.load(package / "data/watch_dataset.npy", allow_pickle=True).item()
    for number, series in enumerate(source["X"]):
        series = np.array(series, dtype=np.float64)
        series[:, 3:] = np.rad2deg(series[:, 3:])
        even = len(series) // 2 * 2
        series = series[:even].reshape(-1, 2, 6).mean(axis=1)
        stored = np.rint(series / STEP)
        assert np.abs(stored).max() < 32768
        yield int(source["subject"][number]), number, int(source["y"][number]), stored.astype(np.int16)


def windows():
    parts = {"train": ([], [], []), "test": ([], [], [])}
    for subject, number, label, series in recordings():
        test = subject in TEST_SUBJECTS
        x, y, ids = parts["test" if test else "train"]
        for start in range(0, len(series) - WINDOW + 1, TEST_STEP if test else TRAIN_STEP):
            x.append(series[start:start + WINDOW, None, :])
            y.append(label)
            ids.append(f"s{subject:02d}/r{number:03d}/{start:04d}")
    return {name: (np.stack(x), np.array(y), ids) for name, (x, y, ids) in parts.items()}


def network():
    import tensorflow as tf
    layers = tf.keras.layers

    def activated(x):
        return layers.ReLU(6.0)(layers.BatchNormalization()(x))

    entry = layers.Input((WINDOW, 1, 6))
    x = activated(layers.Conv2D(16, (5, 1), strides=(2, 1), padding="same", use_bias=False)(entry))
    for channels, stride in ((32, 2), (32, 1), (64, 2)):
        # Keras wants equal strides; along the axis of length 1 the second one changes nothing.
        x = activated(layers.DepthwiseConv2D((5, 1), strides=stride, padding="same", use_bias=False)(x))
        x = activated(layers.Conv2D(channels, 1, use_bias=False)(x))
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    return tf.keras.Model(entry, layers.Dense(7, activation="softmax")(x))


def normalising_in_front(model, mean, std):
    """The same network with (x - mean) / std as its first layer."""
    import tensorflow as tf
    scaling = tf.keras.layers.DepthwiseConv2D(1)
    entry = tf.keras.layers.Input((WINDOW, 1, 6))
    outer = tf.keras.Model(entry, model(scaling(entry)))
    scaling.set_weights([(1 / std).reshape(1, 1, 6, 1), -mean / std])
    return outer


def converter(model):
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
    call = tf.function(lambda x: model(x, training=False))
    concrete = call.get_concrete_function(tf.TensorSpec([1, WINDOW, 1, 6], tf.float32))
    return tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(concrete)])


def convert(model, kind, calibration):
    import tensorflow as tf
    convert = converter(model)
    if kind != "float":
        wide = kind == "int16x8"
        ops, border = tf.lite.OpsSet, tf.int16 if wide else tf.int8
        convert.optimizations = [tf.lite.Optimize.DEFAULT]
        convert.representative_dataset = lambda: ([sample[None]] for sample in calibration)
        convert.target_spec.supported_ops = [
            ops.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8 if wide else ops.TFLITE_BUILTINS_INT8]
        convert.inference_input_type = convert.inference_output_type = border
        convert._experimental_disable_per_channel = kind == "int8_per_tensor"
    return convert.convert()


def main():
    import tensorflow as tf
    tf.keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    parts = windows()
    train, labels, _ = parts["train"]
    real = (train * STEP).astype(np.float32)
    mean, std = real.mean(axis=(0, 1, 2)), real.std(axis=(0, 1, 2))
    normalised = (real - mean) / std

    model = network()
    model.compile(tf.keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(normalised, labels, batch_size=BATCH, epochs=EPOCHS, verbose=2)

    chosen = np.random.default_rng(SEED).choice(len(train), CALIBRATION, replace=False)
    for folder, subject, inputs in (("watch", model, normalised),
                                    ("watch_raw", normalising_in_front(model, mean, std), real)):
        for kind in ("float", "int8", "int8_per_tensor", "int16x8"):
            if folder == "watch" and kind in ("int8_per_tensor", "int16x8"):
                continue
            (HERE.parent / folder / f"model_{kind}.tflite").write_bytes(convert(subject, kind, inputs[chosen]))

    test, truth, ids = parts["test"]
    # Shuffled once, so that the first N samples of a short run hold every class.
    order = np.random.default_rng(SEED).permutation(len(test))
    np.savez_compressed(HERE / "data/watch_test.npz", x=test[order], y=truth[order].astype(np.uint8),
                        ids=np.array(ids, dtype="S")[order])
    # For the two profile.toml: real = (stored - channel_zero_point) * channel_scale.
    print(json.dumps({"windows": {"train": len(train), "test": len(test)},
                      "raw": {"channel_scale": STEP.tolist()},
                      "normalised": {"channel_scale": [float(f"{v:.9g}") for v in STEP / std],
                                     "channel_zero_point": [float(f"{v:.9g}") for v in mean / STEP]}}, indent=1))


if __name__ == "__main__":
    main()
