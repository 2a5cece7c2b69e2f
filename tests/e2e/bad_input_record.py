"""What the product answered to bad input, kept while the tests run: one JSON file a test below build/bad_input.

tests/bad_input_table.py prints the table of docs/bad_input.md from these files, so that the table says what was seen
and not what somebody remembers. C++ tests keep theirs through tests/bad_input_record.h.
"""
import json
import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(os.environ.get("ASSAY_BAD_INPUT_DIR", ROOT / "build/bad_input"))
_rows = {}


def first_line(message, home):
    line = message.strip().splitlines()[0] if message.strip() else ""
    return line.replace(str(home), "...").replace(str(ROOT) + "/", "")


def add(case, code, exit_code, message):
    """`case` is the unittest.TestCase; a subTest's parameters become part of the name of the case."""
    name = re.sub(r"^test_", "", case._testMethodName).replace("_", " ")
    subtest = getattr(case, "_subtest", None)
    if subtest is not None:
        name += ": " + ", ".join(str(value) for value in subtest.params.values())
    test = f"{type(case).__module__}.{type(case).__name__}.{case._testMethodName}"
    rows = _rows.setdefault(test, [])
    row = {"case": name, "code": code, "exit": exit_code, "message": first_line(message, case.home), "test": test}
    if row not in rows:
        rows.append(row)
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        temporary = FOLDER / f".{test}.{os.getpid()}"
        temporary.write_text(json.dumps(rows, indent=1) + "\n")
        temporary.replace(FOLDER / f"{test}.json")
    except OSError:
        pass  # a full or read-only disk is what some tests are about
