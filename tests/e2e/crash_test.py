"""Runs that are killed with SIGKILL: nothing is left, what is there is true, and a resumed run gives the same results."""
import json
import random
import shutil
import signal
import subprocess
import time
import unittest
import zlib

from harness import BIN, ROOT
from interrupted_run import JUDGED, SOAK, VIRTUAL, RunCase

# Half of the kills aim at a phase, the other half at a moment.
AIMS = ("Prepared", "Leased", "Flashed", "Loaded", "Connected", "Running", "References", "Judged", "reports")
LIMIT = "120"


class Kill(RunCase):
    def kills(self, board, count, seed):
        arguments = (self.profile(), "--board", board, "--limit", LIMIT)
        begin = time.monotonic()
        expected = self.undisturbed(*arguments)
        whole = time.monotonic() - begin
        # The first run waits for references that the others find in the cache.
        times = {event["phase"]: event["seconds"] for event in self.events(expected) if event["event"] == "phase"}
        whole = max(0.5, whole - times.get("References", 0))
        aims = [aim for aim in AIMS if aim in times or aim == "reports"]
        chance, tally = random.Random(seed), {}
        for i in range(count):
            folder = self.home / f"killed{i}"
            unit = ("--unit", f"u{i}") if board == VIRTUAL else ()  # a fresh one each time, so that flashing takes its time
            if i % 7 == 5:
                self.environment["ASSAY_CACHE_DIR"] = str(self.home / f"cache{i}")
            process = self.start("run", *arguments, *unit, "--folder", folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if i % 2 == 0:
                self.aim(process, folder, aims, times, aims[(i // 2) % len(aims)], chance)
            else:
                time.sleep(chance.uniform(0, whole))
            process.kill()
            process.wait()
            phase = self.check_killed(folder, i)
            tally[phase] = tally.get(phase, 0) + 1
            self.go_on(folder, arguments + unit, phase)
            self.assert_same_results(expected, folder, board)
            self.assertEqual([name for name in self.no_temporary_folders() if "new" not in name], [], f"kill {i} in {phase}")
            self.environment["ASSAY_CACHE_DIR"] = str(self.home / "cache")
            shutil.rmtree(folder)
        print(f"\n{board}: {count} runs killed, by the last phase that was over: {tally}")
        self.assertGreater(len(tally), min(2, count - 1))

    def aim(self, process, folder, aims, times, aim, chance):
        """Waits for the phase before `aim` to be over, then for some part of `aim`."""
        before = aims[aims.index(aim) - 1] if aims.index(aim) > 0 else None
        if before:
            self.wait_for_phase(process, folder, before)
        time.sleep(chance.uniform(0, min(times.get(aim, 0.3), 2.0)))

    def check_killed(self, folder, number):
        """No process; a folder that is absent or tells the truth. Returns the last phase that was over."""
        self.assert_nothing_left()
        if not folder.exists():
            return "none: no folder"
        finished = (folder / "samples.csv").read_text().count("\n") - 1 if (folder / "samples.csv").exists() else 0
        phases = self.phases(folder)
        summary = self.assert_readable(folder)
        if (folder / "manifest.json").exists():
            self.assertIn(summary["verdict"], ("pass", "fail", "inconclusive"))
            return "all"
        if not (folder / "summary.json").exists():
            self.assertEqual(summary["verdict"], "interrupted")
            self.assertIn("Incomplete", summary["sentence"])
            self.assertEqual(summary["samples_done"], max(finished, 0))
            self.assertEqual(summary["issues"][0]["code"], "run.incomplete")
            self.assertIn("--resume", summary["issues"][0]["message"])
        return phases[-1] if phases else "none"

    def go_on(self, folder, arguments, phase):
        if not folder.exists():
            done = self.assay("run", *arguments, "--folder", folder)
        else:
            done = self.assay("run", "--resume", folder)
        if phase == "all":
            self.assert_error(done, "run.already_complete", 2, "is complete")
        else:
            self.assert_judged(done)

    def test_process_board_killed_at_random_moments(self):
        self.kills("posix", max(5, 50 * SOAK // 100), seed=4711)

    def test_virtual_board_killed_at_random_moments(self):
        self.need_firmware()
        self.kills(VIRTUAL, max(5, 50 * SOAK // 100), seed=815)

    def test_a_run_that_is_killed_again_and_again_gets_done(self):
        arguments = ("digits", "--board", "posix", "--no-references")
        expected = self.undisturbed(*arguments)
        folder, counts = self.home / "again", []
        process = self.start("run", *arguments, "--folder", folder)
        for wanted in (40, 200, 333):
            journal = folder / "samples.csv"
            self.wait_for(lambda: journal.exists() and journal.read_text().count("\n") > wanted or process.poll() is not None, 60, "samples")
            process.kill()
            process.communicate()
            counts.append(journal.read_text().count("\n") - 1)
            process = self.start("run", "--resume", folder)
        out, err = process.communicate(timeout=120)
        self.assertIn(process.returncode, JUDGED, out + err)
        self.assertRegex(err, r"\d+ from before")
        self.assert_same_results(expected, folder, "posix")
        self.assertGreater(counts[1], counts[0] - 1)
        self.assertEqual(sorted(path.name for path in (folder / "attempts").iterdir()), ["1", "2", "3"])
        self.assertTrue((folder / "attempts/1/events.jsonl").exists())


class Resume(RunCase):
    """What `--resume` takes and refuses."""

    def killed(self, *arguments, samples=30):
        folder = self.home / "killed"
        process = self.start("run", *arguments, "--folder", folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        journal = folder / "samples.csv"
        self.wait_for(lambda: journal.exists() and journal.read_text().count("\n") > samples or process.poll() is not None, 60, "samples")
        process.kill()
        process.wait()
        self.assertFalse((folder / "manifest.json").exists(), "the run ended before it was killed")
        return folder

    def test_finished_samples_keep_their_ticks_and_are_not_run_again(self):
        folder = self.killed("digits", "--board", "posix", "--no-references")
        before = (folder / "samples.csv").read_text().splitlines()
        if before[-1].count(",") != 7:
            before.pop()
        done = self.assay("run", "--resume", folder)
        self.assert_judged(done)
        self.assertEqual((folder / "samples.csv").read_text().splitlines()[:len(before)], before)

    def test_torn_rows_are_run_again(self):
        arguments = ("digits", "--board", "posix", "--no-references", "--limit", "200")
        expected = self.undisturbed(*arguments)
        folder = self.killed(*arguments)
        part = folder / "outputs.part"
        part.write_bytes(part.read_bytes()[:-5])
        with open(folder / "samples.csv", "ab") as journal:
            journal.write(b"17,bad,\xff\n99,torn")
        self.assertEqual(self.assay("show", folder).returncode, 0)
        done = self.assay("run", "--resume", folder)
        self.assert_judged(done)
        self.assert_same_results(expected, folder, "posix")

    def test_a_board_that_answers_otherwise_than_before_is_refused(self):
        """The last finished sample runs once more: here the journal says that it came out differently."""
        folder = self.killed("digits", "--board", "posix", "--no-references")
        part = bytearray((folder / "outputs.part").read_bytes())
        size = 4 + 8 + int.from_bytes(part[8:12], "little") + 4
        last = 16 + (len(part) - 16) // size * size - size
        part[last + 12] ^= 1
        part[last + size - 4:last + size] = zlib.crc32(part[last:last + size - 4]).to_bytes(4, "little")
        (folder / "outputs.part").write_bytes(part)
        done = self.assay("run", "--resume", folder)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        summary = json.loads((folder / "summary.json").read_text())
        self.assertEqual((summary["verdict"], summary["issues"][0]["code"]), ("error", "run.resume_changed"))
        self.assertIn("outputs for sample", summary["issues"][0]["message"])

    def test_by_id_name_and_last(self):
        for how in ("id", "name", "@last"):
            process = self.start("run", "digits", "--board", "posix", "--no-references", "--out", self.out)
            self.wait_for(lambda: list(self.out.glob("2*/samples.csv")) and process.poll() is None, 60, "a run")
            process.kill()
            process.communicate()
            folder, = self.out.iterdir()
            shown = json.loads(self.assay("show", "@last", "--out", self.out, "--json").stdout)
            name = {"id": shown["run_id"], "name": folder.name[:19], "@last": "@last"}[how]
            done = self.assay("run", "--resume", name, "--out", self.out)
            self.assert_judged(done)
            shutil.rmtree(folder)

    def test_complete_run_is_refused_and_left_alone(self):
        folder = self.undisturbed("digits", "--board", "posix", "--no-references")
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        self.assert_error(self.assay("run", "--resume", folder), "run.already_complete", 2, "verdict is 'inconclusive'", "assay show")
        self.assertEqual({path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}, before)

    def test_run_that_is_still_going_is_refused_with_its_process(self):
        folder = self.home / "going"
        process = self.start("run", "digits", "--board", "posix", "--no-references", "--folder", folder)
        self.wait_for(lambda: (folder / "samples.csv").exists(), 60, "samples")
        process.send_signal(signal.SIGSTOP)
        done = self.assay("run", "--resume", folder)
        self.assert_error(done, "run.still_going", 4, f"process {process.pid} (assay run digits")
        shown = json.loads(self.assay("show", folder, "--json").stdout)
        self.assertIn(f"Still going (process {process.pid})", shown["sentence"])
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=60)
        self.assertIn(process.returncode, JUDGED)

    def test_two_resumes_at_once(self):
        folder = self.killed("digits", "--board", "posix", "--no-references")
        both = [self.start("run", "--resume", folder) for _ in range(2)]
        ends = sorted((process.communicate(timeout=60)[1], process.returncode) for process in both)
        codes = sorted(code for _, code in ends)
        self.assertEqual(len([code for code in codes if code in (2, 4)]), 1, ends)  # refused while the other was at it, or after it was through
        self.assertTrue(any("run.still_going" in err or "run.already_complete" in err for err, _ in ends), ends)

    def test_what_changed_is_named(self):
        profile = self.profile()
        folder = self.killed(profile, "--board", "posix", "--no-references")
        kept = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        file = profile / "profile.toml"
        text = file.read_text()
        file.write_text(text + '\n[[gate]]\nmetric = "latency.median"\nmax = 123456789\n')
        self.assert_error(self.assay("run", "--resume", folder), "run.resume_changed", 2, "profile.sha256 was", ".metric was absent, is \"latency.median\"")
        file.write_text(text)
        model = profile / "model_int8.tflite"
        content = bytearray(model.read_bytes())
        other = self.model_with_one_weight_changed(bytes(content))
        model.write_bytes(other)
        self.assert_error(self.assay("run", "--resume", folder), "run.resume_changed", 2, "model.sha256 was")
        model.write_bytes(content)
        boards = self.home / "data"
        shutil.copytree(ROOT / "boards", boards / "boards")
        (boards / "profiles").symlink_to(ROOT / "profiles")
        (boards / ".venv").symlink_to(ROOT / ".venv")
        board = boards / "boards/posix/board.toml"
        board.write_text(board.read_text().replace('title = "', 'title = "Another ', 1))
        self.environment["ASSAY_DATA_DIR"] = str(boards)
        self.assert_error(self.assay("run", "--resume", folder), "run.resume_changed", 2, "board.title was", "board.sha256 was")
        self.environment["ASSAY_DATA_DIR"] = str(ROOT)
        # Refusals change nothing, and the run still goes on.
        self.assertEqual({path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != ".lock"},
                         {name: content for name, content in kept.items() if name != ".lock"})
        self.assert_judged(self.assay("run", "--resume", folder))

    @staticmethod
    def model_with_one_weight_changed(content):
        import ai_edge_litert.schema_py_generated as schema
        import flatbuffers
        table = schema.ModelT.InitFromPackedBuf(content, 0)
        largest = max((buffer for buffer in table.buffers if buffer.data is not None), key=lambda buffer: len(buffer.data))
        largest.data = largest.data.copy()
        largest.data[0] ^= 1
        builder = flatbuffers.Builder(len(content))
        builder.Finish(table.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def test_options_that_decide_results_are_refused_beside_it(self):
        for option in (["digits"], ["--board", "posix"], ["--seed", "2"], ["--limit", "3"]):
            done = self.assay("run", "--resume", "@last", *option)
            self.assertEqual(done.returncode, 2)
            self.assertIn("excludes", done.stderr)
        self.assertEqual(self.assay("run").returncode, 2)
        self.assert_error(self.assay("run", "--resume", "@last"), "results.no_run", 2, "there is no run")
        self.assert_error(self.assay("run", "--resume", self.home), "results.bad_run", 3, "no run folder")

    def test_failed_run_goes_on_when_the_cause_is_gone(self):
        self.need_firmware()
        arguments = ("digits", "--board", VIRTUAL, "--limit", "60", "--no-references")
        expected = self.undisturbed(*arguments)
        folder = self.home / "failed"
        done = self.assay("run", *arguments, "--unit", "x", "--folder", folder, **{"env": dict(self.environment, PATH="/nowhere")})
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertEqual(json.loads((folder / "summary.json").read_text())["verdict"], "error")
        done = self.assay("run", "--resume", folder)
        self.assert_judged(done)
        self.assert_same_results(expected, folder, VIRTUAL)

    def test_interrupted_run_goes_on_on_the_virtual_board(self):
        self.need_firmware()
        arguments = (self.profile(), "--board", VIRTUAL)
        expected = self.undisturbed(*arguments)
        folder = self.home / "interrupted"
        process = self.start("run", *arguments, "--folder", folder)
        journal = folder / "samples.csv"
        self.wait_for(lambda: journal.exists() and journal.read_text().count("\n") > 50 or process.poll() is not None, 60, "samples")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
        self.assertEqual(process.returncode, 130, out + err)
        self.assertIn("--resume", out)
        finished = json.loads((folder / "summary.json").read_text())["samples_done"]
        self.assertTrue(49 < finished < 600, finished)
        done = self.assay("run", "--resume", folder)
        self.assert_judged(done)
        self.assertIn(f"{finished} from before", done.stderr)
        self.assert_same_results(expected, folder, VIRTUAL)


class Names(RunCase):
    def test_runs_of_one_second_do_not_share_a_folder(self):
        runs = [self.start("run", "digits", "--board", "posix", "--limit", "3", "--no-references", "--out", self.out, "-q") for _ in range(3)]
        for process in runs:
            out, err = process.communicate(timeout=60)
            self.assertIn(process.returncode, JUDGED, out + err)
        folders = sorted(self.out.iterdir())
        self.assertEqual(len(folders), 3)
        for folder in folders:
            self.assertEqual(len((folder / "samples.csv").read_text().splitlines()), 4)
            self.assertTrue((folder / "manifest.json").exists())

    def test_a_newer_run_is_the_last_one_though_the_clock_was_set_back(self):
        old = self.out / "2099-01-01T00-00-00_digits_posix"
        done = self.assay("run", "digits", "--board", "posix", "--limit", "3", "--no-references", "--folder", old, "-q")
        self.assert_judged(done)
        self.assay("run", "digits", "--board", "posix", "--limit", "4", "--no-references", "--out", self.out, "-q")
        shown = json.loads(self.assay("show", "@last", "--out", self.out, "--json").stdout)
        self.assertEqual(shown["samples_done"], 4)

    def test_durations_are_no_differences_of_wall_clock_time(self):
        """The wall clock may be set back during a run: where runs wait and measure, nobody reads it but for a stamp."""
        stamps = {"host/run/identity.cpp"}
        files = [file for folder in ("run", "link", "probe", "farm", "reference", "metric", "vboard") for file in (ROOT / "host" / folder).iterdir()]
        files += [ROOT / "host/base/deadline.h", ROOT / "host/base/subprocess.cpp"]
        words = ("system_clock", "time(nullptr)", "gettimeofday", "high_resolution_clock", "CLOCK_REALTIME")
        found = {str(file.relative_to(ROOT)) for file in files
                 if file.suffix in (".cpp", ".h") and not file.name.endswith("_test.cpp") and any(word in file.read_text() for word in words)}
        self.assertEqual(found - stamps, set())


class Home(RunCase):
    """Users without a home, or with one that cannot be written."""

    def bare(self, **variables):
        environment = {key: value for key, value in self.environment.items()
                       if key not in ("ASSAY_STATE_DIR", "ASSAY_CACHE_DIR", "XDG_STATE_HOME", "XDG_CACHE_HOME", "HOME", "TERM")}
        return dict(environment, **variables)

    def test_a_home_that_cannot_be_written_is_named_with_what_to_set(self):
        self.need_firmware()
        folder = self.home / "run"
        done = self.assay("run", "digits", "--board", VIRTUAL, "--limit", "3", "--folder", folder, env=self.bare(HOME="/proc/no-home"))
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        issue = json.loads((folder / "summary.json").read_text())["issues"][0]
        self.assertEqual(issue["code"], "base.file")
        self.assertIn("/proc/no-home/.local/state/assay", issue["message"])
        self.assertIn("ASSAY_STATE_DIR", issue["message"])
        done = self.assay("run", "--resume", folder, env=self.bare(HOME="/proc/no-home", ASSAY_STATE_DIR=str(self.home / "state")))
        self.assert_judged(done)

    def test_the_process_board_needs_no_home(self):
        folder = self.home / "run"
        done = self.assay("run", self.profile(), "--board", "posix", "--limit", "40", "--folder", folder, env=self.bare(HOME="/proc/no-home"))
        self.assert_judged(done)
        summary = json.loads((folder / "summary.json").read_text())
        self.assertEqual([reference["id"] for reference in summary["references"] if reference["level"] == "R1"], ["r1.litert_ref"])

    def test_no_home_and_no_terminal(self):
        done = self.assay("run", "digits", "--board", "posix", "--limit", "3", "--no-references", "--out", self.out, env=self.bare())
        self.assert_judged(done)
        self.assertNotIn("\x1b", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
