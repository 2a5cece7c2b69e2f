"""An installation stands on its own: programs, boards, profiles, workers, man pages, completions, the reference environment."""
import json
import os
import re
import shutil
import subprocess
import unittest
import zipfile

from harness import BIN, FIRMWARE, ROOT, Case

TREE = BIN.parent if (BIN.parent / "CMakeCache.txt").exists() else ROOT / "build/release"
REQUIREMENTS = ROOT / "host/reference/workers/requirements.txt"


def pins(text):
    return dict(re.findall(r"(?m)^([a-z][a-z-]*)==(\S+)$", text))


def optional_pins(text):
    return dict(re.findall(r"(?m)^#.* install ([a-z][a-z-]*)==(\S+)$", text))


class Installed(Case):
    """The tree under test, staged below the case's folder as packagers do; nothing of the source tree is in the environment."""

    def setUp(self):
        super().setUp()
        if not (TREE / "share/stamp").exists():
            self.skipTest(f"{TREE} is not built completely")
        stage = self.home / "stage"
        self.prefix = stage / "opt/assay"
        done = subprocess.run(["cmake", "--install", TREE, "--prefix", "/opt/assay"], capture_output=True, text=True,
                              env=dict(os.environ, DESTDIR=str(stage)))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(os.listdir(stage), ["opt"])
        for name in ("ASSAY_DATA_DIR", "ASSAY_PYTHON", "ASSAY_BIN_DIR"):
            self.environment.pop(name, None)
        self.environment.update(HOME=str(self.home), XDG_DATA_HOME=str(self.home / "data_home"))

    def installed(self, *arguments, program="assay"):
        done = subprocess.run([self.prefix / "bin" / program, *map(str, arguments)], env=self.environment, cwd=self.home,
                              capture_output=True, text=True, timeout=200)
        self.assertNotIn("AddressSanitizer", done.stderr)
        return done

    def test_it_works_from_its_prefix_alone(self):
        boards = {board["name"]: board for board in json.loads(self.installed("boards", "--json").stdout)}
        self.assertEqual(set(boards), {path.parent.name for path in ROOT.glob("boards/*/board.toml")})
        for board in boards.values():
            self.assertTrue(board["firmware"].startswith(str(self.prefix)), board)
        self.assertEqual(boards["mps2-an386"]["firmware_built"], FIRMWARE.exists())
        self.environment["ASSAY_PYTHON"] = str(ROOT / ".venv/bin/python")
        done = self.installed("run", "digits", "--board", "posix", "--folder", "run", "--limit", "100", "--json")
        summary = json.loads(done.stdout)
        self.assertIn(done.returncode, (0, 5), done.stderr)  # 100 samples may be too few for a verdict
        self.assertEqual((summary["samples_done"], summary["attribution"]["port_bits"]), (100, 0))
        self.assertIn("r1", json.dumps(summary["accuracy"]))
        self.assertEqual([issue for issue in summary["issues"] if issue["code"].startswith("reference.")], [])
        if FIRMWARE.exists():
            done = self.installed("flash", "--json")
            self.assertTrue(json.loads(done.stdout)["verified"], done.stderr)
        self.the_documents_are_there()
        self.without_references_doctor_says_what_to_do()

    def the_documents_are_there(self):
        share = self.prefix / "share"
        for name in ("doc/assay/LICENSE", "doc/assay/copyright", "doc/assay/README.md", "doc/assay/adding/your_firmware.md", "man/man1/assay.1.gz", "man/man1/assay-run.1.gz",
                     "bash-completion/completions/assay", "zsh/vendor-completions/_assay", "fish/vendor_completions.d/assay.fish",
                     "assay/schema/summary.schema.json", "assay/workers/desktop.py", "assay/workers/requirements.txt",
                     "assay/profiles/digits/data/LICENSE", "assay/agent/assay.c", "assay/agent/zephyr/module.yml"):
            self.assertTrue((share / name).is_file(), name)
        self.assertTrue((self.prefix / "lib/cmake/assay_agent/assay_agentConfig.cmake").is_file())
        for file in share.rglob("*"):
            if share / "assay/agent" not in file.parents:  # sources are for those who link the agent
                self.assertNotIn(file.suffix, (".pyc", ".cpp", ".h"), file)
            if file.is_file() and file.suffix not in (".elf", ".bin", ".gz", ".npz", ".tflite"):
                self.assertNotIn(str(ROOT), file.read_text(), file)
        for folder in [self.prefix, *[path for path in self.prefix.rglob("*") if path.is_dir()]]:
            self.assertTrue(any(folder.iterdir()), f"{folder} is empty")

    def without_references_doctor_says_what_to_do(self):
        self.environment.pop("ASSAY_PYTHON", None)
        findings = {entry["what"]: entry for entry in json.loads(self.installed("doctor", "--json").stdout)["findings"]}
        if not findings["references"]["ok"]:  # a Python of the system may have them
            self.assertEqual(findings["references"]["code"], "reference.unavailable")
            self.assertIn("assay doctor --fix", findings["references"]["remedy"])
        self.assertTrue(findings["assay-vboard"]["ok"])


class Environment(Case):
    """`assay doctor --fix`, with stand-ins for the packages: the network has no place in a test."""

    def setUp(self):
        super().setUp()
        self.wheels = self.home / "wheels"
        self.wheels.mkdir()
        # A data folder without an environment of its own.
        data = self.home / "share"
        (data / "workers").mkdir(parents=True)
        for name in ("boards", "profiles"):
            (data / name).symlink_to(ROOT / name)
        shutil.copy(REQUIREMENTS, data / "workers")
        self.environment.update(ASSAY_DATA_DIR=str(data), XDG_DATA_HOME=str(self.home / "data home"), HOME=str(self.home),
                                PIP_NO_INDEX="1", PIP_FIND_LINKS=str(self.wheels), PIP_DISABLE_PIP_VERSION_CHECK="1",
                                PIP_CONFIG_FILE="/dev/null")
        self.environment.pop("ASSAY_PYTHON", None)
        self.environment["PATH"] = "/usr/bin:/bin"  # not a Python of the user that has the packages
        self.venv = self.home / "data home/assay/venv"

    def wheel(self, name, version, files):
        module = name.replace("-", "_")
        info = f"{module}-{version}.dist-info"
        files = dict(files, **{f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
                               f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"})
        files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
        with zipfile.ZipFile(self.wheels / f"{module}-{version}-py3-none-any.whl", "w") as archive:
            for path, text in files.items():
                archive.writestr(path, text)

    def findings(self, *arguments):
        done = self.assay("doctor", "--json", *arguments)
        return done, {entry["what"]: entry for entry in json.loads(done.stdout).get("findings", [])}

    def test_fix_makes_the_environment_and_doctor_uses_it(self):
        versions = pins(REQUIREMENTS.read_text())
        self.assertEqual(set(versions), {"numpy", "ai-edge-litert", "tflite-micro"})
        # One package is missing: a clear end, and nothing half made.
        self.wheel("numpy", versions["numpy"], {"numpy/__init__.py": ""})
        self.wheel("ai-edge-litert", versions["ai-edge-litert"], {"ai_edge_litert/__init__.py": "", "ai_edge_litert/interpreter.py": ""})
        failed = self.assay("doctor", "--fix")
        self.assert_error(failed, "reference.install_failed", 3, "tflite-micro", "doctor_fix.log")
        self.assertFalse(self.venv.exists())
        self.wheel("tflite-micro", versions["tflite-micro"], {"tflite_micro/__init__.py": ""})
        done, findings = self.findings("--fix")
        self.assertTrue(findings["references"]["ok"], findings["references"])
        for package, version in versions.items():
            self.assertIn(f"{package} {version}", findings["references"]["detail"])
        self.assertIn(str(self.venv), findings["references"]["detail"])
        # And so does the next command, which installs nothing again.
        before = (self.venv / "pyvenv.cfg").stat().st_mtime_ns
        self.assertTrue(self.findings("--fix")[1]["references"]["ok"])
        self.assertEqual((self.venv / "pyvenv.cfg").stat().st_mtime_ns, before)

    def test_a_python_of_the_users_choice_is_left_alone(self):
        self.environment["ASSAY_PYTHON"] = "/usr/bin/python3"
        if self.findings()[1]["references"]["ok"]:
            self.skipTest("the system's Python has the references")
        self.assert_error(self.assay("doctor", "--fix"), "config.value", 2, "ASSAY_PYTHON", "requirements.txt")


class Pins(unittest.TestCase):
    def test_versions_are_the_same_wherever_they_stand(self):
        wanted = pins(REQUIREMENTS.read_text())
        table = dict(re.findall(r'"([a-z-]+)==([^"]+)"', (ROOT / "host/reference/table.cpp").read_text()))
        optional = optional_pins(REQUIREMENTS.read_text())
        self.assertEqual(table, {name: version for name, version in {**wanted, **optional}.items() if name != "numpy"})
        listed = subprocess.run(["bash", "-c", "source /dev/stdin; printf '%s\\n' \"${python_packages[@]}\""],
                                input=re.search(r"(?m)^mapfile -t python_packages.*$", (ROOT / "bootstrap").read_text())[0],
                                cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(pins(listed.stdout), wanted)
        self.assertIn("onnxruntime==" + optional["onnxruntime"], (ROOT / "bootstrap").read_text())


if __name__ == "__main__":
    unittest.main()
