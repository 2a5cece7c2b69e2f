"""The whole loop on real parts: what passes, what fails and why, and that it repeats to the last digit."""
import csv
import json
import unittest
import xml.etree.ElementTree as ElementTree

from harness import ROOT, Case, shared


def kws_options():
    return (shared("models/kws01_kws_ref_model_int8.tflite"), "--data", shared("datasets/kws01"),
            "--float", shared("models/kws01_kws_saved_model_fp32.tflite"))


def golden_outputs(file):
    """{file name: outputs} of a golden table: name, offset, the raw int8 outputs."""
    rows = csv.reader(file.read_text().splitlines(), delimiter="\t")
    return {row[0]: [int(value) for value in row[2].split(",")] for row in rows if row and not row[0].startswith("#") and row[0] != "file"}


def npy_rows(path):
    import numpy  # in the environment of the references
    return numpy.load(path)


class Loop(Case):
    def test_digits_pass_on_posix(self):
        summary, folder = self.run_case("digits", "--board", "posix")
        self.assertEqual(summary["verdict"], "pass")
        self.assertEqual(summary["samples_done"], 600)
        self.assertEqual(summary["attribution"]["port_bits"], 0)
        self.assertEqual(summary["attribution"]["owner"], "none")
        self.assertEqual(summary["latency"]["kind"], "host ns")
        for name in ("manifest.json", "report.html", "junit.xml", "samples.csv", "outputs.npy", "ticks.npy", "events.jsonl"):
            self.assertTrue((folder / name).is_file(), name)
        self.assertEqual(ElementTree.parse(folder / "junit.xml").getroot().tag, "testsuites")

    def test_digits_on_the_virtual_board_equal_posix_and_repeat_to_the_last_digit(self):
        first, folder = self.run_case("digits", "--board", "mps2-an386")
        second, again = self.run_case("digits", "--board", "mps2-an386")
        posix, process = self.run_case("digits", "--board", "posix")
        self.assertEqual((folder / "outputs.npy").read_bytes(), (again / "outputs.npy").read_bytes())
        self.assertEqual((folder / "outputs.npy").read_bytes(), (process / "outputs.npy").read_bytes())
        for key in ("median", "p5", "p95", "min", "max", "first"):
            self.assertEqual(first["latency"][key], second["latency"][key], key)
        self.assertEqual(first["latency"]["kind"], "instructions (emulated)")
        layers = first["layers"]
        self.assertAlmostEqual(sum(layer["share"] for layer in layers), 1.0, places=9)
        self.assertEqual([layer["median"] for layer in layers], [layer["median"] for layer in second["layers"]])
        # The second run found its firmware on the board.
        self.assertIn("already there", (again / "events.jsonl").read_text())

    def test_the_wiring_mistake_is_compression_and_the_board_is_innocent(self):
        summary, folder = self.run_case("watch_raw", "--board", "mps2-an386", code=1)
        self.assertEqual(summary["verdict"], "fail")
        accuracy, attribution = summary["accuracy"], summary["attribution"]
        self.assertGreaterEqual(accuracy["r0"]["value"], 0.80)
        self.assertLessEqual(accuracy["device"]["value"], 0.50)
        self.assertEqual(attribution["owner"], "compression")
        self.assertEqual(attribution["port_bits"], 0)
        self.assertTrue({row["name"] for row in accuracy["classes"] if row["recall_device"] == 0})
        would_pass = {variant["name"] for variant in summary["variants"] if variant.get("would_pass")}
        self.assertEqual(would_pass, {"normalise first", "int16 activations"})
        self.assertTrue(all(variant["where"].startswith("desktop") for variant in summary["variants"]))
        self.assertIn("compression", (folder / "report.html").read_text())

    def test_normalised_inputs_pass_as_the_profile_expects(self):
        done = self.assay("run", "watch", "--board", "mps2-an386", "--expect", "--out", self.out)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("came true", done.stdout)
        wrong = self.assay("run", "watch_raw", "--board", "posix", "--out", self.out)
        self.assertEqual(wrong.returncode, 1, wrong.stdout + wrong.stderr)

    def test_kws01_on_the_virtual_board_equals_the_golden(self):
        summary, folder = self.run_case(*kws_options(), "--board", "mps2-an386", timeout=400)
        self.check_kws(summary, folder)
        self.assertLessEqual(summary["latency"]["median"]["value"], 25e6)

    def test_kws01_on_posix_equals_the_golden(self):
        summary, folder = self.run_case(*kws_options(), "--board", "posix", timeout=400)
        self.check_kws(summary, folder)

    def check_kws(self, summary, folder):
        golden = golden_outputs(shared("golden/kws01_tflm_int8.tsv"))
        with open(folder / "samples.csv", newline="") as table:
            names = [row["id"] for row in csv.DictReader(table)]
        outputs = npy_rows(folder / "outputs.npy")
        self.assertEqual(len(names), 1000)
        self.assertEqual(outputs.reshape(1000, -1).tolist(), [golden[name] for name in names])
        self.assertEqual(summary["attribution"]["port_bits"], 0)
        self.assertAlmostEqual(summary["accuracy"]["device"]["value"], 0.901)
        self.assertEqual(summary["verdict"], "pass")

    def test_summary_is_valid_by_its_schema(self):
        import jsonschema
        summary, _ = self.run_case("digits", "--board", "posix")
        schema = json.loads((ROOT / "docs/schema/summary.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(summary)


if __name__ == "__main__":
    unittest.main()
