"""Engines that are not Assay's own, as firmware of their own, through `assay run`: the examples of runners/.

Each loss must end up with its owner: the conversion of a random forest with the compression, a fault of the port with
the port, and what is right with nobody."""
import importlib.util
import re
import subprocess
import sys
import unittest

from harness import BIN, ROOT, Case, shared

RUNNERS = ROOT / "runners"
IMAGES = ROOT / "build/firmware"


def image(name):
    path = IMAGES / name
    if not path.exists():
        raise unittest.SkipTest(f"{path} is not built; run cmake --preset firmware && cmake --build --preset firmware")
    return path


def program(name):
    path = BIN / name
    if not path.exists():
        raise unittest.SkipTest(f"{path} is not built; is its engine installed? (./bootstrap deps)")
    return path


def need(module):
    if importlib.util.find_spec(module) is None:
        raise unittest.SkipTest(f"{module} is not installed for {sys.executable}")


class Engines(Case):
    def check_exact(self, summary, engine, levels=("r0", "r1.numpy", "r2")):
        self.assertEqual(summary["subject"]["way_in"], "linked agent")
        self.assertEqual(summary["subject"]["engine"], engine)
        self.assertEqual([reference["id"] for reference in summary["references"]], list(levels))
        self.assertEqual(summary["attribution"]["port_bits"], 0)
        self.assertEqual(summary["attribution"]["rounding_flips"], 0)

    def test_the_page_names_the_profiles_that_are_run_here_and_their_firmware(self):
        page = (ROOT / "docs/adding/engine.md").read_text()
        runs = re.findall(r"^build/bin/assay run (\S+) --board mps2-an386 --expect$", page, re.M)
        self.assertEqual(runs, ["runners/plain_c/example", "runners/emlearn/example/digits", "runners/emlearn/example/digits_raw"])
        for run in runs:
            profile = (ROOT / run / "profile.toml").read_text()
            firmware = (ROOT / run / re.search(r'^firmware = "(.+)"$', profile, re.M)[1]).resolve()
            self.assertEqual(firmware.parent, IMAGES.resolve())
            self.assertRegex(firmware.name, r"^assay-(plain-c|emlearn)-mps2-an386\.elf$")
            self.assertIn(f"assay run {run} --board mps2-an386", profile)

    def test_a_hand_written_engine_passes_with_every_level(self):
        summary, _ = self.run_case(RUNNERS / "plain_c/example", "--board", "posix", "--firmware",
                                   program("assay-plain-c-posix"), "--expect")
        self.check_exact(summary, "plain_c")
        self.assertEqual(summary["attribution"]["owner"], "none")
        self.assertEqual(summary["attribution"]["compression_flips"], 1)
        self.assertAlmostEqual(summary["accuracy"]["device"]["value"], 578 / 600)

    def test_a_hand_written_engine_on_the_emulated_board_has_times_for_its_layers(self):
        elf = image("assay-plain-c-mps2-an386.elf")
        summary, _ = self.run_case(RUNNERS / "plain_c/example", "--board", "mps2-an386", "--limit", "30", code=5)
        self.check_exact(summary, "plain_c")
        self.assertEqual([layer["op"] for layer in summary["layers"]], ["dense 64-32", "dense 32-16", "dense 16-10", "(gaps)"])
        self.assertEqual(summary["latency"]["median"]["unit"], "instructions")
        # Of the image: all variables, in whichever section they are; the stack's reserve is none.
        table = subprocess.run(["arm-none-eabi-size", "-A", elf], check=True, capture_output=True, text=True).stdout
        sizes = {row[0]: int(row[1]) for row in map(str.split, table.splitlines()) if len(row) == 3 and row[1].isdigit()}
        variables = sum(sizes.get(section, 0) for section in (".noinit", ".data", ".bss", ".arena"))
        self.assertGreater(sizes[".stack"], 0)
        memory = summary["memory"]
        self.assertEqual(memory["static_ram"]["value"], variables)
        self.assertEqual(memory["ram_total"]["value"], variables + memory["stack_touched"]["value"])

    def test_a_fault_of_the_port_is_laid_on_the_port(self):
        summary, _ = self.run_case(RUNNERS / "plain_c/example", "--board", "posix", "--firmware",
                                   program("assay-plain-c-faulty-posix"), code=1)
        self.assertEqual(summary["attribution"]["owner"], "port")
        self.assertGreater(summary["attribution"]["port_bits"], 100)
        self.assertGreater(summary["attribution"]["port_flips"], 5)

    def forest(self, profile, *arguments, **options):
        need("sklearn")
        need("emlearn")
        summary, _ = self.run_case(RUNNERS / "emlearn/example" / profile, *arguments, **options)
        self.check_exact(summary, "emlearn")
        return summary

    def test_a_forest_on_even_features_loses_nothing(self):
        summary = self.forest("digits", "--board", "posix", "--firmware", program("assay-emlearn-posix"), "--expect")
        self.assertEqual(summary["attribution"]["owner"], "none")
        self.assertEqual(summary["attribution"]["compression_pp"], 0)

    def test_a_forest_on_raw_pixels_loses_by_its_conversion(self):
        summary = self.forest("digits_raw", "--board", "posix", "--firmware", program("assay-emlearn-posix"), "--expect", code=0)
        self.assertEqual(summary["verdict"], "fail")
        self.assertEqual(summary["attribution"]["owner"], "compression")
        self.assertAlmostEqual(summary["attribution"]["compression_pp"], -3.5)

    def test_a_forest_on_the_emulated_board_equals_its_host_build(self):
        image("assay-emlearn-mps2-an386.elf")
        summary = self.forest("digits_raw", "--board", "mps2-an386", "--limit", "60", code=5)
        self.assertEqual(summary["latency"]["median"]["unit"], "instructions")

    def test_emlearn_makes_the_committed_forests_again(self):
        need("sklearn")
        need("emlearn")
        folder = RUNNERS / "emlearn/example"
        subprocess.run([sys.executable, folder / "digits_forest.py", "make", self.home], check=True, timeout=120)
        for name in ("digits_forest.h", "digits_forest_raw.h"):
            self.assertEqual((self.home / name).read_text(), (folder / name).read_text())

    def test_tflm_with_each_kernel_set_equals_tflite_micro(self):
        model, data, labels = (shared("models/kws01_kws_ref_model_int8.tflite"), shared("datasets/kws01"),
                               shared("datasets/kws01/y_labels.csv"))
        image_names = sorted(IMAGES.glob("assay-tflm-*-mps2-an386.elf"))
        if not image_names:
            raise unittest.SkipTest("no TFLM is named; configure the firmware tree as runners/tflm/CMakeLists.txt says")
        for elf in image_names:
            with self.subTest(elf.name):
                profile = self.home / re.sub(r"\W", "_", elf.stem)
                profile.mkdir()
                (profile / "profile.toml").write_text(f"""
[profile]
name = "kws"
[model]
file = "{model}"
[data]
path = "{data}"
labels = "{labels}"
quantised = true
[engine]
firmware = "{elf}"
[references]
r1 = ["litert_builtin"]
[[references.other]]
name = "host"
level = "R2"
kind = "tflite_micro"
[[gate]]
metric = "attribution.port"
equals = 0
""")
                summary, _ = self.run_case(profile, "--board", "mps2-an386", "--limit", "16")
                self.assertEqual(summary["subject"]["engine"], "tflm")
                self.assertEqual(summary["attribution"]["port_bits"], 0)
                self.assertEqual(len(summary["layers"]), 13 + 1)  # and the gaps
                self.assertEqual(summary["layers"][0]["op"], "CONV_2D")


if __name__ == "__main__":
    unittest.main()
