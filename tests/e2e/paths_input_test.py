"""Paths and environments as they come: spaces, quotes, newlines, bytes that are not UTF-8, too long, not writable, in
circles, and an environment of nothing. What can work must work; what cannot is named."""
import json
import os
import re
import shutil
import subprocess
import unittest

from harness import BIN, FIRMWARE, ROOT, Case

DIGITS = ROOT / "profiles/digits"
# What OpenOCD's Tcl, QEMU's options, a shell or a format string would take apart.
STRANGE = "a b,c'\"{d$[e];#%n\\t\nz"
NOT_UTF8 = os.fsdecode(b"caf\xe9 \xff\xfe")


class Names(Case):
    def strange_world(self, name):
        """Every folder that a run touches has this name: data, profile, state, cache, results, working folder."""
        data = self.home / f"data {name}"
        data.mkdir()
        for child in ("boards", "profiles", "host", ".venv", "build"):
            if (ROOT / child).exists():
                (data / child).symlink_to(ROOT / child)
        profile = self.home / f"profile {name}"
        shutil.copytree(DIGITS, profile)
        (profile / "data/digits_test.npz").rename(profile / f"data/{name}.npz")
        toml = profile / "profile.toml"
        # TOML is UTF-8: a name that is not stays out of it.
        renamed = name if name != NOT_UTF8 else "digits_test"
        if name == NOT_UTF8:
            (profile / f"data/{name}.npz").rename(profile / "data/digits_test.npz")
        text = toml.read_text().replace('"data/digits_test.npz"', json.dumps(f"data/{renamed}.npz"))
        toml.write_text(re.sub(r"(?m)^r1 = .*", 'r1 = ["litert_ref"]', text))
        self.environment |= {"ASSAY_DATA_DIR": str(data), "ASSAY_STATE_DIR": str(self.home / f"state {name}"),
                             "ASSAY_CACHE_DIR": str(self.home / f"cache {name}")}
        return profile

    def check_run(self, name, board, *arguments):
        profile = self.strange_world(name)
        folder = self.home / f"run {name}"
        done = self.assay("run", profile, "--board", board, "--folder", folder, "--limit", "40", *arguments, errors="surrogateescape")
        self.assertIn(done.returncode, (0, 1, 5), done.stdout + done.stderr)
        summary = json.loads((folder / "summary.json").read_text())
        self.assertEqual(summary["samples_done"], 40)
        self.assertEqual({issue["code"] for issue in summary["issues"] if issue["severity"] != "note"} - {"metric.no_reference"}, set(), summary["issues"])
        self.assertEqual(len(summary["references"]), 0 if arguments else 3)
        for file in ("manifest.json", "graph.json"):
            json.loads((folder / file).read_text())
        for line in (folder / "events.jsonl").read_text().splitlines():
            json.loads(line)
        shown = self.assay("show", folder, errors="surrogateescape")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assert_nothing_left()

    def test_spaces_quotes_braces_and_a_newline_on_a_process(self):
        self.check_run(STRANGE, "posix")

    def test_spaces_quotes_braces_and_a_newline_on_a_virtual_board(self):
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")
        self.check_run(STRANGE, "mps2-an386", "--no-references")

    def test_names_that_are_not_utf8_on_a_process(self):
        self.check_run(NOT_UTF8, "posix")

    def test_names_that_are_not_utf8_on_a_virtual_board(self):
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")
        self.check_run(NOT_UTF8, "mps2-an386", "--no-references")

    def test_errors_name_such_a_file_as_json_too(self):
        model = self.home / f"{NOT_UTF8}.tflite"
        model.write_text("this is no model")
        self.assert_error(self.assay("model", "info", model, errors="surrogateescape"), "model.not_tflite", 2, NOT_UTF8)
        done = self.assay("model", "info", model, "--json", errors="surrogateescape")
        self.assertEqual(json.loads(done.stdout)["error"]["code"], "model.not_tflite")
        shutil.copy(DIGITS / "model_int8.tflite", model)
        done = self.assay("model", "info", model, "--json", errors="surrogateescape")
        self.assertEqual(done.returncode, 0, done.stderr)
        json.loads(done.stdout)


class Places(Case):
    def refused(self, code, exit_code, *words, arguments=(), **options):
        done = self.assay("run", "digits", "--board", "posix", "--limit", "5", "--no-references", *arguments, **options)
        self.assert_error(done, code, exit_code, *words)
        self.assert_nothing_left()

    def test_long_paths(self):
        deep = self.home / "/".join(["a" * 100] * 5)  # longer than a socket's path, shorter than a file's
        self.environment |= {"ASSAY_STATE_DIR": str(deep / "state"), "ASSAY_CACHE_DIR": str(deep / "cache"), "TMPDIR": str(deep / "tmp")}
        (deep / "tmp").mkdir(parents=True)
        for board in ("posix", "mps2-an386") if FIRMWARE.exists() else ("posix",):
            folder = deep / board
            done = self.assay("run", "digits", "--board", board, "--limit", "20", "--no-references", "--folder", folder)
            self.assertIn(done.returncode, (1, 5), done.stdout + done.stderr)
            self.assertEqual(json.loads((folder / "summary.json").read_text())["samples_done"], 20)
        with self.subTest("a name longer than 255 bytes"):
            self.refused("base.file", 3, "File name too long", arguments=("--folder", self.home / ("b" * 300)))

    def test_out_folders_that_cannot_be_made(self):
        (self.home / "file").write_text("")
        (self.home / "loop").symlink_to("loop")
        for name, out, words in (("below a file", self.home / "file/out", ("file/out",)), ("not writable", "/proc/assay-out", ("/proc/assay-out",)),
                                 ("a link to itself", self.home / "loop/out", ("loop/out", "Too many levels"))):
            with self.subTest(out=name):
                self.refused("base.file", 3, *words, arguments=("--out", out))
        with self.subTest(out="a run folder that is not empty"):
            (self.home / "full").mkdir()
            (self.home / "full/precious.txt").write_text("mine")
            done = self.assay("run", "digits", "--board", "posix", "--limit", "5", "--no-references", "--folder", self.home / "full")
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual([path.name for path in (self.home / "full").iterdir()], ["precious.txt"])

    def test_inputs_that_are_links_to_themselves_or_folders(self):
        (self.home / "loop.tflite").symlink_to("loop.tflite")
        (self.home / "folder.tflite").mkdir()
        self.assert_error(self.assay("model", "info", self.home / "loop.tflite"), "base.file", 3, "loop.tflite", "Too many levels")
        self.assert_error(self.assay("model", "info", self.home / "folder.tflite"), "base.file", 3, "folder.tflite", "Is a directory")

    def test_a_state_folder_that_cannot_be_made(self):
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")
        self.environment["ASSAY_STATE_DIR"] = "/proc/assay-state"
        summary, _ = self.run_case("digits", "--board", "mps2-an386", "--limit", "5", "--no-references", code=3)
        self.assert_issue(summary, "base.file", "/proc/assay-state")

    def test_a_home_that_cannot_be_written_costs_the_cache_only(self):
        for name in ("ASSAY_STATE_DIR", "ASSAY_CACHE_DIR"):
            del self.environment[name]
        self.environment |= {"HOME": "/proc", "XDG_CACHE_HOME": "", "XDG_STATE_HOME": ""}
        summary, _ = self.run_case("digits", "--board", "posix")
        self.assertEqual(summary["verdict"], "pass")

    def test_a_unit_name_leads_out_of_no_folder(self):
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")
        done = self.assay("run", "digits", "--board", "mps2-an386", "--unit", "x/../../../escaped", "--limit", "5", "--no-references", "--out", self.out)
        self.assertIn(done.returncode, (1, 5), done.stdout + done.stderr)
        self.assertEqual([path.name for path in (self.home / "state/units").iterdir()], ["mps2-an386-x%2F..%2F..%2F..%2Fescaped"])
        self.assertFalse((self.home / "escaped").exists())


class Environments(Case):
    def run_with(self, environment, *arguments):
        done = subprocess.run([BIN / "assay", "run", "digits", "--folder", self.home / "run", "--limit", "20", "--no-references", *arguments], env=environment, cwd=self.home,
                              capture_output=True, text=True, timeout=120)
        self.assertIn(done.returncode, (1, 5), done.stdout + done.stderr)
        self.assertEqual(json.loads((self.home / "run/summary.json").read_text())["samples_done"], 20)

    def test_nothing_at_all(self):
        self.run_with({}, "--board", "posix")

    def test_nothing_but_a_home_on_a_virtual_board(self):
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")
        self.run_with({"HOME": str(self.home)}, "--board", "mps2-an386")
        self.assertTrue((self.home / ".local/state/assay/units/mps2-an386").is_dir())

    def test_a_temporary_folder_that_does_not_exist(self):
        self.run_with(self.environment | {"TMPDIR": str(self.home / "nowhere"), "XDG_RUNTIME_DIR": "/proc/nowhere", "TERM": ""}, "--board", "posix")

    def test_a_working_folder_that_is_gone(self):
        gone = self.home / "gone"
        done = subprocess.run(["sh", "-c", f'cd "{gone}" && rmdir "{gone}" && exec "{BIN}/assay" run digits --board posix --no-references --limit 5'],
                              env=self.environment, capture_output=True, text=True, timeout=60) if not gone.mkdir() else None
        self.assert_error(done, "base.file", 3, "No such file or directory")


if __name__ == "__main__":
    unittest.main()
