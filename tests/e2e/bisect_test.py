"""`assay bisect` on real repositories with a seeded regression: it finds it, and leaves everything as it was."""
import json
import os
import shutil
import signal
import subprocess
import unittest

from harness import BIN, ROOT, Case


class Bisect(Case):
    def setUp(self):
        super().setUp()
        self.repository = self.home / "repository"
        self.repository.mkdir()
        self.environment.update(GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@b", GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@b",
                                GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null", HOME=str(self.home))
        self.git("init", "-q", "-b", "main")
        self.shas = []

    def git(self, *arguments):
        done = subprocess.run(["git", *map(str, arguments)], cwd=self.repository, env=self.environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def commit(self, number, **files):
        for name, text in files.items():
            (self.repository / name).write_text(text)
        self.git("add", "-A", ".")
        self.git("commit", "-q", "--allow-empty", "-m", f"change {number}")
        self.shas.append(self.git("rev-parse", "HEAD"))

    def history(self, codes):
        """One commit for each exit code of the test command."""
        for number, code in enumerate(codes):
            self.commit(number, code=f"{code}\n")

    def bisect(self, *command, good=0, bad=-1, options=(), **more):
        return self.assay("bisect", "--good", self.shas[good], "--bad", self.shas[bad], *options, "--", *command, cwd=self.repository, **more)

    def assert_untouched(self):
        self.assertEqual(self.git("rev-parse", "HEAD"), self.shas[-1])
        self.assertEqual(self.git("symbolic-ref", "--short", "HEAD"), "main")
        self.assertEqual(self.git("status", "--porcelain", "--untracked-files=no"), "")
        self.assertFalse((self.repository / ".git/BISECT_LOG").exists())
        self.assertEqual(self.git("for-each-ref", "refs/bisect"), "")

    def test_a_run_that_a_commit_broke(self):
        """The profile of a project: one commit forgets the scale of its inputs."""
        shutil.copytree(ROOT / "profiles/digits/data", self.repository / "data")
        for name in ("model_int8.tflite", "model_float.tflite"):
            shutil.copy(ROOT / "profiles/digits" / name, self.repository)
        profile = ('[profile]\nname = "scratch"\n[model]\nfile = "model_int8.tflite"\n[data]\npath = "data/digits_test.npz"\nids = "ids"\n'
                   'scale = {}\n[[gate]]\nmetric = "accuracy.top1"\nmin = 80\n# {}\n')
        self.commit(0, **{"profile.toml": profile.format(0.0625, 0), ".gitignore": "out\n"})
        for number in range(1, 9):
            self.commit(number, **{"profile.toml": profile.format(0.0625 if number < 6 else 0.001, number)})
        (self.repository / "notes.txt").write_text("untracked files are no obstacle\n")
        done = self.bisect(str(BIN / "assay"), "run", "profile.toml", "--limit", "60", "--no-references", options=["--json"])
        self.assertEqual(done.returncode, 0, done.stderr)
        found = json.loads(done.stdout)
        self.assertEqual((found["first_bad"]["commit"], found["first_bad"]["subject"]), (self.shas[6], "change 6"))
        self.assertEqual({step["word"] for step in found["steps"]}, {"good", "bad"})
        self.assertTrue(all(step["run"] for step in found["steps"]))
        words = {row["name"]: row["word"] for row in found["comparison"]["figures"]}
        self.assertIn(words["accuracy.top1"], ("worse", "not comparable"))
        self.assertIn("bad: a gate failed", done.stderr)
        self.assert_untouched()
        self.assertTrue((self.repository / "notes.txt").exists())

    def test_exit_codes_say_good_bad_or_nothing(self):
        self.history([0, 0, 3, 0, 5, 4, 6, 1, 2, 6, 1])
        done = self.bisect("sh", "-c", "exit $(cat code)")
        self.assertEqual(done.returncode, 5, done.stdout + done.stderr)  # 4 and 5 were skipped beside the first bad one
        self.assertIn("only skipped commits are left", done.stdout)
        self.assertIn(self.shas[6][:12], done.stdout)
        self.assert_untouched()
        self.history([0, 0, 0, 6, 6])
        done = self.bisect("sh", "-c", "exit $(cat code)", good=12, bad=15)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"first bad commit: {self.shas[14]} ", done.stdout)
        self.assert_untouched()

    def test_what_hinders_it_is_said_before_anything_moves(self):
        self.history([0, 0, 1, 1])
        command = ("sh", "-c", "exit $(cat code)")
        self.assert_error(self.bisect(*command, good=3, bad=0), "bisect.bad_revision", 2, "ancestor")
        self.assert_error(self.assay("bisect", "--good", "nothing", "--", "true", cwd=self.repository), "bisect.bad_revision", 2, "nothing")
        self.assert_error(self.assay("bisect", "--good", "HEAD~1", "--", "true", cwd=self.home), "bisect.no_repository", 2)
        (self.repository / "code").write_text("7\n")
        self.assert_error(self.bisect(*command), "bisect.dirty", 2, "code")
        self.git("checkout", "-q", "--", "code")
        self.git("bisect", "start")
        self.assert_error(self.bisect(*command), "bisect.in_progress", 2, "git bisect reset")
        self.git("bisect", "reset")
        self.assert_error(self.bisect("sh", "-c", "echo what went wrong; exit 99"), "bisect.command_failed", 3, "what went wrong")
        self.assert_untouched()
        self.assert_error(self.bisect("no such program"), "base.tool_missing", 3)
        self.assert_untouched()
        self.assert_error(self.bisect("sleep", "30", options=["--timeout", "0.3"]), "bisect.command_failed", 3, "longer")
        self.assert_untouched()

    def test_ctrl_c_brings_the_repository_back(self):
        self.history([0, 0, 0, 1, 1, 1])
        process = self.start("bisect", "--good", self.shas[0], "--", "sh", "-c", "echo $$ > ../pid; exec sleep 60", cwd=self.repository)
        self.wait_for(lambda: (self.home / "pid").exists(), 20, "the command")
        self.assertNotEqual(self.git("rev-parse", "HEAD"), self.shas[-1])
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, out + err)
        self.assert_untouched()
        self.assertFalse(os.path.exists(f"/proc/{(self.home / 'pid').read_text().strip()}"))


if __name__ == "__main__":
    unittest.main()
