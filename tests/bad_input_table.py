#!/usr/bin/env python3
"""Prints the table of docs/bad_input.md from what the tests kept in build/bad_input.

    tests/bad_input_table.py            the table, on stdout
    tests/bad_input_table.py --write    replaces the table in docs/bad_input.md
    tests/bad_input_table.py --check    exit 1 when a test's code or exit differs from what the document says

Run the tests first. Rows of tests that did not run are kept from the document.
"""
import json
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDER = pathlib.Path(os.environ.get("ASSAY_BAD_INPUT_DIR", ROOT / "build/bad_input"))
DOCUMENT = ROOT / "docs/bad_input.md"
HEADER = "| case | code | exit | message | test |\n|---|---|---|---|---|\n"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"
LONGEST = 180


def plain(text):
    """In one line, without what differs from run to run: folders, processes, units, hashes, the run's own name."""
    text = " ".join(text.split())
    for pattern, instead in ((r" To go on: assay run --resume .*", ""), (r"\b(process|port|pid) \d+", r"\1 N"), (r"\bposix-\d+", "posix-N"),
                             (r"\bVB[0-9A-F]{12}\b", "VB..."), (r"\b\d{4}-\d\d-\d\dT[\d:-]+Z?", "TIME"),
                             (r"\b(?=\w*[a-f])(?=\w*\d)[0-9a-f]{7,40}\b", "HASH")):
        text = re.sub(pattern, instead, text)
    return re.sub(r"(?<![\w.])(/[\w.@%+-]+){2,}", lambda match: ".../" + match[0].rsplit("/", 1)[1], text)


def cell(text):
    text = plain(text).encode("utf-8", "replace").decode()
    text = text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " ..."
    return text.replace("|", "\\|").replace("<", "&lt;")


def line_of(row):
    return f"| {cell(row['case'])} | `{row['code']}` | {row['exit']} | {cell(row['message'])} | `{row['test']}` |"


def test_of(line):
    return line.rstrip(" |").rsplit("|", 1)[1].strip(" `")


def document_lines():
    text = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    table = text.partition(BEGIN)[2].partition(END)[0]
    return [line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| case ")]


def facts(lines):
    """What must not drift: test, code, exit. The words of a message may."""
    return {(test_of(line), *re.findall(r"\| `([a-z0-9_.]+)` \| (\d+) \|", line)[0]) for line in lines}


def main():
    seen = {}
    for path in sorted(FOLDER.glob("*.json")):
        for row in json.loads(path.read_text()):
            seen.setdefault(row["test"], []).append(line_of(row))
    if "--check" in sys.argv:
        mine = facts(line for lines in seen.values() for line in lines)
        told = {fact for fact in facts(document_lines()) if fact[0] in seen}
        for fact in sorted(mine ^ told):
            print(f"{DOCUMENT.relative_to(ROOT)}: {'lacks' if fact in mine else 'still tells'} {' '.join(fact)}")
        return 1 if mine != told else 0
    kept = [line for line in document_lines() if test_of(line) not in seen]
    lines = sorted({*kept, *(line for lines in seen.values() for line in lines)}, key=lambda line: (test_of(line), line))
    table = HEADER + "".join(line + "\n" for line in lines)
    if "--write" not in sys.argv:
        print(table, end="")
        return 0
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    DOCUMENT.write_text(before + BEGIN + table + END + rest.partition(END)[2])
    return 0


if __name__ == "__main__":
    sys.exit(main())
