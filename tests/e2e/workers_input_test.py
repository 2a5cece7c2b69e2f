"""Reference workers that crash, hang, lie or starve: the device's figures stay, no verdict rests on what is missing, and
the issue names the worker and its last words."""
import pathlib
import shutil
import time
import unittest

from harness import ROOT, Case

DOUBLE = pathlib.Path(__file__).parent / "doubles/worker_double.py"
PYTHON = ROOT / ".venv/bin/python"
# mode of the double, code of the issue, words of its message
BROKEN = [
    ("exit", "reference.worker_died", ("exit code 7", "tensor arena exhausted")),
    ("segv", "reference.worker_died", ("signal 11", "about to crash")),
    ("kill", "reference.worker_died", ("signal 9", "the kernel needs my memory")),
    ("silent_end", "reference.worker_died", ("exit code 0",)),
    ("garbage", "reference.worker_garbage", ("Created TensorFlow Lite",)),
    ("shape", "reference.shape", ("1x7", "the model gives 10 elements")),
    ("type", "reference.shape", ("int32", "of int8")),
    ("half", "reference.shape", ("20 rows", "40 samples")),
]
# These are slow by nature: a limit must pass.
SLOW = [
    ("hang", "reference.worker_timeout", ("no progress", "thinking")),
    ("stderr", "reference.worker_timeout", ("no progress", "no end in sight")),
]
# No worker starts at all.
ABSENT = [
    ("old", "reference.worker_garbage", ("SyntaxError",)),
    ("no_packages", "reference.unavailable", ("not installed",)),
    ("versions_hang", "reference.worker_timeout", ("versions",)),
]


# The same of a command: body of its script, code of the issue, words of its message.
COMMANDS = [
    ("sys.exit('no licence')", "reference.worker_died", ("exit code 1", "no licence")),
    ("os.kill(os.getpid(), 11)", "reference.worker_died", ("signal 11",)),
    ("if request['first']: os.kill(os.getpid(), 9)\nsave(np.zeros((len(x), 10), np.int8))", "reference.worker_died", ("signal 9",)),
    ("print('all is well')", "reference.worker_garbage", ("no outputs.npy",)),
    ("(folder / 'outputs.npy').write_text('all is well')", "reference.worker_garbage", ("no readable outputs",)),
    ("save(np.zeros((len(x), 7), np.int8))", "reference.shape", ("1x7", "1x10")),
    ("save(np.zeros((len(x), 10), np.int16))", "reference.shape", ("int16", "int8")),
    ("save(np.zeros((len(x) // 2, 10), np.int8))", "reference.shape", ("10 rows", "20 samples")),
    ("save(np.full((len(x), 10), np.nan, np.float32))", "reference.nonfinite", ("NaN for sample 0",)),
    ("sys.stderr.write('thinking'); sys.stderr.flush(); time.sleep(600)", "reference.worker_timeout", ("20 samples within 1.0 s", "thinking")),
]


class Workers(Case):
    def setUp(self):
        super().setUp()
        if not PYTHON.exists():
            self.skipTest("the references' Python environment is not there")
        # One runtime and no float model: one worker a run.
        self.profile = self.home / "profile"
        self.profile.mkdir()
        digits = ROOT / "profiles/digits"
        shutil.copy(digits / "model_int8.tflite", self.profile)
        (self.profile / "profile.toml").write_text(f"""
[profile]
name = "one_worker"
[model]
file = "model_int8.tflite"
[data]
path = "{digits}/data/digits_test.npz"
ids = "ids"
classes = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
scale = 0.0625
[references]
r1 = ["litert_ref"]
[[gate]]
metric = "attribution.port"
equals = 0
""")

    def run_with(self, mode, code, *arguments):
        python = self.home / f"python-{mode}"
        python.write_text(f'#!/bin/sh\nexec "{PYTHON}" "{DOUBLE}" {mode} "{PYTHON}" "$@"\n')
        python.chmod(0o755)
        self.environment["ASSAY_PYTHON"] = str(python)
        return self.run_case(self.profile, "--board", "posix", "--limit", "40", "--no-cache", "--timeout-multiplier", "0.1", *arguments, code=code)

    def check_broken(self, cases):
        for mode, code, words in cases:
            with self.subTest(worker=mode):
                begin = time.monotonic()
                summary, _ = self.run_with(mode, 5)
                self.assertLess(time.monotonic() - begin, 20)
                self.assertEqual(summary["verdict"], "inconclusive")
                self.assert_issue(summary, code, "r1.litert_ref", *words)
                self.assertEqual(summary["samples_done"], 40)
                self.assertGreater(summary["latency"]["median"]["value"], 0)
                self.assertEqual(summary["attribution"]["port_bits"], 0)  # R2 needs no Python
                self.assert_nothing_left()

    def test_a_good_worker_behind_the_double_passes(self):
        summary, _ = self.run_with("good", 0)
        self.assertEqual(summary["verdict"], "pass")

    def test_a_worker_that_breaks_leaves_the_device_figures_and_no_verdict(self):
        self.check_broken(BROKEN)

    def test_a_worker_that_returns_nan(self):
        # As the float model: there a worker may return float.
        text = (self.profile / "profile.toml").read_text()
        shutil.copy(ROOT / "profiles/digits/model_float.tflite", self.profile)
        text = text.replace('"model_int8.tflite"', '"model_int8.tflite"\nfloat_file = "model_float.tflite"')
        (self.profile / "profile.toml").write_text(text)
        summary, _ = self.run_with("nan", 5)
        self.assert_issue(summary, "reference.nonfinite", "r0 is missing", "NaN for sample 0")
        self.assertEqual(summary["attribution"]["port_bits"], 0)

    def test_a_worker_that_does_not_end_is_stopped_in_time(self):
        self.check_broken(SLOW)

    def test_a_python_that_cannot_run_workers(self):
        self.check_broken(ABSENT)

    def test_a_command_that_misbehaves_leaves_the_device_figures_and_no_verdict(self):
        declared = """
[[references.other]]
name = "mine"
level = "R1"
kind = "command"
command = "'%s' mine.py"
chunk = 20
timeout_s = 1
[[gate]]""" % PYTHON
        text = (self.profile / "profile.toml").read_text().replace("[[gate]]", declared)
        (self.profile / "profile.toml").write_text(text)
        head = ("import json, os, pathlib, sys, time\nimport numpy as np\nfolder = pathlib.Path(sys.argv[1])\n"
                "request = json.loads((folder / 'request.json').read_text())\nx = np.load(folder / 'inputs.npy')\n"
                "save = lambda y: np.save(folder / 'outputs.npy', y)\n")
        (self.profile / "mine.py").write_text(head + "save(np.zeros((len(x), 10), np.int8))")
        summary, _ = self.run_with("good", 0)  # one that behaves
        self.assertEqual(summary["verdict"], "pass")
        for body, code, words in COMMANDS:
            with self.subTest(command=body):
                (self.profile / "mine.py").write_text(head + body + "\n")
                summary, _ = self.run_with("good", 5)
                self.assertEqual(summary["verdict"], "inconclusive")
                self.assert_issue(summary, code, "r1.mine", *words)
                self.assertEqual(summary["samples_done"], 40)
                self.assertEqual(summary["attribution"]["port_bits"], 0)
                self.assertEqual([r["id"] for r in summary["references"]], ["r1.litert_ref", "r2"])
                self.assert_nothing_left()

    def test_a_worker_that_runs_out_of_memory(self):
        summary, _ = self.run_with("memory", 5)
        codes = {issue["code"] for issue in summary["issues"]}
        code, = codes & {"reference.worker_died", "reference.unavailable"}
        self.assert_issue(summary, code, "r1.litert_ref")
        self.assertEqual(summary["samples_done"], 40)


if __name__ == "__main__":
    unittest.main()
