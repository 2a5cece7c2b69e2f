"""The command line as a reader meets it: help, examples, tables at 80 columns, plain text in a pipe, JSON, mistakes.

Which verbs there are is read from `assay --help`, so that none can be forgotten here.
"""
import json
import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import time
import unittest

from harness import BIN, FIRMWARE, ROOT, Case

MODEL = ROOT / "profiles/digits/model_int8.tflite"
NEED_FIRMWARE = ("flash", "reset", "size")
NEED_REPOSITORY = ("bisect",)  # bisect_test.py runs it in one
NEED_APPLICATION = ("observe",)  # observe_test.py has one that infers by itself
NO_JSON = ("completions",)  # prints a script


class Verbs(Case):
    """A working folder like that of a reader: profiles/ beside, programs in PATH."""

    def setUp(self):
        super().setUp()
        (self.home / "profiles").symlink_to(ROOT / "profiles")
        self.environment["PATH"] = f"{BIN}:{self.environment['PATH']}"

    def listed(self):
        return self.verbs_in(self.assay("--help").stdout)

    @staticmethod
    def verbs_in(text):
        """The verbs that a help text lists."""
        verbs = text.split("\nVerbs:\n")[1].split("\n\n")[0] if "\nVerbs:\n" in text else ""
        return re.findall(r"(?m)^  ([a-z]+)\b", verbs)

    def example(self, *path):
        return self.assay(*path, "--help").stdout.strip().splitlines()[-1].removeprefix("Example: ")

    def run_line(self, line, *more):
        return self.assay(*shlex.split(line)[1:], *more)


class Help(Verbs):
    def test_each_verb_explains_itself_within_80_columns_and_ends_with_an_example(self):
        paths, seen = [[]], []
        while paths:
            path = paths.pop()
            seen.append(path)
            done = self.assay(*path, "--help")
            self.assertEqual(done.returncode, 0, path)
            paths += [[*path, verb] for verb in self.verbs_in(done.stdout)]
            self.assertEqual([line for line in done.stdout.splitlines() if len(line) > 80], [], path)
            self.assertIn(f"Usage: {' '.join(['assay'] + path)} ", done.stdout)
            self.assertIn("Exit codes: 0 pass, 1 gate failed,", done.stdout)
            self.assertRegex(done.stdout.strip().splitlines()[-1], rf"^Example: assay {path[0] if path else ''}")
        self.assertGreater(len(seen), 15)
        self.assertIn(["model", "plan"], seen)

    def test_every_example_runs_and_speaks_json_when_asked(self):
        for verb in self.listed():
            if verb in NEED_REPOSITORY + NEED_APPLICATION or (verb in NEED_FIRMWARE and not FIRMWARE.exists()):
                continue
            line = self.example(verb)
            expected = (0, 4) if line.startswith("assay vboard status") else (0,)
            done = self.run_line(line)
            self.assertIn(done.returncode, expected, f"{line}\n{done.stdout}{done.stderr}")
            self.assertNotEqual(done.stdout, "", line)
            if verb in NO_JSON:
                continue
            # What took long enough the first time is not repeated in full.
            done = self.run_line(line, "--json", *(("--limit", "30", "--no-references") if verb == "run" else ()))
            self.assertIn(done.returncode, expected + ((5,) if verb == "run" else ()), f"{line} --json\n{done.stdout}{done.stderr}")
            documents = done.stdout.splitlines() if verb == "attach" else [done.stdout]
            for text in documents:
                self.assertIsInstance(json.loads(text), (dict, list), line)

    def test_help_as_a_verb(self):
        self.assertEqual(self.assay("help", "run").stdout, self.assay("run", "--help").stdout)
        self.assertEqual(self.assay("help").stdout, self.assay("--help").stdout)

    def test_version_names_the_commit(self):
        text = self.assay("--version").stdout
        self.assertRegex(text, r"^assay \d+\.\d+\.\d+( \([0-9a-f]{8,}\))?\n$")
        head = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True, text=True)
        if head.returncode == 0 and "(" in text:
            commit = re.search(r"\(([0-9a-f]+)\)", text)[1]
            known = subprocess.run(["git", "-C", ROOT, "cat-file", "-t", commit], capture_output=True, text=True)
            self.assertEqual(known.stdout, "commit\n")


class Mistakes(Verbs):
    def test_usage_errors_say_what_and_where_to_look(self):
        self.assert_error(self.assay(), "cli.usage", 2, "a verb is missing", "assay --help")
        self.assert_error(self.assay("model"), "cli.usage", 2, "a verb is missing", "assay model --help")
        self.assert_error(self.assay("frobnicate"), "cli.usage", 2, "'frobnicate'")
        self.assert_error(self.assay("board"), "cli.usage", 2, "Did you mean 'boards'?")
        self.assert_error(self.assay("run", "digits", "--bord", "posix"), "cli.usage", 2, "Did you mean '--board'?", "assay run --help")
        self.assert_error(self.assay("run", "digits", "--limit", "many"), "cli.usage", 2, "--limit")
        self.assert_error(self.assay("vboard", "start", "--mode", "quick"), "cli.usage", 2, "exact")
        self.assert_error(self.assay("report", "@last", "--format", "pdf"), "cli.usage", 2, "html")

    def test_every_verb_reports_errors_as_json_when_asked(self):
        for verb in self.listed():
            done = self.assay(verb, "--json", "--no-such-option")
            self.assertEqual(done.returncode, 2, verb)
            error = json.loads(done.stdout)["error"]
            self.assertEqual((error["code"], error["exit_code"]), ("cli.usage", 2), verb)
            self.assertEqual(done.stderr, "", verb)

    def test_errors_name_the_way_to_learn_more(self):
        done = self.assay("show", "@last")
        self.assertEqual(done.returncode, 2)
        code = re.search(r"error\[([a-z_.]+)\]", done.stderr)[1]
        self.assertIn(f"assay explain {code}", done.stderr)
        self.assertEqual(self.assay("explain", code).returncode, 0)

    def test_a_board_without_a_probe_is_refused(self):
        for verb in ("flash", "reset"):
            self.assert_error(self.assay(verb, "--board", "posix"), "probe.unsupported", 2, "posix")


class Explain(Verbs):
    def test_every_code_is_explained(self):
        codes = json.loads(self.assay("explain", "--json").stdout)
        self.assertGreater(len(codes), 80)
        text = self.assay("explain", *[entry["code"] for entry in codes]).stdout
        blocks = {block.splitlines()[0]: block for block in re.split(r"(?m)^(?=\S)", text) if block.strip()}
        for entry in codes:
            block = " ".join(blocks[entry["code"]].split())
            self.assertIn(f"exit {entry['exit_code']}, {entry['exit_meaning']}", block)
            for key in ("meaning", "remedy"):
                self.assertGreater(len(entry[key]), 5, entry)
                self.assertIn(f"{key} {' '.join(entry[key].split())}", block)
        listed = self.assay("explain").stdout
        self.assertEqual([entry["code"] for entry in codes if entry["code"] not in listed], [])
        markdown = self.assay("explain", "--markdown").stdout
        self.assertEqual(len(markdown.splitlines()), len(codes) + 2)

    def test_an_unknown_code_names_the_nearest(self):
        self.assert_error(self.assay("explain", "link.prt_busy"), "cli.unknown_code", 2, "Did you mean 'link.port_busy'?")

    def test_an_area_lists_its_codes(self):
        entries = json.loads(self.assay("explain", "link", "--json").stdout)
        self.assertTrue(entries and all(entry["code"].startswith("link.") for entry in entries))


class Output(Verbs):
    def test_tables_fit_and_pipes_are_plain(self):
        watch = ROOT / "profiles/watch/model_int8.tflite"
        for columns in ("", "72"):
            self.environment["COLUMNS"] = columns
            for arguments in (["boards"], ["model", "info", watch], ["model", "plan", watch], ["explain"]) + (() if columns else (["doctor"],)):
                done = self.assay(*arguments)
                self.assertNotIn("\x1b", done.stdout)
                # A line may be longer only where a single word is.
                long = [line for line in done.stdout.splitlines() if len(line) > int(columns or 80) and " " in line.strip()[50:]]
                self.assertEqual(long, [], arguments)

    def test_a_run_in_a_pipe(self):
        done = self.assay("run", "digits", "--board", "posix", "--out", self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        self.assertNotIn("\r", done.stdout + done.stderr)
        self.assertIn("PASS", done.stdout)
        self.assertRegex(done.stderr, r"(?m)^\s+Running\s+600/600 samples")
        self.assertEqual([line for line in done.stdout.splitlines() if len(line) > 80 and "report.html" not in line], [])
        shown = self.assay("show", "@last", "--out", self.out)
        self.assertEqual(shown.returncode, 0)
        self.assertIn("PASS", shown.stdout)
        summary = json.loads(self.assay("show", "@last", "--out", self.out, "--json").stdout)
        self.assertEqual(summary["profile"], "digits")
        written = self.assay("report", "@last", "--out", self.out, "--to", self.home / "reports", "--format", "html,junit")
        self.assertEqual(written.returncode, 0, written.stderr)
        self.assertTrue((self.home / "reports/report.html").is_file())

    def test_quiet(self):
        done = self.assay("run", "digits", "--board", "posix", "--limit", "60", "--no-references", "-q")
        self.assertEqual([line for line in done.stderr.splitlines() if not line.startswith("warning[")], [])
        self.assertIn("digits", done.stdout)

    def on_a_terminal(self, *arguments, **environment):
        """What a terminal of 80 columns gets to see."""
        settings = {key: value for key, value in self.environment.items() if key not in ("TERM", "NO_COLOR")}
        master, slave = pty.openpty()
        process = subprocess.Popen([str(BIN / "assay"), *arguments], stdin=slave, stdout=slave, stderr=slave, cwd=self.home,
                                   env=dict(settings, **environment))
        os.close(slave)
        seen = read_until(master, lambda text: False, 60)
        process.wait(timeout=60)
        os.close(master)
        return seen

    def test_colour_only_where_a_terminal_wants_it(self):
        for environment, coloured in ((dict(TERM="xterm"), True), (dict(TERM="xterm", NO_COLOR="1"), False),
                                      (dict(TERM="dumb"), False), ({}, False)):
            seen = self.on_a_terminal("explain", "no.such", **environment)
            self.assertIn("cli.unknown_code", seen)
            self.assertEqual("\x1b[" in seen, coloured, environment)

    def test_a_dumb_terminal_gets_plain_lines_of_progress(self):
        for environment, rewrites in ((dict(TERM="xterm", NO_COLOR="1"), True), (dict(TERM="dumb"), False)):
            seen = self.on_a_terminal("run", "digits", "--no-references", "--limit", "600", **environment)
            self.assertIn("Running", seen)
            self.assertEqual("\x1b[K" in seen, rewrites, environment)


def read_until(fd, enough, seconds):
    """What comes from a terminal until `enough(text)`, its end, or the time is up."""
    text, deadline = "", time.monotonic() + seconds
    while time.monotonic() < deadline and not enough(text):
        ready, _, _ = select.select([fd], [], [], 0.2)
        if not ready:
            continue
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        text += data.decode(errors="replace")
    return text


class Completions(Verbs):
    def bash(self, script):
        done = subprocess.run(["bash", "--norc", "--noprofile", "-c", f"source <(assay completions bash)\n{script}"], env=self.environment,
                              cwd=self.home, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def offers(self, *lines):
        """For each line what bash offers at its end; a line that ends with a space begins a new word."""
        script = ""
        for line in lines:
            words = line.split(" ")
            script += f"COMP_WORDS=({' '.join(shlex.quote(word) for word in words)}); COMP_CWORD={len(words) - 1}; _assay 2>/dev/null\n"
            script += 'echo "${COMPREPLY[*]}"\n'
        return [set(line.split()) for line in self.bash(script).splitlines()]

    def test_the_function_offers_verbs_options_choices_and_names(self):
        verbs, run, boards, posix, after_equals, options, modes, subs, profiles, codes, runs = self.offers(
            "assay ", "assay ru", "assay run digits --board ", "assay check digits -b po",
            "assay check digits --board = po", "assay vboard start --", "assay vboard start --mode ",
            "assay model ", "assay run di", "assay explain link.po", "assay show @")
        self.assertEqual(verbs, set(self.listed()))
        self.assertIn("run", run)
        self.assertTrue(all(word.startswith("ru") for word in run), run)
        self.assertEqual(boards, {board["name"] for board in json.loads(self.assay("boards", "--json").stdout)})
        self.assertEqual((posix, after_equals), ({"posix"}, {"posix"}))
        self.assertLessEqual({"--board", "--mode", "--json"}, options)
        self.assertEqual(modes, {"exact", "realtime"})
        self.assertEqual(subs, {"info", "plan", "tap"})
        self.assertEqual(profiles, {"digits"})
        self.assertEqual(codes, {"link.port_busy"})
        self.assertEqual(runs, {"@last"})

    def test_the_tab_key_in_a_real_bash(self):
        master, slave = pty.openpty()
        environment = dict(self.environment, TERM="dumb", PS1="ready> ")
        process = subprocess.Popen(["bash", "--norc", "--noprofile", "-i"], stdin=slave, stdout=slave, stderr=slave, env=environment,
                                   cwd=self.home, start_new_session=True)
        os.close(slave)
        self.addCleanup(os.close, master)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        read_until(master, lambda text: "ready> " in text, 20)
        os.write(master, b"bind 'set enable-bracketed-paste off'; source <(assay completions bash); echo loaded-$((1 + 1))\n")
        self.assertIn("loaded-2", read_until(master, lambda text: "loaded-2" in text and text.endswith("ready> "), 60))
        os.write(master, b"assay model in\t")
        self.assertIn("assay model info ", read_until(master, lambda text: "info " in text, 30))
        os.write(master, b"\x15assay check digits --board po\t")
        self.assertIn("--board posix ", read_until(master, lambda text: "posix " in text, 30))

    def test_every_verb_and_option_of_help_is_in_every_script(self):
        scripts = {shell: self.assay("completions", shell).stdout for shell in ("bash", "zsh", "fish")}
        for verb in self.listed():
            for option in re.findall(r"(?m)^  .*?--([a-z-]+)", self.assay(verb, "--help").stdout):
                for shell, script in scripts.items():
                    self.assertRegex(script, rf"-l {option}\b" if shell == "fish" else rf"--{option}\b", f"{shell} {verb} --{option}")
                    self.assertRegex(script, rf"\b{verb}\b", shell)

    def test_scripts_parse_where_their_shell_is_installed(self):
        for shell, check in (("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])):
            if not shutil.which(shell):
                continue
            file = self.home / f"assay.{shell}"
            file.write_text(self.assay("completions", shell).stdout)
            done = subprocess.run([*check, file], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), shell)


class Manual(Verbs):
    def test_one_page_a_verb_that_groff_finds_faultless(self):
        self.assertEqual(self.assay("manual", self.home / "man").returncode, 0)
        pages = {page.name for page in (self.home / "man").iterdir()}
        self.assertEqual(pages, {"assay.1"} | {f"assay-{verb}.1" for verb in self.listed()})
        help_text = " ".join(self.assay("run", "--help").stdout.split())
        self.assertIn("Which unit of the board (a virtual one is made on first use)", help_text)
        if not shutil.which("groff"):
            self.skipTest("groff is not installed")
        for page in sorted(pages):
            done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-P-cbou", self.home / "man" / page], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), page)
            self.assertIn("EXIT STATUS", done.stdout)
            if page == "assay-run.1":
                self.assertIn("Which unit of the board (a virtual one is made on first use)", " ".join(done.stdout.split()))


class Console(Verbs):
    def events(self, text):
        return [json.loads(line) for line in text.splitlines()]

    def test_attach_to_a_process_board(self):
        done = self.assay("attach", "--for", "0.5")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], r"^\d\d:\d\d:\d\d\.\d{3}  attached posix unit posix-\d+, firmware [0-9a-f]{8}, boot [0-9a-f]{8}, no model$")
        self.assertRegex(lines[1], r"^\S+  warning  no plan in the model region")
        self.assertRegex(lines[-1], r"detached$")

    def test_ctrl_c_leaves_the_console(self):
        process = self.start("attach", "--json")
        first = process.stdout.readline()
        self.assertEqual(json.loads(first)["event"], "attached")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual(self.events(out)[-1]["event"], "detached")

    def test_a_board_that_dies_is_an_error(self):
        process = self.start("attach", "--json")
        process.stdout.readline()
        self.assertEqual(self.kill_matching("assay-agent-posix"), 1)
        process.communicate(timeout=60)
        self.assertIn(process.returncode, (3, 4))

    def test_attach_to_and_reset_of_a_virtual_board(self):
        if not FIRMWARE.exists():
            self.skipTest("firmware is not built")
        started = json.loads(self.assay("vboard", "start", "--json").stdout)
        self.addCleanup(lambda: self.assay("vboard", "stop"))
        self.assertEqual(self.assay("flash", "-q").returncode, 0)
        reset = json.loads(self.assay("reset", "--json").stdout)
        self.assertEqual((reset["unit"], reset["core"]), (started["unit"], "running"))
        process = self.start("attach", "--board", "mps2-an386", "--json")
        first = json.loads(process.stdout.readline())
        self.assertEqual((first["event"], first["board"], first["unit"]), ("attached", "mps2-an386", started["unit"]))
        # The console has the unit: nobody resets it meanwhile.
        self.assert_error(self.assay("reset"), "farm.unit_busy", 4, str(process.pid))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0)
        halted = json.loads(self.assay("reset", "--halt", "--json").stdout)
        self.assertEqual(halted["core"], "halted")
        self.assert_error(self.assay("attach", "--board", "mps2-an386"), "link.no_answer", 3)
        self.assertEqual(json.loads(self.assay("vboard", "stop", "--json").stdout)["status"], "stopped")
        self.assert_nothing_left()


class Virtual(Case):
    def test_a_detached_board_outlives_commands_and_is_used_by_runs(self):
        started = self.assay("vboard", "start")
        self.assertEqual(started.returncode, 0, started.stderr)
        self.addCleanup(lambda: self.assay("vboard", "stop"))
        status = json.loads(self.assay("vboard", "status", "--json").stdout)
        pid = status["pid"]
        flashed = self.assay("flash", "--board", "mps2-an386", "--model", ROOT / "profiles/digits/model_int8.tflite")
        self.assertEqual(flashed.returncode, 0, flashed.stderr)
        summary, _ = self.run_case("digits", "--board", "mps2-an386")
        self.assertEqual(summary["verdict"], "pass")
        self.assertEqual(json.loads(self.assay("vboard", "status", "--json").stdout)["pid"], pid)
        self.assertEqual(self.assay("vboard", "stop").returncode, 0)
        self.assert_nothing_left()


class Layering(unittest.TestCase):
    def test_the_lint_sees_a_wrong_include(self):
        import shutil
        import tempfile
        with tempfile.TemporaryDirectory() as copy:
            for folder in ("host/base", "host/config", "tests/lint"):
                shutil.copytree(ROOT / folder, f"{copy}/{folder}")
            lint = ["python3", f"{copy}/tests/lint/layers.py", copy]
            self.assertEqual(subprocess.run(lint, capture_output=True).returncode, 0)
            with open(f"{copy}/host/base/files.cpp", "a") as file:
                file.write('#include "config/catalogue.h"\n')
            done = subprocess.run(lint, capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stdout, re.escape("base may not include config"))


if __name__ == "__main__":
    unittest.main()
