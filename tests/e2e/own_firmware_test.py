"""Firmware that its user builds, in place of the stock agent: `[engine]` of a profile, and --firmware.

On posix the firmware is a program; here a script that starts the posix agent on a plan of an earlier run, which is
all that `assay run` can know of any other engine: an agent that presents a model."""
import hashlib
import shutil
import unittest

from harness import BIN, FIRMWARE, ROOT, Case

DIGITS = ROOT / "profiles/digits"
R2 = """
[[references.other]]
name = "host_build"
level = "R2"
kind = "tflite_micro"
"""


class OwnFirmware(Case):
    def setUp(self):
        super().setUp()
        _, run = self.run_case(DIGITS, "--limit", "1", "--no-references", code=5)
        self.stock = run
        self.firmware = self.program("firmware", run / "plan.bin")

    def program(self, name, plan):
        script = self.home / name
        script.write_text(f'#!/bin/sh\nexec "{BIN}/assay-agent-posix" --plan "{plan}" "$@"\n')
        script.chmod(0o755)
        return script

    def profile(self, references=R2, engine='firmware = "../firmware"\nname = "theirs"', model=None):
        folder = self.home / "profile"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(DIGITS, folder)
        text = (folder / "profile.toml").read_text()
        head = text[:text.index("[references]")]
        if model:
            start = head.index("[model]")
            head = head[:start] + model + head[head.index("[data]"):]
        (folder / "profile.toml").write_text(f"""{head}
[references]
r1 = ["litert_ref"]
{references}
[[gate]]
metric = "attribution.port"
equals = 0

[engine]
{engine}
""")
        return folder

    def test_another_engine_has_every_figure_that_its_firmware_gives(self):
        summary, run = self.run_case(self.profile(), "--limit", "60")
        self.assertEqual(summary["subject"]["way_in"], "linked agent")
        self.assertEqual(summary["attribution"]["port_bits"], 0)
        self.assertEqual([reference["id"] for reference in summary["references"]], ["r0", "r1.litert_ref", "r2"])
        self.assertGreater(len(summary["layers"]), 3)
        self.assertEqual(summary["layers"][0]["op"], "CONV_2D")
        self.assertFalse((run / "plan.bin").exists())
        stock, _ = self.run_case(DIGITS, "--limit", "60", code=5)
        self.assertEqual(summary["accuracy"]["device"], stock["accuracy"]["device"])

    def test_firmware_on_the_command_line_is_asked_again_by_resume(self):
        summary, run = self.run_case(self.profile(engine=""), "--firmware", self.firmware, "--limit", "20")
        self.assertEqual(summary["subject"]["way_in"], "linked agent")
        self.assertIn("--firmware", summary["provenance"]["command"])
        self.assertIn(str(self.firmware), (run / "profile.lock.toml").read_text())

    def test_without_a_host_build_the_port_is_not_attributable(self):
        summary, _ = self.run_case(self.profile(references=""), "--limit", "20", code=5)
        self.assert_issue(summary, "metric.port_unknown", "port not attributable")
        self.assertIn("port not attributable", summary["gates"][0]["reason"])

    def test_a_model_of_another_file_is_refused_with_both_hashes(self):
        folder = self.profile()
        # The same border, other content: one byte of the description is changed.
        model = bytearray((folder / "model_int8.tflite").read_bytes())
        at = model.index(b"CONVERSION_METADATA") if b"CONVERSION_METADATA" in model else model.index(b"min_runtime_version")
        model[at] ^= 1
        (folder / "model_int8.tflite").write_bytes(model)
        summary, _ = self.run_case(folder, "--limit", "5", code=3)
        self.assert_issue(summary, "run.wrong_model", hashlib.sha256(model).hexdigest()[:12], "Build the firmware with this model")

    def test_a_declared_border_that_is_not_the_firmwares_is_refused_with_both(self):
        folder = self.profile(model="""
[model]
file = "model_int8.tflite"
[[model.input]]
type = "int8"
dims = [1, 8, 8, 1]
scale = 0.003921569
zero_point = -128
[[model.output]]
type = "int8"
dims = [1, 11]
""")
        summary, _ = self.run_case(folder, "--limit", "5", code=2)
        self.assert_issue(summary, "run.wrong_border", "1x10", "1x11")

    def test_firmware_that_is_not_there_or_no_program_is_refused_before_a_run_begins(self):
        for name, code in (("absent", "run.firmware_missing"), ("profile/profile.toml", "run.wrong_firmware")):
            with self.subTest(name):
                folder = self.profile(engine=f'firmware = "../{name}"')
                done = self.assay("run", folder, "--limit", "5", "--out", self.out)
                self.assert_error(done, code, 3, name.split("/")[-1])
        self.assertFalse(self.out.exists())

    @unittest.skipUnless(FIRMWARE.exists(), "firmware is not built")
    def test_an_elf_without_a_model_says_so(self):
        folder = self.profile(engine=f'firmware = "{FIRMWARE}"')
        summary, _ = self.run_case(folder, "--board", "mps2-an386", "--limit", "5", code=3)
        self.assert_issue(summary, "run.wrong_model", "presents no model")

    @unittest.skipUnless(FIRMWARE.exists(), "firmware is not built")
    def test_a_truncated_elf_is_refused_before_a_board_is_touched(self):
        cut = self.home / "cut.elf"
        cut.write_bytes(FIRMWARE.read_bytes()[:3000])
        folder = self.profile(engine=f'firmware = "{cut}"')
        self.assert_error(self.assay("run", folder, "--board", "mps2-an386", "--limit", "5"), "probe.bad_elf", 2, "cut.elf")


if __name__ == "__main__":
    unittest.main()
