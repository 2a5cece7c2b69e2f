"""References of every kind through the command line: ONNX models, outputs in files, any command; and recorded outputs in
place of a board. What each may give wrong is in workers_input_test.py."""
import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

import numpy as np
from harness import ROOT, Case, shared

sys.path.insert(0, str(pathlib.Path(__file__).parent / "doubles"))
import onnx_file  # noqa: E402

DIGITS, WATCH = ROOT / "profiles/digits", ROOT / "profiles/watch"
NO_ONNX = importlib.util.find_spec("onnxruntime") is None
FLOAT = 'file = "model_int8.tflite"\nfloat_file = "model_float.tflite"'


class References(Case):
    def profile(self, source=DIGITS, replace=(), r1=("litert_ref",), references=""):
        """A copy of a profile with other [references], and without gates but the port's."""
        folder = self.home / "profile"
        shutil.copytree(source, folder)
        text = (folder / "profile.toml").read_text()
        for old, new in replace:
            self.assertIn(old, text)
            text = text.replace(old, new)
        head = text[:text.index("[references]")]
        names = ", ".join(f'"{name}"' for name in r1)
        (folder / "profile.toml").write_text(f"""{head}
[references]
r1 = [{names}]
{references}
[[gate]]
metric = "attribution.port"
equals = 0
""")
        return folder

    def by_id(self, summary):
        return {reference["id"]: reference for reference in summary["references"]}

    @unittest.skipIf(NO_ONNX, "onnxruntime is not installed")
    def test_an_onnx_model_is_r0_and_agrees_with_the_float_tflite(self):
        folder = self.profile(WATCH, references="""
[[references.other]]
name = "exported"
level = "R0"
kind = "onnxruntime"
model = "model.onnx"
layout = "nchw"
""")
        (folder / "model.onnx").write_bytes(onnx_file.from_tflite(WATCH / "model_float.tflite"))
        summary, run = self.run_case(folder, "--limit", "60")
        r0 = self.by_id(summary)["r0"]
        self.assertEqual((r0["runtime"], r0["model_file"], r0["count"]), ("ONNX Runtime", "model.onnx", 60))
        self.assertRegex(r0["version"], r"^\d+\.\d+")
        self.assertEqual(summary["accuracy"]["baseline_level"], "R0")
        plain, plain_run = self.run_case(WATCH, "--limit", "60", "--no-cache", code=5)
        ours, theirs = np.load(run / "refs/r0.npy"), np.load(plain_run / "refs/r0.npy")
        np.testing.assert_allclose(ours, theirs, atol=1e-5)  # two float runtimes, two layouts, one network
        self.assertEqual(summary["accuracy"]["r0"], plain["accuracy"]["r0"])

    @unittest.skipIf(NO_ONNX, "onnxruntime is not installed")
    def test_an_onnx_model_is_a_member_of_r1_in_the_steps_of_the_deployed_model(self):
        folder = self.profile(references="""
[[references.other]]
name = "exported"
level = "R1"
kind = "onnxruntime"
model = "model.onnx"
layout = "nchw"
""")
        (folder / "model.onnx").write_bytes(onnx_file.from_tflite(DIGITS / "model_float.tflite"))
        summary, run = self.run_case(folder, "--limit", "60")
        self.assertEqual(list(self.by_id(summary)), ["r0", "r1.litert_ref", "r1.exported", "r2"])
        self.assertEqual(np.load(run / "refs/r1.exported.npy").dtype, np.int8)
        self.assertGreater(summary["attribution"]["envelope_max_lsb"], 1)  # the float network is not the int8 one

    def test_an_onnx_model_without_onnx_runtime_is_an_issue_with_its_remedy(self):
        folder = self.profile(references="""
[[references.other]]
name = "exported"
level = "R1"
kind = "onnxruntime"
model = "model.onnx"
""")
        (folder / "model.onnx").write_bytes(onnx_file.from_tflite(DIGITS / "model_float.tflite"))
        python = self.home / "python"  # whose packages are those of the environment, without onnxruntime
        python.write_text(f'#!/bin/sh\nunset PYTHONPATH\nexec "{ROOT}/.venv/bin/python" "$@"\n')
        python.chmod(0o755)
        self.environment["ASSAY_PYTHON"] = str(python)
        if subprocess.run([python, "-c", "import onnxruntime"], capture_output=True).returncode == 0:
            self.skipTest("onnxruntime is part of the references' environment")
        summary, _ = self.run_case(folder, "--limit", "30", code=5)
        self.assertEqual(summary["verdict"], "inconclusive")
        self.assert_issue(summary, "reference.unavailable", "r1.exported", "onnxruntime==1.32.0 is not installed")
        self.assertEqual(summary["attribution"]["port_bits"], 0)

    def test_a_command_is_a_reference_started_once_for_many_samples(self):
        folder = self.profile(references="""
[[references.other]]
name = "mine"
level = "R0"
kind = "command"
command = "'%s' my_ref.py"
chunk = 50
""" % sys.executable)
        (folder / "my_ref.py").write_text("""
import json, pathlib, sys
import numpy as np
folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / "request.json").read_text())
x = np.load(folder / "inputs.npy")
assert x.dtype == np.float32 and x.shape[1:] == (8, 8, 1) and x.max() <= 1.001, (x.dtype, x.shape)
assert request["model"].endswith("model_float.tflite") and request["output"]["dims"] == [1, 10]
with open("starts", "a") as starts:
    starts.write(f"{request['first']} {len(x)}\\n")
y = np.zeros((len(x), 10), np.float32)
y[np.arange(len(x)), x.reshape(len(x), -1).sum(1).astype(int) % 10] = 1
np.save(folder / "outputs.npy", y)
""")
        summary, run = self.run_case(folder, "--limit", "120")
        self.assertEqual((folder / "starts").read_text(), "0 50\n50 50\n100 20\n")
        self.assertEqual(self.by_id(summary)["r0"]["runtime"], "command")
        self.assertEqual(np.load(run / "refs/r0.npy").shape, (120, 10))
        self.run_case(folder, "--limit", "120")  # from the cache
        self.assertEqual((folder / "starts").read_text().count("\n"), 3)
        (folder / "my_ref.py").write_text((folder / "my_ref.py").read_text() + "# changed\n")
        self.run_case(folder, "--limit", "120")
        self.assertEqual((folder / "starts").read_text().count("\n"), 6)

    def test_a_command_stands_for_r2(self):
        """The port gate then compares the device with it, and the native host build does not run."""
        folder = self.profile(references="""
[[references.other]]
name = "theirs"
level = "R2"
kind = "command"
command = "'%s' r2.py"
""" % sys.executable)
        (folder / "r2.py").write_text("""
import pathlib, sys
import numpy as np
folder = pathlib.Path(sys.argv[1])
x = np.load(folder / "inputs.npy")
assert x.dtype == np.int8
np.save(folder / "outputs.npy", np.load("recorded.npy")[:len(x)])
""")
        np.save(folder / "recorded.npy", np.zeros((30, 10), np.int8))
        summary, run = self.run_case(folder, "--limit", "30", code=1)
        self.assertEqual(self.by_id(summary)["r2"]["runtime"], "command")
        self.assertGreater(summary["attribution"]["port_bits"], 0)
        shutil.copy(run / "outputs.npy", folder / "recorded.npy")
        summary, _ = self.run_case(folder, "--limit", "30", "--no-cache")
        self.assertEqual(summary["attribution"]["port_bits"], 0)

    def test_recorded_outputs_are_a_reference_matched_by_id(self):
        summary, run = self.run_case(DIGITS, "--limit", "40", "--no-references", code=5)
        outputs = np.load(run / "outputs.npy")
        ids = np.load(DIGITS / "data/digits_test.npz")["ids"][:40]
        folder = self.profile(references="""
[[references.other]]
name = "lab"
level = "R1"
kind = "recorded"
recorded = { file = "lab.npz", ids = "names", outputs = ["y"] }
""")
        order = np.random.default_rng(1).permutation(40)
        np.savez(folder / "lab.npz", y=outputs[order], names=ids[order])
        summary, run = self.run_case(folder, "--limit", "40")
        np.testing.assert_array_equal(np.load(run / "refs/r1.lab.npy"), outputs)
        # Another one is left out, a missing one is named.
        np.savez(folder / "lab.npz", y=outputs[1:], names=ids[1:])
        summary, _ = self.run_case(folder, "--limit", "40", code=5)
        name = ids[0].decode() if isinstance(ids[0], bytes) else str(ids[0])
        self.assert_issue(summary, "reference.recorded", "r1.lab", f"1 of 40 samples are not recorded: {name}", "run.recorded_ids")
        self.assertEqual(summary["verdict"], "inconclusive")

    def test_what_a_declaration_may_not_say(self):
        folder = self.profile()
        text = (folder / "profile.toml").read_text()
        for other, words in [
            ('kind = "onnxruntim"', ("onnxruntime", "did you mean")),
            ('kind = "command"', ("needs `command`",)),
            ('kind = "recorded"', ("needs `recorded`",)),
            ('kind = "onnxruntime"', ("needs `model`", ".onnx")),
            ('kind = "command"\ncommand = "a \'b"', ("never closes",)),
            ('kind = "litert_ref"\ncommand = "true"', ("`command`", "litert_ref")),
            ('kind = "command"\ncommand = "true"\nlayout = "nchw"', ("`layout`",)),
        ]:
            with self.subTest(declared=other):
                (folder / "profile.toml").write_text(f'{text}\n[[references.other]]\nname = "a"\nlevel = "R1"\n{other}\n')
                self.assert_error(self.assay("run", folder, "--board", "posix", "--limit", "5"), "config.value", 2, "profile.toml", *words)
        twice = '[[references.other]]\nname = "%s"\nlevel = "R0"\nkind = "command"\ncommand = "true"\n'
        (folder / "profile.toml").write_text(text + twice % "a" + twice % "b")
        self.assert_error(self.assay("run", folder, "--limit", "5"), "config.value", 2, "R0 is declared twice")


class RecordedBoard(Case):
    """`assay run --recorded`: no board, no lease."""

    def kws(self, references="", recorded='decimals = 3\nboard = "NUCLEO-L4R5ZI-P"\nengine = "X-CUBE-AI 7"', gates=""):
        folder = self.home / "kws"
        folder.mkdir(exist_ok=True)
        (folder / "profile.toml").write_text(f"""
[profile]
name = "kws01"
[model]
file = "{shared('models/kws01_kws_ref_model_int8.tflite')}"
[data]
path = "{shared('datasets/kws01')}"
classes = ["Down", "Go", "Left", "No", "Off", "On", "Right", "Stop", "Up", "Yes", "Silence", "Unknown"]
quantised = true
[references]
r1 = ["litert_builtin"]
{references}
[recorded]
ids = "file"
outputs = ["p*"]
latency_us = "latency_us"
{recorded}
{gates}
""")
        return folder

    TFLM_AS_R2 = '[[references.other]]\nname = "tflm"\nlevel = "R2"\nkind = "recorded"\nrecorded = { file = "tflm.csv", values = "quantised" }\n'

    def write_tflm(self, folder):
        """The golden outputs of tflite-micro as recorded integers: what a run of it takes half a minute to compute."""
        lines = shared("golden/kws01_tflm_int8.tsv").read_text().splitlines()
        with open(folder / "tflm.csv", "w") as out:
            out.write("id," + ",".join(f"q{i}" for i in range(12)) + "\n")
            for line in lines:
                name, _, values = line.split("\t")[0], 0, line.split("\t")[-1].replace(",", " ").split()
                out.write(name + "," + ",".join(values) + "\n")

    def test_a_real_board_without_r2_is_not_attributable(self):
        golden = shared("golden/kws01_board_L4R5ZI-P_xcubeai_v1.3.csv")
        summary, run = self.run_case(self.kws(), "--recorded", golden, "--limit", "200")
        self.assertEqual(summary["subject"]["way_in"], "recorded outputs")
        self.assertEqual((summary["target"]["board"], summary["target"]["mode"]), ("NUCLEO-L4R5ZI-P", "recorded"))
        self.assertEqual(summary["latency"]["median"]["kind"], "measured")
        self.assertEqual(summary["latency"]["median"]["unit"], "ns")
        self.assertAlmostEqual(summary["latency"]["median"]["value"] / 1e6, 43.6, delta=0.2)
        self.assertNotIn("memory", summary)
        self.assertNotIn("flash", summary)
        self.assertNotIn("port_bits", summary["attribution"])
        self.assert_issue(summary, "metric.port_unknown", "port not attributable", "level R2")
        shown = self.assay("show", run)
        self.assertIn("port - not attributable", shown.stdout.replace("\u2014", "-"))
        self.assertFalse((run / "plan.bin").exists())

    def test_the_port_is_judged_by_tolerance_not_bits(self):
        golden = shared("golden/kws01_board_L4R5ZI-P_xcubeai_v1.3.csv")
        gate = '[[gate]]\nmetric = "attribution.port"\nequals = 0\n'
        for tolerance, code, verdict in [("", 5, "inconclusive"), ("port_tolerance = 0.087", 0, "pass"), ("port_tolerance = 0.05", 1, "fail")]:
            with self.subTest(tolerance=tolerance):
                folder = self.kws(tolerance + "\n" + self.TFLM_AS_R2, gates=gate)
                self.write_tflm(folder)
                summary, run = self.run_case(folder, "--recorded", golden, code=code)
                self.assertEqual(summary["verdict"], verdict)
                attribution = summary["attribution"]
                self.assertAlmostEqual(attribution["port_max_error"], 0.086, delta=0.0006)
                self.assertEqual(attribution["port_flips"], 7)  # 993 of 1000 agree
                self.assertAlmostEqual(summary["accuracy"]["device"]["value"], 0.902)
                self.assertAlmostEqual(summary["accuracy"]["r2"]["value"], 0.901)
                self.assertNotIn("port_bits", attribution)
                if not tolerance:
                    self.assert_issue(summary, "metric.port_unknown", "port not attributable to bits", "rounded to 3 decimals", "port_tolerance")
                    self.assertIn("port not attributable to bits", summary["gates"][0]["reason"])
                elif code == 1:
                    self.assertGreater(attribution["port_outside"], 0)
                    self.assertEqual(attribution["owner"], "port")
                    self.assertIn("outputs beyond 0.05", summary["gates"][0]["observed"])
                else:
                    self.assertEqual(attribution["port_outside"], 0)
                    self.assertEqual(attribution["owner"], "none")

    def test_recorded_integers_of_a_posix_run_equal_it(self):
        """.npy in the order of the dataset, the deployed model's integers: judged by bits, as a board would be."""
        _, run = self.run_case(DIGITS, "--limit", "50", "--no-references", code=5)
        np.save(self.home / "all.npy", np.concatenate([np.load(run / "outputs.npy"), np.zeros((550, 10), np.int8)]))
        summary, _ = self.run_case(DIGITS, "--recorded", self.home / "all.npy", "--limit", "50", "--no-references", code=5)
        self.assertEqual(summary["samples_done"], 50)
        self.assertNotIn("latency", summary)
        self.assertIn("metric.no_clock", {issue["code"] for issue in summary["issues"]})

    def test_three_answers_of_the_rarest_class_fail_the_run(self):
        """A board that gives the answers of another, but for a few of the class with fewest samples."""
        folder = self.home / "rare"
        shutil.copytree(DIGITS, folder)
        with np.load(folder / "data/digits_test.npz") as data:
            arrays = dict(data)
        rare = np.flatnonzero(arrays["y"] == 0)
        kept = np.setdiff1d(np.arange(len(arrays["y"])), rare[33:])
        np.savez(folder / "data/digits_test.npz", **{name: rows[kept] for name, rows in arrays.items()})
        text = (folder / "profile.toml").read_text()
        (folder / "profile.toml").write_text(text[:text.index("[[gate]]")] + '[[gate]]\nmetric = "accuracy.class_flips"\nmargin_pp = 0.5\n')
        whole, run = self.run_case(folder)
        self.assertEqual(min(row["support"] for row in whole["accuracy"]["classes"]), 33)
        outputs, truth = np.load(run / "outputs.npy"), arrays["y"][kept]
        right = np.flatnonzero((truth == 0) & (outputs.argmax(axis=1) == 0))
        for flips, code in ((0, 0), (2, 0), (3, 1)):
            with self.subTest(flips=flips):
                other = outputs.copy()
                other[right[:flips], 0], other[right[:flips], 7] = -128, 127
                np.save(self.home / "other.npy", other)
                summary, judged = self.run_case(folder, "--recorded", self.home / "other.npy", code=code)
                self.assertEqual(summary["accuracy"]["broken"], whole["accuracy"]["broken"] + flips)
                if code:
                    self.assertIn("class 0 lost 3 of 33 answers", summary["sentence"])
                    self.assertIn("class 0", self.assay("show", judged).stdout)

    def test_what_a_recording_may_not_be(self):
        file = self.home / "r.csv"
        ids = [name.decode() if isinstance(name, bytes) else str(name) for name in np.load(DIGITS / "data/digits_test.npz")["ids"]]
        row = lambda name: name + "," + ",".join(["0.1"] * 10) + "\n"
        head = "id," + ",".join(f"p{i}" for i in range(10)) + "\n"
        good = [row(name) for name in ids]
        for what, text, code, words in [
            ("missing", head + "".join(good[3:]), "run.recorded_ids", ("3 of 600 samples are not recorded", ids[0])),
            ("twice", head + "".join(good + good[:1]), "dataset.duplicate_id", (ids[0], "both called")),
            ("narrow", "id,p0\n" + "".join(f"{name},1\n" for name in ids), "run.recorded_shape", ("1 values", "10")),
            ("nan", head + "".join(good).replace("0.1", "nan", 1), "dataset.nan", ("p0",)),
            ("words", head + "".join(good).replace("0.1", "much", 1), "dataset.malformed", ("much",)),
            ("empty", head, "dataset.empty", ()),
            ("no file", None, "base.file", ()),
        ]:
            with self.subTest(recording=what):
                file.unlink(missing_ok=True)
                if text is not None:
                    file.write_text(text)
                self.assert_error(self.assay("run", DIGITS, "--recorded", file, "--no-references"), code, 2 if code != "base.file" else 3, *words)
        file.write_text(head + "".join(good) + row("nobody"))
        summary, _ = self.run_case(DIGITS, "--recorded", file, "--no-references", code=1)
        self.assert_issue(summary, "run.recorded_ids", "1 recorded sample is not in the dataset", "nobody")


if __name__ == "__main__":
    unittest.main()
