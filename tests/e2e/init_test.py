"""`assay init` writes a profile that `assay check` accepts, with and without data, and says what is missing."""
import unittest

from harness import ROOT, Case

MODELS = ROOT / "profiles/digits"


class Init(Case):
    def test_a_profile_of_a_model_alone_is_accepted_and_says_what_is_missing(self):
        for model in ("model_int8.tflite", "model_float.tflite"):
            with self.subTest(model=model):
                folder = self.home / model.removesuffix(".tflite")
                done = self.assay("init", "--from", MODELS / model, "--out", folder)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("Missing: samples. 8 random inputs stand in for them", done.stdout)
                text = (folder / "profile.toml").read_text()
                self.assertIn("PLACEHOLDER", text)
                self.assertEqual("found beside it" in text, model == "model_int8.tflite")
                checked = self.assay("check", folder, "--board", "mps2-an386")
                self.assertEqual(checked.returncode, 0, checked.stderr)
                self.assertIn("8 samples without labels", checked.stdout)

    def test_data_that_is_given_is_used(self):
        folder = self.home / "given"
        done = self.assay("init", "--from", MODELS / "model_int8.tflite", "--data", MODELS / "data/digits_test.npz", "--out", folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse((folder / "data").exists())
        self.assertIn("600 samples", self.assay("check", folder, "--board", "posix").stdout)

    def test_a_profile_that_somebody_changed_is_left_alone(self):
        folder = self.home / "mine"
        arguments = ("init", "--from", MODELS / "model_int8.tflite", "--out", folder)
        self.assertEqual(self.assay(*arguments).returncode, 0)
        self.assertEqual(self.assay(*arguments).returncode, 0)  # as it was written
        (folder / "profile.toml").write_text("# mine\n")
        self.assert_error(self.assay(*arguments), "config.value", 2, "there is a profile already")
        self.assertEqual((folder / "profile.toml").read_text(), "# mine\n")

    def test_what_is_no_model(self):
        self.assert_error(self.assay("init", "--from", ROOT / "README.md", "--out", self.home / "x"), "model.not_tflite", 2)
        self.assertFalse((self.home / "x").exists())


if __name__ == "__main__":
    unittest.main()
