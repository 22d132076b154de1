#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures how feeds are read and fetched, in the present folder, for bench_feeds.sh. Prints a figure on each line, after
its name.

bench_feeds.py parse MEGABYTES       a big feed of items of 2.6 KB, beside xmllint --sax and Python's podcastparser: rate,
                                     ratios of computing time, memory; and where HTML must be searched, and where not
bench_feeds.py fetch FEEDS           feeds of 20 KB over loopback, beside curl --parallel --parallel-max 16
bench_feeds.py refresh FEEDS         the same by the service, from a server that answers in 50 ms, and once more when they are
                                     due again: how many are unchanged
"""
import contextlib
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import time

from bench_daemon import PODFLATTR, STATE, Service, wait_for
from loopback import Server

PAIRS = 5
FETCHED_PAIRS = 15  # of elapsed time, which other programs spoil too: more of them
ROUND = 3600  # seconds; no round takes so long

ITEM = """<item><title>Episode {0}: what became of the thing &amp; the others</title>
<link>https://show.example/{0}</link><guid isPermaLink="false">tag:show.example,2026:{0}</guid>
<pubDate>Tue, 03 Jun 2014 12:00:00 +0000</pubDate>
<enclosure url="https://media.show.example/show-ep{0}.mp3" type="audio/mpeg" length="41700000"/>
{2}<itunes:duration>01:12:13</itunes:duration><itunes:author>The makers</itunes:author>
<description><![CDATA[<p>In this episode we talk about <a href="https://example.org/{0}">a thing</a>, and about much else
that came to our minds. {1}</p>]]></description></item>
"""


LINK = """<atom:link rel="payment" href="https://flattr.com/submit/auto?user_id=maker&amp;url=https%3A%2F%2Fshow.example%2F{0}"/>
"""
FLATTR = '<a href="https://flattr.com/submit/auto?user_id=maker&url=https%3A%2F%2Fshow.example%2F">Flattr us</a>'

# Reads a feed as podcatchers that are written in Python do.
PODCASTPARSER = "import podcastparser, sys; podcastparser.parse('https://show.example/feed', open(sys.argv[1], 'rb'))"


def write_feed(path, size, link=LINK, html=""):
    """Items of about 2.6 KB, three quarters of which are shownotes. link: of each item; html: what its shownotes end with."""
    notes = "We thank all who have listened to us, and those who wrote. <br/>" * 30 + html
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
            ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>Show</title>\n'
        )
        number = 0
        while file.tell() < size - 3000:
            number += 1
            file.write(ITEM.format(number, notes, link.format(number)))
        file.write("</channel></rss>\n")


def run(*arguments):
    """Returns its seconds and its computing time in seconds. Its output goes nowhere."""
    with open(os.devnull, "wb") as nowhere:
        start = time.monotonic()
        process = subprocess.Popen(arguments, stdout=nowhere)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
    if status != 0:
        sys.exit(f"{arguments[0]} has failed: {status}")
    return seconds, usage.ru_utime + usage.ru_stime


def median(values):
    return sorted(values)[len(values) // 2]


def find_podcastparser():
    """Returns the Python that has it, or None: a distribution's package is for its own."""
    for python in (sys.executable, "/usr/bin/python3"):
        if not subprocess.run([python, "-c", "import podcastparser"], stderr=subprocess.DEVNULL, check=False).returncode:
            return python
    return None


def compare(ours, peer):
    """Returns how much of the peer's computing time ours takes: a machine that does something else as well does not
    count. Each pair runs one right after the other."""
    return median([run(*ours)[1] / run(*peer)[1] for _ in range(PAIRS)])


def measure_memory(*arguments):
    """Returns a program's peak memory in KiB. A small process is between, whose own is less: a child begins with its
    parent's figure."""
    between = "import os, sys\nchild = os.fork() or os.execv(sys.argv[1], sys.argv[1:])\nprint(os.wait4(child, 0)[2].ru_maxrss, file=sys.stderr)"
    command = [sys.executable, "-I", "-S", "-c", between, *arguments]
    return int(subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True).stderr)


def scan(path):
    return (PODFLATTR, "-q", "scan", path)


def parse(megabytes):
    size = megabytes << 20
    write_feed("big.xml", size)
    write_feed("linked.xml", size, html=FLATTR)
    write_feed("searched.xml", size, link="", html=FLATTR)
    used = [run(*scan("big.xml"))[1] for _ in range(PAIRS)]
    write_feed("small.xml", 10000)
    grown = measure_memory(*scan("big.xml")) - measure_memory(*scan("small.xml"))
    print(f"rate {megabytes / median(used):.0f}\nmemory {grown / 1024:.1f}")
    print(f"linked {compare(scan('linked.xml'), scan('big.xml')):.2f}")
    print(f"searched {compare(scan('searched.xml'), scan('big.xml')):.2f}")
    xmllint = shutil.which("xmllint")
    if xmllint:
        print(f"xmllint {compare(scan('big.xml'), (xmllint, '--sax', '--noout', 'big.xml')):.2f}")
    python = find_podcastparser()
    if python:
        print(f"podcastparser {compare(scan('big.xml'), (python, '-c', PODCASTPARSER, 'big.xml')):.3f}")


def fetch(feeds):
    server = serve(0)
    addresses = list_feeds(server, feeds)
    # For curl, each as the user would name it; what it downloads goes nowhere.
    pathlib.Path("curl.conf").write_text("".join(f'url = "{one}"\noutput = "/dev/null"\n' for one in addresses))
    ratios = []
    for _ in range(FETCHED_PAIRS):
        ours = run(PODFLATTR, "-q", "scan", *addresses)
        curl = run("curl", "-s", "-S", "--parallel", "--parallel-max", "16", "-K", "curl.conf")
        ratios.append(ours[0] / curl[0])
    if len(server.statuses) != 2 * FETCHED_PAIRS * feeds:
        sys.exit(f"the server was asked {len(server.statuses)} times")
    print(f"seconds {ours[0]:.1f}\ncurl {curl[0]:.1f}\nratio {median(ratios):.2f}")


def serve(wait):
    write_feed("small.xml", 20000)
    return Server(feed=pathlib.Path("small.xml").read_bytes(), wait=wait)


def list_feeds(server, feeds):
    """Each of a host of its own: of one host, only two are fetched at once."""
    return [f"http://127.1.{i // 250}.{i % 250 + 1}:{server.port}/{i}.xml" for i in range(feeds)]


def count_fetched(offset):
    """How many feeds have answered in this round."""
    query = "SELECT count(*) FROM feed WHERE fetched >= ?"
    with contextlib.closing(sqlite3.connect(STATE / "feeds.db")) as store:
        return store.execute(query, (int(time.time()) + offset - ROUND,)).fetchone()[0]


def refresh(feeds):
    server = serve(0.05)
    settings = "[feeds]\nsubscriptions = " + ";".join(list_feeds(server, feeds)) + "\n"
    for clock in (0, 2 * 86400):
        os.environ["PODFLATTR_CLOCK_OFFSET"] = str(clock)
        before = len(server.statuses)
        service = Service(server, "pods", settings)
        wait_for("all feeds", lambda: len(server.statuses) >= before + feeds)
        wait_for("the last to be written", lambda: count_fetched(clock) == feeds)
        service.stop()
        times = server.times[before : before + feeds]
        name = "second" if clock else "first"
        print(f"{name} {times[-1][1] - times[0][0]:.1f}")
    print(f"unchanged {server.statuses[feeds : 2 * feeds].count(304)}")


if __name__ == "__main__":
    {"parse": parse, "fetch": fetch, "refresh": refresh}[sys.argv[1]](int(sys.argv[2]))
