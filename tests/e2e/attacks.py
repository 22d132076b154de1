# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tables of attacks share: a server that answers with exactly the bytes of a row, and podflattr, run and measured."""
import json
import multiprocessing
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time
import zlib
from concurrent.futures import ProcessPoolExecutor

PROGRAM = os.environ["PODFLATTR"]
MEMORY_MIB = 64
BUSY_SECONDS = 20
SECONDS = 60
# What steers a terminal, or makes a text look like another one: ESC, BEL, a C1 code, the direction of writing, a line's end.
ESCAPES = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202e\u2028"


def head(status, *lines, version="HTTP/1.1"):
    return ("\r\n".join([f"{version} {status}", *lines]) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def answer(status, body, *lines):
    """A whole answer; a body that is not bytes is sent as JSON."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
        lines = ("Content-Type: application/json;charset=utf-8", *lines)
    return head(status, f"Content-Length: {len(body)}", "Connection: close", *lines) + body


def chunk(body, extension=b""):
    return b"%x%s\r\n%s\r\n" % (len(body), extension, body)


def chunked(*chunks, end=b"0\r\n\r\n"):
    return head("200 OK", "Transfer-Encoding: chunked") + b"".join(chunks) + end


def bomb(begin, filler, mebibytes):
    """Bytes and very much filler, packed."""
    packer = zlib.compressobj(1, wbits=31)
    parts = [packer.compress(begin)] + [packer.compress(filler * (2**20 // len(filler))) for _ in range(mebibytes)]
    return b"".join(parts) + packer.flush()


class Endless(bytes):
    """Is sent again and again after the bytes before it."""


class Pause:
    """Nothing comes for so many seconds."""

    def __init__(self, seconds):
        self.seconds = seconds


def drip(data, seconds):
    """Byte by byte, with a pause after each."""
    return [part for byte in data for part in (bytes([byte]), Pause(seconds))]


RESET = object()  # the connection is reset


class Server:
    """Answers "METHOD /path" with what `answers` has for it, all else with 404. What is asked is counted. A second host,
    //elsewhere in the answers, must not be connected to at all: strays counts."""

    def __init__(self):
        self.answers = {}
        self.asked = 0
        self.strays = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.elsewhere = socket.create_server(("127.0.0.2", 0))
        for listening, handler in ((self.socket, self.serve), (self.elsewhere, self.stray)):
            threading.Thread(target=self.accept, args=(listening, handler), daemon=True).start()

    def address(self, listening):
        return "%s:%d" % listening.getsockname()

    @staticmethod
    def accept(listening, handler):
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=handler, args=(connection,), daemon=True).start()

    def stray(self, connection):
        self.strays += 1
        connection.close()

    def serve(self, connection):
        with connection:
            asked = b""
            while b"\r\n\r\n" not in asked:
                part = connection.recv(65536)
                if not part:
                    return
                asked += part
            headers, _, body = asked.partition(b"\r\n\r\n")
            length = next((int(line[15:]) for line in headers.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
            while len(body) < length:
                body += connection.recv(65536)
            call = " ".join(headers.decode(errors="replace").split(" ")[:2])
            try:
                if call in self.answers:
                    self.asked += 1
                    self.send(connection, self.answers[call])
                else:
                    connection.sendall(answer("404 No", b"no"))
            except OSError:
                return

    def send(self, connection, parts):
        if parts is RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            return
        for part in parts if isinstance(parts, list) else [parts]:
            if isinstance(part, Pause):
                time.sleep(part.seconds)
            elif isinstance(part, Endless):
                while True:
                    connection.sendall(part)
            else:
                connection.sendall(part.replace(b"//elsewhere", b"//" + self.address(self.elsewhere).encode()))


def run_measured(arguments, environment, out, err):
    with open(out, "wb") as output, open(err, "wb") as errors:
        process = subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


# What a process has taken counts for the program that it is replaced by. So podflattr's parent is a process that was made
# before the tables were, and is handed nothing large.
WORKER = ProcessPoolExecutor(1, multiprocessing.get_context("fork"))
WORKER.submit(os.getpid).result()


def podflattr(state, *arguments):
    """Runs it. Returns its exit status, what it said, and what it took: MiB of memory, seconds of the processor and in all."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, name) for name in ("out", "err")]
        status, memory, busy = WORKER.submit(run_measured, ["--state-dir", state, *arguments], dict(os.environ), *files).result()
        said = b"".join(pathlib.Path(file).read_bytes() for file in files)
    return status, said, (memory, busy, time.monotonic() - began)


def steers(said):
    """Whether bytes would steer a terminal that they are printed on."""
    return any(character in said.decode(errors="replace") for character in "\x1b\x07\u009b\u202e\u2028\0")


def measure(taken, limit):
    """What is wrong with what a run has taken. Sanitizers take their own."""
    memory, busy, seconds = taken
    wrong = []
    if memory > MEMORY_MIB and not os.environ.get("PF_SANITIZERS"):
        wrong.append(f"{memory:.0f} MiB of memory")
    if busy > BUSY_SECONDS and not os.environ.get("PF_SANITIZERS"):
        wrong.append(f"{busy:.1f} seconds of the processor")
    if seconds > limit:
        wrong.append(f"{seconds:.1f} seconds")
    return wrong


def report(server, what, results):
    """Prints what is wrong with the rows, whose results are (MiB of memory, faults), and a line on all; returns whether any is."""
    memory, faults = zip(*results)
    wrong = sum(faults, [])
    if server.strays:
        wrong.append(f"another host was connected to {server.strays} times")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{len(memory)} {what}, {len(wrong)} faults, {max(memory):.0f} MiB at the most")
    return bool(wrong)
