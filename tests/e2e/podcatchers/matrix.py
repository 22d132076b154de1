#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real podcatchers against the real service: which of what they download is found, and how soon.

Each row is a program with a way of naming files. It downloads three shows that podflattr knows, and those that take single
addresses one show more that it does not know, into a folder that the service watches. What a file is, is known by its bytes. Ends
with a table: how many files were found, were taken for something else, are listed as unmatched, and are in no list at all, and
how long after the file's end the last was found. Fails when anything was taken for something else or is in no list, and when
something is unmatched that is not ambiguous.

matrix.py [--quick] [--seconds N] [--keep] [WORD ...]: only rows that have one of these words in their name; --quick leaves out
what takes long to start; --seconds fails when a file is found later than that; --keep leaves the scratch folder.
"""
import argparse
import concurrent.futures
import contextlib
import hashlib
import http.server
import json
import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
import urllib.parse
import xml.sax.saxutils

PODFLATTR = os.environ.get("PODFLATTR", "./podflattr")
PLUGINS = pathlib.Path(os.environ.get("PF_SOURCE", ".")).resolve() / "plugins"
# Without a result so long after the program's end, a file has none.
PATIENCE = 60 if os.environ.get("PF_SANITIZERS") else 20
PROGRAM_SECONDS = 120

# --- the shows ---------------------------------------------------------------------------------------------------------


class Item:
    """An episode. path: of its enclosure, as the feed has it, below the server's address. media: of the bytes."""

    def __init__(self, key, title, day, path, media=None, **more):
        self.key, self.title, self.day, self.path = key, title, day, path
        self.media = media or path.partition("?")[0]
        self.guid = more.get("guid", f"tag:example,2026:{key}")
        self.escaped_twice = more.get("escaped_twice", False)
        self.disposition = more.get("disposition")
        frames = 12 + int(hashlib.md5(key.encode()).hexdigest(), 16) % 40
        self.bytes = (b"\xff\xfb\x90\x64" + key.encode().ljust(413, b"\0")) * frames
        # No two are of one size.
        self.bytes += b"\0" * (len(key) + sum(key.encode()))


class Show:
    def __init__(self, name, title, kind, has_length, items, known=True):
        self.name, self.title, self.kind, self.has_length, self.items, self.known = name, title, kind, has_length, items, known


SHOWS = [
    Show("tiny", "Tiny Cast: A/B", "rss", True, [
        Item("tiny-1", "Pilot", "2026-05-01", "tiny/episode1.mp3"),
        Item("tiny-2", "What Ünïcode does: a tour", "2026-05-08", "tiny/tc002-unicode.mp3?src=rss", disposition="Tiny Cast 2.mp3"),
        Item("tiny-3", "Salt & Pepper, once more", "2026-05-15", "r/tiny/tc003.mp3", "cdn/tiny/salt-final.mp3", escaped_twice=True),
    ]),
    Show("night", "Night Notes", "atom", False, [
        Item("night-1", "In the beginning / what now?", "2026-05-02", "night/episode1.mp3"),
        Item("night-2", "Stars, and how to count them", "2026-05-09", "night/2/night-notes-stars.mp3"),
        Item("night-3", "Owls: 10 < 12", "2026-05-16", "track/e/http://{host}/night/owls-and-others.mp3?tk=f00", "night/owls-and-others.mp3"),
    ]),
    Show("kueche", "Küchen-Gespräche", "podlove", True, [
        Item("kueche-1", "KG001 Öl/Wasser – 50/50?", "2026-05-03",
             "podlove/file/11/s/feed/c/mp3/kg001-oel.mp3?ptm_source=feed&ptm_context=mp3&ptm_file=kg001-oel.mp3",
             "media/kg001-oel.mp3", guid="podlove-2026-05-03t10:00:00+00:00-0a1b2c3d4e5f"),
        Item("kueche-2", "KG002: Über die Gärten: was heißt „grün“?", "2026-05-10",
             "podlove/file/12/s/feed/c/mp3/kg002-gruen.mp3?ptm_source=feed&ptm_context=mp3&ptm_file=kg002-gruen.mp3",
             "media/kg002-gruen.mp3", guid="podlove-2026-05-10t10:00:00+00:00-1a1b2c3d4e5f"),
        Item("kueche-3", "KG003 Köche & Köchinnen", "2026-05-17",
             "track/redirect.mp3/{host}/media/kg003-koeche.mp3?awCollectionId=3", "media/kg003-koeche.mp3"),
    ]),
    # Nobody has told podflattr of it, and it has names like the others'.
    Show("other", "Another Show", "rss", True, [
        Item("other-1", "Pilot", "2026-05-04", "other/episode1.mp3"),
        Item("other-2", "Stars", "2026-05-11", "other/owls-and-others.mp3"),
    ], known=False),
]
ITEMS = {item.key: item for show in SHOWS for item in show.items}
SHOW_OF = {item.key: show for show in SHOWS for item in show.items}
BY_DIGEST = {hashlib.sha256(item.bytes).digest(): item.key for item in ITEMS.values()}
PAYEE = "https://flattr.com/submit/auto?user_id={}&url=https%3A%2F%2F{}.example%2F{}"


def escape(text):
    return xml.sax.saxutils.escape(text, {'"': "&quot;"})


class Web(http.server.ThreadingHTTPServer):
    """The three feeds, their redirects and the media files."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server_port}"
        self.base = f"http://{self.host}/"
        self.documents, self.redirects = {}, {}
        for show in SHOWS:
            for item in show.items:
                item.url = self.base + item.path.format(host=self.host)
                self.documents["/" + item.media] = ("audio/mpeg", item.bytes, item.disposition)
                path = urllib.parse.urlsplit(item.url).path
                if path != "/" + item.media:
                    self.redirects[path] = self.base + item.media
            show.url = f"{self.base}{show.name}/feed.xml"
            self.documents[f"/{show.name}/feed.xml"] = ("application/xml", self.write_feed(show).encode(), None)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def write_feed(self, show):
        write = self.write_atom_entry if show.kind == "atom" else self.write_rss_item
        items = "".join(write(show, item) for item in reversed(show.items))
        if show.kind == "atom":
            return (f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>{show.title}</title>'
                    f'<id>tag:example,2026:{show.name}</id><updated>2026-05-20T00:00:00Z</updated>'
                    f'<link href="https://{show.name}.example/"/>{items}</feed>')
        return ('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
                'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">\n<channel>\n'
                f'<title>{escape(show.title)}</title>\n<link>https://{show.name}.example/</link>\n<description>A show.</description>\n'
                f'{items}</channel>\n</rss>')

    @staticmethod
    def write_rss_item(show, item):
        title = escape(escape(item.title) if item.escaped_twice else item.title)
        day = time.strftime("%a, %d %b %Y 10:00:00 +0000", time.strptime(item.day, "%Y-%m-%d"))
        length = f' length="{len(item.bytes)}"' if show.has_length else ""
        return (f'<item>\n<title>{title}</title>\n<guid isPermaLink="false">{escape(item.guid)}</guid>\n<pubDate>{day}</pubDate>\n'
                f'<enclosure url="{escape(item.url)}"{length} type="audio/mpeg"/>\n'
                f'<atom:link rel="payment" href="{escape(PAYEE.format(show.name, show.name, item.key))}"/>\n</item>\n')

    @staticmethod
    def write_atom_entry(show, item):
        return (f'<entry><title>{escape(item.title)}</title><id>{item.guid}</id><updated>{item.day}T10:00:00Z</updated>'
                f'<published>{item.day}T10:00:00Z</published><summary>An episode.</summary>'
                f'<link rel="enclosure" type="audio/mpeg" href="{escape(item.url)}"/>'
                f'<link rel="payment" href="{escape(PAYEE.format(show.name, show.name, item.key))}"/></entry>')


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.answer(False)

    def do_GET(self):
        self.answer(True)

    def answer(self, with_body):
        path = self.path.partition("?")[0]
        target = self.server.redirects.get(path)
        kind, body, disposition = self.server.documents.get(path, ("text/html", b"<html>nothing here</html>", None))
        self.send_response(302 if target else 200 if path in self.server.documents else 404)
        if target:
            body = b""
            self.send_header("Location", target)
        if disposition:
            self.send_header("Content-Disposition", f'attachment; filename="{disposition}"')
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)


# --- the programs ------------------------------------------------------------------------------------------------------


class Place:
    """What a row has for itself: a home, a folder that the service watches, and a state folder."""

    def __init__(self, folder, web):
        self.folder, self.web = folder, web
        self.home, self.pods, self.state = folder / "home", folder / "pods", folder / "state"
        self.home.mkdir(parents=True)
        self.pods.mkdir()
        self.program_log = folder / "program.log"
        self.environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "xterm",
                            "PODFLATTR": PODFLATTR, "PODFLATTR_STATE_DIR": str(self.state),
                            "PODFLATTR_CONFIG": str(folder / "podflattr.conf"), "NO_COLOR": "1"}
        for name in ("PF_SANITIZERS", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def run(self, *command, folder=None, allowed=(0,)):
        folder = folder or self.pods
        folder.mkdir(parents=True, exist_ok=True)
        with open(self.program_log, "ab") as log:
            log.write((shlex.join(map(str, command)) + "\n").encode())
            log.flush()
            ended = subprocess.run(list(map(str, command)), cwd=folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log, timeout=PROGRAM_SECONDS, check=False)
        if ended.returncode not in allowed:
            raise RuntimeError(f"{command[0]} ended with {ended.returncode}; see {self.program_log}")

    def write(self, path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def each(flat, command):
    """A program that takes single addresses. flat: into one folder, instead of one for each show. command: of an item."""
    def download(place):
        for show in SHOWS:
            folder = place.pods if flat else place.pods / show.title.replace("/", "_")
            for item in show.items:
                place.run(*command(show, item), folder=folder)
    return download


def yt_dlp(*options):
    def download(place):
        place.run("yt-dlp", "--no-progress", "--ignore-config", "--no-cache-dir", *options,
                  *(show.url for show in SHOWS if show.kind != "atom"))  # it does not read Atom
    return download


def gpo(extension=None):
    def download(place):
        place.environment |= {"GPODDER_HOME": str(place.home / "gpodder"), "GPODDER_DOWNLOAD_DIR": str(place.pods)}
        if extension == "podflattr":
            folder = place.home / "gpodder/Extensions"
            folder.mkdir(parents=True)
            shutil.copy(PLUGINS / "gpodder/zz_podflattr.py", folder)
        commands = [f"extension enable {'zz_podflattr' if extension == 'podflattr' else extension}"] if extension else []
        commands += [f"subscribe {show.url}" for show in SHOWS] + ["download"]
        for command in commands:
            place.run("gpo", *command.split())
    return download


def podget(*options):
    def download(place):
        folder = place.home / ".podget"
        # One that has the same name is taken for another session of the same.
        name = place.folder.name
        place.run("podget", "-d", folder, "--create-config", name, folder=folder)
        with open(folder / name, "a", encoding="utf-8") as config:
            config.write(f"\nDIR_LIBRARY={place.pods}\nDIR_LOG={place.home}/log\nCONFIG_SERVERLIST=serverlist\nMOST_RECENT=0\n")
        place.write(folder / "serverlist", "".join(f"{show.url} Talk {' '.join([show.title.replace('/', '_').replace(':', ''), *options])}\n" for show in SHOWS))
        place.run("podget", "-d", folder, "-c", name)
    return download


def podboat(naming, folder=""):
    def download(place):
        config = place.home / ".newsboat"
        place.write(config / "urls", "".join(show.url + "\n" for show in SHOWS))
        place.write(config / "config", f'podcast-auto-enqueue yes\ndownload-path "{place.pods}{folder}"\n'
                    + (f'download-filename-format "{naming}"\n' if naming else ""))
        place.run("newsboat", "-x", "reload")
        # It takes one line after the other, and the last of several with one name replaces the others.
        wanted = {path: url for url, path in map(shlex.split, (config / "queue").read_text().splitlines())}
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(place.pods)
            os.execvpe("podboat", ["podboat", "-a"], place.environment)
        done = lambda: {str(path): ITEMS[key].url for path, key in list_media(place.pods)} == wanted
        end = time.monotonic() + PROGRAM_SECONDS
        # It draws its list again and again, and last when the last download has its name.
        with contextlib.suppress(OSError):  # it has ended
            while not done() and select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
                os.read(terminal, 65536)
        with contextlib.suppress(OSError):
            os.write(terminal, b"q")
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)
    return download


def by_rule(name_of, folder_of=lambda show: show.title.replace("/", "_")):
    """A program that is not at hand: its names, by its own rule. name_of gives the first free name of several."""
    def download(place):
        for show in SHOWS:
            folder = place.pods / folder_of(show)
            folder.mkdir(parents=True, exist_ok=True)
            for item in show.items:
                path = next(folder / name for name in name_of(show, item) if not (folder / name).exists())
                path.write_bytes(item.bytes)
    return download


def basename(item):
    return urllib.parse.urlsplit(item.url).path.rpartition("/")[2]


def castget(text):
    """castget's filenames.c: what could mean something to a shell or to Windows is removed."""
    return re.sub(r"""[/\\?%*:|"<>,'\n\t\r]""", "", text)


def plain(text, kept):
    apart = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return re.sub(rf"[^A-Za-z0-9{kept}]", "", apart)


def one(name):
    return lambda show, item: [name(show, item)]


# Which program, how it names, what it does, and of which items it leaves nothing that says which show's they are: files of one
# name in one folder, and what somebody else's server has named.
SHARED = {"tiny-1", "night-1", "night-3"}
SERVERS = {"tiny-2", "tiny-3"}
ROWS = [
    ("wget", "a folder for each show", each(False, lambda s, i: ["wget", "-q", i.url]), set()),
    ("wget", "one folder", each(True, lambda s, i: ["wget", "-q", i.url]), SHARED),
    ("wget", "one folder, --xattr", each(True, lambda s, i: ["wget", "-q", "--xattr", i.url]), set()),
    ("wget", "--trust-server-names --content-disposition",
     each(False, lambda s, i: ["wget", "-q", "--trust-server-names", "--content-disposition", i.url]), set()),
    ("wget", "--restrict-file-names=windows,ascii", each(False, lambda s, i: ["wget", "-q", "--restrict-file-names=windows,ascii", i.url]), set()),
    ("wget", "--force-directories", each(True, lambda s, i: ["wget", "-q", "-x", i.url]), set()),
    ("wget", "-O TITLE.mp3", each(False, lambda s, i: ["wget", "-q", "-O", i.title.replace("/", "_") + ".mp3", i.url]), set()),
    ("curl", "-O, a folder for each show", each(False, lambda s, i: ["curl", "-sSLO", i.url]), set()),
    ("curl", "-OJ, a folder for each show", each(False, lambda s, i: ["curl", "-sSLOJ", i.url]), set()),
    ("curl", "-O --xattr, one folder", each(True, lambda s, i: ["curl", "-sSL", "--xattr", "-o", f"{s.name}-{basename(i)}", i.url]), set()),
    ("curl", "-o DAY_TITLE.mp3", each(False, lambda s, i: ["curl", "-sSL", "-o", f"{i.day}_{i.title.replace('/', '-')}.mp3", i.url]), set()),
    ("aria2c", "a folder for each show", each(False, lambda s, i: ["aria2c", "-q", i.url]), set()),
    ("aria2c", "one folder, --file-allocation=falloc", each(True, lambda s, i: ["aria2c", "-q", "--file-allocation=falloc", i.url]), SHARED | SERVERS),
    ("podget", "default", podget(), set()),
    ("podget", "OPT_FILENAME_LOCATION", podget("OPT_FILENAME_LOCATION"), set()),
    ("podget", "OPT_FILENAME_RENAME_MDATE", podget("OPT_FILENAME_RENAME_MDATE"), set()),
    ("podget", "OPT_CONTENT_DISPOSITION", podget("OPT_CONTENT_DISPOSITION"), set()),
    ("podboat", "default", podboat(None), set()),
    ("podboat", "%n, %F-%t.%e", podboat("%F-%t.%e", "/%n"), set()),
    ("podboat", "%n/%u", podboat("%u", "/%n"), set()),
    ("gpo", "default", gpo(), set()),
    ("gpo", "rename_download", gpo("rename_download"), set()),
    ("gpo", "our extension", gpo("podflattr"), set()),
    ("yt-dlp", "default", yt_dlp(), set()),
    ("yt-dlp", "--restrict-filenames", yt_dlp("--restrict-filenames"), set()),
    ("yt-dlp", "--windows-filenames, SHOW/TITLE", yt_dlp("--windows-filenames", "-o", "%(playlist_title)s/%(title)s.%(ext)s"), set()),
    ("yt-dlp", "N - TITLE, no part files", yt_dlp("--no-part", "-o", "%(playlist_title)s/%(playlist_index)s - %(title)s.%(ext)s"), set()),
    ("castget", "by its rule: default", by_rule(one(lambda s, i: castget(basename(i)))), set()),
    ("castget", "by its rule: %(date)-%(title)", by_rule(one(lambda s, i: castget(f"{i.day}-{i.title}.mp3"))), set()),
    ("castget", "by its rule: %(channel_title) - %(title), one spool",
     by_rule(one(lambda s, i: castget(f"{s.title} - {i.title}.mp3")), lambda s: "spool"), set()),
    ("greg", "by its rule: default", by_rule(one(lambda s, i: basename(i))), set()),
    ("greg", "by its rule: one folder, _ behind", by_rule(lambda s, i: [basename(i) + "_" * n for n in range(4)], lambda s: "greg"), SHARED),
    ("AntennaPod", "by its rule", by_rule(one(lambda s, i: plain(i.title, " _-") + ".347.mp3"), lambda s: plain(s.title, " _-")), set()),
    ("Kasts", "by its rule", by_rule(one(lambda s, i: re.sub("[^A-Za-z0-9 ._()-]", "", i.title) + "." + hashlib.md5(i.url.encode()).hexdigest()[:6] + ".mp3"),
                                     lambda s: "enclosures/" + s.name), set()),
]
QUICK = {("wget", "one folder"), ("wget", "one folder, --xattr"), ("curl", "-O, a folder for each show"),
         ("aria2c", "a folder for each show"), ("podget", "default"), ("podboat", "%n, %F-%t.%e"),
         ("castget", "by its rule: %(date)-%(title)"), ("greg", "by its rule: one folder, _ behind")}

# --- a row -------------------------------------------------------------------------------------------------------------


def list_media(folder):
    """path, key of the item that it is, for each finished file"""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            key = BY_DIGEST.get(hashlib.sha256(path.read_bytes()).digest())
            if key:
                yield path, key


class Service:
    def __init__(self, place, web):
        self.place = place
        feeds = ";".join(show.url for show in SHOWS if show.known)
        place.write(place.folder / "podflattr.conf", f"[flattr]\napi = none\n[watch]\nfolders = {place.pods}\n[feeds]\nsubscriptions = {feeds}\n"
                    "[policy]\nper-feed-per-day = 0\nper-payee-per-day = 0\n")
        self.log = open(place.folder / "daemon.log", "wb")
        self.process = subprocess.Popen([PODFLATTR, "-v", "daemon"], env=place.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        known = sum(show.known for show in SHOWS)
        if not wait(lambda: self.count_feeds() == known, PATIENCE):
            raise RuntimeError(f"the service has not read its feeds; see {place.folder}/daemon.log")

    def count_feeds(self):
        return sum(row[0] for row in self.query("feeds.db", "SELECT 1 FROM feed WHERE fetched > 0"))

    def query(self, database, statement):
        with contextlib.suppress(sqlite3.Error):
            with contextlib.closing(sqlite3.connect(f"file:{self.place.state}/{database}?mode=ro", uri=True, timeout=5)) as connection:
                return connection.execute(statement).fetchall()
        return []

    def list_json(self, *options):
        out = subprocess.run([PODFLATTR, "-q", "queue", *options, "--format=json"], env=self.place.environment, stdout=subprocess.PIPE, check=True)
        return [json.loads(line) for line in out.stdout.decode().splitlines()]

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.log.close()


def wait(condition, seconds):
    """Looks until a condition holds. Returns: what it gave last. It cannot be woken: the last that the kernel says of a
    transaction (inotify) is a write to the WAL before others see it, and 'status --watch' looks again and again itself."""
    end = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return met


class Watch(threading.Thread):
    """Notes when each path got its entry."""

    def __init__(self, service):
        super().__init__(daemon=True)
        self.service, self.seen, self.ended = service, {}, threading.Event()

    def run(self):
        while not self.ended.wait(0.1):
            for (path,) in self.service.query("queue.db", "SELECT path FROM arrival WHERE entry IS NOT NULL"):
                self.seen.setdefault(os.fsdecode(path), time.time())


def run_row(row, scratch, web):
    program, option, download, ambiguous = row
    place = Place(scratch / re.sub("[^A-Za-z0-9]+", "-", f"{program} {option}").strip("-"), web)
    service = Service(place, web)
    watch = Watch(service)
    watch.start()
    try:
        download(place)
        files = dict(list_media(place.pods))
        expected = {str(path) for path, key in files.items() if SHOW_OF[key].known and key not in ambiguous}
        resolved = lambda: {os.fsdecode(p) for (p,) in service.query("queue.db", "SELECT path FROM arrival WHERE entry IS NOT NULL OR state = 'unmatched' OR tries > 0")}
        wait(lambda: expected <= set(watch.seen) and {str(path) for path in files} <= resolved(), PATIENCE)
        entries = {entry["file"]: entry for entry in service.list_json()}
        unmatched = {file["file"]: file["reason"] for file in service.list_json("--state", "unmatched")}
    finally:
        watch.ended.set()
        watch.join()
        service.stop()
    result = {"row": row, "files": len(files), "found": 0, "wrong": [], "unmatched": [], "strangers": 0, "ambiguous": 0, "lost": [], "seconds": 0.0}
    for path, key in files.items():
        entry, show, name = entries.get(str(path)), SHOW_OF[key], f"{path.relative_to(place.pods)} ({key})"
        if entry:
            right = entry["guid"] == ITEMS[key].guid and entry["url"] == PAYEE.format(show.name, show.name, key)
            if not right:
                result["wrong"].append(f"{name} is taken for {entry['guid']}")
                continue
            result["found"] += 1
            status = path.stat()
            result["seconds"] = max(result["seconds"], watch.seen.get(str(path), time.time()) - status.st_ctime)
        elif str(path) not in unmatched:
            result["lost"].append(f"{name} is in no list")
        elif not show.known:
            result["strangers"] += 1
        elif key in ambiguous:
            result["ambiguous"] += 1
        else:
            result["unmatched"].append(f"{name} is unmatched: {unmatched[str(path)]}")
    missing = set(ITEMS) - set(files.values()) - {item.key for show in SHOWS if not show.known for item in show.items}
    result["missing"] = sorted(missing)
    return result


def attempt(row, scratch, web):
    try:
        return run_row(row, scratch, web)
    except (RuntimeError, subprocess.SubprocessError, OSError, ValueError) as error:
        return {"row": row, "error": str(error)}


# --- the table ---------------------------------------------------------------------------------------------------------


def print_result(result):
    program, option = result["row"][:2]
    if "error" in result:
        print(f"{program:<11} {option:<47} {result['error']}", flush=True)
        return
    print(f"{program:<11} {option:<47} {result['files']:>5} {result['found']:>5} {len(result['wrong']):>5} {len(result['unmatched']):>9} "
          f"{result['ambiguous']:>9} {result['strangers']:>8} {len(result['lost']):>7} {result['seconds']:>7.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    rows = [row for row in ROWS if (not options.quick or row[:2] in QUICK)
            and (not options.words or any(word in f"{row[0]} {row[1]}" for word in options.words))]
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="podcatchers.", dir=os.environ.get("BATS_TEST_TMPDIR")))
    web = Web()
    absent = sorted({row[0] for row in rows if "by its rule" not in row[1] and not shutil.which(row[0])})
    rows = [row for row in rows if row[0] not in absent]
    print(f"{'program':<11} {'naming':<47} files found wrong unmatched ambiguous stranger no list seconds")
    try:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            results = []
            for result in pool.map(lambda row: attempt(row, scratch, web), rows):
                print_result(result)
                results.append(result)
    finally:
        if options.keep:
            print(f"kept: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    for result in results:
        for line in result.get("wrong", []) + result.get("lost", []) + result.get("unmatched", []):
            print(f"{result['row'][0]}, {result['row'][1]}: {line}")
        if result.get("missing"):
            print(f"{result['row'][0]}, {result['row'][1]}: did not download {', '.join(result['missing'])}")
    total = lambda name: sum(len(result[name]) if isinstance(result[name], list) else result[name] for result in results if name in result)
    slow = [result for result in results if options.seconds and result.get("seconds", 0) > options.seconds]
    failed = total("wrong") or total("lost") or total("unmatched") or slow or any("error" in result for result in results)
    print(f"podcatchers: {len(results)} rows, {total('files')} files: {total('found')} found, {total('wrong')} wrong, "
          f"{total('unmatched')} unmatched, {total('ambiguous')} ambiguous, {total('strangers')} strangers, {total('lost')} in no list; "
          f"the slowest after {max((r.get('seconds', 0) for r in results), default=0):.1f} s")
    if absent:
        print(f"podcatchers: not installed: {', '.join(absent)}")
    return 1 if failed or not results else 2 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
