"""Baselines as a team uses them: written from a run, kept in git, held against the next run."""
import json
import re
import unittest

from harness import FIRMWARE, Case
from run_copies import broken_copy


class Baselines(Case):
    limit = 60

    def first(self, *arguments):
        """A run in out/, and its baseline."""
        done = self.assay("run", "digits", "--limit", self.limit, "--no-references", "-q", *arguments)
        self.assertIn(done.returncode, (0, 1, 5), done.stderr)
        self.assertEqual(self.assay("baseline", "update", "@last").returncode, 0)
        return self.home / "baselines/digits/posix.toml"

    def held(self, *arguments):
        folder = self.home / f"held{len(list(self.home.glob('held*')))}"
        done = self.assay("run", "digits", "--limit", self.limit, "--no-references", "-q", "--folder", folder, *arguments)
        return done, json.loads((folder / "summary.json").read_text()), folder

    def verdicts(self, summary):
        return {gate["metric"]: gate["verdict"] for gate in summary["gates"] if gate["metric"].startswith("baseline")}

    def test_a_repeat_never_fails_and_three_flips_in_the_rarest_class_do(self):
        self.limit = 400  # enough for 30 samples of each class
        file = self.first()
        text = file.read_text()
        self.assertEqual(self.assay("baseline", "update", "@last").stdout.count("is as it was"), 1)
        self.assertEqual(file.read_text(), text)
        for _ in range(2):
            done, summary, folder = self.held("--baseline")
            self.assertNotEqual(done.returncode, 1, done.stdout)
            self.assertEqual(set(self.verdicts(summary).values()), {"pass"}, summary["gates"])
            self.assertEqual(summary["baseline"]["word"], "identical")
        self.assertIn("Since the baseline", (folder / "report.html").read_text())
        self.assertRegex(done.stdout, r"baseline +As the baseline, to the last bit")
        broken = self.home / "broken"
        rarest = broken_copy(folder, broken)
        done = self.assay("baseline", "check", broken)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(f"class {rarest} ", done.stdout.split("fail:")[1])
        update = json.loads(self.assay("baseline", "update", broken, "--json").stdout)
        self.assertEqual((update["changed"], update["new"]), (True, False))
        self.assertEqual(self.assay("baseline", "check", broken).returncode, 0)
        better = self.assay("baseline", "check", folder)
        self.assertEqual(better.returncode, 0)
        self.assertIn("baseline.outdated", better.stdout)
        shown = json.loads(self.assay("baseline", "show", folder, "--json").stdout)
        self.assertEqual((shown["profile"], shown["board"], len(shown["classes"])), ("digits", "posix", 10))

    @unittest.skipUnless(FIRMWARE.exists(), "skipped: the firmware is not built")
    def test_on_a_virtual_board_even_instructions_are_held_exactly(self):
        arguments = ("run", "digits", "--board", "mps2-an386", "--limit", 20, "--no-references", "-q", "--baseline")
        self.assay(*arguments)
        self.assertEqual(self.assay("baseline", "update", "@last").returncode, 0)
        (file,) = self.home.glob("baselines/digits/*.toml")
        self.assertRegex(file.name, r"^mps2-an386-gcc-\d+\.\d+\.\d+\.toml$")
        again = self.home / "again"
        self.assay(*arguments, "--folder", again)
        summary = json.loads((again / "summary.json").read_text())
        self.assertEqual(self.verdicts(summary), dict.fromkeys(("baseline.accuracy", "baseline.latency", "baseline.memory", "baseline.flash"), "pass"))
        moved = {row["figure"]: row["word"] for row in summary["baseline"]["rows"] if row["word"] != "identical"}
        self.assertLessEqual(moved.items(), {"memory.stack": "within tolerance", "memory.ram": "within tolerance"}.items())
        text = file.read_text()
        median = float(re.search(r'latency.median", value = ([0-9.]+)', text)[1])
        file.write_text(text.replace(f'latency.median", value = {median:g}', f'latency.median", value = {median - 1:g}'))
        done = self.assay("baseline", "check", again)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("latency.median", done.stdout.split("fail:")[1])

    def test_a_run_that_is_worse_than_its_baseline_fails(self):
        file = self.first()
        # As if the board had been right about everything.
        text = file.read_text()
        best = re.sub(r'support = (\d+), right = \d+, hits = "[0-9a-f]+"',
                      lambda m: f'support = {m[1]}, right = {m[1]}, hits = "{"f" * (int(m[1]) // 4)}{"08ce"[int(m[1]) % 4] if int(m[1]) % 4 else ""}"', text)
        file.write_text(re.sub(r'(accuracy.top1", value = )[0-9.]+', r"\g<1>1", best))
        junit = self.home / "junit.xml"
        done, summary, _ = self.held("--baseline", "--junit", junit)
        self.assertEqual((done.returncode, summary["verdict"]), (1, "fail"), done.stdout)
        self.assertEqual(self.verdicts(summary)["baseline.accuracy"], "fail")
        self.assertRegex(summary["sentence"], r"^Worse than the baseline: class \d+ ")
        self.assertIn('name="baseline.accuracy"', junit.read_text())

    def test_a_baseline_of_another_subject_is_never_compared(self):
        file = self.first()
        text = file.read_text()
        for key, code, value in (("model_sha256", "other_model", '"' + "0" * 64 + '"'), ("dataset_hash", "other_dataset", '"x"'),
                                 ("ids_sha256", "other_samples", '"x"'), ("board", "other_board", '"mps2-an386"'), ("clock", "other_clock", '"cycles"')):
            with self.subTest(key=key):
                file.write_text(re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", text))
                self.assert_error(self.assay("baseline", "check", "@last"), f"baseline.{code}", 5, "posix.toml")
        file.write_text(text)
        done, summary, _ = self.held("--baseline", "--samples", "0:59")
        self.assertEqual(summary["baseline"]["word"], "not comparable")
        self.assertNotEqual(done.returncode, 0)
        self.assert_issue(summary, "baseline.other_samples", "60", "59")

    def test_files_that_are_missing_damaged_or_cannot_be_written(self):
        file = self.first()
        text = file.read_text()
        for name, content, code in (("cut", text[:len(text) // 2], "baseline.corrupt"), ("empty", "", "baseline.corrupt"),
                                    ("newer", text.replace("schema = 1", "schema = 7"), "baseline.other_schema")):
            with self.subTest(file=name):
                file.write_text(content)
                self.assert_error(self.assay("baseline", "check", "@last"), code, 2, "posix.toml")
                # A named baseline is read before anything starts.
                self.assert_error(self.assay("run", "digits", f"--baseline={file}", "--folder", self.home / name), code, 2)
                self.assertFalse((self.home / name).exists())
        file.unlink()
        self.assert_error(self.assay("baseline", "check", "@last"), "baseline.missing", 2, "baseline update")
        done, summary, _ = self.held("--baseline")
        self.assertEqual(self.verdicts(summary), {"baseline": "inconclusive"})
        self.assert_issue(summary, "baseline.missing", "baseline update")
        # A file where the folder should be: nobody can write there, root neither.
        (self.home / "taken").write_text("")
        self.assert_error(self.assay("baseline", "update", "@last", "--baselines", self.home / "taken"), "baseline.read_only", 3, "taken")
        few = self.home / "few"
        self.assay("run", "digits", "--limit", 30, "--no-references", "-q", "--folder", few)
        self.assert_error(self.assay("baseline", "update", "@last", few), "baseline.unlike_runs", 2, "samples")
        (few / "manifest.json").unlink()
        self.assert_error(self.assay("baseline", "update", few), "baseline.not_finished", 2, "ended early")

    def test_a_step_of_a_github_workflow(self):
        summary_file = self.home / "step.md"
        summary_file.write_text("before\n")
        environment = dict(self.environment, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary_file))
        done = self.assay("run", "digits", "--limit", 30, "--no-references", "-q", "--json", env=environment)
        self.assertEqual(json.loads(done.stdout)["profile"], "digits")  # stdout stays one document
        self.assertRegex(done.stderr, r"(?m)^::(warning|error|notice) title=digits on posix")
        text = summary_file.read_text()
        self.assertTrue(text.startswith("before\n### "), text[:80])
        done = self.assay("run", "digits", "--limit", 30, "--no-references", "-q", "--github")
        self.assertRegex(done.stdout, r"(?m)^::(warning|error|notice) title=digits on posix")
        environment["GITHUB_STEP_SUMMARY"] = str(self.home / "none/step.md")
        done = self.assay("run", "digits", "--limit", 30, "--no-references", "-q", env=environment)
        self.assertIn("cannot append to GITHUB_STEP_SUMMARY", done.stderr)


if __name__ == "__main__":
    unittest.main()
