"""The public models, int8 and float32, on every virtual board: what the board computes is what the engine computes here."""
import unittest

import numpy

from harness import FIRMWARE, Case, shared

BOARDS = ("mps2-an386", "mps2-an385")

# A folder of raw files does not tell what its bytes are.
KWS_REAL = 'type = "int8"\nscale = 0.584702909\nzero_point = 83'
PIXELS = 'type = "uint8"\nscale = 1.0'


def windows():
    """The 196 windows of the public ad01 sample: 5 slices of 128 mel bands each, one slice apart."""
    floats = numpy.fromfile(next(shared("datasets", "ad01").glob("*.bin")), "<f4")
    return numpy.stack([floats[start:start + 640] for start in range(0, floats.size - 640 + 1, 128)])


def angles():
    return numpy.linspace(0, 6.28, 40, dtype="<f4").reshape(-1, 1)


# name: model, its float original, data, lines of [data], samples on a board (float32 is soft float on a Cortex-M3)
MODELS = {
    "hello_world_int8": ("hello_world_int8", "hello_world_f32", angles, "", 40),
    "hello_world_f32": ("hello_world_f32", None, angles, "", 40),
    "kws01_int8": ("kws01_kws_ref_model_int8", "kws01_kws_saved_model_fp32", "kws01", KWS_REAL, 4),
    "kws01_f32": ("kws01_kws_saved_model_fp32", None, "kws01", KWS_REAL, 2),
    "ic01_int8": ("ic01_pretrainedResnet_quant", "ic01_pretrainedResnet_fp32", "ic01_cifar10_500", PIXELS, 2),
    "ic01_f32": ("ic01_pretrainedResnet_fp32", None, "ic01_cifar10_500", PIXELS, 1),
    "ad01_int8": ("ad01_int8", "ad01_fp32", windows, "", 8),
    "ad01_f32": ("ad01_fp32", None, windows, "", 4),
}


class Models(Case):
    def setUp(self):
        super().setUp()
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")

    def profile(self, name):
        model, original, data, lines, _ = MODELS[name]
        if callable(data):
            path = self.home / f"{name}.npy"
            numpy.save(path, data())
        else:
            path = shared("datasets", data)
        text = f'[profile]\nname = "{name}"\n[model]\nfile = "{shared("models", model + ".tflite")}"\n'
        text += f'float_file = "{shared("models", original + ".tflite")}"\n' if original else ""
        text += f'[data]\npath = "{path}"\n{lines}\n[references]\nr1 = ["tflite_micro"]\n'
        text += '[[gate]]\nmetric = "attribution.port"\nequals = 0\n'
        file = self.home / f"{name}.toml"
        file.write_text(text)
        return file

    def check_on_boards(self, *names):
        for name in names:
            profile = self.profile(name)
            for board in BOARDS:
                with self.subTest(model=name, board=board):
                    summary, _ = self.run_case(profile, "--board", board, "--limit", MODELS[name][4])
                    self.assertEqual(summary["verdict"], "pass", summary["sentence"])
                    self.assertEqual(summary["samples_done"], MODELS[name][4])
                    self.assertEqual(summary["attribution"]["port_bits"], 0)
                    if MODELS[name][4] > 1:  # the first run after a reset is not in the figure
                        latency = summary["latency"]["median"]
                        self.assertEqual((latency["unit"], latency["kind"]), ("instructions", "emulated"))

    def test_hello_world(self):
        self.check_on_boards("hello_world_int8", "hello_world_f32")

    def test_keyword_spotting(self):
        self.check_on_boards("kws01_int8", "kws01_f32")

    def test_image_classification(self):
        self.check_on_boards("ic01_int8", "ic01_f32")

    def test_anomaly_detection(self):
        self.check_on_boards("ad01_int8", "ad01_f32")


if __name__ == "__main__":
    unittest.main()
