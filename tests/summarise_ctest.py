#!/usr/bin/env python3
"""Prints what failed and why, what was skipped, the slowest tests, and as last line the count of all tests."""
import sys
import xml.etree.ElementTree as ElementTree

cases = list(ElementTree.parse(sys.argv[1]).getroot().iter("testcase"))
by_status = {"run": [], "fail": [], "notrun": [], "disabled": []}
for case in cases:
    by_status.setdefault(case.get("status"), []).append(case)
failed, skipped = by_status["fail"], by_status["notrun"] + by_status["disabled"]

for case in failed:
    print(f"FAILED {case.get('name')}\n{(case.findtext('system-out') or '').strip()[-4000:]}\n")
for case in skipped:
    print(f"skipped {case.get('name')}")
print("slowest:")
for case in sorted(cases, key=lambda c: -float(c.get("time") or 0))[:8]:
    print(f"  {float(case.get('time') or 0):6.1f} s  {case.get('name')}")
print(f"{len(by_status['run'])} passed, {len(failed)} failed, {len(skipped)} skipped")
sys.exit(1 if failed or not by_status["run"] else 0)
