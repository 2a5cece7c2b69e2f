"""Agents that are of another version, lie, stutter or never end: the real agent behind doubles/agent_double.py, which
rewrites its frames. tests/link does the same without processes, case by case."""
import pathlib
import time
import unittest

from harness import BIN, ROOT, Case

DOUBLE = pathlib.Path(__file__).parent / "doubles/agent_double.py"
# mode of the double, exit, code of the first issue, words of its message
CASES = [
    ("newer", 3, "link.protocol_version", ("the agent speaks protocol version 2", "this program 1")),
    ("older", 3, "link.protocol_version", ("the agent speaks protocol version 0", "this program 1")),
    ("other_board", 3, "run.wrong_firmware", ("'?[2Jxyz'", "not a 'posix'")),
    ("other_model", 3, "run.wrong_model", ("000000000000",)),
    ("huge_frames", 3, "link.limit", ("mtu 4294967295",)),
    ("many_models", 3, "link.limit", ("4294967295 models",)),
    ("huge_tensor", 3, "link.limit", ("4294967295 bytes",)),
    ("wrong_sizes", 3, "link.limit", ("READ", )),
    ("garbage", 3, "link.no_answer", ("no BOARD",)),
    ("half", 3, "link.no_answer", ("no BOARD",)),
    ("sequence", 3, "link.no_answer", ("no answer to MESSAGE_MODEL_INFO",)),
    ("logs", 3, "link.no_answer", ()),
    ("closes", 3, "vboard.ended", ("exit code 0", "seen as link.lost", "closed the stream")),
    ("ends", 3, "vboard.start_failed", ("exit code 1", "the agent has had enough")),
]


class Agents(Case):
    def setUp(self):
        super().setUp()
        # A data folder whose posix board is the double.
        self.data = self.home / "data"
        (self.data / "boards/posix").mkdir(parents=True)
        for name in ("profiles", "host", ".venv", "build"):
            if (ROOT / name).exists():
                (self.data / name).symlink_to(ROOT / name)
        self.environment["ASSAY_DATA_DIR"] = str(self.data)

    def strange_board(self, mode):
        agent = self.home / "agent"
        agent.write_text(f'#!/bin/sh\nexec python3 "{DOUBLE}" {mode} "{BIN}/assay-agent-posix" "$@"\n')
        agent.chmod(0o755)
        text = (ROOT / "boards/posix/board.toml").read_text()
        (self.data / "boards/posix/board.toml").write_text(text.replace('"assay-agent-posix"', f'"{agent}"'))

    def run_with(self, mode, code):
        self.strange_board(mode)
        begin = time.monotonic()
        summary, folder = self.run_case("digits", "--board", "posix", "--no-references", "--timeout-multiplier", "0.1", code=code)
        self.assertLess(time.monotonic() - begin, 15)
        self.assertEqual(summary["verdict"], "error")
        self.assertTrue((folder / "manifest.json").exists())
        self.assert_nothing_left()
        return summary, folder

    def test_an_agent_that_is_not_what_it_should_be(self):
        for mode, code, issue, words in CASES:
            with self.subTest(agent=mode):
                summary, _ = self.run_with(mode, code)
                self.assertEqual(summary["issues"][0]["code"], issue, summary["issues"])
                self.assert_issue(summary, issue, *words)

    def test_a_version_mismatch_names_the_remedy(self):
        self.strange_board("newer")
        done = self.assay("run", "digits", "--board", "posix", "--no-references", "--out", self.out)
        self.assertEqual(done.returncode, 3)
        self.assertIn("link.protocol_version", done.stdout + done.stderr)
        self.assertIn("Flash the agent of this version of Assay", " ".join(done.stdout.split()))

    def test_an_inference_that_never_ends(self):
        summary, _ = self.run_with("never_ends", 6)
        self.assert_issue(summary, "link.run_timeout", "sample 0", "did not end in time")

    def test_a_console_without_end_is_cut(self):
        summary, folder = self.run_with("logs", 3)
        self.assertLess((folder / "console.log").stat().st_size, 5 << 20)
        self.assertIn("log line without end", (folder / "console.log").read_text())


if __name__ == "__main__":
    unittest.main()
