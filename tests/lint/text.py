#!/usr/bin/env python3
"""Text of the repository speaks of the product alone: no path of one machine, no unfinished marks, no empty names."""
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
FORBIDDEN = [
    (re.compile(r"(?<![\w.])/(?:work|farm|root|home)/\w"), "a path of one machine"),
    (re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b"), "a mark of unfinished work"),
]
NAMES = re.compile(r"(^|/)(utils?|misc|common|helpers?|manager)(\.|/|$)")

listed = subprocess.run(["git", "-C", root, "ls-files"], capture_output=True, text=True)
files = listed.stdout.splitlines() if listed.returncode == 0 else []
problems = []
for name in files:
    path = root / name
    if NAMES.search(name):
        problems.append(f"{name}: a name that says nothing")
    if path.suffix in (".npz", ".npy", ".tflite", ".png", ".bin", ".gz") or not path.is_file():
        continue
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        problems += [f"{name}:{number}: {why}" for pattern, why in FORBIDDEN if pattern.search(line)]
print("\n".join(problems))
print(f"{len(files)} files checked, {len(problems)} problems")
sys.exit(1 if problems or not files else 0)
