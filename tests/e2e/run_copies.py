"""Runs made of other runs: the same folder with some answers changed, as a regression would leave it."""
import csv
import io
import json
import shutil


def broken_copy(run, copy, wanted=3, cls=None):
    """A copy of a run folder in which `wanted` right answers of the rarest class (or of `cls`) are wrong; the class's name."""
    shutil.copytree(run, copy)
    (copy / ".lock").unlink(missing_ok=True)
    rows = list(csv.DictReader(io.StringIO((copy / "samples.csv").read_text())))
    summary = json.loads((copy / "summary.json").read_text())
    support = {}
    for row in rows:
        support[row["truth"]] = support.get(row["truth"], 0) + 1
    rarest = str(cls) if cls is not None else min((truth for truth in support if support[truth] >= 30), key=lambda t: support[t])
    done = 0
    for row in rows:
        if done < wanted and row["truth"] == rarest and row["device"] == rarest:
            row["device"] = str((int(rarest) + 1) % len(support))
            done += 1
    assert done == wanted, f"class {rarest} has only {done} right answers"
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (copy / "samples.csv").write_text(text.getvalue())
    right = sum(row["truth"] == row["device"] for row in rows)
    summary["accuracy"]["device"]["value"] = right / len(rows)
    summary["run_id"] = "0c0ffee"
    (copy / "summary.json").write_text(json.dumps(summary))
    return rarest
