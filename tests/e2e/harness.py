"""What every end-to-end test needs: the built programs, a state of its own, and the proof that nothing is left behind.

Programs come from $ASSAY_BIN_DIR (ctest sets it). Each test case gets its own state folder, cache and out folder; after
it, no process that was started with that state may be alive.

What assert_error, assert_issue and a failed run_case see is kept in bad_input_record; tests/bad_input_table.py makes
docs/bad_input.md of it. A test that ends another way calls self.record_refusal itself.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import bad_input_record

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("ASSAY_BIN_DIR", ROOT / "build/bin"))
SHARED = pathlib.Path(os.environ.get("ASSAY_SHARED_DATA", ROOT.parent / "shared/data"))
FIRMWARE = ROOT / "build/firmware/assay-agent-mps2-an386.elf"


def shared(*parts):
    """A file of the public data, or the test is skipped with a message."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        raise unittest.SkipTest(f"public data not present: {path}")
    return path


class Case(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="assay_e2e_"))
        self.out = self.home / "out"
        self.environment = dict(os.environ, ASSAY_STATE_DIR=str(self.home / "state"), ASSAY_CACHE_DIR=str(self.home / "cache"),
                                ASSAY_DATA_DIR=str(ROOT), ASAN_OPTIONS="detect_leaks=1", NO_COLOR="1")
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.addCleanup(self.assert_nothing_left)

    def start(self, *arguments, **options):
        settings = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment, cwd=self.home)
        settings.update(options)
        process = subprocess.Popen([str(BIN / "assay"), *map(str, arguments)], **settings)
        self.addCleanup(self.end_process, process)
        return process

    @staticmethod
    def end_process(process):
        """After a test that failed half way; nothing to do after one that passed."""
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()

    def assay(self, *arguments, timeout=300, **options):
        """Runs to the end; returns the completed process."""
        process = self.start(*arguments, **options)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.fail(f"assay {' '.join(map(str, arguments))} hangs\n{out}\n{err}")
        self.assertNotIn("AddressSanitizer", err or "")
        self.assertNotIn("runtime error:", err or "")
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def run_case(self, *arguments, code=0, **options):
        """`assay run`; checks the exit code; returns the summary and the run folder."""
        folder = self.home / f"run{len(list(self.home.glob('run*')))}"
        done = self.assay("run", *arguments, "--folder", folder, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        summary = json.loads((folder / "summary.json").read_text())
        if summary["verdict"] in ("error", "interrupted") and summary["issues"]:
            self.record_refusal(summary["issues"][0]["code"], code, summary["issues"][0]["message"])
        return summary, folder

    def record_refusal(self, code, exit_code, message):
        """One row of docs/bad_input.md: this test, or its subTest, met this answer of the product."""
        bad_input_record.add(self, code, exit_code, message)

    def assert_issue(self, summary, code, *words):
        """The summary has the issue, and its message each of the words."""
        found = [issue["message"] for issue in summary["issues"] if issue["code"] == code and all(word in issue["message"] for word in words)]
        self.assertTrue(found, f"no issue {code} with {words} in {summary['issues']}")
        self.record_refusal(code, summary["exit_code"], found[0])

    def assert_error(self, done, code, exit_code, *words):
        """One block on stderr with the code and each of the words; nothing on stdout."""
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        self.assertIn(f"error[{code}]", done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.record_refusal(code, exit_code, done.stderr.split(f"error[{code}]: ", 1)[1])

    def processes(self):
        """Command lines of living processes that were started with this case's state."""
        mark = str(self.home).encode()
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
                if state != "Z" and (mark in (entry / "environ").read_bytes() or mark in (entry / "cmdline").read_bytes()):
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                pass
        return found

    def assert_nothing_left(self):
        deadline = time.monotonic() + 3
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(self.processes(), [])

    def wait_for(self, condition, seconds=60, what="condition"):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.02)
        self.fail(f"{what} did not come true in {seconds} s")

    def kill_matching(self, word):
        """SIGKILL to this case's processes whose command line holds the word; how many there were."""
        mark, killed = str(self.home).encode(), 0
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                line = (entry / "cmdline").read_bytes()
                if word.encode() in line and (mark in line or mark in (entry / "environ").read_bytes()):
                    os.kill(int(entry.name), signal.SIGKILL)
                    killed += 1
            except OSError:
                pass
        return killed
