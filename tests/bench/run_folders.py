"""Makes run folders by the thousand: as small as a run folder can be, so that what lists them is measured."""
import json
import os
import pathlib
import time

PROFILES = ("digits", "watch", "watch_raw", "keywords", "anomaly")
VERDICTS = ("pass", "pass", "pass", "fail", "inconclusive")
MANIFEST = b'{"schema": "assay.manifest", "schema_version": 1, "files": []}\n'
LONG_AGO = 946684800  # so that the times of folders are relied on


def make_runs(out, count, first=0):
    """`count` complete runs, a minute apart; returns their names."""
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    names = []
    for i in range(first, first + count):
        started = time.strftime("%Y-%m-%dT%H-%M-%S", time.gmtime(1_700_000_000 + 60 * i))
        profile = PROFILES[i % len(PROFILES)]
        name = f"{started}_{profile.replace('_', '-')}_posix"
        summary = {"schema": "assay.summary", "schema_version": 1, "profile": profile, "verdict": VERDICTS[i % len(VERDICTS)],
                   "sentence": "A run that never was.", "samples_done": 600, "target": {"board": "posix", "unit": "0"},
                   "accuracy": {"device": {"value": 0.9 + i % 100 / 1000, "unit": "1", "kind": "measured"}},
                   "latency": {"kind": "host ns", "median": {"value": 1e6 + i, "unit": "ns", "kind": "host"}}}
        folder = out / name
        folder.mkdir()
        (folder / "summary.json").write_text(json.dumps(summary))
        (folder / "manifest.json").write_bytes(MANIFEST)
        os.utime(folder, (LONG_AGO, LONG_AGO))
        names.append(name)
    return names
