"""What the tests of the agent's package share: the component "agent" of the tree under test, installed below the case's folder."""
import os
import pathlib
import subprocess

from harness import BIN, ROOT, Case

TREE = pathlib.Path(os.environ.get("ASSAY_TREE", BIN.parent))
EXAMPLES = ROOT / "agent/examples"
CORES = {"cortex-m4": ["-mcpu=cortex-m4", "-mthumb"], "cortex-m0plus": ["-mcpu=cortex-m0plus", "-mthumb"]}
STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic"]


class AgentCase(Case):
    def setUp(self):
        super().setUp()
        if not (TREE / "drop_in/assay.c").exists():
            self.skipTest(f"{TREE}/drop_in/assay.c is not built")
        self.prefix = self.home / "a prefix"
        self.run_tool("cmake", "--install", TREE, "--component", "agent", "--prefix", self.prefix)
        self.agent = self.prefix / "share/assay/agent"

    def run_tool(self, *command, cwd=None, fails=False, **options):
        """Runs a tool to its end; returns what it printed. A tool that is not installed skips the test."""
        try:
            done = subprocess.run([str(word) for word in command], cwd=cwd or self.home, capture_output=True, text=True, timeout=120,
                                  env=self.environment, **options)
        except FileNotFoundError:
            self.skipTest(f"{command[0]} is not installed")
        self.assertEqual(done.returncode != 0, fails, f"{command}\n{done.stdout}\n{done.stderr}")
        return done.stdout + done.stderr
