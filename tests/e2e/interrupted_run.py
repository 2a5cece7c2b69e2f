"""What the tests of killed, interrupted and starved runs share: a small quick profile, and "the results are the same"."""
import csv
import json
import os
import re
import shutil

from harness import FIRMWARE, ROOT, Case

SOAK = int(os.environ.get("ASSAY_SOAK", "1"))
VIRTUAL = "mps2-an386"
# Files of a run folder that a resumed run must give byte for byte; refs/*.npy are added. samples.csv and ticks.npy hold raw
# ticks: host nanoseconds on the process board, a phase of one tick on the virtual one.
SAME_FILES = ("outputs.npy", "flips.csv", "inputs.npy", "inputs_index.npy", "graph.json", "plan.bin")
SAME_KEYS = ("profile", "title", "verdict", "exit_code", "validity", "sentence", "samples_done", "samples_asked", "issues", "gates", "subject",
             "dataset", "references", "accuracy", "attribution", "input_channels", "variants", "flash")
EXACT_KEYS = ("latency", "layers", "memory")  # where instructions are counted
JUDGED = (0, 1, 5)  # exit codes of a run that was judged; which one, few samples cannot tell
WORKING_FILES = (".lock", "outputs.part")


class RunCase(Case):
    """A case whose every file lies below its home, temporaries too."""

    def setUp(self):
        super().setUp()
        for name in ("tmp", "rt"):
            (self.home / name).mkdir()
        self.environment.update(TMPDIR=str(self.home / "tmp"), XDG_RUNTIME_DIR=str(self.home / "rt"))

    def need_firmware(self):
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")

    def profile(self, r1='"litert_ref"'):
        """The digits with one desktop runtime: workers take seconds to start."""
        folder = self.home / "profile"
        if not folder.exists():
            shutil.copytree(ROOT / "profiles/digits", folder)
            file = folder / "profile.toml"
            text = file.read_text()
            file.write_text(re.sub(r"(?m)^r1 = .*$", f"r1 = [{r1}]", text))
        return folder

    def assert_judged(self, done):
        self.assertIn(done.returncode, JUDGED, done.stdout + done.stderr)

    def undisturbed(self, *arguments):
        folder = self.home / "undisturbed"
        done = self.assay("run", *arguments, "--folder", folder)
        self.assert_judged(done)
        return folder

    @staticmethod
    def events(folder):
        file = folder / "events.jsonl"
        if not file.exists():
            return []
        return [json.loads(line) for line in file.read_bytes().split(b"\n")[:-1]]

    def phases(self, folder):
        """Names of the phases that are over."""
        return [event["phase"] for event in self.events(folder) if event["event"] == "phase"]

    def wait_for_event(self, process, folder, seconds=120, **fields):
        """Until there is an event with these fields."""
        found = lambda: any(fields.items() <= event.items() for event in self.events(folder))
        self.wait_for(lambda: found() or process.poll() is not None, seconds, f"event {fields}")
        self.assertTrue(found(), f"event {fields}")

    def wait_for_phase(self, process, folder, phase, seconds=60):
        """Until the phase is over; False when the process ended before."""
        self.wait_for(lambda: phase in self.phases(folder) or process.poll() is not None, seconds, f"phase {phase}")
        return phase in self.phases(folder)

    def instructions(self, board, ticks):
        """Ticks in what is exact on the board; nothing is exact on the process board."""
        return round(ticks * 5 / 32) if board == VIRTUAL else 0

    def samples(self, folder, board):
        with open(folder / "samples.csv", newline="") as table:
            rows = list(csv.DictReader(table))
        for row in rows:
            row["ticks"] = self.instructions(board, int(row["ticks"]))
        return rows

    def assert_same_results(self, expected, got, board):
        """`got`, a resumed run, equals `expected`, an undisturbed one, and holds nothing of the kill but attempts/."""
        import numpy
        for name in SAME_FILES + tuple(f"refs/{file.name}" for file in (expected / "refs").glob("*")):
            self.assertEqual((expected / name).read_bytes(), (got / name).read_bytes(), name)
        self.assertEqual(self.samples(expected, board), self.samples(got, board))
        ticks = [[self.instructions(board, int(tick)) for tick in numpy.load(folder / "ticks.npy")] for folder in (expected, got)]
        self.assertEqual(ticks[0], ticks[1])
        summaries = [json.loads((folder / "summary.json").read_text()) for folder in (expected, got)]
        for summary in summaries:
            for layer in summary["layers"]:
                layer.pop("share", None)  # of raw ticks
            for timing in ("stack_touched", "ram_total"):  # how deep an interrupt found the stack
                summary.get("memory", {}).pop(timing, None)
        if board != VIRTUAL:
            for summary in summaries:
                summary["gates"] = [gate for gate in summary["gates"] if not gate["metric"].startswith("latency")]
        for key in SAME_KEYS + (EXACT_KEYS if board == VIRTUAL else ()):
            self.assertEqual(summaries[0].get(key), summaries[1].get(key), key)
        self.assert_clean(got)
        self.assertTrue((got / "manifest.json").exists())

    def assert_clean(self, folder):
        for name in WORKING_FILES:
            self.assertFalse((folder / name).exists(), name)
        self.assertEqual([str(path) for path in self.home.rglob("*.tmp")], [])

    def assert_readable(self, folder):
        """What a run left, whatever happened to it: whole files under final names, and `show` says what is known."""
        import numpy
        for file in folder.rglob("*.npy"):
            numpy.load(file)
        for file in folder.rglob("*.json"):
            json.loads(file.read_text())
        shown = self.assay("show", folder, "--json")
        self.assertEqual(shown.returncode, 0, shown.stdout + shown.stderr)
        summary = json.loads(shown.stdout)
        if not (folder / "manifest.json").exists():
            self.assertIn("run.incomplete", [issue["code"] for issue in summary["issues"]])
        return summary

    def no_temporary_folders(self):
        """Of any kind, wherever they are made."""
        return [path.name for place in (self.home / "tmp", self.home, self.out) if place.exists()
                for path in place.iterdir() if path.name.startswith(("assay-", ".assay-"))]
