"""The first operator that differs: seeded faults are found where they are, healthy ports agree operator by operator."""
import json
import os
import shutil
import signal
import time
import unittest

import numpy

from harness import BIN, FIRMWARE, ROOT, Case, shared

DIGITS_INT8 = ROOT / "profiles/digits/model_int8.tflite"
DIGITS_F32 = ROOT / "profiles/digits/model_float.tflite"
DIGITS = ROOT / "profiles/digits/data/digits_test.npz"


class DivergenceCase(Case):
    def use_agent(self, fault, board="posix"):
        """The board with a faulty agent: same board, another image."""
        agent = BIN / "faults" / f"assay-agent-posix-{fault}"
        if board != "posix":
            agent = FIRMWARE.parent / f"assay-fault-{board}-{fault}.elf"
        if not agent.exists():
            self.skipTest(f"{agent.name} is not built, or this computer cannot run it")
        self.data = self.home / "data"
        self.data.mkdir(exist_ok=True)
        for entry in ROOT.iterdir():
            if entry.name in ("profiles", "host", "docs", "build", ".venv") and not (self.data / entry.name).exists():
                (self.data / entry.name).symlink_to(entry)
        shutil.copytree(ROOT / "boards", self.data / "boards", dirs_exist_ok=True)
        toml = self.data / "boards" / board / "board.toml"
        stock = '"assay-agent-posix"' if board == "posix" else f'"assay-agent-{board}.elf"'
        self.assertIn(stock, toml.read_text())
        toml.write_text(toml.read_text().replace(stock, f'"{agent}"'))
        self.environment["ASSAY_DATA_DIR"] = str(self.data)

    def profile(self, model, data, lines="", more=""):
        text = f'[profile]\nname = "tapped"\n[model]\nfile = "{model}"\n[data]\npath = "{data}"\n{lines}\n'
        text += '[references]\nr1 = ["tflite_micro"]\n[[gate]]\nmetric = "attribution.port"\nequals = 0\n' + more
        file = self.home / "profile.toml"
        file.write_text(text)
        return file

    def digits(self, model=DIGITS_INT8):
        return self.profile(model, DIGITS)

    def keywords(self):
        return self.profile(shared("models/kws01_kws_ref_model_int8.tflite"), shared("datasets/kws01"),
                            'type = "int8"\nscale = 0.584702909\nzero_point = 83')

    def images(self):
        return self.profile(shared("models/ic01_pretrainedResnet_quant.tflite"), shared("datasets/ic01_cifar10_500"),
                            'type = "uint8"\nscale = 1.0')


class SeededFaults(DivergenceCase):
    """Owner is the port and the first divergent operator is the one with the fault, in every case."""

    def check(self, fault, profile, index, op, samples=16, board="posix", same_kernel=()):
        self.use_agent(fault, board)
        summary, folder = self.run_case(profile, "--board", board, "--limit", samples, code=1)
        self.assertEqual(summary["attribution"]["owner"], "port")
        found = summary["divergence"]
        self.assertEqual((found["state"], found["first"], found["op"]), ("diverges", index, op), found["sentence"])
        self.assertIn(f"Operator #{index} {op} (reference kernel) is the first that differs", found["sentence"])
        self.assertTrue(found["inputs_equal"])
        rows = found["operators"]
        self.assertTrue(all(row["differing"] == 0 and row.get("local_differing", 0) == 0 for row in rows[:index]))
        self.assertGreater(rows[index]["local_differing"], 0)
        # Operators behind it pass the fault on: on the device's own inputs they compute what the host computes.
        healthy = [row for row in rows if row["op"] != op and row["op"] not in same_kernel]
        self.assertTrue(all(row.get("local_differing", 0) == 0 for row in healthy), rows)
        self.assertTrue(any(row["differing"] > 0 for row in healthy), rows)
        # The worst element is what the kept tensors hold.
        worst, row = found["worst"], found["samples"].index(found["worst"]["sample"])
        for side, value in (("device", worst.get("device_q", worst["device"])), ("r2", worst.get("reference_q", worst["reference"]))):
            tensor = numpy.load(next((folder / "tensors" / side).glob(f"{index:03}_*.npy")))
            self.assertEqual(tensor.shape[0], len(found["samples"]))
            self.assertAlmostEqual(float(tensor[row][tuple(worst["at"][1:])]), value, places=5)
        print(f"{fault}: {summary['subject']['model_file']}: {found['sentence']}")
        return summary, folder

    def test_rounding(self):
        self.check("rounding", self.digits(), 1, "DEPTHWISE_CONV_2D")

    def test_rounding_keywords(self):
        summary, folder = self.check("rounding", self.keywords(), 1, "DEPTHWISE_CONV_2D", samples=4)
        done = self.assay("show", folder)
        self.assertRegex(done.stdout, r"diverges +#1 DEPTHWISE_CONV_2D \(reference\)")
        page = (folder / "report.html").read_text()
        self.assertIn("#1 DEPTHWISE_CONV_2D is the first operator that differs", page)
        roles = {entry["file"]: entry["role"] for entry in json.loads((folder / "manifest.json").read_text())["files"]}
        self.assertEqual(roles["tensors/r2/001_DEPTHWISE_CONV_2D.npy"], "tensors")

    def test_swapped_axis(self):
        self.check("swapped_axis", self.digits(), 1, "DEPTHWISE_CONV_2D")

    def test_off_by_one_pad(self):
        self.check("off_by_one_pad", self.images(), 4, "CONV_2D", samples=3)

    def test_stale_scratch(self):
        self.check("stale_scratch", self.keywords(), 0, "CONV_2D", samples=4)

    def test_stale_accumulator(self):
        summary, _ = self.check("stale_accumulator", self.digits(), 7, "MEAN")
        self.assertFalse(summary["divergence"]["reproduced"])
        self.assertIn("depends on what memory held before", summary["divergence"]["sentence"])

    def test_float_contraction(self):
        self.check("contraction", self.digits(DIGITS_F32), 0, "CONV_2D", same_kernel=["FULLY_CONNECTED"])

    def test_float_contraction_on_mps2_an386(self):
        self.check("contraction", self.digits(DIGITS_F32), 0, "CONV_2D", samples=3, board="mps2-an386", same_kernel=["FULLY_CONNECTED"])

    def test_rounding_on_mps2_an386(self):
        self.check("rounding", self.digits(), 1, "DEPTHWISE_CONV_2D", samples=3, board="mps2-an386")

    def test_a_declared_tolerance_passes_over_rounding(self):
        self.use_agent("contraction")
        profile = self.digits(DIGITS_F32)
        profile.write_text(profile.read_text() + "[taps]\ntolerance = 1e-5\n")
        summary, _ = self.run_case(profile, "--board", "posix", "--limit", 8, code=1)
        self.assertEqual(summary["divergence"]["state"], "output_only")

    def test_diverge_afterwards(self):
        self.use_agent("rounding")
        summary, folder = self.run_case(self.digits(), "--board", "posix", "--limit", 16, "--taps", "none", code=1)
        self.assertNotIn("divergence", summary)
        done = self.assay("diverge", folder, "--samples", "worst:2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Operator #1 DEPTHWISE_CONV_2D", done.stdout.replace("\n", " "))
        self.assertTrue(all(len(line) <= 80 for line in done.stdout.splitlines()), done.stdout)
        after = json.loads((folder / "summary.json").read_text())
        self.assertEqual(after.pop("divergence")["samples"].__len__(), 2)
        self.assertEqual(after, summary)  # nothing of the run was repeated
        listed = {entry["file"] for entry in json.loads((folder / "manifest.json").read_text())["files"]}
        self.assertIn("tensors/device/001_DEPTHWISE_CONV_2D.npy", listed)


class HealthyPorts(DivergenceCase):
    def tapped(self, profile, board, *arguments):
        summary, folder = self.run_case(profile, "--board", board, *arguments)
        found = summary["divergence"]
        self.assertEqual(found["state"], "agrees", found["sentence"])
        self.assertTrue(found["reproduced"])
        self.assertTrue(all(row["captured"] and row["differing"] == 0 and row["local_differing"] == 0 for row in found["operators"]))
        return summary, folder

    def test_nothing_is_captured_when_the_board_is_exact(self):
        summary, folder = self.run_case(self.digits(), "--board", "posix", "--limit", 8)
        self.assertNotIn("divergence", summary)
        self.assertFalse((folder / "tensors").exists())
        done = self.assay("diverge", folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("there is no divergence to look for", done.stdout)

    def check_board(self, board):
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")
        summary, folder = self.tapped(self.digits(), board, "--limit", 4, "--taps", "worst:1")
        self.assertEqual(summary["divergence"]["plans"], 3)  # nine taps, three beside output 0
        latency = summary["latency"]
        # The untapped plan is on the board again: the next run finds it there, and its times are those of the first.
        again = self.assay("run", self.home / "profile.toml", "--board", board, "--limit", 4, "--folder", self.home / "again")
        self.assertRegex(again.stderr, r"Loaded +plan .*already there")
        self.assertEqual(json.loads((self.home / "again/summary.json").read_text())["latency"]["median"], latency["median"])

    def test_mps2_an386(self):
        self.check_board("mps2-an386")

    def test_mps2_an385(self):
        self.check_board("mps2-an385")

    def test_keywords_on_mps2_an386(self):
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")
        self.tapped(self.keywords(), "mps2-an386", "--limit", 2, "--taps", "worst:1")


class OtherRuntimes(DivergenceCase):
    """Every tap of the engine equals tflite-micro, which keeps all of its tensors."""

    def compare(self, model, data, lines, close=()):
        from tflite_micro.python.tflite_micro import runtime
        profile = self.profile(model, data, lines)
        _, folder = self.run_case(profile, "--board", "posix", "--limit", 2, "--taps", "all")
        index = json.loads((folder / "tensors/index.json").read_text())
        interpreter = runtime.Interpreter.from_file(str(model), arena_size=2_000_000,
                                                    intrepreter_config=runtime.InterpreterConfig.kPreserveAllTensors)
        done = self.assay("model", "tap", model, "--ops", "all", "-o", self.home / "tapped.tflite", "--json")
        tensors = {tap["op"]: tap["tensor"] for tap in json.loads(done.stdout)["taps"]}
        info = interpreter.get_input_details(0)
        inputs = numpy.load(folder / "inputs.npy")
        if inputs.dtype != info["dtype"]:
            scale, zero = info["quantization_parameters"]["scales"][0], info["quantization_parameters"]["zero_points"][0]
            inputs = numpy.clip(numpy.round(inputs / scale) + zero, -128, 127).astype(info["dtype"])
        compared = 0
        for row in range(2):
            interpreter.set_input(inputs[row].reshape(info["shape"]), 0)
            interpreter.invoke()
            for op in index["operators"]:
                if op["index"] not in tensors:
                    continue  # the model's own output
                ours = numpy.load(folder / "tensors" / op["device"])[row].flatten()
                theirs = numpy.asarray(interpreter.GetTensor(tensors[op["index"]], 0)["tensor_data"]).flatten()
                with self.subTest(op=op["op"], index=op["index"]):
                    if op["op"] in close:
                        numpy.testing.assert_allclose(ours, theirs, rtol=1e-5)
                    else:
                        numpy.testing.assert_array_equal(ours, theirs)
                compared += 1
        self.assertEqual(compared, 2 * (len(index["operators"]) - 1))

    def angles(self):
        numpy.save(self.home / "angles.npy", numpy.linspace(0.1, 6, 8, dtype="<f4").reshape(-1, 1))
        return self.home / "angles.npy"

    def windows(self):
        floats = numpy.fromfile(next(shared("datasets", "ad01").glob("*.bin")), "<f4")
        numpy.save(self.home / "windows.npy", numpy.stack([floats[i:i + 640] for i in range(0, 1280, 128)]))
        return self.home / "windows.npy"

    def test_keywords(self):
        self.compare(shared("models/kws01_kws_ref_model_int8.tflite"), shared("datasets/kws01"),
                     'type = "int8"\nscale = 0.584702909\nzero_point = 83')

    def test_images(self):
        self.compare(shared("models/ic01_pretrainedResnet_quant.tflite"), shared("datasets/ic01_cifar10_500"), 'type = "uint8"\nscale = 1.0')

    def test_anomalies(self):
        self.compare(shared("models/ad01_int8.tflite"), self.windows(), "")
        self.compare(shared("models/ad01_fp32.tflite"), self.windows(), "")

    def test_hello_world(self):
        self.compare(shared("models/hello_world_int8.tflite"), self.angles(), "")
        self.compare(shared("models/hello_world_f32.tflite"), self.angles(), "")

    def test_float_digits(self):
        self.compare(DIGITS_F32, DIGITS, "", close=("SOFTMAX",))

    def test_tapped_file_in_litert(self):
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
        plain = Interpreter(str(DIGITS_INT8), experimental_op_resolver_type=OpResolverType.BUILTIN_REF, experimental_preserve_all_tensors=True)
        tapped_file = self.home / "tapped.tflite"
        done = self.assay("model", "tap", DIGITS_INT8, "--ops", "0,3,7-9", "-o", tapped_file, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        taps = json.loads(done.stdout)
        tapped = Interpreter(str(tapped_file), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        image = numpy.random.default_rng(1).integers(-128, 128, (1, 8, 8, 1)).astype("int8")
        for interpreter in (plain, tapped):
            interpreter.allocate_tensors()
            interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
            interpreter.invoke()
        self.assertEqual(len(tapped.get_output_details()), taps["outputs"])
        self.assertEqual([tap["op"] for tap in taps["taps"]], [0, 3, 7, 8])  # 9 makes the output that there was
        for tap in taps["taps"]:
            numpy.testing.assert_array_equal(tapped.get_tensor(tapped.get_output_details()[tap["output"]]["index"]), plain.get_tensor(tap["tensor"]))
        refused = self.assay("model", "tap", DIGITS_INT8, "--ops", "10", "-o", tapped_file)
        self.assert_error(refused, "config.value", 2, "there is no operator 10")
        refused = self.assay("model", "tap", tapped_file, "-o", tapped_file)
        self.assert_error(refused, "config.value", 2, "is the model itself")


class OtherOwners(DivergenceCase):
    """What is no fault of the port is not said to be one."""

    def test_calibration_is_compression(self):
        summary, folder = self.run_case(ROOT / "profiles/watch_raw", "--board", "posix", "--limit", 120, "--shuffle", "--taps", "worst:1", code=1)
        self.assertEqual(summary["attribution"]["owner"], "compression")
        self.assertEqual(summary["divergence"]["state"], "agrees")
        listed = self.assay("flips", folder)
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertTrue(all(len(line) <= 80 for line in listed.stdout.splitlines()), listed.stdout)
        flips = json.loads(self.assay("flips", folder, "--json").stdout)["flips"]
        accuracy = summary["accuracy"]
        self.assertEqual(len(flips), accuracy["broken"] + accuracy["fixed"] + accuracy["both_wrong"])
        margins = [flip["reference_margin"] for flip in flips]
        self.assertEqual(margins, sorted(margins, reverse=True))
        self.assertEqual(self.assay("flips", folder, "--csv").stdout, (folder / "flips.csv").read_text())

    def test_xnnpack_is_inside_the_envelope(self):
        profile = self.keywords()
        profile.write_text(profile.read_text().replace('["tflite_micro"]', '["litert_xnnpack", "litert_builtin", "tflite_micro"]'))
        summary, _ = self.run_case(profile, "--board", "posix", "--limit", 300)
        loss = summary["attribution"]
        self.assertEqual((loss["port_bits"], loss["rounding_flips"], loss["owner"]), (0, 0, "none"))
        self.assertGreater(loss["envelope_max_lsb"], 1)  # the runtimes do disagree
        self.assertNotIn("divergence", summary)


class BadInput(DivergenceCase):
    def test_unknown_sample(self):
        done = self.assay("run", self.digits(), "--board", "posix", "--limit", 4, "--taps", "no_such_sample")
        self.assert_error(done, "dataset.not_found", 2, "no sample 'no_such_sample' among the 4")
        done = self.assay("run", self.digits(), "--board", "posix", "--limit", 4, "--taps", "worst:0")
        self.assert_error(done, "config.value", 2, "1 to 100000")

    def small_board(self, arena):
        """posix with less memory than the taps need."""
        self.use_agent("rounding")
        toml = self.data / "boards/posix/board.toml"
        toml.write_text(toml.read_text() + f'[[memory]]\nname = "ram"\nkind = "ram"\naddress = 0\nsize = 0x400000\n'
                        f"[model_region]\naddress = 0\nsize = 0x100000\narena_bytes = {arena}\n")

    def test_taps_that_do_not_fit(self):
        plan = json.loads(self.assay("model", "plan", DIGITS_INT8, "--board", "posix", "--json").stdout)
        self.small_board(plan["arena_bytes"])
        summary, _ = self.run_case(self.digits(), "--board", "posix", "--limit", 8, code=1)
        self.assert_issue(summary, "diverge.tap_too_big", "the arena needs", f"there are {plan['arena_bytes']}")
        missing = [row for row in summary["divergence"]["operators"] if not row["captured"]]
        self.assertTrue(missing)
        self.assertIn("the arena needs", missing[0]["note"])

    def test_runs_that_cannot_be_looked_into(self):
        _, folder = self.run_case(self.digits(), "--board", "posix", "--limit", 4)
        summary_file, lock_file = folder / "summary.json", folder / "profile.lock.toml"
        good, lock = summary_file.read_text(), lock_file.read_text()
        with self.subTest("a foreign engine"):
            summary_file.write_text(good.replace('"runner": "native"', '"runner": "tflm"'))
            self.assert_error(self.assay("diverge", folder), "diverge.no_r2", 2, "no first divergence: the runner 'tflm' has no host build")
        summary_file.write_text(good)
        with self.subTest("another model now"):
            model = self.home / "model.tflite"
            model.write_bytes((ROOT / "profiles/watch/model_int8.tflite").read_bytes())
            lock_file.write_text("\n".join('sha256 = "' + "0" * 64 + '"' if line.startswith("sha256") else line for line in lock.split("\n")))
            self.assert_error(self.assay("diverge", folder, "--samples", "worst:1"), "diverge.changed", 2, "model.sha256 was")
        lock_file.write_text(lock)
        with self.subTest("a sample of another run"):
            self.assert_error(self.assay("diverge", folder, "--samples", "9999"), "dataset.not_found", 2, "no sample '9999'")
        with self.subTest("a run without outputs"):
            os.remove(folder / "outputs.npy")
            self.assert_error(self.assay("diverge", folder), "diverge.not_finished", 2, "ended before it had outputs")
        with self.subTest("no list of flips"):
            os.remove(folder / "flips.csv")
            self.assert_error(self.assay("flips", folder), "results.bad_run", 3, "no list of flips")

    def test_no_references(self):
        summary, folder = self.run_case(self.digits(), "--board", "posix", "--limit", 4, "--no-references", "--taps", "all", code=5)
        self.assert_issue(summary, "diverge.no_r2", "no host build (R2)")
        done = self.assay("diverge", folder, "--samples", "worst:1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("All 10 operators agree", done.stdout)

    def test_another_unit(self):
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")
        _, folder = self.run_case(self.digits(), "--board", "mps2-an386", "--limit", 2)
        done = self.assay("diverge", folder, "--samples", "worst:1", "--unit", "two")
        self.assert_error(done, "diverge.other_unit", 4, "the run was on unit '", "this is unit '")

    def test_interrupted_in_the_tap_phase(self):
        folder = self.home / "interrupted"
        process = self.start("run", self.digits(), "--board", "posix", "--taps", "all", "--folder", folder)
        self.wait_for(lambda: (folder / "tensors/plan0").exists() or process.poll() is not None, what="the first tapped plan")
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130, out + err)
        self.assertLess(time.monotonic() - begin, 5)
        summary = json.loads((folder / "summary.json").read_text())
        self.assertEqual((summary["verdict"], summary["samples_done"]), ("interrupted", 600))
        done = self.assay("run", "--resume", folder)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(json.loads((folder / "summary.json").read_text())["divergence"]["state"], "agrees")

    def test_unit_lost_in_the_tap_phase(self):
        folder = self.home / "lost"
        process = self.start("run", self.digits(), "--board", "posix", "--taps", "all", "--folder", folder)
        self.wait_for(lambda: (folder / "tensors/plan1").exists() or process.poll() is not None, what="the second tapped plan")
        self.wait_for(lambda: self.kill_matching("tensors/plan1/plan.bin") or process.poll() is not None, what="its agent")
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, out + err)  # the main run's figures stand
        summary = json.loads((folder / "summary.json").read_text())
        self.assertEqual((summary["verdict"], summary["samples_done"]), ("pass", 600))
        self.assert_issue(summary, "diverge.capture_failed", "1 of 3 tapped plans were replayed", "Killed")
        self.assertEqual(len([row for row in summary["divergence"]["operators"] if row["captured"]]), 4)
        self.assertIn("latency", summary)


if __name__ == "__main__":
    unittest.main()
