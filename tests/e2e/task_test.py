"""What [task] and slices of a profile add to a run: figures that a reader can compute again from the run folder."""
import json
import unittest

import numpy

from harness import ROOT, Case

DIGITS = ROOT / "profiles/digits"
COUNT = 120  # samples of each run


class Tasks(Case):
    def profile(self, task="", data="", rest=""):
        folder = self.home / f"profile{len(list(self.home.glob('profile*')))}"
        folder.mkdir()
        (folder / "profile.toml").write_text(f"""
[profile]
name = "digits_task"
[model]
file = "{DIGITS}/model_int8.tflite"
float_file = "{DIGITS}/model_float.tflite"
[data]
path = "{DIGITS}/data/digits_test.npz"
ids = "ids"
classes = {json.dumps([str(i) for i in range(10)])}
scale = 0.0625
{data}
[references]
r1 = ["litert_ref"]
{task}
{rest}""")
        return folder

    def run_some(self, folder, code=0):
        return self.run_case(folder, "--board", "posix", "--samples", f"0:{COUNT}", code=code)

    def outputs(self, folder):
        """The device's scores in real units: int8 after SOFTMAX."""
        return (numpy.load(folder / "outputs.npy").astype(float) + 128) / 256

    def figure(self, summary, name):
        return next(figure for figure in summary["task"]["figures"] if figure["name"] == name)

    def test_slices_and_tensors_of_a_classifier(self):
        pens = self.home / "pens.csv"
        arrays = numpy.load(DIGITS / "data/digits_test.npz")
        light = [int(image.sum()) > 310 for image in arrays["x"]]
        pens.write_text("pen\n" + "".join("thick\n" if thick else "thin\n" for thick in light))
        summary, folder = self.run_some(self.profile(data=f'slices = "{pens}"', rest="""
[[slice]]
name = "bold"
where = "pen=thick"
[[gate]]
metric = "accuracy.slice_delta"
min = -50
[[gate]]
metric = "accuracy.class_flips"
margin_pp = 1
[[gate]]
metric = "tensor.port_sqnr"
min = 90
"""), code=5)
        rows = {(row["column"], row["value"]): row for row in summary["slices"]}
        self.assertEqual(set(rows), {("pen", "thick"), ("pen", "thin"), ("", "bold")})
        thick = numpy.array(light[:COUNT])
        right = self.outputs(folder).argmax(axis=1) == arrays["y"][:COUNT]
        for key, here in ((("pen", "thick"), thick), (("pen", "thin"), ~thick), (("", "bold"), thick)):
            self.assertEqual(rows[key]["support"], here.sum())
            self.assertAlmostEqual(rows[key]["accuracy_device"], right[here].mean())
        pairs = {pair["a"] + pair["b"]: pair for pair in summary["tensors"]}
        self.assertEqual(set(pairs), {"R0R1", "R1R2", "R2D", "R0D"})
        self.assertTrue(pairs["R2D"]["exact"])
        reference = numpy.load(folder / "refs/r0.npy").reshape(COUNT, -1).astype(float)
        error = self.outputs(folder) - reference
        self.assertAlmostEqual(pairs["R0D"]["mae"], numpy.abs(error).mean(), places=12)
        self.assertAlmostEqual(pairs["R0D"]["rmse"], numpy.sqrt((error**2).mean()), places=12)
        worst = numpy.unravel_index(numpy.abs(error).argmax(), error.shape)
        self.assertEqual((pairs["R0D"]["max_abs_index"], pairs["R0D"]["max_abs_element"]), worst)
        best = numpy.argsort(-self.outputs(folder), axis=1, kind="stable")[:, :5]
        hits = sum(label in row for label, row in zip(arrays["y"], best))
        self.assertAlmostEqual(self.figure(summary, "top5")["device"]["value"], hits / COUNT)
        self.assertEqual([gate["verdict"] for gate in summary["gates"]], ["pass", "inconclusive", "pass"])
        self.assertIn("no class has 30 samples", summary["gates"][1]["reason"])
        self.assertEqual(set(summary["accuracy"]["ties"]), {"r0", "r1.litert_ref", "r2", "device"})

    def test_regression_against_targets(self):
        labels = numpy.load(DIGITS / "data/digits_test.npz")["y"]
        numpy.save(self.home / "targets.npy", numpy.eye(10)[labels] * 100)
        task = f"""[task]
kind = "regression"
truth = "{self.home}/targets.npy"
unit = "percent"
unit_scale = 100
[[gate]]
metric = "regression.rmse"
max = 0.001
"""
        summary, folder = self.run_some(self.profile(task), code=1)
        error = self.outputs(folder) * 100 - numpy.eye(10)[labels[:COUNT]] * 100
        self.assertAlmostEqual(self.figure(summary, "mae")["device"]["value"], numpy.abs(error).mean(), places=9)
        self.assertAlmostEqual(self.figure(summary, "rmse")["device"]["value"], numpy.sqrt((error**2).mean()), places=9)
        delta = self.figure(summary, "rmse")["delta"]
        self.assertLessEqual(delta["lo"], delta["value"])
        self.assertLessEqual(delta["value"], delta["hi"])
        self.assertNotIn("accuracy", summary)
        self.assertNotIn("port_flips", summary["attribution"])
        self.assertEqual(summary["attribution"]["port_bits"], 0)
        self.assertIn("regression.rmse", summary["gates"][0]["metric"])
        page = (folder / "report.html").read_text()
        self.assertIn("errors in percent of 10 outputs a sample", page)

    def test_truth_that_does_not_fit_is_refused_before_a_board_is_touched(self):
        table = self.home / "short.csv"
        table.write_text("t\n1\n")
        task = f'[task]\nkind = "regression"\ntruth = "{table}"\n'
        done = self.assay("check", self.profile(task), "--board", "posix")
        self.assert_error(done, "metric.bad_truth", 2, "short.csv", "1 targets a sample", "10 outputs")
        done = self.assay("check", self.profile('[task]\nkind = "detection"\n'), "--board", "posix")
        self.assert_error(done, "metric.bad_task", 2, "boxes of 6 values", "10 outputs")
        done = self.assay("check", self.profile('[task]\nkind = "poetry"\n'), "--board", "posix")
        self.assertEqual(done.returncode, 2)
        self.assertIn("classification", done.stderr)


if __name__ == "__main__":
    unittest.main()
