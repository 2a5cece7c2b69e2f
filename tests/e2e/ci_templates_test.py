"""docs/ci/*.yml: they parse, and every line that calls Assay is run in a scratch project, on the process board."""
import importlib.util
import json
import re
import subprocess
import unittest
import xml.etree.ElementTree

from harness import BIN, ROOT, Case

NOT_HERE = re.compile(r"^assay doctor --fix$")  # needs the network


def load(name):
    import yaml
    return yaml.safe_load((ROOT / "docs/ci" / name).read_text())


def ours(script):
    """The lines of a script that call Assay."""
    return [line for line in script.splitlines() if line.startswith("assay ") and not NOT_HERE.match(line)]


@unittest.skipUnless(importlib.util.find_spec("yaml"), "skipped: PyYAML is not installed")
class Templates(Case):
    def setUp(self):
        super().setUp()
        (self.home / "profiles").symlink_to(ROOT / "profiles")
        self.environment.update(PATH=f"{BIN}:{self.environment['PATH']}", PROFILE="profiles/digits", BOARD="posix")

    def bash(self, line, code=0):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=self.home, env=self.environment, capture_output=True, text=True, timeout=200)
        self.assertEqual(done.returncode, code, f"{line}\n{done.stdout}{done.stderr}")
        return done

    def journey(self, before, run, after):
        """Without a baseline the job is inconclusive, with one it passes, with a better one it fails; reports are there each time."""
        for line in before:
            self.bash(line)
        self.bash(run, code=5)
        for line in after:
            self.bash(line)
        self.assertIn("INCONCLUSIVE", (self.home / "reports/report.md").read_text())
        self.bash("assay baseline update out/ci && rm -r out reports")
        self.bash(run)
        for line in after:
            self.bash(line)
        text = (self.home / "reports/report.md").read_text()
        self.assertRegex(text, r"^### .+ PASS: ")
        self.assertIn("Identical, to the last bit of the outputs.", text)  # of `assay compare @baseline`
        baseline = self.home / "baselines/digits/posix.toml"
        baseline.write_text(re.sub(r'(accuracy.top1", value = )[0-9.]+', r"\g<1>1", baseline.read_text()))
        self.bash("rm -r out reports")
        self.bash(run, code=1)
        for line in after:
            self.bash(line)
        cases = xml.etree.ElementTree.parse(self.home / "junit.xml").getroot().findall(".//testcase")
        names = [(case.get("classname"), case.get("name")) for case in cases]
        self.assertEqual(len(names), len(set(names)))
        self.assertIn("baseline.accuracy", [case.get("name") for case in cases if case.find("failure") is not None])

    def test_github(self):
        job = load("github.yml")["jobs"]["virtual-board"]
        steps = {step.get("name", step.get("uses")): step for step in job["steps"]}
        self.assertEqual(list(job["env"]), ["PROFILE", "BOARD"])
        for name in ("Reports", "Comment", "actions/upload-artifact@v4"):
            self.assertTrue(steps[name]["if"].startswith("always()"), name)
        check, run = ours(steps["Run"]["run"])
        self.assertIn(" --baseline ", run)
        self.journey([check], run, ours(steps["Reports"]["run"]))
        for path in steps["actions/upload-artifact@v4"]["with"]["path"].split():
            self.assertTrue((self.home / path).exists(), path)
        for word in ("html", "md", "csv"):
            self.assertTrue(list((self.home / "reports").glob(f"*.{word}")), word)
        self.assertIn("reports/report.md", steps["Comment"]["run"])

    def test_gitlab(self):
        job = load("gitlab.yml")["assay"]
        self.assertEqual(job["allow_failure"], {"exit_codes": [5]})
        check, run = ours("\n".join(job["script"]))
        after = ours("\n".join(job["after_script"]))
        self.assertEqual(len(after), 2)
        for line, code in ((check, 0), (run, 5), (after[0], 0), (after[1], 0)):
            self.bash(line, code)
        reports = job["artifacts"]["reports"]
        for path in (*job["artifacts"]["paths"], reports["junit"], reports["metrics"]):
            self.assertTrue((self.home / path).exists(), path)
        metrics = (self.home / reports["metrics"]).read_text()
        self.assertTrue(metrics.endswith("# EOF\n"))
        self.assertRegex(metrics, r'(?m)^assay_accuracy_top1_ratio\{profile="digits",board="posix",kind="host"\} 0\.9')
        trace = json.loads((self.home / "reports/trace.json").read_text())
        self.assertEqual(sum(event["ph"] == "X" and event["pid"] == 2 for event in trace["traceEvents"]), 600)

    def test_every_option_of_the_templates_is_documented(self):
        text = (ROOT / "docs/ci.md").read_text()
        formats = {name for yml in ("github.yml", "gitlab.yml") for names in re.findall(r"--format (\S+)", (ROOT / "docs/ci" / yml).read_text()) for name in names.split(",")}
        for name in formats:
            self.assertIn(f"| `{name}` |", text)
        listed = re.findall(r"(?m)^\| `([a-z]+)` \|", text)
        known = self.assay("report", "--help").stdout
        for name in listed:
            self.assertIn(name, known)


if __name__ == "__main__":
    unittest.main()
