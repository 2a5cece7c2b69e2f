"""The tour of README.md is run as it is written: each line of its blocks must exit 0, from a folder that holds profiles/."""
import re
import subprocess
import time
import unittest

from harness import BIN, FIRMWARE, ROOT, Case

HEADING = "The first five minutes"


def tour_lines():
    """Commands of the fenced blocks below the heading, without comments and blank lines."""
    section = re.search(rf"(?ms)^## {HEADING}\n(.*?)^## ", (ROOT / "README.md").read_text())[1]
    lines = [line for block in re.findall(r"(?ms)^```\n(.*?)^```$", section) for line in block.splitlines()]
    return [line for line in (line.split(" #")[0].strip() for line in lines) if line]


class Tour(Case):
    def setUp(self):
        super().setUp()
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")
        (self.home / "profiles").symlink_to(ROOT / "profiles")
        self.addCleanup(lambda: self.assay("vboard", "stop"))

    def test_every_line_runs(self):
        lines = tour_lines()
        self.assertGreater(len([line for line in lines if line.startswith("assay ")]), 8, lines)
        environment = dict(self.environment, PATH=f"{BIN}:{self.environment['PATH']}")
        begin = time.monotonic()
        for line in lines:
            if line.startswith("export PATH=$PWD/build/bin"):
                continue  # here the programs under test are in PATH already
            done = subprocess.run(["bash", "-c", line], env=environment, cwd=self.home, capture_output=True, text=True, timeout=240)
            self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout}{done.stderr}")
            self.assertNotEqual(done.stdout, "", line)
        print(f"{len(lines)} lines in {time.monotonic() - begin:.1f} s")


if __name__ == "__main__":
    unittest.main()
