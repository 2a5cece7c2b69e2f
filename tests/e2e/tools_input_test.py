"""OpenOCD and QEMU that are old, absent, silent, lying, hanging or killed in each phase of a run.

Real tools wherever possible: doubles/openocd_double.py becomes the real OpenOCD behind a proxy that strikes at the first
byte of a phase; QEMU is killed when the run says that it is there."""
import json
import os
import pathlib
import shutil
import signal
import socket
import time
import unittest

from harness import FIRMWARE, Case

DOUBLE = pathlib.Path(__file__).parent / "doubles/openocd_double.py"
DEFAULT_PORTS = (3333, 4444, 6666, 7184)  # gdb, telnet, Tcl, ST-LINK server


class Tools(Case):
    def setUp(self):
        super().setUp()
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")
        self.bin = self.home / "bin"
        self.bin.mkdir()

    def program(self, name, text):
        """A program of this name before all others in PATH."""
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)
        self.environment["PATH"] = f"{self.bin}:{os.environ['PATH']}"
        self.environment["ASSAY_DOUBLES"] = str(self.bin)

    def openocd(self, mode):
        self.program("openocd", f'#!/bin/sh\nexec python3 -S "{DOUBLE}" {mode} "$@"\n')

    def real_openocd(self):
        (self.bin / "openocd").unlink(missing_ok=True)

    def stopped(self, code, *words, seconds=20, multiplier=1.0):
        """A short run that this ends with the issue, in time, with nothing left."""
        begin = time.monotonic()
        summary, folder = self.run_case("digits", "--board", "mps2-an386", "--limit", "5", "--no-references",
                                        "--timeout-multiplier", multiplier, code=3)
        self.assertLess(time.monotonic() - begin, seconds)
        self.assertEqual(summary["verdict"], "error")
        issue = summary["issues"][0]
        self.assertIn(issue["code"], code if isinstance(code, tuple) else (code,), issue)
        for word in words:
            self.assertIn(word, issue["message"])
        self.assertTrue((folder / "manifest.json").exists())
        self.assert_nothing_left()
        return summary, folder

    def runs_again(self):
        folder = self.home / f"again{len(list(self.home.glob('again*')))}"
        done = self.assay("run", "digits", "--board", "mps2-an386", "--limit", "5", "--no-references", "--folder", folder)
        self.assertIn(done.returncode, (1, 5), done.stdout + done.stderr)  # five samples satisfy no accuracy gate
        self.assertEqual(json.loads((folder / "summary.json").read_text())["samples_done"], 5)


class Openocd(Tools):
    def test_one_that_is_not_usable(self):
        for mode, code, multiplier, words in (
                ("old", "probe.tool_version", 1, ("OpenOCD 0.10.0 is too old", "at least 0.12")),
                ("stranger", "probe.tool_version", 1, ("openocd-compat",)),
                ("words", "probe.died", 1, ("exit code 3", "the flux capacitor is not charged")),
                ("silent", "probe.timeout", 0.2, ("no Tcl port within 2.0 s",)),
                ("deaf", "probe.timeout", 0.2, ("no answer within 3.0 s",)),
                ("half", "probe.timeout", 0.2, ("no answer within 3.0 s",)),
                ("garbage", "probe.died", 1, ("cannot open the probe",))):
            with self.subTest(openocd=mode):
                self.openocd(mode)
                self.stopped(code, *words, multiplier=multiplier)

    def test_killed_while_it_flashes_and_the_next_run_repairs(self):
        for phase in ("flash", "load"):
            with self.subTest(phase=phase):
                self.openocd(f"kill:openocd:{phase}")
                self.stopped("probe.died", "cannot write", "signal 9")
                self.real_openocd()
                self.runs_again()
                shutil.rmtree(self.home / "state")  # a blank board: everything is written again

    def test_hanging_while_it_flashes(self):
        self.openocd("stop:openocd:flash")
        self.stopped("probe.timeout", "cannot write", "was killed", multiplier=0.2)
        self.real_openocd()
        self.runs_again()

    def test_taken_default_ports_are_no_matter(self):
        taken = []
        for port in DEFAULT_PORTS:
            try:
                taken.append(socket.create_server(("127.0.0.1", port)))
            except OSError:
                pass  # somebody else has it already: as good
        try:
            self.program("openocd", '#!/bin/sh\nfor word; do echo "$word"; done > "$ASSAY_STATE_DIR/openocd-words"\n'
                         f'exec {shutil.which("openocd")} "$@"\n')
            self.runs_again()
        finally:
            for server in taken:
                server.close()
        words = (self.home / "state/openocd-words").read_text()
        for line in ("bindto 127.0.0.1", "tcl_port 0", "gdb_port disabled", "telnet_port disabled"):
            self.assertIn(line, words)

    def test_a_probe_that_somebody_else_holds(self):
        started = self.assay("vboard", "start")
        self.assertEqual(started.returncode, 0, started.stderr)
        self.addCleanup(lambda: self.assay("vboard", "stop"))
        port = json.loads(self.assay("vboard", "status", "--json").stdout)["stlink_port"]
        with socket.create_connection(("127.0.0.1", port)) as other:
            other.sendall(bytes.fromhex("0300000001000000"))  # opens the probe, as a debugger does, and stays
            self.assertEqual(len(other.recv(8)), 8)
            summary, _ = self.run_case("digits", "--board", "mps2-an386", "--limit", "5", "--no-references", code=3)
            self.assert_issue(summary, "probe.busy", "another program has the probe open")
        self.runs_again()


class Qemu(Tools):
    def processes_of(self, name):
        """Pids of this case's processes of that program, but for those that only tell a version or a status."""
        mark, found = str(self.home).encode(), []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                    if words[0].endswith(name.encode()) and not {b"status", b"--version"} & set(words) and mark in (entry / "environ").read_bytes():
                        found.append(int(entry.name))
                except OSError:
                    pass
        return found

    def struck(self, number, victim, phase):
        """A run whose `victim` gets the signal once `phase` is over ("" : as soon as the victim exists); its summary."""
        folder = self.home / f"struck-{victim}-{phase}-{number}"
        process = self.start("run", "watch", "--board", "mps2-an386", "--no-references", "--timeout-multiplier", "0.1" if number == signal.SIGSTOP else "1", "--folder", folder)
        events = folder / "events.jsonl"

        def there():
            return process.poll() is not None or (self.processes_of(victim) if not phase else
                                                  events.exists() and f'"phase":"{phase}"' in events.read_text().replace(" ", ""))
        self.wait_for(there, 60, phase or victim)
        if phase == "Connected":
            self.wait_for(lambda: (folder / "samples.csv").exists() and (folder / "samples.csv").read_text().count("\n") > 3, 30, "samples")
        for pid in self.processes_of(victim):
            os.kill(pid, number)
        begin = time.monotonic()
        out, err = process.communicate(timeout=60)
        self.assertLess(time.monotonic() - begin, 25)
        self.assertEqual(process.returncode, 3, out + err)
        summary = json.loads((folder / "summary.json").read_text())
        self.assertEqual(summary["verdict"], "error")
        self.assertTrue((folder / "manifest.json").exists())
        issue = summary["issues"][0]
        self.record_refusal(issue["code"], 3, issue["message"])
        self.assert_nothing_left()
        return issue["code"]

    def test_killed_at_the_start(self):
        self.assertIn(self.struck(signal.SIGKILL, "qemu-system-arm", ""), ("vboard.start_failed", "vboard.qemu_died"))

    def test_killed_while_it_is_flashed_or_loaded(self):
        for phase in ("flash", "load"):
            with self.subTest(phase=phase):
                self.openocd(f"kill:qemu-system-arm:{phase}")
                self.stopped("vboard.qemu_died", "signal 9", "seen as probe", "cannot write")
        self.real_openocd()
        self.runs_again()

    def test_killed_before_it_is_connected(self):
        self.assertEqual(self.struck(signal.SIGKILL, "qemu-system-arm", "Loaded"), "vboard.qemu_died")

    def test_killed_in_mid_run(self):
        self.assertEqual(self.struck(signal.SIGKILL, "qemu-system-arm", "Connected"), "vboard.qemu_died")

    def test_hanging_in_mid_run(self):
        self.assertEqual(self.struck(signal.SIGSTOP, "qemu-system-arm", "Connected"), "link.no_answer")

    def test_hanging_while_it_is_flashed(self):
        self.openocd("stop:qemu-system-arm:flash")
        self.stopped("vboard.qemu_silent", "seen as probe", "cannot write")

    def test_the_virtual_probe_is_killed(self):
        for phase in ("Flashed", "Connected"):
            with self.subTest(phase=phase):
                self.assertEqual(self.struck(signal.SIGKILL, "assay-vboard", phase), "vboard.ended")

    def test_one_that_is_absent_old_or_silent(self):
        for name, text, words in (
                ("refuses the board", "#!/bin/sh\necho \"qemu-system-arm: unsupported machine type\" >&2\nexit 1\n", ("unsupported machine type",)),
                ("prints nothing and ends", "#!/bin/sh\nexit 0\n", ("exit code 0",)),
                ("hangs", "#!/bin/sh\nexec sleep 600\n", ("emulator",))):
            with self.subTest(qemu=name):
                self.program("qemu-system-arm", text)
                self.stopped("vboard.start_failed", *words)
        (self.bin / "qemu-system-arm").unlink()
        for folder in os.environ["PATH"].split(":"):
            for program in pathlib.Path(folder).glob("*") if folder else []:
                if program.name != "qemu-system-arm" and not (self.bin / program.name).exists():
                    (self.bin / program.name).symlink_to(program)
        self.environment["PATH"] = str(self.bin)
        with self.subTest(qemu="absent"):
            self.stopped("vboard.start_failed", "'qemu-system-arm' is not installed")


if __name__ == "__main__":
    unittest.main()
