"""Probe-only: an application that knows nothing of Assay. Its outputs and counts are those that the agent sees when it is
linked in, the application goes on afterwards, and names that are none are refused before a board is leased."""
import json
import shutil
import signal
import subprocess
import unittest

from harness import BIN, ROOT, Case

EXAMPLE = ROOT / "agent/examples/bare_metal"
# What the agent's own read of the counter and the call through a struct add to a count, in instructions.
AGENT_FRAME = 40


def outputs(folder):
    import numpy  # in the environment of the references
    return numpy.load(folder / "outputs.npy")


class ProbeOnly(Case):
    def setUp(self):
        super().setUp()
        if not shutil.which("arm-none-eabi-gcc"):
            self.skipTest("skipped: arm-none-eabi-gcc is not installed")
        # R2 of the example is `python3 host_build.py`, which needs numpy.
        self.environment["PATH"] = f"{ROOT / '.venv/bin'}:{self.environment['PATH']}"
        self.app = self.home / "digits"
        shutil.copytree(EXAMPLE, self.app)
        shutil.copy(ROOT / "profiles/digits/data/digits_test.npz", self.app)

    def build(self, name, *sources, options=("-g",)):
        elf = self.app / name
        subprocess.run(["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard", "-Os",
                        "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", "-nostartfiles", "--specs=nano.specs",
                        "-Wl,--build-id=sha1", "-T", "app/mps2.ld", "-Iapp", "-I.", *options, *sources, "app/digits.c", "app/camera.c",
                        "app/board_mps2.c", "-o", elf], cwd=self.app, check=True, stderr=subprocess.DEVNULL)
        return elf

    def without_agent(self, **options):
        return self.build("before.elf", "before/main.c", **options)

    def with_agent(self):
        subprocess.run(["python3", ROOT / "agent/amalgamate.py", self.app, "0.0.0"], check=True, stdout=subprocess.DEVNULL)
        return self.build("linked.elf", "main.c", "assay_port.c", "assay.c")

    def names(self, elf, call="digits_run", source="digits_input", result="digits_output"):
        return ("--board", "mps2-an386", "--elf", elf, "--call", call, "--input", source, "--output", result)

    def test_the_application_before_assay_gives_what_the_linked_agent_sees(self):
        before, linked = self.without_agent(), self.with_agent()
        self.assertFalse(b"assay_poll" in before.read_bytes())
        bare, bare_folder = self.run_case(self.app / "profile.toml", *self.names(before), "--limit", 150)
        self.assertEqual(bare["verdict"], "pass", bare["sentence"])
        self.assertEqual(bare["subject"]["way_in"], "probe-only")
        self.assertEqual(bare["attribution"]["port_bits"], 0)
        self.assertEqual(bare["samples_done"], 150)
        how = next(issue["message"] for issue in bare["issues"] if issue["code"] == "run.probe_only")
        for words in ("before its own call of it", "interrupts masked", "0 instructions of overhead"):
            self.assertIn(words, how)
        agent, agent_folder = self.run_case(self.app / "profile.toml", "--board", "mps2-an386", "--firmware", linked, "--limit", 150)
        self.assertEqual(agent["subject"]["way_in"], "linked agent")
        self.assertTrue((outputs(bare_folder) == outputs(agent_folder)).all())
        # The same program both ways: with the agent in it, called from outside where the agent would be polled.
        both, both_folder = self.run_case(self.app / "profile.toml", *self.names(linked), "--ready", "assay_poll", "--limit", 150)
        self.assertTrue((outputs(bare_folder) == outputs(both_folder)).all())
        for figure in ("median", "min", "max"):
            counts = [run["latency"][figure]["value"] for run in (bare, both, agent) if run["latency"].get(figure)]
            print(f"{figure}: probe-only {counts[0]}, with the agent in it {counts[1]}, the agent itself {counts[2]} instructions" if counts else "")
            if counts:
                self.assertEqual(counts[0], counts[1])
                if figure != "max":  # a late byte of the host may interrupt one inference that the agent times
                    self.assertLessEqual(abs(counts[2] - counts[0]), AGENT_FRAME)
        self.assertEqual(bare["latency"]["kind"], "instructions (emulated)")
        self.assertGreater(bare["memory"]["stack_touched"]["value"], 16)
        self.assertLess(bare["memory"]["stack_touched"]["value"], 512)
        self.assertGreater(bare["flash"]["total"]["value"], 2000)
        print(f"{bare['link']['samples_per_second']['value']:.0f} samples/s through the probe, {agent['link']['samples_per_second']['value']:.0f} by the agent")

    def test_interrupted_it_is_put_back_and_goes_on_as_if_undisturbed(self):
        elf = self.without_agent()
        whole, whole_folder = self.run_case(self.app / "profile.toml", *self.names(elf), "--no-references", "--limit", 120, code=5)  # its port gate needs R2
        folder = self.home / "cut"
        run = self.start("run", self.app / "profile.toml", *self.names(elf), "--no-references", "--limit", 120, "--folder", folder)
        part = folder / "outputs.part"
        self.wait_for(lambda: part.exists() and part.stat().st_size > 1500, what="fifty samples")
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)
        self.assertEqual(run.returncode, 130)
        self.assertEqual(json.loads((folder / "summary.json").read_text())["verdict"], "interrupted")
        done = self.assay("run", "--resume", folder)
        self.assertEqual(done.returncode, 5, done.stdout + done.stderr)
        self.assertTrue((outputs(folder) == outputs(whole_folder)).all())
        resumed = json.loads((folder / "summary.json").read_text())
        self.assertEqual(resumed["latency"]["median"], whole["latency"]["median"])

    def test_names_that_are_none_are_refused_before_a_board_is_leased(self):
        elf = self.without_agent()
        rows = {
            "misspelt_input": ({"source": "digit_input"}, "probe.no_symbol", 2, ["did you mean 'digits_input'?"]),
            "function_as_output": ({"result": "digits_run"}, "probe.no_symbol", 2, ["'digits_run' is a function"]),
            "inlined_function": ({"call": "narrowed"}, "probe.symbol_gone", 2, ["inlined"]),
            "unused_function": ({"call": "uart_write"}, "probe.symbol_gone", 2, ["linker removed it"]),
            "wrong_size": ({"source": "digits_output"}, "run.wrong_border", 2, ["10 bytes", "64 bytes"]),
            "constant_input": ({"source": "pictures"}, "probe.bad_place", 2, ["constant"]),
            "outside_of_variable": ({"result": "digits_output[4:10]"}, "probe.bad_place", 2, ["bytes 4 to 13", "has 10"]),
            "no_place": ({"result": "digits_output[4"}, "probe.bad_place", 2, []),
        }
        for name, (changed, code, status, words) in rows.items():
            with self.subTest(kind=name):
                self.assert_error(self.assay("run", self.app / "profile.toml", *self.names(elf, **changed)), code, status, *words)
        with self.subTest(kind="no_probe"):
            done = self.assay("run", self.app / "profile.toml", "--board", "posix", "--elf", elf, "--call", "digits_run",
                              "--input", "digits_input", "--output", "digits_output")
            self.assert_error(done, "probe.unsupported", 2, "no debug probe")
        with self.subTest(kind="no_input_named"):
            done = self.assay("run", self.app / "profile.toml", "--board", "mps2-an386", "--elf", elf, "--call", "digits_run")
            self.assert_error(done, "config.value", 2, "--input")
        with self.subTest(kind="truncated"):
            cut = self.app / "cut.elf"
            cut.write_bytes(elf.read_bytes()[:3000])
            self.assert_error(self.assay("run", self.app / "profile.toml", *self.names(cut)), "probe.bad_elf", 2)

    def test_a_program_alone_runs_with_the_tensors_that_its_variables_are(self):
        import numpy
        elf = self.without_agent()
        stored = numpy.load(self.app / "digits_test.npz")
        numpy.savez(self.app / "int8.npz", x=stored["x"].astype(numpy.int8).reshape(-1, 64), y=stored["y"])
        whole, folder = self.run_case(*self.names(elf), "--data", self.app / "int8.npz", "--limit", 20, "--no-references")
        self.assertEqual(whole["samples_done"], 20)
        self.assertEqual(whole["subject"]["way_in"], "probe-only")
        self.assertGreater(whole["accuracy"]["device"]["value"], 0.8)
        self.assertEqual(outputs(folder).shape[-1], 10)
        bare = self.without_agent(options=("-g0",))
        self.assert_error(self.assay("run", *self.names(bare), "--data", self.app / "digits_test.npz"), "config.value", 2, "-g")
        self.assert_error(self.assay("run", *self.names(elf)), "run.no_data", 2, "--data")

    def test_a_program_without_debug_information_runs_by_its_symbols(self):
        summary, _ = self.run_case(self.app / "profile.toml", *self.names(self.without_agent(options=("-g0",))), "--limit", 20, "--no-references", code=5)
        self.assertEqual(summary["samples_done"], 20)

    def test_what_goes_wrong_on_the_board_is_named(self):
        elf = self.without_agent()
        with self.subTest(kind="never_ready"):
            summary, _ = self.run_case(self.app / "profile.toml", *self.names(elf), "--ready", "hang", "--timeout-multiplier", 0.3, code=6)
            self.assertEqual(summary["issues"][0]["code"], "probe.not_ready")
        with self.subTest(kind="never_returns"):
            profile = self.app / "profile.toml"
            profile.write_text(profile.read_text().replace('name = "plain C"', 'name = "plain C"\ncall_timeout_s = 0.5'))
            (self.app / "stuck.c").write_text("void stuck(void) { for (;;) { } }")
            elf = self.without_agent(options=("-g", "stuck.c", "-Wl,--undefined=stuck"))
            summary, _ = self.run_case(profile, *self.names(elf, call="stuck"), "--ready", "digits_run", code=6)
            self.assertEqual(summary["issues"][0]["code"], "probe.call_timeout")
            self.assertIn("did not return within 0.5 s; it was in stuck (stuck.c:1)", summary["issues"][0]["message"])


if __name__ == "__main__":
    unittest.main()
