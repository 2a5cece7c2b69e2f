#!/usr/bin/env python3
"""The agent as two files to drop into any project: assay.h and assay.c, which needs no include path and no flags.

    agent/amalgamate.py OUT_FOLDER [VERSION]

Sources and their order are those of cmake/agent.cmake. Every header but assay.h is pasted where it is first included; a
static name therefore belongs to one source only, which the compiler checks.
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = re.compile(r'\s*#\s*include\s+([<"])([^">]+)[">]')
BANNER = """/* {name}: the Assay agent{version}, made by agent/amalgamate.py of the Assay sources; change those, not this file.
 * SPDX-License-Identifier: Apache-2.0 */
"""


def sources():
    listed = re.search(r"set\(ASSAY_AGENT_SOURCES ([^)]*)\)", (HERE.parent / "cmake/agent.cmake").read_text())[1]
    return [HERE / name for name in listed.split()]


def resolve(user, name):
    for base in (user.parent, HERE, HERE.parent):
        if (base / name).is_file():
            return (base / name).resolve()
    sys.exit(f"{user}: includes {name}, which is neither beside it nor in the repository")


def paste(path, pasted, lines):
    """Appends the file's lines, with the project's headers in place of their first #include."""
    pasted.add(path)
    lines.append(f"\n/* ---- {path.relative_to(HERE.parent)} ---- */")
    for line in path.read_text().splitlines():
        included = INCLUDE.match(line)
        if not included:
            lines.append(line)
        elif included[1] == "<":
            if line not in pasted:
                lines.append(line)
                pasted.add(line)
        else:
            target = resolve(path, included[2])
            if target not in pasted:
                paste(target, pasted, lines)


# Compiled as C++, which warns of what C does freely.
CPLUSPLUS = """#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wextra"
#endif
"""


def amalgamated():
    header = HERE / "assay.h"
    pasted, lines = {header}, [CPLUSPLUS + '#include "assay.h"']
    for source in sources():
        paste(source, pasted, lines)
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1])
    version = f" {sys.argv[2]}" if len(sys.argv) == 3 else ""
    out.mkdir(parents=True, exist_ok=True)
    for name, text in (("assay.h", (HERE / "assay.h").read_text()), ("assay.c", amalgamated())):
        (out / name).write_text(BANNER.format(name=name, version=version) + text)


if __name__ == "__main__":
    main()
