"""docs/adding/your_firmware.md, followed from an empty folder outside the repository against the installed package.

A block whose fence names a file (```c main.c) is written there; a ```sh block is run where the one before it ended; the
blocks ```c part of the further sections are compiled together.
"""
import json
import os
import re
import shutil
import subprocess
import unittest

from harness import BIN, ROOT
from installed_agent import CORES, EXAMPLES, STRICT, AgentCase

PAGE = ROOT / "docs/adding/your_firmware.md"
BLOCKS = re.findall(r"(?ms)^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE.read_text())
# What the further parts take from an application.
AROUND_PARTS = """
#include "assay.h"
#define WAKE_WORD_SHA256 "0123"
void wake_word_hop(void);
int wake_word_decided(void);
void reset_wake_word(void* user);
int run_gesture(void* user);
void capture(void);
void features(void);
void dense(void);
void one_frame(void);
void infer(void);
void dense_layer(uint16_t op);
void inference_task(void* argument);
static assay_tensor sound, words, motion, gestures;
static float hidden[64];
static uint8_t task_stack[2048];
"""
SHOWN = {"main.c", "assay_port.c", "CMakeLists.txt", "profile.toml"}
RUN = re.compile(r"(?m)^assay run .*--board (\S+).*$")


class YourFirmware(AgentCase):
    def setUp(self):
        super().setUp()
        for program in ("arm-none-eabi-gcc", "qemu-system-arm", "openocd"):
            if not shutil.which(program):
                self.skipTest(f"{program} is not installed")
        # The data of a profile come with the host's part of an installation.
        (self.prefix / "share/assay/profiles").symlink_to(ROOT / "profiles")
        python = ROOT / ".venv/bin"
        self.environment.update(ASSAY=str(self.prefix / "share/assay"), CMAKE_PREFIX_PATH=str(self.prefix), CMAKE_GENERATOR="Ninja",
                                PATH=f"{BIN}:{python}:{os.environ['PATH']}")
        self.folder = self.home / "user"
        self.folder.mkdir()

    def shell(self, script):
        """Runs a block in the folder where the last one ended; returns exit code and output."""
        done = subprocess.run(["bash", "-ec", f"cd \"$0\"\n{script}\npwd > '{self.home}/where'", self.folder], env=self.environment,
                              capture_output=True, text=True, timeout=200)
        if done.returncode == 0:
            self.folder = type(self.folder)((self.home / "where").read_text().strip())
        return done

    def judge(self, board, line):
        done = self.shell(f"{line} --json --folder run_{board}")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        summary = json.loads(done.stdout)
        self.assertEqual((summary["verdict"], summary["samples_done"]), ("pass", 600))
        self.assertEqual(summary["attribution"]["port_bits"], 0)

    def test_a_reader_gets_from_an_empty_folder_to_a_verdict_on_two_boards(self):
        judged = []
        for language, name, text in BLOCKS:
            if name in SHOWN:
                (self.folder / name).write_text(text)
            elif language == "sh" and RUN.search(text):
                for line in RUN.finditer(text):
                    self.judge(line[1], line[0])
                    judged.append(line[1])
            elif language == "sh":
                output = self.shell(text)
                self.assertEqual(output.returncode, 0, text + output.stdout + output.stderr)
        self.assertEqual(judged, ["posix", "mps2-an386"])

    def test_the_page_shows_the_example(self):
        shown = {name: text for _, name, text in BLOCKS if name in SHOWN}
        self.assertEqual(set(shown), SHOWN)
        for name, text in shown.items():
            self.assertEqual(text, (EXAMPLES / "bare_metal" / name).read_text(), name)

    def test_the_further_parts_compile(self):
        parts = [text for language, name, text in BLOCKS if name == "part"]
        self.assertGreaterEqual(len(parts), 7)
        # Streaming's run function is shown after the table that names it.
        (self.home / "parts.c").write_text(AROUND_PARTS + "\n".join(sorted(parts, key=lambda text: "assay_model models[]" in text)))
        self.run_tool("arm-none-eabi-gcc", "-std=c99", *CORES["cortex-m4"], *STRICT, "-Wno-unused-variable", f"-I{self.agent}", "-c", "parts.c")


if __name__ == "__main__":
    unittest.main()
