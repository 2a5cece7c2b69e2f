"""What `assay data` says of datasets and of finished runs, and shards and preparation on their way through a run."""
import json
import shutil
import struct
import unittest

from data_input_test import Tables as DigitsTable
from harness import ROOT

DIGITS = ROOT / "profiles/digits"


def lock_of(run, key):
    return next(line.split(" = ", 1)[1] for line in (run / "profile.lock.toml").read_text().splitlines() if line.startswith(key + " = "))


class Verbs(DigitsTable):
    """Of digits.csv, whose tests stay where they are: ctest lists the methods of this file."""

    def json(self, *arguments):
        done = self.assay("data", *arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_slice_counts_classes_per_value(self):
        folder = self.profile()
        listed = self.json("slice", folder, "--where", "class=one")
        self.assertEqual(listed["choice"], "class=one")
        (pen,) = listed["columns"]
        self.assertEqual(pen["column"], "pen")
        for value in pen["values"]:
            wanted = sum(row[-2] == value["value"] and row[-1] == "one" for row in self.rows)
            self.assertEqual((value["samples"], value["classes"]["one"], value["classes"]["two"]), (wanted, wanted, 0))
        text = self.assay("data", "slice", folder).stdout
        self.assertRegex(text, r"(?m)^pen +samples +zero +one ")
        self.assertRegex(text, r"(?m)^thick +\d+")

    def test_shards_of_a_run_are_the_run_and_are_mined_together(self):
        folder = self.profile()
        runs, ids = [], []
        for shard in ("1/2", "2/2"):
            summary, run = self.run_case(folder, "--limit", "200", "--shard", shard)
            self.assertEqual(summary["dataset"]["choice"], f"the first 200; shard {shard}")
            self.assertIn(f"--shard {shard}", summary["provenance"]["command"])
            ids += [line.split(",")[1] for line in (run / "samples.csv").read_text().splitlines()[1:]]
            runs.append(run)
        self.assertEqual(sorted(ids), sorted(row[0] for row in self.rows[:200]))
        # The dataset is gone: the runs hold what mining needs.
        shutil.rmtree(folder)
        mined = self.json("mine", *runs, "--margin", "3")
        self.assertEqual((mined["samples"], mined["repeated"], mined["reference"]), (200, 0, "r0"))
        findings = {finding["where"]: finding for finding in mined["findings"]}
        thin = sum(row[-2] == "thin" for row in self.rows[:200])
        self.assertEqual(findings["pen=thin"]["support"], thin)
        self.assertEqual({finding["verdict"] for finding in mined["findings"]} - {"holds", "open", "few", "lost", "worse"}, set())
        for finding in mined["findings"]:
            if finding["verdict"] in ("open", "few") and finding["needed"] is not None:
                self.assertGreater(finding["needed"], finding["support"])
        self.assertEqual(self.json("mine", runs[0], runs[0])["repeated"], mined["samples"] - self.json("mine", runs[1])["samples"])
        text = self.assay("data", "mine", *runs).stdout
        self.assertIn("worst of", text)
        self.assertIn("to collect next, for a verdict at a margin of 2", text)
        self.assert_error(self.assay("data", "ls", DIGITS, "--shard", "3/2"), "dataset.slice", 2, "'3/2'")

    def test_mining_needs_references(self):
        _, run = self.run_case(self.profile(), "--limit", "20", "--no-references", code=5)
        self.assert_error(self.assay("data", "mine", run), "results.bad_run", 3, "kept no reference")

    def test_an_imported_dataset_runs_like_the_one_it_came_from(self):
        folder = self.profile()
        first = self.json("ls", folder, "--limit", "60")
        self.json("import", folder, "--limit", "60", "--to", self.home / "own")
        text = (folder / "profile.toml").read_text()
        kept = text[: text.index("[data]")] + text[text.index("[references]"):]
        own = self.home / "again"
        own.mkdir()
        (own / "profile.toml").write_text('include = "../own/data.toml"\n' + kept)
        again = self.json("ls", own)
        self.assertEqual([entry["samples"] for entry in again["classes"]], [entry["samples"] for entry in first["classes"]])
        self.assertEqual(again["slices"], first["slices"])
        self.assertEqual(again["manifest_files"], 2)
        before, _ = self.run_case(folder, "--limit", "60")
        after, _ = self.run_case(own)
        self.assertEqual(after["dataset"]["ids_sha256"], before["dataset"]["ids_sha256"])
        self.assertEqual(after["accuracy"]["device"]["value"], before["accuracy"]["device"]["value"])
        self.assert_error(self.assay("data", "import", folder, "--to", self.home / "own"), "dataset.exists", 2)

    def test_preparation_is_in_lock_summary_and_report(self):
        """The digits at twice their size, made small again by a step: every figure as before."""
        profile = self.profile()
        text = (profile / "profile.toml").read_text()
        pixels = [[int(value) for value in row[1:65]] for row in self.rows[:40]]
        folder = self.home / "prepared"
        folder.mkdir()
        lines = ["file,label"]
        (folder / "big").mkdir()
        for index, (row, values) in enumerate(zip(self.rows, pixels)):
            big = [values[y // 2 * 8 + x // 2] for y in range(16) for x in range(16)]
            (folder / f"big/{index:03}.bin").write_bytes(struct.pack("<256B", *big))
            lines.append(f"{index:03}.bin,{row[-1]}")
        (folder / "big/labels.csv").write_text("\n".join(lines) + "\n")
        begin, end = text.index("path = "), text.index("classes = ")
        steps = """[data.preprocess]
version = 1
[[data.preprocess.step]]
op = "reshape"
dims = [16, 16, 1]
[[data.preprocess.step]]
op = "resize"
height = 8
width = 8
method = "nearest"
[references]"""
        (folder / "profile.toml").write_text((text[:begin] + 'path = "big"\ntype = "uint8"\nkind = "image"\n' + text[end:]).replace("[references]", steps))
        plain, before = self.run_case(profile, "--limit", "40")
        prepared, run = self.run_case(folder)
        wanted = "v1: reshape dims=16,16,1; resize height=8 width=8 method=nearest"
        self.assertEqual(prepared["dataset"]["preprocess"], wanted)
        self.assertEqual(lock_of(run, "preprocess"), f'"{wanted}"')
        self.assertIn(wanted, (run / "report.html").read_text())
        self.assertEqual(prepared["accuracy"]["device"]["value"], plain["accuracy"]["device"]["value"])
        self.assertEqual(lock_of(run, "inputs_sha256"), lock_of(before, "inputs_sha256"))


if __name__ == "__main__":
    unittest.main()
