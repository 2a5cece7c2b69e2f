#!/usr/bin/env python3
"""Stands where `openocd` should be: an old one, a silent one, one whose Tcl port sends garbage; or the real one behind a
proxy that strikes at the first byte of a phase.

    openocd_double.py MODE ARGUMENTS...        the arguments are those that Assay gives to openocd

MODE is old, stranger, words, silent, deaf, garbage, half, or ACTION:VICTIM:PHASE with
    ACTION  kill | stop             SIGKILL or SIGSTOP
    VICTIM  openocd | qemu-system-arm | assay-vboard    (the latter two: of this $ASSAY_STATE_DIR)
    PHASE   flash | load            the first write to the firmware's memory, or to the model region
In the last form this process becomes the real openocd, so that Assay watches the real one; a child of it is the proxy.
"""
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import sys
import threading
import time

MODEL_REGION = 0x200000  # of mps2-an386
BANNER = "Open On-Chip Debugger 0.12.0\n"
REQUEST_BYTES = {0: 2, 1: 1, 2: 8, 3: 8, 4: 8, 5: 32, 6: 4}  # of the ST-LINK TCP protocol, by opcode


def say(text):
    sys.stderr.write(text)
    sys.stderr.flush()


def listen():
    server = socket.create_server(("127.0.0.1", 0))
    return server, server.getsockname()[1]


def port_that(answer):
    """A Tcl port that greets as OpenOCD does and then answers as it likes."""
    server, port = listen()
    say(f"{BANNER}Info : Listening on port {port} for tcl connections\n")
    client, _ = server.accept()
    client.recv(1)
    answer(client)
    time.sleep(600)


def garbage(client):
    try:
        while True:
            client.sendall(bytes(range(1, 256)).replace(b"\x1a", b"") * 64 + b"\x1a")
    except OSError:
        pass


SIMPLE = {
    "old": lambda: (say("Open On-Chip Debugger 0.10.0\nLicensed under GNU GPL v2\ninvalid command name \"tcl_port\"\n"), sys.exit(1)),
    "stranger": lambda: (say("usage: openocd-compat FILE\n"), sys.exit(64)),
    "words": lambda: (say(BANNER + "Error: the flux capacitor is not charged\n"), sys.exit(3)),
    "silent": lambda: (say(BANNER), time.sleep(600)),
    "deaf": lambda: port_that(lambda client: None),
    "garbage": lambda: port_that(garbage),
    "half": lambda: port_that(lambda client: client.sendall(b"0 half of an ans")),
}


def victim_pid(name, openocd):
    if name == "openocd":
        return openocd
    mark = os.environ["ASSAY_STATE_DIR"].encode()
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cmdline").read_bytes().split(b"\0")[0].endswith(name.encode()) and mark in (entry / "environ").read_bytes():
                    if b"status" not in (entry / "cmdline").read_bytes():
                        return int(entry.name)
            except OSError:
                pass
    sys.exit(f"no {name}")


def exactly(stream, count):
    data = b""
    while len(data) < count:
        more = stream.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def pump_back(probe, client):
    try:
        while data := probe.recv(65536):
            client.sendall(data)
    except OSError:
        pass
    client.close()


def proxy(server, port, strike, phase):
    client, _ = server.accept()
    probe = socket.create_connection(("127.0.0.1", port))
    threading.Thread(target=pump_back, args=(probe, client), daemon=True).start()
    struck = False
    try:
        while True:
            frame = exactly(client, 1)
            frame += exactly(client, REQUEST_BYTES[frame[0]] - 1)
            if frame[0] == 5 and frame[24] == 0:  # carries data to the probe
                frame += exactly(client, struct.unpack_from("<I", frame, 28)[0])
                if frame[8:10] in (b"\xf2\x08", b"\xf2\x47", b"\xf2\x48", b"\xf2\x0d"):  # a memory write
                    address = struct.unpack_from("<I", frame, 10)[0]
                    wanted = address < MODEL_REGION if phase == "flash" else MODEL_REGION <= address < 2 * MODEL_REGION
                    if wanted and not struck:
                        struck = True
                        strike()
            probe.sendall(frame)
    except (EOFError, OSError):
        pass
    probe.close()


def real_openocd():
    own = os.environ["ASSAY_DOUBLES"]
    path = ":".join(folder for folder in os.environ["PATH"].split(":") if folder != own)
    return shutil.which("openocd", path=path)


def strike_at(mode, arguments):
    action, victim, phase = mode.split(":")
    number = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}[action]
    server, mine = listen()
    place = next(i for i, argument in enumerate(arguments) if argument.startswith("st-link backend tcp"))
    port = int(re.search(r"\d+$", arguments[place])[0])
    openocd = os.getpid()
    if os.fork() == 0:
        proxy(server, port, lambda: os.kill(victim_pid(victim, openocd), number), phase)
        os._exit(0)
    server.close()
    arguments[place] = f"st-link backend tcp {mine}"
    os.execv(real_openocd(), ["openocd", *arguments])


if __name__ == "__main__":
    if sys.argv[1] in SIMPLE:
        SIMPLE[sys.argv[1]]()
    else:
        strike_at(sys.argv[1], sys.argv[2:])
