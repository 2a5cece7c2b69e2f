"""TOML files as people get them wrong, through the whole program; host/config tests the same case by case."""
import shutil
import unittest

from harness import ROOT, Case

DIGITS = ROOT / "profiles/digits"
PROFILE = f"""[profile]
name = "p"
[model]
file = "{DIGITS}/model_int8.tflite"
[data]
path = "{DIGITS}/data/digits_test.npz"
scale = 0.0625
"""


class Profiles(Case):
    def check(self, text, code, *words, name="profile.toml"):
        file = self.home / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.assert_error(self.assay("check", file), code, 2, *words)

    def test_a_profile_that_cannot_be_used(self):
        for name, text, code, words in (
                ("wrong type", PROFILE.replace("0.0625", '"small"'), "config.type", ("'data.scale' must be a number", "profile.toml:7:9")),
                ("missing key", PROFILE.replace('name = "p"\n', ""), "config.missing_key", ("'profile.name'", "profile.toml:1:1")),
                ("bad unit", PROFILE + 'rate_hz = "25 bpm"\n', "config.unit", ("'bpm'", "Hz, kHz, MHz, GHz", "profile.toml:8:11")),
                ("duplicate key", PROFILE + 'scale = 1\n', "config.syntax", ("scale", "profile.toml:8")),
                ("not UTF-8", PROFILE.encode() + b'source = "\xe9"\n', "config.syntax", ("utf-8", "profile.toml:8")),
                ("empty file", "", "config.missing_key", ("'profile'", "profile.toml:1:1")),
                ("ten megabytes", PROFILE + "#" * (10 << 20), "config.unreadable", ("profile.toml", "at most 1048576")),
                ("include of itself", 'include = "profile.toml"\n' + PROFILE, "config.include", ("profile.toml -> profile.toml", "profile.toml:1:11")),
                ("include of nothing", 'include = "nowhere/base.toml"\n' + PROFILE, "config.unreadable", ("nowhere/base.toml does not exist", "profile.toml:1:11"))):
            with self.subTest(profile=name):
                self.check(text, code, *words)

    def test_a_cycle_of_two_files_is_told_with_its_chain(self):
        (self.home / "a.toml").write_text('include = "b.toml"\n')
        (self.home / "b.toml").write_text('\ninclude = ["a.toml"]\n')
        self.check('include = "a.toml"\n' + PROFILE, "config.include", "profile.toml -> a.toml -> b.toml -> a.toml", "b.toml:2:12")

    def test_folders_without_a_profile(self):
        (self.home / "folder").mkdir()
        (self.home / "other/profile.toml").mkdir(parents=True)
        self.assert_error(self.assay("check", self.home / "folder"), "config.unreadable", 2, "folder", "is a folder")
        self.assert_error(self.assay("check", self.home / "other"), "config.unreadable", 2, "profile.toml", "is a folder")
        self.assert_error(self.assay("check", self.home / "nothing"), "config.unknown_profile", 2, "nothing")

    def test_an_error_in_an_included_file_is_told_where_it_stands(self):
        (self.home / "base.toml").write_text("[data]\nscale = true\n")
        self.check('include = "base.toml"\n' + PROFILE.replace("scale = 0.0625\n", ""), "config.type", "'data.scale'", "base.toml:2:9")

    def test_a_profile_in_two_files_runs_and_its_gate_is_told_by_the_included_one(self):
        (self.home / "gates.toml").write_text('[[gate]]\nmetric = "accuracy.top1"\nmin = 100\n')
        (self.home / "profile.toml").write_text('include = "gates.toml"\n' + PROFILE)
        summary, _ = self.run_case(self.home / "profile.toml", "--board", "posix", "--no-references", code=1)
        self.assertEqual([gate["where"] for gate in summary["gates"]], ["gates.toml:2"])

    def test_bom_and_crlf_change_nothing(self):
        (self.home / "profile.toml").write_bytes(b"\xef\xbb\xbf" + PROFILE.replace("\n", "\r\n").encode())
        self.assertEqual(self.assay("check", self.home / "profile.toml").returncode, 0)


class Boards(Case):
    def board(self, edit):
        data = self.home / "data"
        if not data.exists():
            shutil.copytree(ROOT / "boards", data / "boards")
            (data / "profiles").symlink_to(ROOT / "profiles")
            self.environment["ASSAY_DATA_DIR"] = str(data)
        (data / "boards/mps2-an386/board.toml").write_text(edit((ROOT / "boards/mps2-an386/board.toml").read_text()))
        return self.assay("check", DIGITS, "--board", "mps2-an386")

    def test_a_board_that_cannot_be_used(self):
        for name, old, new, code, words in (
                ("bad unit of a size", "size = 0x400000\n", 'size = "4 mib"\n', "config.unit", ("'mib'", "B, KiB, MiB, GiB")),
                ("wrong type of a size", "size = 0x400000\n", "size = [1]\n", "config.type", ("an integer, or text with a unit",)),
                ("address out of range", "address = 0x00200000", "address = -1", "config.value", ("'model_region.address' is -1",)),
                ("model region outside of memory", "address = 0x00200000", "address = 0x90000000", "config.value", ("lies in none of the [[memory]]",)),
                ("unknown core", '"cortex-m4f"', '"cortex-m4g"', "config.value", ("cortex-m4g", 'Did you mean "cortex-m4"?')),
                ("the name of another board", 'name = "mps2-an386"', 'name = "other"', "config.value", ("'other'", "mps2-an386"))):
            with self.subTest(board=name):
                self.assert_error(self.board(lambda text: text.replace(old, new, 1)), code, 2, *words)

    def test_sizes_with_units_are_the_same_numbers(self):
        def united(text):
            return text.replace("size = 0x400000\n", 'size = "4 MiB"\n').replace("tick_hz = 25000000", 'tick_hz = "25 MHz"')
        done = self.board(united)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, self.board(lambda text: text).stdout)


if __name__ == "__main__":
    unittest.main()
