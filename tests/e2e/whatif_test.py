"""`assay whatif`: float, int8 and other quantisations of one model side by side on one board."""
import json
import unittest

from harness import ROOT, Case, shared



class WhatIf(Case):
    def what_if(self, *arguments):
        done = self.assay("whatif", *arguments, "--out", self.out, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        result = json.loads(done.stdout)
        return result, {row["name"]: row for row in result["rows"]}

    def test_watch_raw_and_its_ways_out(self):
        result, rows = self.what_if(ROOT / "profiles/watch_raw", "--board", "posix", "--limit", "200")
        self.assertEqual(list(rows), ["float", "as deployed", "normalise first", "int16 activations", "int8 per tensor"])
        # What the engine plans ran on the board, as a case of its own; what it refuses says why and has no cost.
        for name in ("float", "as deployed", "normalise first", "int8 per tensor"):
            row = rows[name]
            with self.subTest(model=name):
                self.assertEqual(row["refused"], "")
                self.assertEqual(row["where"], "posix")
                self.assertEqual((row["latency"]["unit"], row["latency"]["kind"]), ("ns", "host"))
                self.assertGreater(row["latency"]["value"], 0)
                case = json.loads((self.out / row["run"] / "summary.json").read_text())
                self.assertEqual(case["subject"]["model_file"], row["model_file"])
                self.assertEqual(case["accuracy"]["device"], row["top1"])
                self.assertEqual((case["accuracy"]["broken"], case["accuracy"]["fixed"]), (row["broken"], row["fixed"]))
                self.assertEqual(case["attribution"]["port_bits"], 0)
        refused = rows["int16 activations"]
        self.assertIn("model.", refused["refused"])
        for figure in ("latency", "ram", "flash"):
            self.assertNotIn(figure, refused)
        self.assertIn("desktop", refused["where"])
        # The same baseline for all: the float model with the profile's own inputs, also where a variant takes others.
        self.assertEqual((rows["float"]["broken"], rows["float"]["fixed"]), (0, 0))
        self.assertGreater(rows["normalise first"]["top1"]["value"], rows["as deployed"]["top1"]["value"] + 0.3)
        self.assertLess(abs(rows["int16 activations"]["top1"]["value"] - rows["float"]["top1"]["value"]), 0.03)
        self.assertLess(rows["as deployed"]["worst_delta"], -0.4)
        self.assertGreaterEqual(rows["as deployed"]["worst_n"], 30)
        # The deployed model's run lists the others, in its summary, its report and run.json.
        main = self.out / result["run"]
        summary = json.loads((main / "summary.json").read_text())
        self.assertEqual({v["name"]: v for v in summary["variants"]}, {k: v for k, v in rows.items() if k != "as deployed"})
        cases = json.loads((main / "run.json").read_text())["cases"]
        self.assertEqual(len(cases), 5)
        for case in cases:
            if not case["refused"]:
                self.assertTrue((self.out / case["folder"] / "manifest.json").exists(), case)
        page = (main / "report.html").read_text()
        self.assertIn("not on the board", page)
        self.assertIn("ran on", page)

    def test_the_table_fits_80_columns_and_markdown_has_its_reasons(self):
        done = self.assay("whatif", ROOT / "profiles/watch_raw", "--limit", "30", "--out", self.out, "-q")
        self.assertEqual(done.returncode, 0, done.stderr)
        for line in done.stdout.splitlines():
            if "/" not in line or not line.strip().endswith(".html"):
                self.assertLessEqual(len(line), 80, line)
        self.assertIn("not on the board:", done.stdout)
        done = self.assay("whatif", ROOT / "profiles/watch_raw", "--limit", "30", "--out", self.out, "--markdown")
        table = [line for line in done.stdout.splitlines() if line.startswith("|")]
        self.assertEqual(len(table), 2 + 5)
        self.assertEqual({line.count(" |") for line in table[2:]}, {7})

    def test_a_quantised_dataset_is_dequantised_for_the_float_model(self):
        """kws01: integers of the int8 model; the float model gets real values on the board as on the desktop."""
        folder = self.home / "kws"
        folder.mkdir()
        (folder / "profile.toml").write_text(f"""
[profile]
name = "kws01"
[model]
file = "{shared('models/kws01_kws_ref_model_int8.tflite')}"
float_file = "{shared('models/kws01_kws_saved_model_fp32.tflite')}"
[data]
path = "{shared('datasets/kws01')}"
quantised = true
[references]
r1 = ["litert_builtin"]
""")
        _, rows = self.what_if(folder, "--limit", "60")
        self.assertEqual(rows["float"]["where"], "posix")
        self.assertEqual(rows["float"]["broken"], 0)
        self.assertGreater(rows["float"]["top1"]["value"], 0.85)
        self.assertGreater(rows["as deployed"]["top1"]["value"], 0.85)

    def test_a_profile_without_alternatives(self):
        folder = self.home / "lonely"
        folder.mkdir()
        digits = ROOT / "profiles/digits"
        (folder / "profile.toml").write_text(f'[profile]\nname = "lonely"\n[model]\nfile = "{digits}/model_int8.tflite"\n'
                                             f'[data]\npath = "{digits}/data/digits_test.npz"\nscale = 0.0625\n')
        self.assert_error(self.assay("whatif", folder, "--out", self.out), "config.value", 2, "nothing to compare", "[[variant]]")
        self.assertFalse(self.out.exists())


if __name__ == "__main__":
    unittest.main()
