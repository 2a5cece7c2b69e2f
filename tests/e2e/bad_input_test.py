"""Bad input is normal input: one clear message, a stable code, the right exit code, nothing left behind."""
import json
import os
import pathlib
import shutil
import signal
import time
import unittest

from harness import FIRMWARE, ROOT, Case

DIGITS = ROOT / "profiles/digits"


class Files(Case):
    """What can be refused without a board."""

    def profile(self, edit):
        """The digits profile in this case's folder, its profile.toml edited."""
        folder = self.home / "profile"
        shutil.copytree(DIGITS, folder)
        file = folder / "profile.toml"
        file.write_text(edit(file.read_text()))
        return folder

    def test_unknown_key_names_line_column_and_the_nearest(self):
        folder = self.profile(lambda text: text.replace("[[gate]]\nmetric", "[[gate]]\nmetrik", 1))
        line = (folder / "profile.toml").read_text().splitlines().index(next(
            line for line in (folder / "profile.toml").read_text().splitlines() if line.startswith("metrik"))) + 1
        done = self.assay("check", folder)
        self.assert_error(done, "config.unknown_key", 2, "gate[0].metrik", f"profile.toml:{line}:1", "Did you mean 'metric'?")

    def test_unknown_gate_names_the_nearest(self):
        folder = self.profile(lambda text: text.replace('"attribution.port"', '"attribution.prt"', 1))
        self.assert_error(self.assay("run", folder), "config.value", 2, "attribution.port")

    def test_truncated_model(self):
        model = self.home / "cut.tflite"
        model.write_bytes((DIGITS / "model_int8.tflite").read_bytes()[:3000])
        self.assert_error(self.assay("model", "info", model), "model.truncated", 2, "cut.tflite", "3000 bytes")

    def test_not_a_model(self):
        model = self.home / "text.tflite"
        model.write_text("this is no model")
        self.assert_error(self.assay("model", "info", model), "model.not_tflite", 2, "text.tflite")

    def test_unsupported_operator_is_named_with_its_index(self):
        model = self.home / "other.tflite"
        data = bytearray((DIGITS / "model_int8.tflite").read_bytes())
        # SOFTMAX (25) becomes LOGISTIC (14) in both operator code fields; the operator stays the last one.
        import ai_edge_litert.schema_py_generated as schema
        import flatbuffers
        table = schema.ModelT.InitFromPackedBuf(bytes(data), 0)
        for code in table.operatorCodes:
            if code.builtinCode == 25:
                code.builtinCode = code.deprecatedBuiltinCode = 36  # GATHER
        builder = flatbuffers.Builder(len(data))
        builder.Finish(table.Pack(builder), b"TFL3")
        model.write_bytes(bytes(builder.Output()))
        index = len(table.subgraphs[0].operators) - 1
        self.assert_error(self.assay("model", "info", model), "model.unsupported_operator", 2, "GATHER", f"operator {index}")

    def test_model_too_big_for_the_board_says_the_numbers(self):
        data = self.home / "data"
        shutil.copytree(ROOT / "boards", data / "boards")
        (data / "profiles").symlink_to(ROOT / "profiles")
        file = data / "boards/mps2-an386/board.toml"
        file.write_text(file.read_text().replace("size = 0x200000\narena_bytes = 0x100000", "size = 0x1000\narena_bytes = 0x100000"))
        self.environment["ASSAY_DATA_DIR"] = str(data)
        done = self.assay("check", DIGITS, "--board", "mps2-an386")
        self.assert_error(done, "model.too_big", 2, "4096")

    def test_dataset_of_a_wrong_shape_names_both(self):
        done = self.assay("check", DIGITS / "model_int8.tflite", "--data", ROOT / "profiles/watch/data/watch_test.npz")
        self.assert_error(done, "dataset.shape", 2, "8x8", "100x1x6")

    def test_model_without_data(self):
        self.assert_error(self.assay("run", DIGITS / "model_int8.tflite"), "run.no_data", 2, "--data")

    def test_unknown_board_and_unknown_option(self):
        self.assert_error(self.assay("run", "digits", "--board", "mps2-an3866"), "config.unknown_board", 2, "Did you mean 'mps2-an386'?")
        self.assertEqual(self.assay("run", "digits", "--bord", "posix").returncode, 2)

    def test_errors_are_json_when_asked(self):
        done = self.assay("check", "no_such_profile", "--json")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(json.loads(done.stdout)["error"]["code"], "config.unknown_profile")


class Tools(Case):
    """What a run needs beside files."""

    def without(self, name):
        """A PATH that lacks one program."""
        tools = self.home / "bin"
        tools.mkdir()
        for folder in os.environ["PATH"].split(":"):
            for program in pathlib.Path(folder).glob("*") if folder else []:
                if program.name != name and not (tools / program.name).exists():
                    (tools / program.name).symlink_to(program)
        self.environment["PATH"] = str(tools)

    def summary_of(self, code, *arguments):
        summary, _ = self.run_case(*arguments, code=code)
        return summary

    def test_absent_openocd(self):
        self.without("openocd")
        summary = self.summary_of(3, "digits", "--board", "mps2-an386", "--limit", "5")
        self.assertEqual((summary["verdict"], summary["issues"][0]["code"]), ("error", "probe.tool_missing"))
        self.assertEqual(self.assay("doctor").returncode, 3)

    def test_absent_python_leaves_the_device_figures_and_no_verdict(self):
        self.environment["ASSAY_PYTHON"] = "/usr/bin/no-such-python"
        summary = self.summary_of(5, "digits", "--board", "posix", "--limit", "60")
        self.assertIn("reference.unavailable", {issue["code"] for issue in summary["issues"]})
        self.assertEqual(summary["samples_done"], 60)
        self.assertNotIn("r0", summary["accuracy"])
        self.assertEqual(summary["attribution"]["port_bits"], 0)  # R2 needs no Python

    def test_doctor_is_content_here(self):
        done = self.assay("doctor", "--json")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertTrue(json.loads(done.stdout)["healthy"])


class Running(Case):
    """What happens while a board is at work."""

    def setUp(self):
        super().setUp()
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")

    def begin(self, *arguments):
        """A long run on the virtual board, some samples in."""
        folder = self.home / "long"
        process = self.start("run", "watch", "--board", "mps2-an386", "--no-references", "--folder", folder, *arguments)
        journal = folder / "samples.csv"
        self.wait_for(lambda: journal.exists() and journal.read_text().count("\n") > 20 or process.poll() is not None, 60, "a journal")
        self.assertIsNone(process.poll(), "the run ended too early")
        return process, folder

    def end(self, process, seconds):
        begin = time.monotonic()
        out, err = process.communicate(timeout=30)
        self.assertLess(time.monotonic() - begin, seconds)
        return out, err

    def test_ctrl_c_ends_within_two_seconds_with_a_readable_result(self):
        process, folder = self.begin()
        process.send_signal(signal.SIGINT)
        out, err = self.end(process, 2.0)
        self.assertEqual(process.returncode, 130, out + err)
        summary = json.loads((folder / "summary.json").read_text())
        self.assertEqual(summary["verdict"], "interrupted")
        self.assertGreater(summary["samples_done"], 10)
        self.assertLess(summary["samples_done"], 707)
        self.assertTrue((folder / "manifest.json").exists())
        self.assertEqual(self.assay("show", folder).returncode, 0)
        self.assert_nothing_left()

    def test_sigterm_is_as_clean(self):
        process, folder = self.begin()
        process.send_signal(signal.SIGTERM)
        out, err = self.end(process, 2.0)
        self.assertEqual(process.returncode, 143, out + err)
        self.assert_nothing_left()

    def test_qemu_killed_in_mid_run(self):
        process, folder = self.begin()
        self.assertEqual(self.kill_matching("qemu-system-arm"), 1)
        out, err = self.end(process, 20)
        self.assertEqual(process.returncode, 3, out + err)
        summary = json.loads((folder / "summary.json").read_text())
        self.assertEqual(summary["verdict"], "error")
        self.assertEqual(summary["issues"][0]["code"], "vboard.qemu_died")
        self.assertGreater(summary["samples_done"], 10)
        self.assert_nothing_left()

    def test_two_runs_on_one_unit(self):
        process, folder = self.begin()
        second, other = self.run_case("digits", "--board", "mps2-an386", "--limit", "5", code=4)
        self.assertEqual(second["issues"][0]["code"], "farm.unit_busy")
        self.assertIn(str(process.pid), second["issues"][0]["message"])
        third, _ = self.run_case("digits", "--board", "mps2-an386", "--unit", "two")
        self.assertEqual(third["verdict"], "pass")
        process.send_signal(signal.SIGINT)
        self.end(process, 2.0)

    def test_sigkill_leaves_no_process_and_no_lock(self):
        process, folder = self.begin()
        process.kill()
        process.communicate()
        self.assert_nothing_left()
        summary, _ = self.run_case("digits", "--board", "mps2-an386")
        self.assertEqual(summary["verdict"], "pass")


if __name__ == "__main__":
    unittest.main()
