"""Another engine that loads .tflite files: the first operator that differs is found on tapped models, by bisection.

The engine is a script that starts the posix agent, with or without a seeded fault, on a plan that `build` of [engine] makes
of the model: all that `assay run` can know of a foreign engine is that its firmware takes another file."""
import json
import math
import os
import shutil

from harness import BIN, ROOT, Case, shared

DIGITS = ROOT / "profiles/digits"
OPERATORS = 10
R2 = '[[references.other]]\nname = "host_build"\nlevel = "R2"\nkind = "tflite_micro"\n'


class ForeignEngine(Case):
    def use_fault(self, fault, operator=None):
        self.agent = BIN / "assay-agent-posix"
        if fault:
            self.agent = BIN / "faults" / f"assay-agent-posix-{fault}"
        if not self.agent.exists():
            self.skipTest(f"{self.agent.name} is not built")
        if operator is not None:
            self.environment["ASSAY_FAULT_OPERATOR"] = str(operator)

    def profile(self, build="sh ../build.sh {model} {firmware}", references=R2, more="", model=None, data=None):
        """A firmware of the model that ships, and the profile of it."""
        folder = self.home / "profile"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        model = model or DIGITS / "model_int8.tflite"
        (self.home / "build.sh").write_text(f"""#!/bin/sh
echo "building $2"
"{BIN}/assay" model plan "$1" --board posix -o "$2.plan" > /dev/null || exit 7
printf '#!/bin/sh\\nexec "{self.agent}" --plan "%s" "$@"\\n' "$2.plan" > "$2" && chmod +x "$2"
echo "$1" >> "{self.home}/builds"
""")
        firmware = folder / "firmware.elf"
        made = self.run_build(model, firmware)
        self.assertEqual(made, 0)
        (self.home / "builds").unlink()
        data = data or f'path = "{DIGITS}/data/digits_test.npz"\nids = "ids"\nscale = 0.0625\n'
        (folder / "profile.toml").write_text(f"""[profile]
name = "foreign"
[model]
file = "{model}"
[data]
{data}
[references]
r1 = ["tflite_micro"]
{references}
[[gate]]
metric = "attribution.port"
equals = 0
[engine]
firmware = "firmware.elf"
name = "theirs"
{f"build = '{build}'" if build else ""}
{more}
""")
        return folder

    def run_build(self, model, firmware):
        return os.spawnvpe(os.P_WAIT, "sh", ["sh", str(self.home / "build.sh"), str(model), str(firmware)], self.environment)

    def builds(self):
        file = self.home / "builds"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def found(self, operator, *arguments, limit=12, count=OPERATORS, **options):
        self.use_fault("one_lsb", operator)
        summary, folder = self.run_case(self.profile(**options), "--board", "posix", "--limit", limit, *arguments, code=1)
        self.assertEqual(summary["subject"]["way_in"], "linked agent")
        found = summary["divergence"]
        self.assertEqual((found["state"], found["first"]), ("diverges", operator), found["sentence"])
        self.assertTrue(found["inputs_equal"], found["sentence"])
        self.assertEqual(found["search"], "bisection")
        self.assertIn("it takes for granted that a difference", found["sentence"])
        self.assertIn("times are void", found["sentence"])
        self.assertLessEqual(found["plans"], math.log2(count) + 1)
        self.assertEqual(self.builds(), found["plans"])  # each tapped run is one build, and no other was made
        self.assertGreater(found["operators"][operator]["differing"], 0)
        self.assertTrue(json.loads((folder / "tensors/index.json").read_text())["tapped"])
        print(f"operator {operator} of {count}: {found['plans']} tapped runs: {found['sentence']}")
        return summary, folder


class Bisection(ForeignEngine):
    """A bug of one LSB in any operator is named in at most log2(n) + 1 tapped runs."""

    def test_first_operator(self):
        self.found(0)

    def test_operator_in_front(self):
        self.found(2)

    def test_operator_in_the_middle(self):
        self.found(5)

    def test_operator_behind_the_middle(self):
        self.found(7)  # one LSB more in every input of a softmax (8) changes nothing

    def test_last_operator(self):
        self.found(9)

    def test_keywords(self):
        self.found(6, limit=40, count=13, model=shared("models/kws01_kws_ref_model_int8.tflite"),
                   data=f'path = "{shared("datasets/kws01")}"\ntype = "int8"\nscale = 0.584702909\nzero_point = 83')

    def test_every_operator_of_every_sample(self):
        self.use_fault("one_lsb", 4)
        summary, folder = self.run_case(self.profile(), "--board", "posix", "--limit", 3, "--taps", "all", code=1)
        found = summary["divergence"]
        self.assertEqual((found["first"], found["search"], found["plans"]), (4, "", 3), found["sentence"])
        self.assertTrue(all(row["captured"] for row in found["operators"]))
        self.assertTrue(all(row["differing"] == 0 for row in found["operators"][:4]))
        self.assertEqual(len(list((folder / "tensors/device").glob("*.npy"))), OPERATORS)

    def test_a_healthy_engine_agrees_in_every_operator(self):
        self.use_fault(None)
        summary, _ = self.run_case(self.profile(), "--board", "posix", "--limit", 3, "--taps", "worst:1")
        found = summary["divergence"]
        self.assertEqual((found["state"], found["search"]), ("agrees", ""), found["sentence"])
        self.assertTrue(all(row["captured"] and row["differing"] == 0 for row in found["operators"]))

    def test_nothing_is_tapped_where_nothing_differs_or_nobody_wants_it(self):
        self.use_fault(None)
        summary, folder = self.run_case(self.profile(), "--board", "posix", "--limit", 3)
        self.assertNotIn("divergence", summary)
        self.use_fault("one_lsb", 4)
        summary, folder = self.run_case(self.profile(), "--board", "posix", "--limit", 3, "--taps", "none", code=1)
        self.assertNotIn("divergence", summary)
        self.assertEqual(self.builds(), 0)


class BadInput(ForeignEngine):
    """The figures of the main run stand; what hinders the search is said."""

    def issue(self, code, *words, **options):
        self.use_fault("one_lsb", 4)
        summary, folder = self.run_case(self.profile(**options), "--board", "posix", "--limit", 3, code=1)
        self.assert_issue(summary, code, *words)
        return summary, folder

    def test_a_build_that_fails(self):
        self.issue("diverge.capture_failed", "ended with exit code 3", "no such compiler",
                   build='sh -c "echo no such compiler >&2; exit 3"')

    def test_a_build_that_makes_nothing(self):
        self.issue("diverge.capture_failed", "made no firmware.elf", build="true {model}")

    def test_a_build_that_does_not_end(self):
        self.issue("diverge.capture_failed", "not done within 1 s", build="sleep 60", more="build_timeout_s = 1")

    def test_a_firmware_that_takes_no_other_model(self):
        summary, _ = self.issue("diverge.fixed_model", "cannot be given a tapped model", build="")
        self.assertNotIn("divergence", summary)

    def test_an_array_that_is_not_there(self):
        self.issue("probe.bad_elf", "not an ELF file", build="", more='model_symbol = "g_model"')


if __name__ == "__main__":
    import unittest
    unittest.main()
