"""Exports load in a notebook: the lines of docs/notebooks.md are run as they stand there."""
import importlib.util
import json
import re
import subprocess
import sys
import unittest

from harness import ROOT, Case

PAGE = (ROOT / "docs/notebooks.md").read_text()


def have(*packages):
    return all(importlib.util.find_spec(package) for package in packages)


class Export(Case):
    def run_digits(self, *arguments, references=False):
        done = self.assay("run", "digits", "-q", *(() if references else ("--no-references",)), *arguments)
        self.assertIn(done.returncode, (0, 1, 5), done.stderr)
        return next((self.home / "out").glob("2*"))

    def export(self, *arguments, **options):
        return self.assay("export", "@last", *arguments, **options)

    @unittest.skipUnless(have("pandas", "pyarrow"), "skipped: pandas and pyarrow are not installed")
    def test_the_lines_of_the_page_run(self):
        run = self.run_digits("--limit", 120, references=True)
        commands = re.findall(r"(?m)^(?:# )?assay (export .*)$", PAGE)
        self.assertEqual(len(commands), 2)
        for command in commands:
            done = self.assay(*command.split())
            self.assertEqual(done.returncode, 0, done.stderr)
        blocks = re.findall(r"(?s)```python\n(.*?)```", PAGE)
        self.assertGreater(len(blocks), 3)
        done = subprocess.run([sys.executable, "-c", "\n".join(blocks)], cwd=self.home, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("digits", json.loads((run / "summary.json").read_text())["profile"])
        import pandas as pd
        samples = pd.read_parquet(self.home / "export/samples.parquet")
        summary = json.loads((run / "summary.json").read_text())
        self.assertEqual(len(samples), 120)
        self.assertAlmostEqual(samples.right.mean(), summary["accuracy"]["device"]["value"], 12)
        self.assertAlmostEqual((samples.r0 == samples.truth).mean(), summary["accuracy"]["r0"]["value"], 12)
        self.assertEqual((samples.r2 == samples.device).mean(), 1)
        self.assertTrue((samples[[f"output_{i}" for i in range(10)]].sum(axis=1).sub(1).abs() < 0.05).all())  # softmax, in real units
        figures = pd.read_parquet(self.home / "export/figures.parquet").set_index("figure")
        self.assertEqual(figures.loc["latency.median", "value"], summary["latency"]["median"]["value"])
        operators = pd.read_parquet(self.home / "export/operators.parquet")
        self.assertEqual(len(operators), len(summary["layers"]))

    def test_csv_and_npz_say_the_same(self):
        import csv
        import numpy as np
        self.run_digits("--limit", 20)
        listed = json.loads(self.export("--format", "csv", "--json").stdout)
        self.assertEqual([(table["table"], table["rows"]) for table in listed][:1], [("samples", 20)])
        self.assertEqual(self.export("--format", "npz", "--to", "other").returncode, 0)
        with open(self.home / "export/samples.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        arrays = np.load(self.home / "other/samples.npz")
        self.assertEqual([int(row["device"]) for row in rows], arrays["device"].tolist())
        self.assertEqual([float(row["output_3"]) for row in rows], arrays["output_3"].tolist())
        self.assertEqual([row["id"] for row in rows], arrays["id"].tolist())
        self.assertEqual({path.name for path in (self.home / "export").iterdir()}, {"samples.csv", "operators.csv", "figures.csv"})

    def test_what_cannot_be_exported_says_why(self):
        run = self.run_digits("--limit", 5)
        without = self.home / "without"  # a Python that lacks pyarrow
        without.mkdir()
        (without / "pyarrow.py").write_text("raise ImportError('no pyarrow here')\n")
        self.assert_error(self.export("--format", "parquet", env=dict(self.environment, PYTHONPATH=str(without))),
                          "export.unavailable", 3, "pyarrow", "--format csv")
        self.assert_error(self.export("--format", "csv", env=dict(self.environment, ASSAY_PYTHON=str(self.home / "no python"))),
                          "export.unavailable", 3)
        self.assert_error(self.export("--format", "xls"), "cli.usage", 2, "xls")
        outputs = (run / "outputs.npy").read_bytes()
        (run / "outputs.npy").write_bytes(outputs[:40])
        self.assert_error(self.export("--format", "csv"), "export.damaged", 3, "outputs.npy")
        (run / "outputs.npy").unlink()
        self.assert_error(self.export("--format", "csv"), "export.no_outputs", 2, "outputs.npy")
        self.assertEqual([path.name for path in (self.home / "export").iterdir()], [])


if __name__ == "__main__":
    unittest.main()
