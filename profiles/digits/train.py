#!/usr/bin/env python3
"""Makes the models and the test data of profiles/digits: 8x8 handwritten digits and a small depthwise network.

Neither the build nor a run needs this file: what it makes is committed. To make it again (development packages, in
their own environment, under a minute on one core):

    pip install tensorflow-cpu==2.21.0 scikit-learn==1.9.1
    python profiles/digits/train.py

1,797 images of scikit-learn's `load_digits`, pixels 0..16: 600 stratified test images, 1,197 for training.
"""
import pathlib

import numpy as np

SEED, EPOCHS, BATCH, CALIBRATION, WIDTH, TEST = 1, 60, 128, 200, 8, 600
HERE = pathlib.Path(__file__).resolve().parent


def network():
    import tensorflow as tf
    layers = tf.keras.layers

    def activated(x):
        return layers.ReLU(6.0)(layers.BatchNormalization()(x))

    entry = layers.Input((8, 8, 1))
    x = activated(layers.Conv2D(WIDTH, 3, padding="same", use_bias=False)(entry))
    for channels, stride in ((2 * WIDTH, 2), (2 * WIDTH, 1), (4 * WIDTH, 2)):
        x = activated(layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x))
        x = activated(layers.Conv2D(channels, 1, use_bias=False)(x))
    x = layers.GlobalAveragePooling2D()(x)
    return tf.keras.Model(entry, layers.Dense(10, activation="softmax")(x))


def convert(model, quantised, calibration):
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
    call = tf.function(lambda x: model(x, training=False))
    concrete = call.get_concrete_function(tf.TensorSpec([1, 8, 8, 1], tf.float32))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(concrete)])
    if quantised:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([sample[None]] for sample in calibration)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def main():
    import tensorflow as tf
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    tf.keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    source = load_digits()
    pixels = source.images.astype(np.uint8)[..., None]
    train, test = train_test_split(np.arange(len(pixels)), test_size=TEST, stratify=source.target, random_state=SEED)

    model = network()
    model.compile(tf.keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    real = pixels.astype(np.float32) / 16
    model.fit(real[train], source.target[train], batch_size=BATCH, epochs=EPOCHS, verbose=2)

    chosen = np.random.default_rng(SEED).choice(train, CALIBRATION, replace=False)
    for name, quantised in (("float", False), ("int8", True)):
        (HERE / f"model_{name}.tflite").write_bytes(convert(model, quantised, real[chosen]))
    np.savez_compressed(HERE / "data/digits_test.npz", x=pixels[test], y=source.target[test].astype(np.uint8),
                        ids=np.array([f"digits/{index:04d}" for index in test], dtype="S"))


if __name__ == "__main__":
    main()
