#!/usr/bin/env python3
"""C and C++ sources are as clang-format writes them (.clang-format); `--fix` rewrites those that are not."""
import pathlib
import re
import subprocess
import sys

fix = "--fix" in sys.argv
folders = [argument for argument in sys.argv[1:] if argument != "--fix"]
root = pathlib.Path(folders[0] if folders else pathlib.Path(__file__).parents[2])
listed = subprocess.run(["git", "-C", root, "ls-files", "*.c", "*.cpp", "*.h"], capture_output=True, text=True, check=True)
files = [name for name in listed.stdout.splitlines() if (root / name).is_file()]
done = subprocess.run(["clang-format", *(["-i"] if fix else ["--dry-run", "-Werror"]), *files], cwd=root, stderr=subprocess.PIPE, text=True)
wrong = sorted({match[1] for match in re.finditer(r"^([^:\s]+):\d+:\d+: error", done.stderr, re.MULTILINE)})
for name in wrong:
    print(f"{name}: not as clang-format writes it; tests/lint/format.py --fix mends it")
print(f"{len(files)} files checked, {len(wrong)} problems")
sys.exit(1 if wrong or done.returncode or not files else 0)
