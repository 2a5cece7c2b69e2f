"""The examples: an application before and after Assay. What was added is counted, and both compile."""
import difflib
import unittest

from harness import ROOT
from installed_agent import CORES, EXAMPLES, AgentCase

MOST_LINES = 30
SHAPES = ROOT / "tests/package/shapes"
CODE = (".c", ".h", ".cpp", ".ino")
# Of each example: its sources after Assay (what is not also in before/ is new), and the compiler of its framework.
EXAMPLE_SOURCES = {
    "bare_metal": ["main.c", "assay_port.c"],
    "zephyr": ["src/main.c"],
    "arduino": ["Digits/Digits.ino"],
    "stm32cube": ["Core/Src/main.c"],
}
COMPILE = {
    "bare_metal": ["arm-none-eabi-gcc", "-std=c99", "-Wextra"],
    "zephyr": ["arm-none-eabi-gcc", "-std=c99", f"-I{SHAPES}/zephyr"],
    "arduino": ["arm-none-eabi-g++", "-std=gnu++17", f"-I{SHAPES}/arduino", "-x", "c++", "-include", "Arduino.h"],
    "stm32cube": ["arm-none-eabi-gcc", "-std=c99", f"-I{SHAPES}/stm32cube"],
}


def added(before, after):
    """Lines of code that the change adds; blank ones do not count, comments do."""
    return [line[2:] for line in difflib.ndiff(before, after) if line.startswith("+ ") and line[2:].strip()]


class Examples(AgentCase):
    def compile(self, example, source, *options):
        self.run_tool(*COMPILE[example], *CORES["cortex-m4"], "-Wall", "-Werror", f"-I{EXAMPLES}/bare_metal/app", *options, "-c", source, "-o", "x.o")

    def test_assay_is_at_most_thirty_lines(self):
        self.assertEqual({folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()}, set(EXAMPLE_SOURCES))
        for example, sources in EXAMPLE_SOURCES.items():
            with self.subTest(example):
                count = 0
                for source in sources:
                    before = EXAMPLES / example / "before" / source
                    lines = added(before.read_text().splitlines() if before.exists() else [], (EXAMPLES / example / source).read_text().splitlines())
                    self.assertTrue(lines, source)
                    self.assertLess(max(map(len, lines)), 140, "lines that no one reads")
                    count += len(lines)
                print(f"{example}: {count} lines")
                self.assertLessEqual(count, MOST_LINES)

    def test_nothing_of_assay_is_in_an_application_before(self):
        for example in EXAMPLE_SOURCES:
            for file in (EXAMPLES / example / "before").rglob("*"):
                if file.is_file():
                    self.assertNotIn("assay", file.read_text().lower(), file)

    def test_each_compiles_before_and_after(self):
        for example, sources in EXAMPLE_SOURCES.items():
            for source in sources:
                with self.subTest(example, source=source):
                    self.compile(example, EXAMPLES / example / source, f"-I{self.agent}")
                    if (EXAMPLES / example / "before" / source).exists():
                        self.compile(example, EXAMPLES / example / "before" / source)


if __name__ == "__main__":
    unittest.main()
