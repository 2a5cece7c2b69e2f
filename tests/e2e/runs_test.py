"""Many runs in one folder: listed, found, deleted, and the index that makes it fast made again whenever it is lost."""
import json
import os
import pathlib
import signal
import sys
import unittest

from harness import ROOT, Case

sys.path.insert(0, str(ROOT / "tests/bench"))
from run_folders import make_runs  # noqa: E402


class Runs(Case):
    def runs(self, *arguments, **options):
        done = self.assay("runs", "--out", self.out, *arguments, "--json", **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_runs_are_listed_as_they_were(self):
        for limit in (3, 4):
            done = self.assay("run", "digits", "--board", "posix", "--limit", limit, "--no-references", "--out", self.out)
            self.assertIn(done.returncode, (1, 5), done.stderr)  # too few samples for a verdict worth having
        listed = self.runs()
        self.assertEqual([run["samples"] for run in listed["runs"]], [4, 3])
        for run in listed["runs"]:
            summary = json.loads((pathlib.Path(run["folder"]) / "summary.json").read_text())
            self.assertEqual((run["profile"], run["board"], run["verdict"], run["id"]),
                             (summary["profile"], "posix", summary["verdict"], summary["run_id"]))
            self.assertEqual(run["latency"]["value"], summary["latency"]["median"]["value"])
            shown = json.loads(self.assay("show", run["id"], "--out", self.out, "--json").stdout)
            self.assertEqual(shown["run_id"], run["id"])
        text = self.assay("runs", "--out", self.out).stdout
        self.assertRegex(text.splitlines()[0], "^id +when")
        self.assertEqual([line for line in text.splitlines() if len(line) > 80], [])
        self.assertEqual(self.runs("--verdict", "pass")["total"], 0)
        self.assert_error(self.assay("runs", "--verdict", "pas"), "config.value", 2, "Did you mean 'pass'?")
        self.assert_error(self.assay("runs", "--since", "yesterday"), "config.value", 2, "2026-11-24")

    def test_an_empty_or_missing_folder_has_no_runs(self):
        done = self.assay("runs", "--out", self.home / "none")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertFalse((self.home / "none").exists())

    def test_many_runs(self):
        names = make_runs(self.out, 600)
        listed = self.runs("--limit", "5", "--profile", "watch")
        watch = sorted((name for name in names if "_watch_" in name), reverse=True)
        self.assertEqual([pathlib.Path(run["folder"]).name for run in listed["runs"]], watch[:5])
        self.assertEqual(listed["total"], len(watch))
        self.assertEqual(self.assay("show", "@last", "--out", self.out).returncode, 0)
        extra = make_runs(self.out, 1, first=5000)
        self.assertEqual(pathlib.Path(self.runs("--limit", "1")["runs"][0]["folder"]).name, extra[0])
        # The index may be lost, cut or replaced by anything.
        index = self.out / ".assay/index.sqlite"
        whole = index.read_bytes()
        for damaged in (None, whole[:5000], b"", b"no database" * 1000):
            index.unlink() if damaged is None else index.write_bytes(damaged)
            done = self.assay("runs", "--out", self.out, "--limit", "1", "--json")
            self.assertEqual(json.loads(done.stdout)["total"], 601, done.stderr)
        self.assertRegex(self.assay("reindex", "--out", self.out).stdout, r"^indexed 601 runs in ")

    def test_ten_commands_at_once(self):
        make_runs(self.out, 300)
        processes = [self.start("runs", "--out", self.out, "--json") for _ in range(10)]
        for process in processes:
            out, err = process.communicate(timeout=60)
            self.assertEqual((process.returncode, err, json.loads(out)["total"]), (0, "", 300))

    @unittest.skipUnless(os.geteuid() == 0, "needs another user for a folder that cannot be written")
    def test_a_folder_that_cannot_be_written(self):
        make_runs(self.out, 5)
        self.home.chmod(0o755)
        state = self.home / "state of nobody"
        state.mkdir()
        os.chown(state, 65534, 65534)
        environment = dict(self.environment, ASSAY_STATE_DIR=str(state), ASSAY_CACHE_DIR=str(state))
        try:
            done = self.assay("runs", "--out", self.out, "--json", env=environment, user=65534, group=65534, extra_groups=[])
        except PermissionError:
            self.skipTest("skipped: another user may not run the programs")
        self.assertEqual((done.returncode, json.loads(done.stdout)["total"]), (0, 5), done.stderr)
        self.assertFalse((self.out / ".assay").exists())
        self.assertEqual(len(list((state / "index").glob("*.sqlite"))), 1)


class Deleting(Case):
    def gc(self, *arguments, code=0):
        done = self.assay("gc", "--out", self.out, *arguments, "--json")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_nothing_goes_without_a_criterion(self):
        make_runs(self.out, 3)
        self.assertEqual(self.gc(code=2)["error"]["code"], "config.value")
        self.assertEqual(self.assay("gc", "--older-than", "soon", "--out", self.out).returncode, 2)
        self.assertEqual(len(list(self.out.iterdir())), 3)

    def test_the_newest_stay(self):
        names = sorted(make_runs(self.out, 20))
        would = self.gc("--keep", "5", "--dry-run")
        self.assertEqual(len(would["deleted"]), 15)
        self.assertEqual({entry.name for entry in self.out.iterdir() if entry.name != ".assay"}, set(names))
        done = self.gc("--keep", "5")
        self.assertEqual(done["bytes"], would["bytes"])
        self.assertGreater(done["bytes"], 0)
        self.assertEqual({entry.name for entry in self.out.iterdir() if entry.name != ".assay"}, set(names[-5:]))
        self.assertEqual(json.loads(self.assay("runs", "--out", self.out, "--json").stdout)["total"], 5)

    def test_a_run_at_work_stays_and_a_killed_one_goes(self):
        process = self.start("run", "watch", "--board", "posix", "--out", self.out)
        journal = lambda: list(self.out.glob("2*/samples.csv")) or process.poll() is not None
        self.wait_for(journal, 60, "a journal")
        process.send_signal(signal.SIGSTOP)
        self.assertIsNone(process.poll(), "the run ended too early")
        run = next(self.out.glob("2*"))
        for path in (*run.rglob("*"), run):
            os.utime(path, (1, 1))
        listed = json.loads(self.assay("runs", "--out", self.out, "--json").stdout)
        self.assertEqual(listed["runs"][0]["verdict"], "running")
        spared = self.gc("--incomplete")
        self.assertEqual(spared["deleted"], [])
        self.assertTrue(run.exists())
        process.kill()
        process.communicate()
        self.wait_for(lambda: not self.processes(), 5, "the end of its children")
        for path in (*run.rglob("*"), run):
            os.utime(path, (1, 1))
        self.assertEqual([entry["name"] for entry in self.gc("--incomplete")["deleted"]], [run.name])
        self.assertFalse(run.exists())


if __name__ == "__main__":
    unittest.main()
