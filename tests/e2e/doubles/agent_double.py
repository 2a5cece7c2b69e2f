#!/usr/bin/env python3
"""A board that is a process and misbehaves: the real assay-agent-posix behind a proxy that rewrites its frames.

    agent_double.py MODE REAL_AGENT --plan FILE --listen unix:PATH

The frame format is protocol/frame.md; protobuf fields are overridden by appending them again (the last one wins).
"""
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib

BOARD, RESP, DATA, EVT = 2, 4, 5, 7
MODEL_INFO, TENSOR, RESULT, LOG = 4, 5, 7, 11


def encode(body):
    """A frame on the line: COBS of header, payload and CRC between zeros."""
    out, block = bytearray(), bytearray()
    for byte in body + struct.pack("<I", zlib.crc32(body)):
        if byte:
            block.append(byte)
            if len(block) < 254:
                continue
            out += b"\xff" + block
            block.clear()
            continue
        out += bytes([len(block) + 1]) + block
        block.clear()
    return b"\0" + bytes(out) + bytes([len(block) + 1]) + bytes(block) + b"\0"


def decode(line):
    """Header and payload of what stood between two zeros."""
    out, at = bytearray(), 0
    while at < len(line):
        code = line[at]
        out += line[at + 1:at + code]
        at += code
        if code != 255 and at < len(line):
            out.append(0)
    return bytes(out[:-4])


class Line:
    """What the host gets for a frame of the agent: rewrite() returns bytes for the line."""

    def __init__(self, host):
        self.host, self.frames, self.flooding, self.dead = host, 0, False, False

    def plain(self, frame):
        return encode(frame)

    def append(self, frame, wanted_kind, number, extra):
        if frame[0] & 0x3F == wanted_kind and (number is None or frame[1] == number):
            frame += extra
        return encode(frame)

    def newer(self, frame):
        return self.append(frame, BOARD, None, b"\x08\x02")

    def older(self, frame):
        return self.append(frame, BOARD, None, b"\x08\x00")

    def other_board(self, frame):
        return self.append(frame, BOARD, None, b"\x3a\x07\x1b[2Jxyz")

    def huge_frames(self, frame):
        return self.append(frame, BOARD, None, b"\x28\xff\xff\xff\xff\x0f")

    def many_models(self, frame):
        return self.append(frame, BOARD, None, b"\x88\x01\xff\xff\xff\xff\x0f")

    def huge_tensor(self, frame):
        return self.append(frame, RESP, TENSOR, b"\x30\xff\xff\xff\xff\x0f")

    def wrong_sizes(self, frame):
        """Twice as many outputs as the model has, shape and size agreeing."""
        if frame[0] & 0x3F == RESP and frame[1] == TENSOR and b"\x1a\x02\x01\x0a" in frame:
            frame += b"\x18\x02\x30\x14"
        return encode(frame)

    def other_model(self, frame):
        return self.append(frame, RESP, MODEL_INFO, b"\x1a\x40" + b"0" * 64)

    def sequence(self, frame):
        if frame[0] & 0x3F == RESP:
            word, = struct.unpack_from("<I", frame, 4)
            frame = frame[:4] + struct.pack("<I", word & 0xFFFF0000 | (word + 1) & 0xFFFF) + frame[8:]
        return encode(frame)

    def half(self, frame):
        line = encode(frame)
        return line[:len(line) // 2]

    def garbage(self, frame):
        return random.Random(len(frame)).randbytes(4096)

    def never_ends(self, frame):
        kind = frame[0] & 0x3F
        return b"" if kind in (EVT, DATA) or kind == RESP and frame[1] == RESULT else encode(frame)

    def logs(self, frame):
        """Answers nothing after BOARD and logs without end."""
        if frame[0] & 0x3F == BOARD:
            return encode(frame)
        if not self.flooding:
            self.flooding = True
            threading.Thread(target=self.flood, args=(frame[2:4],), daemon=True).start()
        return b""

    def flood(self, session):
        number = 0
        try:
            while True:
                text = b"log line without end"
                self.host.sendall(b"".join(
                    encode(bytes([0x40 | EVT, LOG]) + session + struct.pack("<I", (number + i) & 0xFFFF) + b"\x08\x02\x12" + bytes([len(text)]) + text)
                    for i in range(50)))
                number += 50
        except OSError:
            pass

    def closes(self, frame):
        self.frames += 1
        if self.frames > 100:
            self.dead = True
        return encode(frame)


def listening(path):
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(1)
    print(f"listening {path}", flush=True)
    return server.accept()[0]


def upward(host, agent):
    try:
        while data := host.recv(65536):
            agent.stdin.write(data)
            agent.stdin.flush()
    except OSError:
        pass
    os._exit(0)


def main():
    mode, real, arguments = sys.argv[1], sys.argv[2], sys.argv[3:]
    plan, path = arguments[arguments.index("--plan") + 1], arguments[arguments.index("--listen") + 1].removeprefix("unix:")
    if mode == "mute":
        time.sleep(600)
    if mode == "ends":
        sys.exit("the agent has had enough")
    agent = subprocess.Popen([real, "--plan", plan, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    host = listening(path)
    threading.Thread(target=upward, args=(host, agent), daemon=True).start()
    line, pending = Line(host), b""
    rewrite = getattr(line, mode)
    while data := agent.stdout.read(65536):
        *whole, pending = (pending + data).split(b"\0")
        for part in filter(None, whole):
            host.sendall(rewrite(decode(part)))
        if line.dead:
            break
    agent.kill()
    agent.wait()


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, ConnectionResetError):
        pass
