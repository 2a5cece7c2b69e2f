"""A user's firmware that fails in sample 37: the run ends readable, names the sample, and can be resumed."""
import json
import unittest

from harness import BIN, ROOT, Case

PROFILE = f"""
[profile]
name = "rows"
[model]
file = "{ROOT}/tests/observe/faulty_app.c"
[[model.input]]
name = "pixels"
type = "int8"
dims = [1, 8, 8, 1]
scale = 0.0625
[[model.output]]
name = "scores"
type = "int8"
dims = [1, 10]
scale = 0.5
[engine]
firmware = "{BIN}/assay_faulty_app"
[data]
path = "{ROOT}/profiles/digits/data/digits_test.npz"
ids = "ids"
classes = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
scale = 0.0625
"""


class FaultyApp(Case):
    def run_until(self, fault, exit_code, code, *words):
        """Runs 60 samples with that fault; then resumes without it, to the end."""
        (self.home / "profile.toml").write_text(PROFILE)
        self.environment["FAULTY_APP"] = fault
        summary, folder = self.run_case(self.home, "--board", "posix", "--limit", 60, "--no-references",
                                        "--timeout-multiplier", "0.1", code=exit_code)
        self.assert_issue(summary, code, "sample 37", *words)
        del self.environment["FAULTY_APP"]
        done = self.assay("run", "--resume", folder)
        self.assertIn(done.returncode, (0, 5), done.stdout + done.stderr)
        resumed = json.loads((folder / "summary.json").read_text())
        self.assertNotIn(resumed["verdict"], ("error", "interrupted"))
        self.assertIn("37 from before", done.stdout + done.stderr)

    def test_an_engine_error_names_code_and_sample(self):
        self.run_until("error 37", 6, "link.engine_error", "code -37")

    def test_a_callback_that_never_returns_is_given_up(self):
        self.run_until("hang 37", 6, "link.run_timeout", "did not end in time: run() has not returned for 6 s")

    def test_an_application_that_resets_itself_says_why(self):
        self.run_until("reset 37", 6, "link.target_reset", "reset cause: software")


if __name__ == "__main__":
    unittest.main()
