"""Datasets as users have them: tables with names, slices and gaps, files that change, paths that hold anything."""
import csv
import hashlib
import json
import os
import pathlib
import threading
import unittest

import numpy

from harness import ROOT, Case

DIGITS = ROOT / "profiles/digits"
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def digits():
    arrays = numpy.load(DIGITS / "data/digits_test.npz")
    return arrays["x"].reshape(len(arrays["x"]), -1).astype(int), arrays["y"], [name.decode() for name in arrays["ids"]]


class Tables(Case):
    """The digits profile with its images as a CSV: columns p0..p63, a class name, an id, a pen to slice by."""

    def setUp(self):
        super().setUp()
        pixels, labels, ids = digits()
        self.header = ["image", *(f"p{i}" for i in range(pixels.shape[1])), "pen", "digit"]
        self.rows = [[name, *row, "thick" if sum(row) > 310 else "thin", WORDS[label]] for row, label, name in zip(pixels.tolist(), labels, ids)]

    def profile(self, folder="profile", slices=""):
        """A folder with profile.toml and digits.csv; self.rows as they are now."""
        folder = self.home / folder
        folder.mkdir(exist_ok=True)
        with open(folder / "digits.csv", "w", newline="", encoding="utf-8-sig") as file:
            csv.writer(file, quoting=csv.QUOTE_NONNUMERIC).writerows([self.header, *self.rows])
        (folder / "profile.toml").write_text(f"""
[profile]
name = "digits_csv"
[model]
file = "{DIGITS}/model_int8.tflite"
float_file = "{DIGITS}/model_float.tflite"
[data]
path = "digits.csv"
label_column = "digit"
id_column = "image"
slice_columns = ["pen"]
classes = {json.dumps(WORDS)}
scale = 0.0625
[references]
r1 = ["litert_ref"]
[[gate]]
metric = "attribution.port"
equals = 0
{slices}""")
        return folder

    def ls(self, *arguments, code=0):
        done = self.assay("data", "ls", *arguments, "--json")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_a_csv_gives_the_figures_of_the_npz(self):
        table, _ = self.run_case(self.profile(), "--limit", "120")
        archive, _ = self.run_case(DIGITS, "--limit", "120", code=5)
        for level in ("r0", "device"):
            self.assertEqual(table["accuracy"][level]["value"], archive["accuracy"][level]["value"])
        self.assertEqual(table["attribution"]["port_bits"], 0)
        self.assertEqual(table["dataset"]["choice"], "the first 120")
        self.assertEqual(table["dataset"]["ids_sha256"], archive["dataset"]["ids_sha256"])

    def test_slices_and_seeds_choose_the_same_samples_everywhere(self):
        folder = self.profile(slices='[[slice]]\nname = "hard"\nwhere = "pen=thin,digit_is=none"\n[[slice]]\nname = "bold"\nwhere = "pen=thick"\n')
        thick = self.ls(folder, "--slice", "pen=thick")
        self.assertEqual(thick["samples"], sum(row[-2] == "thick" for row in self.rows))
        self.assertEqual(self.ls(folder, "--slice", "bold")["samples"], thick["samples"])
        summary, run = self.run_case(folder, "--slice", "bold", "--limit", "20", "--shuffle", "--seed", "7", "--no-references", code=5)
        ids = [line.split(",")[1] for line in (run / "samples.csv").read_text().splitlines()[1:]]
        pens = {row[0]: row[-2] for row in self.rows}
        self.assertEqual((len(ids), {pens[name] for name in ids}), (20, {"thick"}))
        self.assertEqual(summary["dataset"]["choice"], "pen=thick; 20 at random, seed 7")
        self.assertEqual(summary["dataset"]["ids_sha256"], hashlib.sha256("".join(name + "\n" for name in ids).encode()).hexdigest())
        # The record repeats it without seed or slice.
        samples = next(line.split('"')[1] for line in (run / "profile.lock.toml").read_text().splitlines() if line.startswith("rows = "))
        again, _ = self.run_case(folder, "--samples", samples, "--no-references", code=5)
        self.assertEqual(again["dataset"]["ids_sha256"], summary["dataset"]["ids_sha256"])
        self.assert_error(self.assay("data", "ls", folder, "--slice", "bald"), "dataset.slice", 2, "Did you mean 'bold'?")
        self.assert_error(self.assay("data", "ls", folder, "--slice", "hard"), "dataset.slice", 2, "digit_is")
        self.assert_error(self.assay("data", "ls", folder, "--slice", "pen=thck"), "dataset.slice", 2, "Did you mean 'thick'?")
        self.assertEqual(self.assay("data", "ls", folder, "--shuffle").returncode, 2)

    def test_ls_counts_classes_and_slices(self):
        folder = self.profile()
        listed = self.ls(folder)
        self.assertEqual((listed["samples"], listed["shape"], listed["type"]), (600, [1, 64], "float32"))
        labels = [row[-1] for row in self.rows]
        self.assertEqual({entry["name"]: entry["samples"] for entry in listed["classes"]}, {word: labels.count(word) for word in WORDS})
        self.assertEqual({entry["name"] for entry in listed["slices"]["pen"]}, {"thick", "thin"})
        self.assertRegex(listed["hash"], "^[0-9a-f]{64}$")
        text = self.assay("data", "ls", folder).stdout
        self.assertEqual([line for line in text.splitlines() if len(line) > 80 and str(folder) not in line], [])
        self.assertRegex(text, r"(?m)^ +\d+ +\d+\.\d % +thick$")

    def test_bad_rows_name_file_line_and_column(self):
        def refused(code, *words):
            self.assert_error(self.assay("check", self.profile()), code, 2, *words)

        good = [list(row) for row in self.rows]
        self.rows[4][-1] = "fiv"
        refused("dataset.label_range", "digits.csv:6:", "'fiv'", "Did you mean 'five'?")
        self.rows[4][-1] = ""
        refused("dataset.label_missing", "digits.csv:6:")
        self.rows = [list(row) for row in good]
        self.rows[9][3] = float("nan")
        refused("dataset.nan", "digits.csv:11:", "'p2'")
        self.rows[9][3] = "dark"
        refused("dataset.malformed", "digits.csv:11:", "'dark'", "'p2'")
        self.rows = [list(row) for row in good]
        self.rows[2].pop()
        refused("dataset.malformed", "digits.csv:4", "66 fields", "67")
        self.rows = []
        refused("dataset.empty")

    def test_a_manifest_holds_the_dataset_to_its_files(self):
        folder = self.profile()
        written = self.assay("data", "manifest", folder)
        self.assertEqual(written.returncode, 0, written.stderr)
        self.assertEqual(self.ls(folder)["manifest_files"], 1)
        self.rows[0][1] = 16
        self.profile()
        self.assert_error(self.assay("run", folder), "dataset.changed", 2, "digits.csv", "assay data manifest")
        self.assertEqual(self.assay("data", "manifest", folder).returncode, 0)
        self.assertEqual(self.assay("check", folder).returncode, 0)

    def test_a_file_that_changes_while_it_is_read(self):
        self.rows = [[f"{row[0]}/{copy}", *row[1:]] for copy in range(5) for row in self.rows]
        folder = self.profile()
        stop = threading.Event()

        def touch():
            moment = 1_700_000_000_000_000_000
            while not stop.is_set():
                moment += 1_000_000
                os.utime(folder / "digits.csv", ns=(moment, moment))

        writer = threading.Thread(target=touch)
        writer.start()
        try:
            self.assert_error(self.assay("check", folder), "dataset.changed", 2, "digits.csv", "while it was read")
        finally:
            stop.set()
            writer.join()
        self.assertEqual(self.assay("check", folder).returncode, 0)


class Files(Case):
    def raw(self, name=b"plain"):
        """Thirty digits as files of the int8 model's own bytes."""
        folder = os.path.join(os.fsencode(self.home), name)
        os.mkdir(folder)
        pixels, labels, _ = digits()
        with open(os.path.join(folder, b"y_labels.csv"), "w") as table:
            for i in range(30):
                quantised = numpy.round(pixels[i] * 0.0625 / (1 / 255) - 128).clip(-128, 127).astype(numpy.int8)
                quantised.tofile(os.path.join(folder, b"s%d.bin" % i))
                table.write(f"s{i}.bin,10,{labels[i]}\n")
        return folder

    def test_paths_with_spaces_and_without_utf8(self):
        for name in (b"a folder with spaces", b"caf\xe9 \xff", "überprüfung".encode()):
            folder = self.raw(name)
            summary, _ = self.run_case(DIGITS / "model_int8.tflite", "--data", os.fsdecode(folder), "--board", "posix", "--no-references", code=5)
            self.assertEqual(summary["samples_done"], 30)
            listed = self.assay("data", "ls", os.fsdecode(folder), "--json")
            self.assertEqual(json.loads(listed.stdout)["samples"], 30, listed.stderr)

    def test_missing_labels_and_empty_folders(self):
        folder = pathlib.Path(os.fsdecode(self.raw()))
        check = ("check", DIGITS / "model_int8.tflite", "--data", folder)
        (folder / "s3.bin").unlink()
        self.assert_error(self.assay(*check), "dataset.not_found", 2, "s3.bin")
        (folder / "y_labels.csv").write_text("s1.bin,10,11\n")
        self.assert_error(self.assay(*check), "dataset.label_range", 2, "label 11")
        empty = self.home / "empty"
        empty.mkdir()
        self.assert_error(self.assay("check", DIGITS / "model_int8.tflite", "--data", empty), "dataset.empty", 2, "empty")
        labels = self.home / "labels.csv"
        labels.write_text("a,1\nb,2\n")
        self.assert_error(self.assay("check", DIGITS / "model_int8.tflite", "--data", DIGITS / "data/digits_test.npz", "--labels", labels),
                          "dataset.label_missing", 2, "600")

    def test_headers_that_claim_the_world_take_no_memory(self):
        claim = b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 64), }".ljust(127) + b"\n" + bytes(64)
        (self.home / "claim.npy").write_bytes(claim)
        numpy.savez(self.home / "small.npz", x=numpy.zeros((2, 64), numpy.float32))
        for name in ("claim.npy", "cut.npz"):
            if name == "cut.npz":
                (self.home / name).write_bytes((self.home / "small.npz").read_bytes()[:-40])
            done = self.assay("check", DIGITS / "model_int8.tflite", "--data", self.home / name)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertRegex(done.stderr, r"error\[(results.bad_npy|dataset.malformed)\]")


if __name__ == "__main__":
    unittest.main()
