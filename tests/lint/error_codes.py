#!/usr/bin/env python3
"""Every error code that the sources use stands in host/base/error_codes.cpp, and every code there is used."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
table = root / "host/base/error_codes.cpp"
listed = set(re.findall(r'\{"([a-z0-9_]+\.[a-z0-9_]+)", Exit::', table.read_text()))
areas = {code.split(".")[0] for code in listed}
used = {}
for path in sorted((root / "host").rglob("*")):
    if path.suffix not in (".cpp", ".h") or path == table or "_test." in path.name:
        continue
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.strip().startswith("//"):
            continue
        for code in re.findall(r'"([a-z0-9]+\.[a-z0-9_]+)"', line):
            if code.split(".")[0] in areas and not code.endswith((".json", ".npy", ".csv", ".toml", ".md")):
                used.setdefault(code, f"{path.relative_to(root)}:{number}")

fail_codes = {}
for path in sorted((root / "host").rglob("*.cpp")):
    if "_test." in path.name:
        continue
    for match in re.finditer(r'fail\(\s*"([^"]+)"', path.read_text()):
        fail_codes[match[1]] = path.relative_to(root)
unlisted = {code: place for code, place in fail_codes.items() if code not in listed}
unused = sorted(listed - set(used))
for code, place in sorted(unlisted.items()):
    print(f"{place}: code {code} is not in {table.relative_to(root)}")
for code in unused:
    print(f"{table.relative_to(root)}: code {code} is used nowhere")
print(f"{len(listed)} codes listed, {len(fail_codes)} used with fail(), {len(unlisted) + len(unused)} problems")
sys.exit(1 if unlisted or unused or not listed else 0)
