#!/usr/bin/env python3
"""Writes the tables of a run folder as Parquet, CSV or NumPy archives: samples, operators, figures.

Started by host/cli/verb_export.cpp; needs numpy, and pyarrow for Parquet.

    export_run.py RUN FORMAT TARGET     one JSON object on stdout:
        {"files": [{"file": ..., "table": "samples", "rows": 600, "columns": [...]}, ...]}
        {"error": {"kind": "unavailable" | "no_outputs" | "damaged", "message": "..."}}

samples    one row a sample: index, id, status, truth, device, right, device_margin, raw ticks, first_run, retries,
           r0, r1, r2 and their margins where these references ran, output_0.. in real units
operators  one row an operator: ops.csv
figures    one row a figure: figures.csv, which the caller renders into TARGET first
"""
import csv
import json
import os
import pathlib
import sys


class Failure(Exception):
    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def load_array(path):
    import numpy as np
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise Failure("damaged", f"{path}: {error}") from error


def real_rows(array, tensor):
    """One row of real values a sample; scale and zero point as graph.json says."""
    import numpy as np
    rows = array.reshape(len(array), -1)
    scale = float(tensor.get("scale") or 0)
    if scale and np.issubdtype(rows.dtype, np.integer):
        return (rows.astype(np.float64) - float(tensor.get("zero_point") or 0)) * scale
    return rows.astype(np.float64)


def decisions(rows):
    """Top class (ties: the lowest; all NaN: -1) and the margin between the first and the second."""
    import numpy as np
    if rows.shape[1] == 0:
        return np.full(len(rows), -1), np.zeros(len(rows))
    known = np.where(np.isnan(rows), -np.inf, rows)
    top = known.argmax(axis=1)
    top[np.isnan(rows).all(axis=1)] = -1
    if rows.shape[1] < 2:
        return top, np.zeros(len(rows))
    second = np.partition(known, -2, axis=1)[:, -2:]
    margin = second[:, 1] - second[:, 0]
    return top, np.where(np.isfinite(margin), margin, 0.0)


def read_csv(path):
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        return list(csv.DictReader(file))


def optional_integers(texts):
    """int64 when all are there, else float64 with NaN: what pandas makes of an optional column."""
    import numpy as np
    if all(text not in ("", None) for text in texts):
        return np.array([int(text) for text in texts], dtype=np.int64)
    return np.array([float(text) if text not in ("", None) else np.nan for text in texts])


def reference_columns(run, summary, count, names):
    """r0, r1 (the primary), r2, and each further member of the R1 set under its own name."""
    columns = {}
    for reference in summary.get("references", []):
        path = run / "refs" / (str(reference.get("id")) + ".npy")
        if not path.is_file():
            continue
        array = load_array(path)[:count]
        if len(array) != count:
            continue
        level = str(reference.get("level", "")).lower()
        name = level if level in ("r0", "r2") or reference.get("primary") else str(reference.get("id")).replace(".", "_")
        # Scales of a reference are those of the deployed output where it is of the same integers.
        top, margin = decisions(real_rows(array, names))
        columns[name], columns[name + "_margin"] = top, margin
    return columns


def sample_table(run, summary):
    import numpy as np
    outputs_file, samples_file = run / "outputs.npy", run / "samples.csv"
    if not outputs_file.is_file() or not samples_file.is_file():
        raise Failure("no_outputs", f"{run} holds no outputs.npy and samples.csv: no sample was finished, or the run was killed")
    rows = read_csv(samples_file)
    graph = json.loads((run / "graph.json").read_text()) if (run / "graph.json").is_file() else {}
    tensor = graph.get("output") or {}
    outputs = real_rows(load_array(outputs_file), tensor)
    if len(rows) < len(outputs):
        raise Failure("damaged", f"{samples_file} has {len(rows)} rows, outputs.npy {len(outputs)}")
    rows = rows[:len(outputs)]
    top, margin = decisions(outputs)
    table = {"index": optional_integers([row["index"] for row in rows]), "id": np.array([row["id"] for row in rows], dtype=str),
             "status": np.array([row["status"] for row in rows], dtype=str),
             "truth": optional_integers([row["truth"] for row in rows]), "device": top.astype(np.int64)}
    labelled = table["truth"].dtype == np.int64 and len(rows) > 0
    if labelled:
        table["right"] = table["truth"] == table["device"]
    table["device_margin"] = margin
    table.update(reference_columns(run, summary, len(rows), tensor))
    table["ticks"] = optional_integers([row["ticks"] for row in rows])
    table["first_run"] = np.array([row["first_run"] == "1" for row in rows], dtype=bool)
    table["retries"] = optional_integers([row["retries"] for row in rows])
    for column in range(outputs.shape[1]):
        table[f"output_{column}"] = outputs[:, column]
    return table


def text_table(path):
    """A CSV as columns: numbers where every cell is one (an empty cell is NaN), else text."""
    import numpy as np
    rows = read_csv(path) if path.is_file() else []
    table = {}
    for name in rows[0] if rows else []:
        texts = [row[name] for row in rows]
        try:
            table[name] = optional_integers(texts) if all("." not in t and "e" not in t for t in texts) else \
                np.array([float(text) if text else np.nan for text in texts])
        except ValueError:
            table[name] = np.array(texts, dtype=str)
    return table


def write_parquet(table, path):
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise Failure("unavailable", f"Parquet needs the Python package pyarrow: {error}") from error
    columns = {name: pyarrow.array(values.tolist() if values.dtype.kind == "U" else values) for name, values in table.items()}
    pyarrow.parquet.write_table(pyarrow.table(columns), path)


def write_csv(table, path):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table)
        writer.writerows(zip(*(values.tolist() for values in table.values())))


def write_npz(table, path):
    import numpy as np
    with open(path, "wb") as file:
        np.savez_compressed(file, **table)


WRITERS = {"parquet": write_parquet, "csv": write_csv, "npz": write_npz}


def export(run, kind, target):
    try:
        import numpy  # noqa: F401
    except ImportError as error:
        raise Failure("unavailable", f"exports need the Python package numpy: {error}") from error
    try:
        summary = json.loads((run / "summary.json").read_text())
    except (OSError, ValueError):
        summary = {}
    figures = target / "figures.part"
    tables = {"samples": sample_table(run, summary), "operators": text_table(run / "ops.csv"), "figures": text_table(figures)}
    written = []
    for name, table in tables.items():
        if not table:
            continue
        path = target / f"{name}.{kind}"
        part = target / f".{name}.{os.getpid()}.part"
        try:
            WRITERS[kind](table, part)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        written.append({"file": str(path), "table": name, "rows": len(next(iter(table.values()))), "columns": list(table)})
    return written


def main():
    run, kind, target = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    try:
        print(json.dumps({"files": export(run, kind, target)}))
    except Failure as failure:
        print(json.dumps({"error": {"kind": failure.kind, "message": str(failure)}}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(json.dumps({"error": {"kind": "damaged", "message": f"{type(error).__name__}: {error}"}}))


if __name__ == "__main__":
    main()
