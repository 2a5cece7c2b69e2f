"""Two runs side by side: every figure has a word, and what cannot be compared says why."""
import json
import shutil
import unittest

from harness import Case
from run_copies import broken_copy

CODES = ("compare.other_samples", "compare.other_board")


class Compare(Case):
    def run_of(self, *arguments, name="digits"):
        """A run on the process board without references; exit codes of gates do not matter here."""
        folder = self.home / f"r{len(list(self.home.glob('r[0-9]*')))}"
        done = self.assay("run", name, "--no-references", "--folder", folder, *arguments, "-q")
        self.assertIn(done.returncode, (0, 1, 5), done.stdout + done.stderr)
        return folder

    def compare(self, *arguments, code=0):
        done = self.assay("compare", *arguments, "--json")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def words(self, comparison):
        return {row["name"]: row["word"] for row in comparison["figures"]}

    def test_the_same_subject_twice_and_a_regression(self):
        first, again = self.run_of("--limit", 400), self.run_of("--limit", 400)
        same = self.compare(first, first)
        self.assertEqual(set(self.words(same).values()), {"identical"})
        self.assertEqual((same["word"], same["outputs_equal"], same["subject"]), ("identical", True, []))
        self.assertEqual({row["word"] for row in same["operators"]}, {"identical"})
        # Another run of the same: what scatters is never called better or worse on a shared computer.
        repeat = self.compare(first, again, "--fail-on", "worse", code=5)
        self.assertEqual(self.words(repeat)["accuracy.top1"], "identical")
        self.assertTrue(set(self.words(repeat).values()) <= {"identical", "within tolerance", "no evidence"}, self.words(repeat))
        broken = self.home / "broken"
        rarest = broken_copy(first, broken)
        worse = self.compare(first, broken, "--fail-on", "worse", code=1)
        self.assertEqual([row["name"] for row in worse["classes"] if row["word"] == "worse"], [rarest])
        self.assertEqual((worse["paired"]["n"], worse["paired"]["broken"], worse["paired"]["fixed"]), (400, 3, 0))
        self.assertIn(f"class {rarest}", worse["sentence"])
        self.assertEqual(self.compare(broken, first, "--fail-on", "worse")["word"], "better")
        self.compare(broken, first, "--fail-on", "change", code=1)
        text = self.assay("compare", first, broken).stdout
        self.assertEqual([line for line in text.splitlines() if len(line) > 80], [])
        self.assertRegex(text, rf"(?m)^    class {rarest} .*-3 \+0  worse$")
        self.assertIn("3 broken, 0 fixed", self.assay("compare", first, broken, "--markdown").stdout)

    def test_runs_that_differ_in_their_samples_or_ended_early(self):
        many, few = self.run_of("--limit", 60), self.run_of("--limit", 40)
        other = self.compare(many, few)
        self.assertEqual(self.words(other)["accuracy.top1"], "not comparable")
        top1 = next(row for row in other["figures"] if row["name"] == "accuracy.top1")
        self.assertIn("compare.other_samples", top1["codes"])
        self.assertNotIn("delta", top1)
        self.assertEqual((other["paired"]["n"], other["paired"]["only_before"], other["paired"]["changed"]), (40, 20, []))
        for code in CODES:
            self.assertIn(code, self.assay("explain", code).stdout)
        self.record_refusal("compare.other_samples", 0, top1["word"])
        killed = self.home / "killed"
        shutil.copytree(many, killed)
        for name in ("manifest.json", "summary.json"):
            (killed / name).unlink()
        early = self.compare(many, killed, "--fail-on", "worse", code=5)
        self.assertEqual({row["word"] for row in early["figures"]} - {"no evidence", "not comparable"}, set())
        self.assertTrue(any(item["code"] == "compare.incomplete" for item in early["comparability"]), early["comparability"])
        self.record_refusal("compare.incomplete", 5, early["sentence"])

    def test_other_datasets_models_and_mistakes(self):
        digits = self.run_of("--limit", 20)
        watch = self.run_of("--limit", 3, name="watch")
        other = self.compare(digits, watch)
        self.assertEqual(self.words(other)["accuracy.top1"], "not comparable")
        self.assertLessEqual({"compare.other_model", "compare.other_dataset", "compare.other_profile"}, {c["code"] for c in other["subject"]})
        self.assertNotIn("paired", other)
        self.assert_error(self.assay("compare", digits), "cli.usage", 2, "two runs")
        self.assert_error(self.assay("compare", digits, self.home / "none"), "results.no_run", 2)
        self.assert_error(self.assay("compare", "@baseline", digits), "baseline.missing", 2, "digits/posix.toml")
        (digits / "samples.csv").write_text("index,id\n0,a,b\n")
        self.assert_error(self.assay("compare", digits, watch), "results.bad_csv", 3, "samples.csv")


if __name__ == "__main__":
    unittest.main()
