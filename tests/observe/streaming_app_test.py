"""A streaming model through `assay run`: each sample is three hops, its answer that of the last."""
import unittest

import numpy as np
from harness import BIN, Case

PROFILE = """
[profile]
name = "running_sum"
[model]
file = "sum.py"
[[model.input]]
type = "int8"
dims = [1, 4]
[[model.output]]
type = "int32"
dims = [1, 2]
[engine]
firmware = "{firmware}"
hops = {hops}
[data]
path = "x.npy"
quantised = true
[task]
kind = "regression"
truth = "truth.npy"
[[references.other]]
name = "numpy"
level = "R2"
kind = "command"
command = "python3 sum.py"
[[gate]]
metric = "attribution.port"
equals = 0
"""
SUM = """
import sys
import numpy as np
x = np.load(sys.argv[1] + "/inputs.npy").reshape(-1, 12).astype(np.int32)
np.save(sys.argv[1] + "/outputs.npy", np.stack([x.sum(1), x[:, 8:].sum(1)], 1).astype(np.int32))
"""


class StreamingApp(Case):
    def profile(self, hops):
        x = np.random.default_rng(1).integers(-100, 100, (40, 12), dtype=np.int8)
        np.save(self.home / "x.npy", x)
        wide = x.astype(np.float32)
        np.save(self.home / "truth.npy", np.stack([wide.sum(1), wide[:, 8:].sum(1)], 1))
        (self.home / "sum.py").write_text(SUM)
        (self.home / "profile.toml").write_text(PROFILE.format(firmware=BIN / "assay_streaming_app", hops=hops))
        return x.astype(np.int32)

    def test_a_sample_is_all_its_hops_and_begins_without_memory(self):
        x = self.profile(3)
        summary, folder = self.run_case(self.home)
        outputs = np.load(folder / "outputs.npy").reshape(-1, 2)
        np.testing.assert_array_equal(outputs, np.stack([x.sum(1), x[:, 8:].sum(1)], 1))
        self.assertEqual(summary["attribution"]["port_bits"], 0)

    def test_a_model_that_wants_more_hops_than_it_gets_is_an_error(self):
        self.profile(1)
        np.save(self.home / "x.npy", np.zeros((5, 4), np.int8))
        np.save(self.home / "truth.npy", np.zeros((5, 2), np.float32))
        summary, _ = self.run_case(self.home, code=3)
        self.assert_issue(summary, "link.needs_input", "sample 0")


if __name__ == "__main__":
    unittest.main()
