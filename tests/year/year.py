#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A year of a listener's life, and nobody looks after podflattr: feeds that appear, change, fail and move, a podcatcher that
downloads, a server that goes wrong, a machine that sleeps, dies and has a wrong clock. The real service lives through it on a
clock that is moved on whenever all have come to rest; what it should have paid is kept in a ledger of this program's own, and
compared at the end.

usage: year.py [--days N] [--feeds N] [--seed N] [--step MINUTES] [--folder DIR] [--keep]
"""
import argparse
import asyncio
import collections
import hashlib
import heapq
import itertools
import json
import mmap
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
from email.utils import formatdate

HOUR, DAY = 3600, 86400
REFRESH = 6 * HOUR
START = 1804636800  # 2027-03-10 00:00:00 UTC
LISTED = 30  # episodes that a feed lists
QUIET = 9 * DAY  # at the end nothing goes wrong: longer than a file is looked for
# Requests a day, see doc/requests.md.
FEED_HURRIED, FEED_FAILING, ENTRY_SENT, SERVER_ASKED = 12, 9, 20, 100
SILENCE = (b"\xff\xfb\x90\x64" + bytes(413))


class Clock:
    """The clock of all programs: a file that they map. Time passes when they have nothing to do."""

    def __init__(self, path):
        path.write_bytes(struct.pack("=q", START))
        with open(path, "r+b") as file:
            self.place = mmap.mmap(file.fileno(), 8)
        self.path = path

    def now(self):
        return struct.unpack("=q", self.place)[0]

    def set(self, moment):
        self.place[:] = struct.pack("=q", int(moment))

    def environment(self, error):
        return {"PODFLATTR_CLOCK_FILE": str(self.path), "PODFLATTR_CLOCK_OFFSET": str(error)}


def month(moment):
    return time.strftime("%Y-%m", time.gmtime(moment))


class Episode:
    """What is published once, whatever its feed says of it later."""

    def __init__(self, show, number, published):
        self.show, self.number, self.published = show, number, published
        self.title = f"{show.name}: part {number} of all"
        self.file = f"show{show.index:03}-ep{number}.mp3"
        self.frames = 10 + (show.index * 7 + number * 3) % 40
        self.downloaded = []  # when


class Show:
    def __init__(self, index, kind, every, host):
        self.index, self.kind, self.every, self.host = index, kind, every, host
        self.name = f"Show number {index}"
        self.episodes = []
        self.house = 1  # of whom GUIDs and pages are; the next one after a migration
        self.trouble = None  # what its server does instead of answering
        self.asked = []  # when podflattr asked for it
        self.troubles = 0
        self.version = 0

    def page(self, episode):
        return f"https://house{self.house}.example/{self.index}/{episode.number}"

    def link(self, page):
        return "https://flattr.com/submit/auto?user_id=maker%d&amp;url=%s" % (self.index, urllib.parse.quote(page, safe=""))

    def channel_page(self):
        return f"https://show{self.index}.example/"

    def item(self, episode, base):
        page = self.page(episode)
        link = f'<atom:link rel="payment" href="{self.link(page)}"/>' if self.kind == "item" else ""
        guid = f"tag:house{self.house}:{self.index}:{episode.number}"
        return (f'<item><title>{episode.title}</title><guid isPermaLink="false">{guid}</guid><link>{page}</link>'
                f"<pubDate>{formatdate(episode.published)}</pubDate>"
                f'<enclosure url="{base}/media/{episode.file}" type="audio/mpeg" length="{episode.frames * len(SILENCE)}"/>'
                f"{link}</item>")

    def document(self, base):
        channel = f'<atom:link rel="payment" href="{self.link(self.channel_page())}"/>' if self.kind == "channel" else ""
        items = "".join(self.item(episode, base) for episode in reversed(self.episodes[-LISTED:]))
        return (f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>{self.name}</title>'
                f"{channel}{items}</channel></rss>").encode()


class Server:
    """Flattr's API, as far as podflattr asks it, and what was accepted: the ledger of what was really paid."""

    def __init__(self, world):
        self.world = world
        self.tokens = {"token-1"}
        self.means = True
        self.trouble = None
        self.flattrs = []  # (when, thing)
        self.asked = collections.Counter()
        self.days = collections.Counter()  # how often it was asked on each
        self.sent = collections.Counter()  # how often a link was sent, by day

    def accept(self, link):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)
        thing, now = query["url"][0], self.world.clock.now()
        if any(was == thing and month(when) == month(now) for when, was in self.flattrs):
            return 403, {"error": "flattr_once", "error_description": "You have already flattred this thing"}
        if not self.means:
            return 401, {"error": "no_means", "error_description": "You don't have any money to flattr with"}
        self.flattrs.append((now, thing))
        return 200, {"message": "ok", "description": "Thing was successfully flattred", "thing": self.thing(thing)}

    @staticmethod
    def thing(url):
        number = int(hashlib.sha256(url.encode()).hexdigest()[:8], 16) + 1
        return {"type": "thing", "resource": f"http://127.0.0.1/rest/v2/things/{number}", "link": f"https://flattr.com/t/{number}",
                "id": number, "url": url, "title": url, "image": "", "flattrs": 1}

    def user(self):
        return {"type": "user", "resource": "http://127.0.0.1/rest/v2/users/listener", "link": "https://flattr.com/profile/listener",
                "username": "listener"}

    def page(self, query):
        count, number = int(query.get("count", ["30"])[0]), int(query.get("page", ["1"])[0])
        newest = self.flattrs[::-1][(number - 1) * count:number * count]
        return [{"type": "flattr", "thing": self.thing(thing), "owner": self.user(), "created_at": int(when)}
                for when, thing in newest]

    def answer(self, method, target, headers, body):
        """Returns status, JSON, and how the answer gets lost, if it does."""
        url = urllib.parse.urlsplit(target)
        path = url.path.removeprefix("/rest/v2")
        self.asked[f"{method} {path}"] += 1
        self.days[int(self.world.clock.now()) // DAY] += 1
        if (method, path) == ("POST", "/flattr"):
            self.sent[json.loads(body)["url"], int(self.world.clock.now()) // DAY] += 1
        trouble = self.world.random.choice(self.trouble) if self.trouble else None
        if trouble in ("reset", "proxy"):
            return 0, None, trouble
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return 401, {"error": "unauthorized", "error_description": "The token is unknown"}, None
        if (method, path) == ("POST", "/flattr"):
            return *self.accept(json.loads(body)["url"]), trouble
        if path == "/user":
            return 200, self.user(), trouble
        if path == "/user/flattrs":
            return 200, self.page(urllib.parse.parse_qs(url.query)), trouble
        return 404, {"error": "not_found", "error_description": path}, trouble


class World:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.began = time.monotonic()
        self.end = START + options.days * DAY
        self.folder = pathlib.Path(options.folder)
        self.pods = self.folder / "pods"
        self.prepare()
        self.clock = Clock(self.folder / "state" / "clock")  # which a service that has confined itself may read
        self.server = Server(self)
        self.shows = []
        self.plan = []  # a heap of (when, number, what)
        self.numbers = itertools.count()
        self.daemon = None
        self.token = 1
        self.wrong = 0  # by how much the machine's clock is wrong, seconds
        self.on = False
        self.served = 0  # requests that began or ended, or are being answered
        self.memory = []  # (when, private kilobytes) of the present run
        self.awake = []  # [from, to]
        self.troubles = []  # [from, to] of what keeps payments from being made
        self.strays = set()
        self.cpu = 0
        self.restarts = collections.Counter()

    def at(self, when, what):
        heapq.heappush(self.plan, (when, next(self.numbers), what))

    # --- the machine ---

    def environment(self):
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder / "home"), "TZ": "UTC", "LC_ALL": "C.UTF-8",
                "PODFLATTR_STATE_DIR": str(self.folder / "state"), "PODFLATTR_CONFIG": str(self.folder / "podflattr.conf"),
                "PODFLATTR_API": f"http://127.0.0.1:{self.port}/rest/v2", "PODFLATTR_TOKEN": f"token-{self.token}",
                **{name: os.environ[name] for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ},
                **self.clock.environment(self.wrong)}

    def command(self, *arguments):
        return subprocess.run([os.environ["PODFLATTR"], *arguments], env=self.environment(), capture_output=True, text=True,
                              check=False)

    def start(self):
        self.log = open(self.folder / "daemon.log", "ab")
        self.daemon = subprocess.Popen([os.environ["PODFLATTR"], "daemon"], env=self.environment(), stdout=self.log,
                                       stderr=self.log, stdin=subprocess.DEVNULL)
        self.awake.append([self.clock.now(), None])
        self.on = True
        self.memory = []

    async def stop(self, how):
        """Ends the service; SIGTERM has to be obeyed."""
        self.on = False
        if not self.daemon:
            return
        self.daemon.send_signal(how)
        self.daemon.send_signal(signal.SIGCONT)
        while (ended := os.wait4(self.daemon.pid, os.WNOHANG))[0] == 0:
            await asyncio.sleep(0.01)
        status = os.waitstatus_to_exitcode(ended[1])
        self.daemon.returncode = status
        self.cpu += ended[2].ru_utime + ended[2].ru_stime
        self.daemon = None
        self.log.close()
        self.awake[-1][1] = self.clock.now()
        self.restarts[how.name] += 1
        # Before its main loop runs, SIGTERM ends it as it ends any program.
        if status not in ((0, -how) if how == signal.SIGTERM else (-how,)):
            sys.exit(f"the service ended with {status} after {how.name}; see {self.folder}/daemon.log")

    async def turn_off(self, how, seconds):
        await self.stop(how)
        self.at(self.clock.now() + seconds, self.turn_on)

    async def turn_on(self):
        if not self.daemon:
            self.start()

    async def sleep(self, seconds):
        if self.on:
            self.on = False
            self.daemon.send_signal(signal.SIGSTOP)
            self.awake[-1][1] = self.clock.now()
            self.at(self.clock.now() + seconds, self.wake)

    async def wake(self):
        if self.daemon and not self.on:
            self.daemon.send_signal(signal.SIGCONT)
            self.awake.append([self.clock.now(), None])
            self.on = True

    async def restart(self, how, wrong=0, token=None):
        if not self.on:
            return
        await self.stop(how)
        self.wrong = wrong
        self.token = token or self.token
        self.start()

    async def measure(self):
        if self.on:
            if self.daemon.poll() is not None:
                sys.exit(f"the service has ended by itself; see {self.folder}/daemon.log")
            text = pathlib.Path(f"/proc/{self.daemon.pid}/smaps_rollup").read_text()
            self.memory.append(sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_")))
        self.at(self.clock.now() + DAY, self.measure)

    # --- shows ---

    def add_show(self, index):
        kind = self.random.choices(("item", "channel", "none"), (8, 1, 1))[0]
        show = Show(index, kind, self.random.choice((1, 2, 7, 7, 7, 14)) * DAY, f"127.0.1.{index % 40 + 1}")
        for number in range(1, 6):
            show.episodes.append(Episode(show, number, int(self.clock.now()) - (6 - number) * show.every))
        self.shows.append(show)
        self.at(self.clock.now() + self.random.random() * show.every, lambda: self.publish(show))
        return show

    def base(self, show):
        return f"http://{show.host}:{self.port}"

    async def publish(self, show):
        now = self.clock.now()
        if now < self.end - QUIET / 2:
            episode = Episode(show, show.episodes[-1].number + 1, int(now))
            show.episodes.append(episode)
            show.version += 1
            if self.random.random() < 0.9:
                self.at(now + self.random.random() * DAY, lambda: self.download(episode))
        self.at(now + show.every * (0.7 + 0.6 * self.random.random()), lambda: self.publish(show))

    async def appear(self):
        self.add_show(len(self.shows))
        self.subscribe()

    async def migrate(self, show):
        """Another host: other GUIDs and pages, the same episodes. The podcatcher loads the newest ones again."""
        show.house += 1
        show.version += 1
        for episode in show.episodes[-3:]:
            if episode.downloaded:
                self.at(self.clock.now() + self.random.random() * DAY, lambda episode=episode: self.download(episode))

    def subscribe(self):
        """The list is replaced as a whole, as podcatchers do."""
        outlines = "".join(f'<outline type="rss" text="{show.name}" xmlUrl="{self.base(show)}/{show.index}.xml"/>'
                           for show in self.shows)
        new = self.folder / "feeds.opml.new"
        new.write_text(f'<opml version="2.0"><head/><body>{outlines}</body></opml>')
        new.rename(self.folder / "feeds.opml")

    # --- the podcatcher ---

    def write(self, path, content):
        path.parent.mkdir(exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_bytes(content)
        part.rename(path)

    async def download(self, episode):
        """Another day when the machine is off, or the feed cannot be had."""
        show = episode.show
        if not self.on or show.trouble not in (None, "403"):
            self.at(self.clock.now() + 6 * HOUR * self.random.random(), lambda: self.download(episode))
            return
        path = self.pods / show.name / episode.file
        self.write(path, SILENCE * episode.frames)
        episode.downloaded.append(self.clock.now())
        self.at(self.clock.now() + 45 * DAY, lambda: self.delete(path))
        if self.random.random() < 0.1:
            process = await asyncio.create_subprocess_exec(
                os.environ["PODFLATTR"], "hook", "--feed", f"{self.base(show)}/{show.index}.xml", "--enclosure",
                f"{self.base(show)}/media/{episode.file}", str(path), env=self.environment())
            if await process.wait() != 0:
                sys.exit("a hook failed")

    async def delete(self, path):
        """What was heard goes. (By its times a file is of today, whatever the clock of this world says.)"""
        path.unlink(missing_ok=True)

    async def stray(self):
        if not self.on:
            self.at(self.clock.now() + 6 * HOUR, self.stray)
            return
        path = self.pods / "memos" / f"Voice memo {len(self.strays) + 1}.mp3"
        self.write(path, SILENCE * 12)
        self.strays.add(str(path))

    # --- what goes wrong ---

    def during(self, seconds):
        self.troubles.append([self.clock.now(), self.clock.now() + seconds])

    async def outage(self, kinds, seconds):
        self.server.trouble = kinds
        self.during(seconds)
        self.at(self.clock.now() + seconds, self.mended)

    async def mended(self):
        self.server.trouble = None

    async def poor(self, seconds):
        self.server.means = False
        self.during(seconds)
        self.at(self.clock.now() + seconds, self.rich)

    async def rich(self):
        self.server.means = True

    async def revoke(self, seconds):
        new = max(int(token.split("-")[1]) for token in self.server.tokens) + 1
        self.server.tokens = {f"token-{new}"}
        self.during(seconds)
        self.at(self.clock.now() + seconds, lambda: self.log_in(new))

    async def log_in(self, token):
        if self.on:
            await self.restart(signal.SIGTERM, token=token)
        else:
            self.token = token

    async def feed_trouble(self, show, kind, seconds):
        show.trouble = kind
        show.troubles += 1
        self.at(min(self.clock.now() + seconds, self.end - QUIET), lambda: self.feed_mended(show))

    async def feed_mended(self, show):
        show.trouble = None

    async def wrong_clock(self, by, seconds):
        if self.on:
            self.during(seconds)
            await self.restart(signal.SIGKILL, wrong=by)
            self.at(self.clock.now() + seconds, self.right_clock)

    async def right_clock(self):
        if self.wrong and self.on:
            await self.restart(signal.SIGTERM)
        self.wrong = 0

    async def holiday(self, seconds):
        self.during(seconds)
        await self.turn_off(signal.SIGTERM, seconds)

    def draw(self):
        """Draws by lot what happens in all that time; before the end there is quiet."""
        draw, last = self.random, self.end - QUIET
        pace = min(1, (self.options.days - 9) / 60)  # all of it is to happen in a fortnight, too

        def often(every, what):
            when = START + DAY * draw.random()
            every *= pace if every > 5 * DAY else 1
            while (when := when + every * (0.5 + draw.random())) < last:
                self.at(when, what())

        kinds = (["reset"], ["proxy"], ["lost", None], ["cut", "reset", None], ["lost", "proxy", None, None])
        often(9 * DAY, lambda: (lambda kind=draw.choice(kinds), long=DAY * 2 * max(pace, 0.2) * draw.random(): self.outage(kind, long)))
        often(35 * DAY, lambda: (lambda long=DAY * 5 * max(pace, 0.2) * draw.random(): self.poor(long)))
        often(60 * DAY, lambda: (lambda long=DAY * 3 * max(pace, 0.2) * draw.random(): self.revoke(long)))
        often(2 * DAY, lambda: (lambda long=DAY * 0.6 * draw.random(): self.sleep(long)))
        often(6 * DAY, lambda: (lambda: self.restart(signal.SIGKILL)))
        often(15 * DAY, lambda: (lambda long=DAY * draw.random(): self.turn_off(signal.SIGTERM, long)))
        often(120 * DAY, lambda: (lambda: self.holiday(9 * DAY * pace)))
        often(50 * DAY, lambda: (lambda by=draw.choice((30 * DAY, 3 * DAY, -DAY, -START)): self.wrong_clock(by, DAY * 0.6)))
        often(20 * DAY, lambda: self.stray)
        often(30 * DAY, lambda: self.appear)
        often(5 * DAY, lambda: (lambda show=draw.choice(self.shows), kind=draw.choice(("503", "reset", "hotel", "404")),
                                long=6 * DAY * pace * draw.random(): self.feed_trouble(show, kind, long)))
        often(60 * DAY, lambda: (lambda show=draw.choice(self.shows): self.feed_trouble(show, "410", 20 * DAY * pace)))
        # A server that refuses podflattr alone: files come, and what they are cannot be known for longer than a week.
        often(30 * DAY, lambda: (lambda show=draw.choice(self.shows): self.feed_trouble(show, "403", 12 * DAY * pace)))
        movable = [show for show in self.shows if show.kind == "item"]
        often(20 * DAY, lambda: (lambda show=draw.choice(movable): self.migrate(show)))

    # --- the web ---

    async def serve(self, reader, writer):
        try:
            while await self.serve_one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        writer.close()

    async def serve_one(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        self.served += 1
        method, target, _ = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if target.startswith("/rest/"):
            status, value, lost = self.server.answer(method, target, headers, body)
            return self.reply_api(writer, status, value, lost)
        return self.reply_feed(writer, self.shows[int(target.strip("/").removesuffix(".xml"))], headers)

    def send(self, writer, status, kind, body, *extra):
        lines = [f"HTTP/1.1 {status} -", f"Date: {formatdate(self.clock.now(), usegmt=True)}", f"Content-Type: {kind}",
                 f"Content-Length: {len(body)}", *extra]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return True

    def reply_api(self, writer, status, value, lost):
        if lost in ("reset", "lost"):
            writer.transport.abort()
            return False
        if lost == "proxy":
            return self.send(writer, 503, "text/html", b"<html><body>Bad gateway</body></html>")
        body = json.dumps(value).encode()
        if lost == "cut":
            writer.write(f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() +
                         body[:len(body) // 2])
            return False
        return self.send(writer, status, "application/json;charset=utf-8", body)

    def reply_feed(self, writer, show, headers):
        show.asked.append(self.clock.now())
        if show.trouble == "reset":
            writer.transport.abort()
            return False
        if show.trouble == "hotel":
            return self.send(writer, 200, "text/html", b"<html><head><title>Hotel</title></head><body>Log in</body></html>")
        if show.trouble:
            return self.send(writer, int(show.trouble), "text/html", b"<html><body>no</body></html>")
        tag = f'ETag: "{show.version}"'
        if headers.get("if-none-match") == f'"{show.version}"':
            return self.send(writer, 304, "application/rss+xml", b"", tag)
        return self.send(writer, 200, "application/rss+xml", show.document(self.base(show)), tag)

    # --- the whole ---

    def prepare(self):
        for name in ("home", "pods", "state"):
            (self.folder / name).mkdir()
        (self.folder / "state").chmod(0o700)
        (self.folder / "podflattr.conf").write_text(
            f"[watch]\nfolders = {self.pods}\nsettle = 0s\n[feeds]\nsubscriptions = {self.folder}/feeds.opml\n"
            f"refresh = {REFRESH}s\n[policy]\nper-feed-per-day = 0\nper-payee-per-day = 0\n")

    async def listen(self):
        first = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = first.sockets[0].getsockname()[1]
        return [first] + [await asyncio.start_server(self.serve, f"127.0.1.{n}", self.port) for n in range(1, 41)]

    async def live(self):
        servers = await self.listen()
        for index in range(self.options.feeds):
            self.add_show(index)
        self.subscribe()
        self.draw()
        self.at(START + DAY, self.measure)
        self.start()
        while self.clock.now() < self.end:
            self.clock.set(min(self.clock.now() + 60 * self.options.step, self.end, max(self.plan[0][0] + 1, self.clock.now())))
            while self.plan[0][0] <= self.clock.now():
                await heapq.heappop(self.plan)[2]()
            await self.rest()
        await self.stop(signal.SIGTERM)
        for server in servers:
            server.close()

    def is_busy(self):
        """Whether a thread of the service is running, wants to, or waits for a disk."""
        try:
            return any((task / "stat").read_text().rpartition(")")[2].split()[0] in "RD"
                       for task in pathlib.Path(f"/proc/{self.daemon.pid}/task").iterdir())
        except OSError:
            return True

    async def rest(self):
        """Waits until the service has done what there was to do."""
        began, quiet, served = time.monotonic(), 0, self.served
        await asyncio.sleep(0.006)  # it looks at the clock every four milliseconds
        while self.on and quiet < 3 and time.monotonic() < began + 10:
            quiet = quiet + 1 if served == self.served and not self.is_busy() else 0
            served = self.served
            await asyncio.sleep(0.001)

    # --- the reckoning ---

    def paid(self):
        """How often each episode was paid, and each show's month."""
        owners = {}
        for show in self.shows:
            for house in range(1, show.house + 1):
                for episode in show.episodes:
                    owners[f"https://house{house}.example/{show.index}/{episode.number}"] = episode
        paid, months, unknown = collections.Counter(), collections.Counter(), []
        for when, thing in self.server.flattrs:
            if thing in owners:
                paid[owners[thing]] += 1
            elif thing.startswith("https://show"):
                months[thing, month(when)] += 1
            else:
                unknown.append(thing)
        return paid, months, unknown

    def is_smooth(self, moment):
        """Whether nothing kept a payment from being made in the five days after, nor did a month end."""
        end = moment + 5 * DAY
        return month(moment) == month(end) and not any(start < end and stop > moment for start, stop in self.troubles)

    def compare(self):
        paid, months, unknown = self.paid()
        due = [episode for show in self.shows if show.kind == "item" for episode in show.episodes if episode.downloaded]
        due_months = {(show.channel_page(), month(when)) for show in self.shows if show.kind == "channel"
                      for episode in show.episodes for when in episode.downloaded if self.is_smooth(when)}
        return {
            "downloaded": len(due),
            "paid": sum(paid.values()) + sum(months.values()),
            "twice": sorted(episode.title for episode, times in paid.items() if times > 1),
            "never": sorted(episode.title for episode in due if not paid[episode]),
            "undue": sorted(episode.title for episode in paid if not episode.downloaded) + unknown,
            "months never": sorted(due_months - set(months)),
        }

    def requests(self):
        awake = sum(to - start for start, to in self.awake)
        # One that fails is tried again after 5, 10, 20 … minutes.
        most = [(len(show.asked) / (awake / REFRESH + 2 + 6 * show.troubles), show.index)
                for show in self.shows[:self.options.feeds]]
        return max(most), statistics.mean(ratio for ratio, _ in most)

    def bounds(self):
        """The most requests of a day, and how many there may be: of a feed, with an entry, and to the server besides those
        that are paid; see doc/requests.md."""
        feed = max(max(collections.Counter(when // DAY for when in show.asked).values(), default=0) for show in self.shows)
        accepted = collections.Counter(int(when) // DAY for when, _ in self.server.flattrs)
        return {"of a feed": (feed, DAY // REFRESH + 1 + FEED_HURRIED + FEED_FAILING),
                "with an entry": (max(self.server.sent.values(), default=0), ENTRY_SENT),
                "to the server": (max((asked - 2 * accepted[day] for day, asked in self.server.days.items()), default=0),
                                  SERVER_ASKED)}


def cpu_of(world, *arguments):
    """The least of five, milliseconds."""
    def once():
        process = subprocess.Popen([os.environ["PODFLATTR"], *arguments], env=world.environment(), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        return 1000 * (usage.ru_utime + usage.ru_stime)
    return min(once() for _ in range(5))


def copy_to_ten_years(path):
    """Nine more years of the same, before this one."""
    with sqlite3.connect(path) as database:
        names = [row[1] for row in database.execute("PRAGMA table_info(entry)") if row[1] != "id"]
        moved = {"key": "key || '#' || ?1", "guid": "guid || '#' || ?1", "created": "created - ?1 * 31536000",
                 "updated": "updated - ?1 * 31536000", "published": "published - ?1 * 31536000",
                 "enclosure": "enclosure || '#' || ?1", "counted": "counted - ?1 * 31536000"}
        for year in range(1, 10):
            database.execute(f"INSERT INTO entry ({','.join(names)}) SELECT {','.join(moved.get(name, name) for name in names)}"
                             " FROM entry WHERE instr(key, '#') = 0 AND state IN ('flattred', 'owned', 'owed')", (year,))
        return database.execute("SELECT count(*) FROM entry").fetchone()[0]


def judge(world):
    """Prints what came of it. Returns what is wrong."""
    state = world.folder / "state"
    found = world.compare()
    with sqlite3.connect(state / "queue.db") as database:
        states = dict(database.execute("SELECT state, count(*) FROM entry GROUP BY state"))
        stuck = [f"{title} ({name} {reason or ''})" for title, name, reason in database.execute(
            # A month that a clock was ahead by, and the server was not, is still to come.
            "SELECT title, state, reason FROM entry WHERE state IN ('held', 'queued', 'sending', 'failed')"
            " AND period <= strftime('%Y-%m', ?, 'unixepoch')", (world.clock.now(),))]
        entries = database.execute("SELECT count(*) FROM entry").fetchone()[0]
        sound = database.execute("PRAGMA integrity_check").fetchone()[0]
    unmatched = {json.loads(line)["file"] for line in
                 world.command("queue", "--state", "unmatched", "--format=json").stdout.splitlines()}
    size = sum((state / name).stat().st_size for name in ("queue.db", "queue.db-wal") if (state / name).exists())
    log = (world.folder / "daemon.log").stat().st_size / world.options.days
    (most, show), mean = world.requests()
    asked = sum(world.server.asked.values())
    third = len(world.memory) // 3
    print(f"{world.options.days} days in {time.monotonic() - world.began:.0f} s, seed {world.options.seed}: {found['downloaded']} episodes to pay, {found['paid']} payments"
          f" accepted; entries {states}; restarts {dict(world.restarts)}")
    print(f"requests: {most:.2f} times the due for feed {show}, {mean:.2f} on average; API {dict(world.server.asked)}")
    bounds = world.bounds()
    print("most in a day: " + ", ".join(f"{found} {of} (bound {bound})" for of, (found, bound) in bounds.items()))
    print(f"queue.db {size / 1000:.0f} KB for {entries} entries; log {log:.0f} bytes a day; CPU {world.cpu / world.options.days:.3f} s"
          f" a day; private memory {world.memory[:1]} to {world.memory[-1:]} KB over {len(world.memory)} days")
    faults = {name: found[name] for name in ("twice", "never", "undue", "months never") if found[name]}
    if stuck:
        faults["stuck"] = stuck
    if asked > 24 + 4 * found["paid"]:
        faults["API"] = f"{asked} requests"
    if (told := sum("came without a feed" in line for line in open(world.folder / "daemon.log", encoding="utf-8"))):
        faults["log: files without a feed"] = told
    if sound != "ok":
        faults["queue.db"] = sound
    if unmatched != world.strays:
        faults["unmatched and not stray"] = sorted(unmatched - world.strays)
        faults["stray and not unmatched"] = sorted(world.strays - unmatched)
    if most > 1.2:
        faults["requests"] = f"{most:.2f} times the due"
    faults.update({f"requests in a day {of}": found for of, (found, bound) in bounds.items() if found > bound})
    if log > 3072:
        faults["log"] = f"{log:.0f} bytes a day"
    # The empty tables and half full pages take 200 to 250 KB, and what is forgotten after 40 and 90 days is all there in a
    # short life.
    if size > (1000 * entries if world.options.days >= 200 else 260000 + 1130 * entries):
        faults["queue.db is large"] = size
    if third >= 5 and statistics.median(world.memory[-third:]) > 1.1 * statistics.median(world.memory[:third]) + 512:
        faults["memory grows"] = world.memory
    if world.options.days >= 200:
        count = copy_to_ten_years(state / "queue.db")
        times = {name: cpu_of(world, *name.split()) for name in ("queue --limit 40", "status")}
        print(f"ten years, {count} entries: " + ", ".join(f"{name} {time:.0f} ms CPU" for name, time in times.items()))
        faults.update({f"{name} after ten years": f"{time:.0f} ms" for name, time in times.items() if time > 50})
    return faults


def main():
    parser = argparse.ArgumentParser(description="an unattended year")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--feeds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--step", type=int, default=30, help="minutes that pass at once")
    parser.add_argument("--folder", help="an empty folder to live in")
    parser.add_argument("--keep", action="store_true", help="leave the folder")
    options = parser.parse_args()
    options.folder = options.folder or tempfile.mkdtemp(prefix="podflattr-year-")
    world = World(options)
    try:
        asyncio.run(world.live())
        faults = judge(world)
    finally:
        if world.daemon:
            world.daemon.kill()
            world.daemon.wait()
    for name, what in faults.items():
        print(f"WRONG: {name}: {what}")
    if faults or options.keep:
        print(f"what is left of it: {options.folder}")
    else:
        shutil.rmtree(options.folder)
    sys.exit(1 if faults else 0)


main()
