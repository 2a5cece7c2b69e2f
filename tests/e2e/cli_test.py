"""The command line as a reader meets it: help, tables at 80 columns, plain text in a pipe, JSON, man-made mistakes."""
import json
import re
import shlex
import subprocess
import unittest

from harness import BIN, ROOT, Case

VERBS = ("run", "check", "show", "runs", "report", "data", "model", "boards", "flash", "vboard", "gc", "reindex", "doctor")


class Help(Case):
    def test_each_verb_explains_itself_and_ends_with_an_example(self):
        done = self.assay("--help")
        self.assertEqual(done.returncode, 0)
        for verb in VERBS:
            self.assertRegex(done.stdout, rf"(?m)^\s+{verb}\s+\S")
            text = self.assay(verb, "--help")
            self.assertEqual(text.returncode, 0)
            self.assertRegex(text.stdout.strip().splitlines()[-1], rf"^Example: assay {verb}\b")
        self.assertIn("Exit codes", done.stdout)

    def test_examples_run(self):
        self.environment["PATH"] = f"{BIN}:{self.environment['PATH']}"
        for verb in ("run", "check", "show", "runs", "report", "data", "model", "boards", "vboard", "gc", "reindex"):
            example = self.assay(verb, "--help").stdout.strip().splitlines()[-1].removeprefix("Example: ")
            words = [word if not word.startswith("profiles/") else str(ROOT / word) for word in shlex.split(example)]
            done = subprocess.run(words, env=self.environment, cwd=self.home, capture_output=True, text=True, timeout=200)
            self.assertIn(done.returncode, (0,) if verb != "vboard" else (0, 4), f"{example}\n{done.stdout}{done.stderr}")

    def test_no_verb_is_usage(self):
        self.assertEqual(self.assay().returncode, 2)
        self.assertEqual(self.assay("frobnicate").returncode, 2)


class Output(Case):
    def test_tables_fit_80_columns_and_pipes_are_plain(self):
        for arguments in (["boards"], ["doctor"], ["model", "info", ROOT / "profiles/watch/model_int8.tflite"],
                          ["model", "plan", ROOT / "profiles/watch/model_int8.tflite"]):
            done = self.assay(*arguments)
            self.assertNotIn("\x1b", done.stdout)
            long = [line for line in done.stdout.splitlines() if len(line) > 80 and " " in line.strip()[60:]]
            self.assertEqual(long, [], arguments)

    def test_json_everywhere(self):
        for arguments in (["boards"], ["doctor"], ["model", "info", ROOT / "profiles/digits/model_int8.tflite"],
                          ["model", "plan", ROOT / "profiles/digits/model_int8.tflite"], ["check", "digits"]):
            json.loads(self.assay(*arguments, "--json").stdout)

    def test_a_run_in_a_pipe(self):
        done = self.assay("run", "digits", "--board", "posix", "--out", self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        self.assertNotIn("\r", done.stdout + done.stderr)
        self.assertIn("PASS", done.stdout)
        self.assertRegex(done.stderr, r"(?m)^\s+Running\s+600/600 samples")
        self.assertEqual([line for line in done.stdout.splitlines() if len(line) > 80 and "report.html" not in line], [])
        shown = self.assay("show", "@last", "--out", self.out)
        self.assertEqual(shown.returncode, 0)
        self.assertIn("PASS", shown.stdout)
        summary = json.loads(self.assay("show", "@last", "--out", self.out, "--json").stdout)
        self.assertEqual(summary["profile"], "digits")
        written = self.assay("report", "@last", "--out", self.out, "--to", self.home / "reports", "--format", "html,junit")
        self.assertEqual(written.returncode, 0, written.stderr)
        self.assertTrue((self.home / "reports/report.html").is_file())


class Virtual(Case):
    def test_a_detached_board_outlives_commands_and_is_used_by_runs(self):
        started = self.assay("vboard", "start")
        self.assertEqual(started.returncode, 0, started.stderr)
        self.addCleanup(lambda: self.assay("vboard", "stop"))
        status = json.loads(self.assay("vboard", "status", "--json").stdout)
        pid = status["pid"]
        flashed = self.assay("flash", "--board", "mps2-an386", "--model", ROOT / "profiles/digits/model_int8.tflite")
        self.assertEqual(flashed.returncode, 0, flashed.stderr)
        summary, _ = self.run_case("digits", "--board", "mps2-an386")
        self.assertEqual(summary["verdict"], "pass")
        self.assertEqual(json.loads(self.assay("vboard", "status", "--json").stdout)["pid"], pid)
        self.assertEqual(self.assay("vboard", "stop").returncode, 0)
        self.assert_nothing_left()


class Layering(unittest.TestCase):
    def test_the_lint_sees_a_wrong_include(self):
        import shutil
        import tempfile
        with tempfile.TemporaryDirectory() as copy:
            for folder in ("host/base", "host/config", "tests/lint"):
                shutil.copytree(ROOT / folder, f"{copy}/{folder}")
            lint = ["python3", f"{copy}/tests/lint/layers.py", copy]
            self.assertEqual(subprocess.run(lint, capture_output=True).returncode, 0)
            with open(f"{copy}/host/base/files.cpp", "a") as file:
                file.write('#include "config/catalogue.h"\n')
            done = subprocess.run(lint, capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stdout, re.escape("base may not include config"))


if __name__ == "__main__":
    unittest.main()
