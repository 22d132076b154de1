#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""power_loss.py LOG FOLDER IMAGES SEED: what a loss of power would have left of a state folder.

LOG is what faults.c has recorded in FOLDER, with lines "mark" in between that say what had been promised by then. Cuts
the power at IMAGES moments drawn by lot. What was flushed is there; of what was not, any sectors of a file, and the
first so many of the names that were made, changed or removed in a folder. Reads each image with $PODFLATTR: everything
that was promised is in it, and nothing that went to the server still looks as if it had not.
"""
import json
import os
import random
import shutil
import subprocess
import sys

SECTOR = 512


def read_log(path):
    with open(path, "rb") as file:
        while head := file.readline():
            name, offset, size, first, second = head.decode().rstrip("\n").split("\t")
            yield name, int(offset), first, second, file.read(int(size))


class File:
    """The bytes of a file on the disk, and the changes that may not be there yet."""

    def __init__(self):
        self.durable = bytearray()
        self.pending = []

    def flush(self):
        for change in self.pending:
            self.apply(*change)
        self.pending = []

    def apply(self, name, offset, data):
        length = offset + len(data)
        self.durable.extend(bytes(max(0, length - len(self.durable))))
        if name == "truncate":
            del self.durable[offset:]
        else:
            self.durable[offset:length] = data

    def lose(self, lot):
        """A copy as the disk would have it."""
        left = File()
        left.durable = bytearray(self.durable)
        for name, offset, data in self.pending:
            if name == "truncate":
                if lot.random() < 0.5:
                    left.apply(name, offset, data)
                continue
            while data:
                part = SECTOR - offset % SECTOR
                if lot.random() < 0.5:
                    left.apply(name, offset, data[:part])
                offset, data = offset + part, data[part:]
        return bytes(left.durable)


class Disk:
    def __init__(self):
        self.names = {}  # as programs see them, to their files
        self.durable = {}  # as they are on the disk
        self.pending = []

    def change(self, name, offset, path, other, data):
        if name == "create" and path not in self.names:
            self.names[path] = File()
            self.pending.append((path, self.names[path]))
        elif name in ("write", "truncate") and path in self.names:
            self.names[path].pending.append((name, offset, data))
        elif name == "rename" and path in self.names:
            self.names[other] = self.names.pop(path)
            self.pending.append((other, self.names[other], path))
        elif name == "unlink" and self.names.pop(path, None):
            self.pending.append((path, None))
        elif name == "flush" and path in self.names:
            self.names[path].flush()
        elif name == "flush":
            for change in [change for change in self.pending if os.path.dirname(change[0]) == path]:
                self.put(self.durable, *change)
                self.pending.remove(change)

    @staticmethod
    def put(names, path, file, former=None):
        names.pop(former, None)
        if file:
            names[path] = file
        else:
            names.pop(path, None)

    def write_image(self, folder, target, lot):
        names = dict(self.durable)
        for change in self.pending[: lot.randint(0, len(self.pending))]:
            self.put(names, *change)
        for path, file in names.items():
            if path.endswith("-shm"):  # in memory alone, and made again
                continue
            place = os.path.join(target, os.path.relpath(path, folder))
            os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
            with open(place, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as image:
                image.write(file.lose(lot))


def check(image, promised, sent):
    """Returns what is wrong with an image."""
    result = subprocess.run(
        [os.environ["PODFLATTR"], "--state-dir", image, "queue", "export"], capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        return f"exit status {result.returncode}: {result.stderr}"
    entries = {entry["url"]: entry for entry in map(json.loads, result.stdout.splitlines())}
    for url, state in promised.items():
        if url not in entries:
            return f"{url} is lost"
        if state and entries[url]["state"] != state:
            return f"{url} was {state} and is {entries[url]['state']}"
    for url in sent:
        if entries[url]["state"] in ("queued", "held") and not entries[url]["doubt"]:
            return f"{url} went to the server, and nothing says so"
    return None


def cut(operations, folder, moment, target, lot):
    disk = Disk()
    promised = {}
    sent = set()
    for operation in operations[:moment]:
        name, _, first, second, data = operation
        if name == "mark":
            promised[first] = second
        elif name == "send":
            sent.update(url for url in promised if url.encode() in data)
        else:
            disk.change(*operation)
    os.makedirs(target, mode=0o700)
    disk.write_image(folder, target, lot)
    return check(target, promised, sent), len(promised), len(sent)


def main():
    log, folder, images, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    operations = list(read_log(log))
    lot = random.Random(seed)
    most = [0, 0]
    for number in range(images):
        target = f"{folder}.image"
        moment = lot.randint(1, len(operations)) if number else len(operations)
        fault, promised, sent = cut(operations, folder, moment, target, lot)
        most = [max(most[0], promised), max(most[1], sent)]
        if fault:
            sys.exit(f"image {number} of seed {seed}, cut after operation {moment}: {fault} ({target})")
        shutil.rmtree(target)
    print(f"{images} images of {len(operations)} operations, up to {most[0]} promises, {most[1]} requests")


main()
