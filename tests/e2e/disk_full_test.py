"""A disk that becomes full at each file of a run: the error names the file and the way out, nothing is half-written, and the
run goes on once there is space.

The disk is a small tmpfs, swept from nothing to enough. Without the right to mount, a limit on file sizes stands in for it.
"""
import json
import resource
import shutil
import subprocess
import unittest

from interrupted_run import SOAK, RunCase

PAGE = 4096
LIMIT = "60"


class DiskFull(RunCase):
    def setUp(self):
        super().setUp()
        self.arguments = (self.profile(), "--board", "posix", "--limit", LIMIT)

    def disk(self, size):
        """A tmpfs of its own; skipped where this user may not mount."""
        self.mount = self.home / "disk"
        self.mount.mkdir(exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "assay_test", str(self.mount)], capture_output=True, text=True)
        if done.returncode != 0:
            self.skipTest(f"may not mount a tmpfs: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.mount)], capture_output=True)

    def resize(self, size):
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self.mount)], check=True)

    @staticmethod
    def sizes(needed, count):
        """Steps of one page in the long version, else `count` sizes from one page to just too little."""
        pages = needed // PAGE
        if SOAK >= 100 or pages <= count:
            return [PAGE * page for page in range(1, pages + 1)]
        return [PAGE * (1 + round(step * (pages - 1) / (count - 1))) for step in range(count)]

    def check_failed(self, done, folder, place):
        """The run that found the disk full, with its message. Returns the file that it names."""
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        text = done.stdout + done.stderr
        self.assertIn("base.disk_full", text)
        self.assertTrue("--resume" in text, text)
        self.assertIn(str(place), text.replace("\n", ""))
        self.assert_nothing_left()
        if folder.exists():
            summary = self.assert_readable(folder)
            if (folder / "summary.json").exists() and summary["verdict"] in ("pass", "fail", "inconclusive"):
                self.assertFalse((folder / "manifest.json").exists())  # then show says that it is incomplete
            self.assertTrue(summary["samples_done"] <= int(LIMIT))
        self.assertEqual([str(path) for path in place.rglob("*.tmp")], [])
        self.assertEqual([path.name for path in place.iterdir() if path.name.startswith(".assay-new")], [])

    def goes_on(self, folder, expected):
        done = self.assay("run", "--resume", folder) if folder.exists() else self.assay("run", *self.arguments, "--folder", folder)
        self.assert_judged(done)
        self.assert_same_results(expected, folder, "posix")

    def test_run_folder_on_a_disk_that_becomes_full(self):
        expected = self.undisturbed(*self.arguments)
        self.disk(PAGE)
        self.resize("32m")
        folder = self.mount / "run"
        self.assert_judged(self.assay("run", *self.arguments, "--folder", folder))
        needed = sum((file.stat().st_size + PAGE - 1) // PAGE * PAGE for file in folder.rglob("*") if file.is_file())
        shutil.rmtree(folder)
        failed = 0
        for size in self.sizes(needed, 7):
            self.resize(size)
            done = self.assay("run", *self.arguments, "--folder", folder)
            if done.returncode == 3:
                failed += 1
                self.check_failed(done, folder, self.mount)
                self.resize("32m")
                self.goes_on(folder, expected)
            self.resize("32m")
            shutil.rmtree(folder)
        self.assertGreater(failed, 4)

    def test_a_full_disk_fails_the_resumed_run_too_and_it_still_goes_on(self):
        expected = self.undisturbed(*self.arguments)
        self.disk(8 * PAGE)
        folder = self.mount / "run"
        self.check_failed(self.assay("run", *self.arguments, "--folder", folder), folder, self.mount)
        if folder.exists():
            self.check_failed(self.assay("run", "--resume", folder), folder, self.mount)
        self.resize("32m")
        self.goes_on(folder, expected)

    def test_full_cache_and_state_cost_time_only(self):
        self.disk(PAGE)
        self.environment.update(ASSAY_CACHE_DIR=str(self.mount / "cache"), ASSAY_STATE_DIR=str(self.mount / "state"))
        folder = self.home / "run"
        done = self.assay("run", *self.arguments, "--folder", folder)
        self.assert_judged(done)
        self.assertEqual([str(path) for path in self.mount.rglob("*.tmp")], [])
        self.assertIn("r1.litert_ref", [reference["id"] for reference in json.loads((folder / "summary.json").read_text())["references"]])

    def test_size_limit_in_place_of_a_full_disk(self):
        arguments = ("digits", "--board", "posix", "--limit", LIMIT, "--no-references")
        expected = self.undisturbed(*arguments)
        sizes = sorted({file.stat().st_size for file in expected.rglob("*") if file.is_file()})
        for limit in sorted({size // 2 for size in sizes})[::1 if SOAK >= 100 else 5]:
            folder = self.home / f"limited{limit}"
            done = self.assay("run", *arguments, "--folder", folder,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)))
            self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
            self.assertIn("base.disk_full", done.stdout + done.stderr)
            self.assertIn("File too large", done.stdout + done.stderr)
            self.assert_nothing_left()
            if folder.exists():
                self.assert_readable(folder)
                done = self.assay("run", "--resume", folder)
                self.assert_judged(done)
                self.assert_same_results(expected, folder, "posix")
            self.assertEqual([path for path in self.home.iterdir() if path.name.startswith(".assay-new")], [])


if __name__ == "__main__":
    unittest.main()
