#!/usr/bin/env python3
"""vectors.txt as C initialisers, for the self-test that runs on the device: generate.py vectors.txt vectors.inc"""
import pathlib
import sys

REJECTIONS = {"TRUNCATED": "ASSAY_FRAME_TRUNCATED", "SHORT": "ASSAY_FRAME_SHORT", "LONG": "ASSAY_FRAME_LONG",
              "CRC": "ASSAY_FRAME_CRC_WRONG", "VERSION": "ASSAY_FRAME_VERSION"}


def array(text):
    """A hex field as a C compound literal and its size; "-" is empty."""
    data = b"" if text == "-" else bytes.fromhex(text)
    listed = ",".join(str(byte) for byte in data) or "0"
    return f"(const uint8_t[]){{{listed}}}, {len(data)}"


def entry(kind, name, fields):
    if kind == "frame":
        number, detail, session, word, payload, line = fields
        return (f"{{VECTOR_FRAME, {number}, {detail}, {session}, {word}u, {array(payload)}, {array(line)}, {{0}}, "
                f"ASSAY_FRAME_OK}}, /* {name} */")
    if kind == "reject":
        reason, line = fields
        return f"{{VECTOR_REJECT, 0, 0, 0, 0, {array('-')}, {array(line)}, {{0}}, {REJECTIONS[reason]}}}, /* {name} */"
    if kind == "request":
        _, values, payload = fields
        return f"{{VECTOR_REQUEST, 0, 0, 0, 0, {array(payload)}, {array('-')}, {{{values}}}, ASSAY_FRAME_OK}}, /* {name} */"
    if kind == "malformed":
        return f"{{VECTOR_MALFORMED, 0, 0, 0, 0, {array(fields[1])}, {array('-')}, {{0}}, ASSAY_FRAME_OK}}, /* {name} */"
    raise SystemExit(f"unknown vector kind '{kind}'")


def main():
    lines = pathlib.Path(sys.argv[1]).read_text().splitlines()
    rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    pathlib.Path(sys.argv[2]).write_text("\n".join(entry(row[0], row[1], row[2:]) for row in rows) + "\n")


if __name__ == "__main__":
    main()
