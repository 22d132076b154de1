#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures the service, in the present folder, for bench_daemon.sh. Prints a figure on each line, after its name.

bench_daemon.py latency FILES FEEDS ITEMS   files are finished one after the other: from each one's closing to its POST
bench_daemon.py cpu FILES FEEDS ITEMS       files are finished at once: computing time of the service, and of a shell pipeline
bench_daemon.py idle SECONDS                wake-ups while nothing happens, and memory
"""
import atexit
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

from loopback import Server

MEDIA = (b"\xff\xfb\x90\x64" + bytes(413)) * 10
LENGTH = 40000000  # bytes, as bench_known gives each enclosure
PODFLATTR = os.environ["PODFLATTR"]
STATE = pathlib.Path(os.environ["PODFLATTR_STATE_DIR"])
PATIENCE = 60

# What a user might write: one feed for each folder, named after it.
PIPELINE = r"""
inotifywait -q -m -r -e close_write --format %w%f "$PODS" | for ((i = 0; i < FILES; i++)); do
    IFS= read -r file
    folder=${file%/*}
    link=$(xmllint --xpath "string(//item[enclosure[contains(@url, '/${file##*/}')]]/*[@rel='payment']/@href)" "feeds/${folder##*/}.xml")
    curl -s -o /dev/null -H "Authorization: Bearer $PODFLATTR_TOKEN" --data-urlencode "url=$link" "$PODFLATTR_API/flattr"
done
"""


def write_file(path):
    """Returns when it was closed."""
    with open(path, "wb", buffering=0) as file:
        file.write(MEDIA)
        file.truncate(LENGTH)  # less than its feed says would be a piece of it
        closed = time.monotonic()
    return closed


def name_of(number, feeds, items):
    """An episode that bench_known has written, another one for each number up to feeds * items."""
    feed = number * 7919 % feeds
    return feed, f"cast{feed}-episode{number // feeds % items}.mp3"


def path_of(number, feeds, items):
    feed, name = name_of(number, feeds, items)
    return f"pods/Cast number {feed}/{name}"


class Service:
    """The service, watching a folder that it has looked through."""

    def __init__(self, server, folder, settings=""):
        os.makedirs(folder, exist_ok=True)
        pathlib.Path(os.environ["PODFLATTR_CONFIG"]).write_text(
            f"[watch]\nfolders = {os.path.abspath(folder)}\nsettle = 0s\n[policy]\nper-feed-per-day = 0\nper-payee-per-day = 0\n{settings}"
        )
        os.environ.update(PODFLATTR_API=server.api, PODFLATTR_TOKEN="a-token-for-measuring")
        self.log = open("daemon.log", "ab")
        self.process = subprocess.Popen([PODFLATTR, "daemon"], stdout=self.log, stderr=self.log)
        atexit.register(self.process.kill)  # also when a measurement fails
        wait_for("the service to begin", self.is_ready)

    def is_ready(self):
        if self.process.poll() is not None:
            sys.exit(f"the service has ended: {pathlib.Path('daemon.log').read_text()}")
        status = json.loads(subprocess.run([PODFLATTR, "-q", "status", "--format=json"], capture_output=True).stdout)
        folders = status["watch"].get("list", [])
        return status["daemon"]["pid"] == self.process.pid and all(folder["state"] == "watched" for folder in folders)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def read(self, name):
        return pathlib.Path(f"/proc/{self.process.pid}/{name}").read_text()

    def cpu_seconds(self):
        fields = self.read("stat").rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def count_wakeups(self):
        count = 0
        for thread in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # a thread that reads a file has ended
                count += int(re.search(r"(?m)^voluntary_ctxt_switches:\s*(\d+)", (thread / "status").read_text())[1])
        return count

    def private_kib(self, kind):
        return int(re.search(rf"(?m)^Private_{kind}:\s*(\d+) kB", self.read("smaps_rollup"))[1])


def wait_for(what, condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"waited for {what} in vain")
        time.sleep(0.02)


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def take_posts(server, count):
    for _ in range(count):
        server.posts.get(timeout=PATIENCE)


def latency(files, feeds, items):
    server = Server()
    # In a folder of its show, as most podcatchers have it: a name alone counts only when all feeds were asked lately.
    make_folders(files, feeds, items)
    service = Service(server, "pods")
    waits = []
    for number in range(files):
        closed = write_file(path_of(number, feeds, items))
        came, _ = server.posts.get(timeout=PATIENCE)
        waits.append((came - closed) * 1000)
    service.stop()
    print(f"median {percentile(waits, 50):.2f}\npercentile99 {percentile(waits, 99):.2f}\nworst {max(waits):.2f}")


def write_all(files, feeds, items):
    for number in range(files):
        write_file(path_of(number, feeds, items))


def make_folders(files, feeds, items):
    for number in range(files):
        os.makedirs(f"pods/Cast number {name_of(number, feeds, items)[0]}", exist_ok=True)


def cpu_of_service(server, files, feeds, items):
    make_folders(files, feeds, items)
    service = Service(server, "pods")
    before = service.cpu_seconds()
    write_all(files, feeds, items)
    take_posts(server, files)
    wait_for("the last answer", lambda: is_settled(files))
    used = service.cpu_seconds() - before
    service.stop()
    return used


def is_settled(files):
    status = json.loads(subprocess.run([PODFLATTR, "-q", "status", "--format=json"], capture_output=True).stdout)
    return status["queue"]["flattred"] >= files and status["queue"]["sending"] == 0


def write_feeds(files, feeds, items):
    """The same feeds as files, for the pipeline."""
    os.makedirs("feeds", exist_ok=True)
    for feed in {name_of(number, feeds, items)[0] for number in range(files)}:
        with open(f"feeds/Cast number {feed}.xml", "w", encoding="utf-8") as file:
            file.write(f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Cast number {feed}</title>')
            for item in range(items):
                file.write(
                    f'<item><title>Episode {item}</title><enclosure url="https://media.podcast{feed}.example/{item}/cast{feed}-episode{item}.mp3"'
                    f' type="audio/mpeg" length="4170"/><atom:link rel="payment" href="https://flattr.com/submit/auto?'
                    f'url=https%3A%2F%2Fpodcast{feed}.example%2F{item}&amp;user_id=ann"/></item>'
                )
            file.write("</channel></rss>")


def end_group(group):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def cpu_of_pipeline(server, files, feeds, items):
    shutil.rmtree("pods")
    make_folders(files, feeds, items)
    write_feeds(files, feeds, items)
    environment = dict(os.environ, PODS=os.path.abspath("pods"), FILES=str(files), PODFLATTR_API=server.api)
    process = subprocess.Popen(["bash", "-c", PIPELINE], env=environment, start_new_session=True)
    atexit.register(end_group, process.pid)
    child = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
    wait_for("the pipeline's watches", lambda: has_watches(child.read_text().split()))
    write_all(files, feeds, items)
    take_posts(server, files)
    # The loop has ended; inotifywait ends at the next event, which it can tell nobody.
    status = 0
    while status == 0:
        write_file("pods/end.mp3")
        time.sleep(0.05)
        status, _, usage = os.wait4(process.pid, os.WNOHANG)
    return usage.ru_utime + usage.ru_stime


def has_watches(pids):
    """inotifywait watches when it waits for events: all folders have their watch then."""
    # Threads and descriptors come and go while it starts.
    with contextlib.suppress(OSError):
        for pid in pids:
            for info in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir():
                if info.read_text().count("inotify wd:") > len(os.listdir("pods")):
                    return True
    return False


def cpu(files, feeds, items):
    server = Server()
    service = cpu_of_service(server, files, feeds, items)
    print(f"service {service / files * 1000:.3f}")
    if not (shutil.which("inotifywait") and shutil.which("xmllint") and shutil.which("curl")):
        return
    pipeline = cpu_of_pipeline(server, files, feeds, items)
    print(f"pipeline {pipeline / files * 1000:.3f}\nratio {pipeline / service:.1f}")


def idle(seconds):
    service = Service(Server(), "idle")
    # What the start has left to do is done once it has not woken for a second.
    before = -1
    while before != service.count_wakeups():
        before = service.count_wakeups()
        time.sleep(1)
    time.sleep(seconds)
    print(f"wakeups {service.count_wakeups() - before}")
    for kind in "Dirty", "Clean":
        print(f"{kind.lower()} {service.private_kib(kind) / 1024:.1f}")
    service.stop()


if __name__ == "__main__":
    {"latency": latency, "cpu": cpu, "idle": idle}[sys.argv[1]](*map(int, sys.argv[2:]))
