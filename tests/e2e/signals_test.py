"""Ctrl-C, SIGTERM, a closed terminal and a reader that left, in every phase of a run: it ends soon, with the right exit
code, a result that can be read, and no process left."""
import json
import signal
import subprocess
import time
import unittest

from harness import BIN, ROOT
from interrupted_run import JUDGED, VIRTUAL, RunCase

WITHIN = 2.0  # seconds; what users are promised


class Signals(RunCase):
    def launch(self, *arguments, **options):
        self.folder = self.home / "run"
        return self.start("run", *arguments, "--folder", self.folder, **options)

    def end(self, process, number, code):
        """Sends the signal; the process must end in time with the code. Returns both outputs."""
        self.assertIsNone(process.poll(), "the run ended before it was interrupted")
        begin = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        took = time.monotonic() - begin
        self.assertEqual(process.returncode, code, out + err)
        self.assertLess(took, WITHIN, out + err)
        self.assert_nothing_left()
        return out, err

    def assert_interrupted(self, number_words):
        summary = self.assert_readable(self.folder)
        self.assertEqual(summary["verdict"], "interrupted")
        self.assertEqual(summary["issues"][0]["code"], "base.interrupted")
        self.assertIn(number_words, summary["issues"][0]["message"])
        self.assertIn("assay run --resume", summary["issues"][0]["message"])
        self.assertTrue((self.folder / "manifest.json").exists())
        return summary

    def big_dataset(self):
        import numpy
        rows = 120_000
        file = self.home / "big.npz"
        numpy.savez(file, x=numpy.zeros((rows, 8, 8, 1), dtype=numpy.float32), y=numpy.zeros(rows, dtype=numpy.int64))
        return file

    def model(self):
        return self.profile() / "model_int8.tflite"

    def test_preparing_a_big_dataset(self):
        data = self.big_dataset()
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = self.launch(self.model(), "--data", data, "--board", "posix")
            time.sleep(0.5)
            out, err = self.end(process, number, code)
            self.assertIn("interrupted before the run began", err)
            self.assertFalse(self.folder.exists())

    def after_phase(self, phase, number, code, words, *options):
        self.need_firmware()
        process = self.launch(self.profile(), "--board", VIRTUAL, *options)
        self.assertTrue(self.wait_for_phase(process, self.folder, phase))
        self.end(process, number, code)
        return self.assert_interrupted(words)

    def test_flashing(self):
        self.after_phase("Leased", signal.SIGINT, 130, "Ctrl-C")
        self.assertNotIn("Connected", self.phases(self.folder))

    def test_loading_the_model(self):
        self.after_phase("Flashed", signal.SIGTERM, 143, "SIGTERM")
        self.assertNotIn("Connected", self.phases(self.folder))

    def test_connecting(self):
        summary = self.after_phase("Loaded", signal.SIGINT, 130, "Ctrl-C")
        self.assertLess(summary["samples_done"], 600)

    def test_starting_the_virtual_board(self):
        self.need_firmware()
        process = self.launch(self.profile(), "--board", VIRTUAL)
        self.assertTrue(self.wait_for_phase(process, self.folder, "Prepared"))
        self.end(process, signal.SIGINT, 130)
        self.assert_interrupted("Ctrl-C")

    def begin_samples(self, *arguments):
        process = self.launch(*arguments)
        journal = self.folder / "samples.csv"
        self.wait_for(lambda: journal.exists() and journal.read_text().count("\n") > 10 or process.poll() is not None, 60, "samples")
        return process

    def test_running(self):
        self.need_firmware()
        process = self.begin_samples(self.profile(), "--board", VIRTUAL)
        self.end(process, signal.SIGTERM, 143)
        summary = self.assert_interrupted("SIGTERM")
        self.assertTrue(9 < summary["samples_done"] < 600)
        self.assertEqual(len((self.folder / "samples.csv").read_text().splitlines()), summary["samples_done"] + 1)

    def test_a_closed_terminal_is_as_clean(self):
        process = self.begin_samples("digits", "--board", "posix", "--no-references")
        self.end(process, signal.SIGHUP, 143)
        self.assert_interrupted("the terminal was closed")

    def test_under_nohup_a_closed_terminal_changes_nothing(self):
        folder = self.home / "run"
        process = self.start("run", "digits", "--board", "posix", "--no-references", "--limit", "100", "--folder", folder,
                             preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.wait_for(lambda: folder.exists() or process.poll() is not None, 30, "a folder")
        process.send_signal(signal.SIGHUP)
        out, err = process.communicate(timeout=60)
        self.assertIn(process.returncode, JUDGED, out + err)

    def test_waiting_for_references(self):
        worker = self.home / "slow_python"
        worker.write_text(f"""#!/bin/sh
case "$*" in *--versions*) exec {self.environment.get("ASSAY_PYTHON", ROOT / ".venv/bin/python")} "$@";; esac
sleep 60
""")
        worker.chmod(0o755)
        self.environment["ASSAY_PYTHON"] = str(worker)
        process = self.launch(self.profile(), "--board", "posix", "--limit", "30")
        self.assertTrue(self.wait_for_phase(process, self.folder, "Running"))
        self.end(process, signal.SIGINT, 130)
        summary = self.assert_interrupted("Ctrl-C")
        self.assertEqual(summary["samples_done"], 30)
        del self.environment["ASSAY_PYTHON"]
        done = self.assay("run", "--resume", self.folder)
        self.assert_judged(done)
        self.assertIn("30 from before", done.stderr)

    def test_judging_and_reporting(self):
        """Both follow the last sample; a signal there ends the process at once, and the resumed run has only them to do."""
        import numpy
        rows = 4000
        data = self.home / "many.npz"
        digits = numpy.load(next((self.profile()).rglob("*.npz")))
        take = numpy.arange(rows) % len(digits["y"])
        numpy.savez(data, x=digits["x"][take], y=digits["y"][take])
        text = (self.profile() / "profile.toml").read_text()
        path = next(line for line in text.splitlines() if line.startswith("path"))
        (self.profile() / "profile.toml").write_text(text.replace(path, f'path = "{data}"').replace('ids = "ids"\n', ""))
        self.environment["ASSAY_PYTHON"] = "/usr/bin/no-such-python"  # R2 alone judges: it costs no worker
        process = self.launch(self.profile(), "--board", "posix")
        self.wait_for_event(process, self.folder, event="progress", phase="Judged")
        out, err = self.end(process, signal.SIGINT, 130)
        self.assertIn("interrupted while judging; every sample is kept", err)
        summary = self.assert_readable(self.folder)
        self.assertEqual((summary["verdict"], summary["samples_done"]), ("interrupted", rows))
        process = self.start("run", "--resume", self.folder)
        self.assertTrue(self.wait_for_phase(process, self.folder, "Judged", 120))
        code = process.poll()
        if code is None:  # else it was faster than this test
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)
            self.assertIn(process.returncode, (143, *JUDGED))
            self.assert_readable(self.folder)
        done = self.assay("run", "--resume", self.folder)
        self.assertIn(done.returncode, (2, *JUDGED), done.stdout + done.stderr)

    def test_a_second_ctrl_c_ends_at_once(self):
        self.need_firmware()
        process = self.begin_samples(self.profile(), "--board", VIRTUAL)
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        begin = time.monotonic()
        process.communicate(timeout=10)
        self.assertEqual(process.returncode, 130)
        self.assertLess(time.monotonic() - begin, 1.0)
        self.assert_nothing_left()
        self.assert_readable(self.folder)


class Readers(RunCase):
    """Whoever reads the output may leave; a full disk behind it is an error."""

    def test_a_reader_that_leaves_does_not_end_the_run(self):
        for streams in ("", "2>&1"):
            folder = self.home / f"run{len(streams)}"
            command = f"'{BIN}/assay' run digits --board posix --no-references --folder '{folder}' {streams} | head -1; echo ${{PIPESTATUS[0]}}"
            done = subprocess.run(["bash", "-c", command], env=self.environment, cwd=self.home, capture_output=True, text=True, timeout=60)
            self.assertIn(int(done.stdout.splitlines()[-1]), JUDGED, done.stdout + done.stderr)
            self.assertNotIn("terminate called", done.stderr)
            self.assertEqual(json.loads((folder / "summary.json").read_text())["samples_done"], 600)
            self.assertTrue((folder / "manifest.json").exists())

    def test_closed_streams_from_the_start(self):
        folder = self.home / "closed"
        command = f"'{BIN}/assay' run digits --board posix --limit 5 --no-references --folder '{folder}' >&- 2>&- <&-"
        done = subprocess.run(["bash", "-c", command], env=self.environment, cwd=self.home, timeout=60)
        self.assertIn(done.returncode, (3, *JUDGED))
        self.assertEqual((folder / "samples.csv").read_text().count("\n"), 6)
        self.assertTrue((folder / "samples.csv").read_text().startswith("index,"))

    def test_results_that_could_not_be_written_are_an_error(self):
        with open("/dev/full", "w") as full:
            process = self.start("boards", stdout=full)
            _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 3, err)
        self.assertIn("error[base.disk_full]: cannot write standard output: No space left on device", err)


if __name__ == "__main__":
    unittest.main()
