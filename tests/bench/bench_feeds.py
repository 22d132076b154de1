#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures how feeds are read and fetched, in the present folder, for bench_feeds.sh. Prints a figure on each line, after
its name.

bench_feeds.py parse MEGABYTES       a big feed, beside xmllint --sax: rate, ratio, memory
bench_feeds.py fetch FEEDS           feeds of 20 KB from a server that answers in 50 ms, beside xargs -P 16 curl
bench_feeds.py refresh FEEDS         the same by the service, and once more when they are due again: how many are unchanged
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

PAIRS = 3
ROUND = 3600  # seconds; no round takes so long

ITEM = """<item><title>Episode {0}: what became of the thing &amp; the others</title>
<link>https://show.example/{0}</link><guid isPermaLink="false">tag:show.example,2026:{0}</guid>
<pubDate>Tue, 03 Jun 2014 12:00:00 +0000</pubDate>
<enclosure url="https://media.show.example/show-ep{0}.mp3" type="audio/mpeg" length="41700000"/>
<atom:link rel="payment" href="https://flattr.com/submit/auto?user_id=maker&amp;url=https%3A%2F%2Fshow.example%2F{0}"/>
<itunes:duration>01:12:13</itunes:duration><itunes:author>The makers</itunes:author>
<description><![CDATA[<p>In this episode we talk about <a href="https://example.org/{0}">a thing</a>, and about much else
that came to our minds. {1}</p>]]></description></item>
"""


def write_feed(path, size):
    """Items of about 3 KB, two thirds of which are shownotes."""
    notes = "We thank all who have listened to us, and those who wrote. <br/>" * 30
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
            ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>Show</title>\n'
        )
        number = 0
        while file.tell() < size - 3000:
            number += 1
            file.write(ITEM.format(number, notes))
        file.write("</channel></rss>\n")


def run(*arguments):
    """Returns its seconds, computing time in seconds, and peak memory in KiB. Its output goes nowhere."""
    with open(os.devnull, "wb") as nowhere:
        start = time.monotonic()
        process = subprocess.Popen(arguments, stdout=nowhere)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
    if status != 0:
        sys.exit(f"{arguments[0]} has failed: {status}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def median(values):
    return sorted(values)[len(values) // 2]


def parse(megabytes):
    write_feed("big.xml", megabytes << 20)
    ours = [run(PODFLATTR, "-q", "scan", "big.xml")]
    xmllint = shutil.which("xmllint")
    ratios = []
    for _ in range(PAIRS):
        ours.append(run(PODFLATTR, "-q", "scan", "big.xml"))
        # Computing time: both have one thread, and a machine that does something else as well does not count.
        if xmllint:
            ratios.append(run(xmllint, "--sax", "--noout", "big.xml")[1] / ours[-1][1])
    print(f"rate {megabytes / median([used[1] for used in ours]):.0f}\nmemory {max(used[2] for used in ours) / 1024:.1f}")
    if xmllint:
        print(f"ratio {median(ratios):.2f}")


def fetch(feeds):
    server = serve()
    addresses = list_feeds(server, feeds)
    pathlib.Path("addresses").write_text("\n".join(addresses) + "\n")
    ratios = []
    for _ in range(PAIRS):
        ours = run(PODFLATTR, "-q", "scan", *addresses)[0]
        curl = run("sh", "-c", "xargs -P 16 -n 1 curl -s -S -o /dev/null <addresses")[0]
        ratios.append(curl / ours)
    if len(server.statuses) != 2 * PAIRS * feeds:
        sys.exit(f"the server was asked {len(server.statuses)} times")
    print(f"seconds {ours:.1f}\ncurl {curl:.1f}\nratio {median(ratios):.2f}")


def serve():
    write_feed("small.xml", 20000)
    return Server(feed=pathlib.Path("small.xml").read_bytes(), wait=0.05)


def list_feeds(server, feeds):
    """Each of a host of its own: of one host, only two are fetched at once."""
    return [f"http://127.1.{i // 250}.{i % 250 + 1}:{server.port}/{i}.xml" for i in range(feeds)]


def count_fetched(offset):
    """How many feeds have answered in this round."""
    query = "SELECT count(*) FROM feed WHERE fetched >= ?"
    with contextlib.closing(sqlite3.connect(STATE / "feeds.db")) as store:
        return store.execute(query, (int(time.time()) + offset - ROUND,)).fetchone()[0]


def refresh(feeds):
    server = serve()
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
