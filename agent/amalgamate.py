#!/usr/bin/env python3
"""The agent as two files to drop into any project: assay.h and assay.c, which needs no include path and no flags.

    agent/amalgamate.py OUT_FOLDER [VERSION]

Sources and their order are those of cmake/agent.cmake. Every header but assay.h is pasted where it is first included. A
name that two sources have for themselves (a static, an enumerator, a macro) gets the second one's file name before it.
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = re.compile(r'\s*#\s*include\s+([<"])([^">]+)[">]')
# Names that a source defines for itself, as this code base writes them.
OWN = [re.compile(r"(?m)^static [^;={\n]*?(\w+) ?(?:\(|\[|;|=)"), re.compile(r"(?m)^\} (\w+)(?:;|\[| =)"), re.compile(r"(?m)^#define (\w+)"),
       re.compile(r"(?m)^typedef struct (\w+)")]
ENUMERATORS = re.compile(r"(?ms)^enum (?:\w+ )?\{(.*?)\}")
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


def own_names(text):
    text = re.sub(r"(?s)/\*.*?\*/", "", text)
    names = {name for pattern in OWN for name in pattern.findall(text)}
    for listed in ENUMERATORS.findall(text):
        names |= {entry.split("=")[0].strip() for entry in listed.split(",") if entry.strip()}
    return names


def renamed(path, text, taken):
    """The text with those of its own names changed that are taken; then they are taken, too. Members keep theirs."""
    own = own_names(text)
    for name in sorted(own & taken):
        prefix = path.stem.upper() if name.isupper() else path.stem
        text = re.sub(rf"(?<![\w.>]){name}\b", f"{prefix}_{name}", text)
    taken |= own
    return text


def paste(path, pasted, lines, taken):
    """Appends the file's lines, with the project's headers in place of their first #include."""
    pasted.add(path)
    lines.append(f"\n/* ---- {path.relative_to(HERE.parent)} ---- */")
    text = path.read_text()
    for line in (renamed(path, text, taken) if path.suffix == ".c" else text).splitlines():
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
                paste(target, pasted, lines, taken)


# Compiled as C++, which warns of what C does freely.
CPLUSPLUS = """#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wextra"
#endif
"""


def amalgamated():
    header = HERE / "assay.h"
    pasted, lines, taken = {header}, [CPLUSPLUS + '#include "assay.h"'], set()
    for source in sources():
        paste(source, pasted, lines, taken)
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
