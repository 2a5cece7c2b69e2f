"""`assay observe`: an application that infers by itself at a known period, watched over resets, Ctrl-C and silence."""
import csv
import json
import os
import signal
import subprocess
import unittest

from harness import BIN, Case

PERIOD_S, INFER_US = 0.005, 1000


class Observe(Case):
    def app(self, *arguments):
        """The application, listening; the address of its line."""
        line = self.home / "line"
        app = subprocess.Popen([str(BIN / "assay_observed_app"), *map(str, arguments), "--listen", f"unix:{line}"],
                               stdout=subprocess.PIPE, text=True, cwd=self.home)
        self.addCleanup(self.end_process, app)
        self.assertTrue(app.stdout.readline().startswith("listening"))
        self.assertTrue(line.exists())
        return f"unix:{line}", app

    def observe(self, *arguments, code=0):
        """Observes; the folder's observe.json and the lines of samples.csv."""
        folder = self.home / "seen"
        done = self.assay("observe", *arguments, "--folder", folder)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        with open(folder / "samples.csv", newline="") as file:
            return json.loads((folder / "observe.json").read_text()), list(csv.DictReader(file)), done

    def test_a_known_period_and_length_come_out(self):
        address, _ = self.app("--slow-every", 10)
        seen, samples, done = self.observe("--attach", address, "--for", "2", "--interval", "0.25", "--deadline", "2ms")
        self.assertEqual((seen["ended"], seen["unit"], seen["resets"]), ("time is up", "us", 0))
        model, = seen["models"]
        self.assertEqual(model["name"], "wake word")
        # A busy machine delays inferences; it never makes one shorter, nor more of them.
        self.assertLessEqual(model["count"], 2.5 / PERIOD_S)
        self.assertGreater(model["count"], 50)
        self.assertGreaterEqual(model["min"], INFER_US)
        self.assertGreaterEqual(model["max"], 4 * INFER_US)
        self.assertLessEqual(model["p50"], model["p95"])
        self.assertLessEqual(model["p95"], model["max"])
        self.assertGreaterEqual(model["mean"], 1.3 * INFER_US * 0.95)  # nine of 1 ms and one of 4 ms
        self.assertEqual(model["deadline"], 2000)
        self.assertGreaterEqual(model["misses"], model["count"] // 10 - 1)
        self.assertNotIn("stack_touched_bytes", seen)  # not measured: absent
        self.assertEqual([span["name"] for span in seen["spans"]], ["capture", "post"])
        self.assertGreaterEqual(seen["spans"][0]["min"], 100)
        self.assertNotIn("p50", seen["spans"][1])  # it keeps no bins
        # The lines of all intervals add up to the whole.
        counts = [int(line["count"]) for line in samples if line["kind"] == "model"]
        self.assertGreaterEqual(len(counts), 4)
        self.assertEqual(sum(counts), model["count"])
        self.assertEqual(int([line for line in samples if line["kind"] == "model"][-1]["total_count"]), model["count"])
        self.assertIn("model wake word  n ", done.stdout)
        self.assertIn("Percentiles are known to 12.5 %", done.stdout)

    def test_resets_are_counted_and_the_observation_goes_on(self):
        address, _ = self.app("--reset-after", 60)
        seen, samples, done = self.observe("--attach", address, "--for", "3", "--interval", "0.1")
        self.assertGreaterEqual(seen["resets"], 2)
        self.assertEqual(seen["ended"], "time is up")
        self.assertGreater(seen["models"][0]["count"], 60)  # more than one boot's worth
        self.assertIn("reset cause: software", done.stdout)
        resets = [int(line["resets"]) for line in samples]
        self.assertEqual(resets, sorted(resets))
        counts = [int(line["count"]) for line in samples if line["kind"] == "model"]
        self.assertEqual(sum(counts), seen["models"][0]["count"])
        self.assertLessEqual(max(counts), 60)

    def test_ctrl_c_leaves_a_readable_result(self):
        folder = self.home / "seen"
        address, _ = self.app()
        process = self.start("observe", "--attach", address, "--interval", "0.1", "--folder", folder, "--json")
        first = json.loads(process.stdout.readline())
        self.assertEqual(first["ended"], "running")
        self.assertEqual(json.loads((folder / "observe.json").read_text())["ended"], "running")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        seen = json.loads((folder / "observe.json").read_text())
        self.assertEqual(seen["ended"], "interrupted")
        self.assertGreater(seen["models"][0]["count"], 0)
        self.assertEqual(json.loads(out.splitlines()[-1])["ended"], "interrupted")

    def test_an_application_that_goes_away_ends_it_with_what_was_seen(self):
        folder = self.home / "seen"
        address, app = self.app()
        process = self.start("observe", "--attach", address, "--interval", "0.1", "--for", "5", "--folder", folder)
        self.assertIn("wake word", process.stdout.readline())
        os.kill(app.pid, signal.SIGKILL)
        out, err = process.communicate(timeout=120)
        seen = json.loads((folder / "observe.json").read_text())
        self.assertGreater(seen["models"][0]["count"], 0)
        self.assertGreaterEqual(seen["silences"], 1)
        self.assertEqual(seen["ended"], "link.open")
        self.assertEqual(process.returncode, 4, err)
        self.assertIn("error[link.open]", err)

    def test_firmware_is_started_by_the_verb(self):
        seen, _, _ = self.observe("--board", "posix", "--firmware", BIN / "assay_observed_app", "--for", "0.5", "--interval",
                                  "0.1")
        self.assertEqual(seen["board"], "posix")
        self.assertGreater(seen["models"][0]["count"], 5)

    def refused(self, code, words, *arguments, exit_code=2):
        done = self.assay("observe", *arguments, "--for", "1", "--folder", self.home / "refused")
        self.assert_error(done, code, exit_code, *words)
        self.assertFalse((self.home / "refused").exists(), "a refused observation leaves a folder")

    def test_a_firmware_without_timings_says_what_to_call(self):
        address, _ = self.app("--plain")
        self.refused("observe.nothing_to_watch", ["assay_use_observe"], "--attach", address)

    def test_a_deadline_without_a_unit_is_refused(self):
        address, _ = self.app()
        self.refused("observe.bad_deadline", ["'20'", "has no unit"], "--attach", address, "--deadline", "20")

    def test_a_deadline_beyond_the_counter_is_refused(self):
        address, _ = self.app()
        self.refused("observe.bad_deadline", ["6e+10 ticks"], "--attach", address, "--deadline", "60s")

    def test_neither_board_nor_address_is_refused(self):
        self.refused("config.value", ["--board", "--attach"])

    def test_an_address_where_nobody_listens_is_no_board(self):
        self.refused("link.open", ["No such file"], "--attach", f"unix:{self.home}/nobody", exit_code=4)


if __name__ == "__main__":
    unittest.main()
