"""`assay init`: a first profile of a model or of a program, which `assay check` accepts before a question is answered."""
import json
import shutil
import subprocess
import tomllib
import unittest

import numpy as np
from harness import FIRMWARE, ROOT, Case

DIGITS = ROOT / "profiles/digits"


class Init(Case):
    def init(self, *arguments, code=0):
        done = self.assay("init", *arguments, "--json")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        answer = json.loads(done.stdout)
        text = (self.home / answer["profile"]).read_text()
        self.assertEqual(text.count("# QUESTION"), len(answer["questions"]))
        return answer, tomllib.loads(text), text

    def check(self, folder, *arguments):
        done = self.assay("check", folder, *arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_a_model_alone_becomes_a_profile_that_runs(self):
        shutil.copy(DIGITS / "model_int8.tflite", self.home / "digits.tflite")
        answer, profile, _ = self.init("--from", "digits.tflite")
        self.assertIn("8 samples without labels", self.check("digits"))
        self.assertEqual(profile["model"]["file"], "../digits.tflite")
        self.assertTrue(any("10 outputs" in question for question in answer["questions"]))
        inputs = np.load(self.home / "digits/data/random_inputs.npy")
        self.assertEqual((inputs.shape, inputs.dtype), ((8, 8, 8, 1), np.int8))
        self.assertGreater(len(np.unique(inputs)), 100)
        summary, _ = self.run_case("digits")
        self.assertEqual(summary["attribution"]["port_bits"], 0)

    def test_a_float_model_is_asked_for_no_float_original(self):
        answer, profile, text = self.init("--from", DIGITS / "model_float.tflite", "--out", "made")
        self.assertNotIn("float original", text)
        self.assertEqual(np.load(self.home / "made/data/random_inputs.npy").dtype, np.float32)
        self.check("made", "--board", "mps2-an386")

    def test_data_labels_and_the_float_twin_are_taken(self):
        for name in ("model_int8", "model_float"):
            shutil.copy(DIGITS / f"{name}.tflite", self.home)
        shutil.copy(DIGITS / "data/digits_test.npz", self.home)
        answer, profile, text = self.init("--from", "model_int8.tflite", "--data", "digits_test.npz", "--out", "made/here")
        self.assertEqual(profile["model"]["float_file"], "../../model_float.tflite")
        self.assertEqual(profile["data"]["path"], "../../digits_test.npz")
        self.assertIn("600 samples", self.check("made/here"))
        self.assertNotIn("random", text)
        self.assertFalse(any("float" in question for question in answer["questions"]))

    def test_data_beside_the_model_is_offered_not_assumed(self):
        shutil.copy(DIGITS / "model_int8.tflite", self.home)
        shutil.copy(DIGITS / "data/digits_test.npz", self.home)
        _, profile, text = self.init("--from", "model_int8.tflite")
        self.assertIn('# path = "../digits_test.npz"', text)
        self.assertEqual(profile["data"]["path"], "data/random_inputs.npy")

    def test_a_profile_that_is_there_is_not_overwritten(self):
        shutil.copy(DIGITS / "model_int8.tflite", self.home / "digits.tflite")
        self.init("--from", "digits.tflite")
        self.init("--from", "digits.tflite")  # as it was written
        profile = self.home / "digits/profile.toml"
        profile.write_text(before := profile.read_text() + "# mine")
        self.assert_error(self.assay("init", "--from", "digits.tflite"), "init.exists", 2, "digits/profile.toml")
        self.assertEqual(profile.read_text(), before)

    def test_what_is_neither_model_nor_program_is_refused(self):
        (self.home / "notes.txt").write_text("no model")
        self.assert_error(self.assay("init", "--from", "notes.txt"), "model.not_tflite", 2, "notes.txt")
        self.assert_error(self.assay("init", "--from", "absent.tflite"), "base.file", 3, "absent.tflite")
        self.assertFalse((self.home / "notes").exists())

    @unittest.skipUnless(FIRMWARE.exists(), "firmware is not built")
    def test_firmware_with_the_agent_is_told_apart(self):
        answer, profile, _ = self.init("--from", FIRMWARE, "--out", "firmware")
        self.assertTrue(any("agent is linked" in line for line in answer["found"]))
        self.assertIn(answer["board"], ("mps2-an385", "mps2-an386"))
        self.assertNotIn("call", profile["engine"])
        self.check("firmware", "--board", answer["board"])

    @unittest.skipUnless(shutil.which("arm-none-eabi-gcc") and FIRMWARE.exists(), "no firmware tools")
    def test_a_program_that_knows_nothing_of_assay_runs_through_the_probe_before_a_question_is_answered(self):
        example = ROOT / "agent/examples/bare_metal"
        sources = [example / "before/main.c", *(example / "app" / f"{name}.c" for name in ("digits", "camera", "board_mps2"))]
        subprocess.run(["arm-none-eabi-gcc", "-g", "-Os", "-mcpu=cortex-m4", "-mthumb", "-I", example / "app", *sources, "-nostartfiles",
                        "--specs=nano.specs", "-T", example / "app/mps2.ld", "-o", self.home / "digits.elf"], check=True, capture_output=True)
        answer, profile, _ = self.init("--from", "digits.elf", "--out", "digits")
        engine = profile["engine"]
        self.assertEqual((engine["call"], engine["input"], engine["output"]), ("digits_run", ["digits_input"], ["digits_output"]))
        self.assertEqual((profile["model"]["input"][0]["type"], profile["model"]["input"][0]["dims"]), ("int8", [1, 64]))
        self.assertTrue(any("mps2-an386" in line for line in answer["found"]))
        self.check("digits", "--board", "mps2-an386")
        summary, _ = self.run_case("digits", "--board", "mps2-an386")
        self.assertEqual((summary["subject"]["way_in"], summary["samples_done"]), ("probe-only", 8))


if __name__ == "__main__":
    unittest.main()
