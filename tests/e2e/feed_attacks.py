#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a feed and its server may do, right, wrong or hostile, each beside what podflattr must make of it.

feed_attacks.py [--slow] [NAME ...]: runs all rows, or those named, and prints what is wrong. A row is one run of `scan` on
one feed, from a server that answers with exactly the bytes that the table has. What `scan` says, finds and takes of memory
and time is looked at in each. --slow: also the rows that last long.
"""
import json
import os
import sys
import tempfile

from attacks import (ESCAPES, RESET, SECONDS, Endless, Pause, Server, answer, bomb, chunk, chunked, drip, head, measure,
                     podflattr, report, steers)

LINK = "https://flattr.com/submit/auto?user_id=ann&amp;url=https%3A%2F%2Fx.example%2F1"
ATOM = "http://www.w3.org/2005/Atom"


def rss(inside, before="", attributes=""):
    return (f'<?xml version="1.0"?>{before}<rss version="2.0" xmlns:atom="{ATOM}"{attributes}><channel><title>T</title>'
            f"{inside}</channel></rss>").encode("utf-8", "surrogatepass")


def item(inside="", link=LINK):
    return f'<item><title>One</title><guid>1</guid><atom:link rel="payment" href="{link}"/>{inside}</item>'


def page(inside):
    return f"<!DOCTYPE html><html><head><title>P</title>{inside}</head><body></body></html>".encode()


def feed(body, *lines):
    return answer("200 OK", body, *lines)


def open_end(*parts):
    """A body that ends with the connection."""
    return [head("200 OK", "Connection: close"), *parts]


ONE = rss(item())
START = ONE[:ONE.index(b"</channel>")]
# 40 entities that are ten of the one before: 10^40 letters.
LAUGHS = "<!DOCTYPE rss [" + '<!ENTITY e0 "ha">' + "".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 40)) + "]>"
QUADRATIC = f'<!DOCTYPE rss [<!ENTITY e "{"a" * 50000}">]>'

# NAME: (what the answer to GET /feed is made of, exit status, items, payment links, words of the message …)
TABLE = {
    # Right, also in forms that servers make of it.
    "right": (feed(ONE), 0, 1, 1),
    "right, in chunks with extensions": (chunked(chunk(ONE, b";a=b")), 0, 1, 1),
    "right, after interim answers": (head("100 Continue") + head("103 Early Hints") + feed(ONE), 0, 1, 1),
    "right, packed": (feed(bomb(ONE, b" ", 0), "Content-Encoding: gzip"), 0, 1, 1),
    "right, as an image": (feed(ONE, "Content-Type: image/png"), 0, 1, 1),
    "right, with a megabyte of blanks behind it": (feed(ONE + b" " * 2**20), 0, 1, 1),
    "right, in UTF-16": (feed(ONE.decode().replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-16")), 0, 1, 1),
    # The server.
    "the connection is closed": (b"", 69, 0, 0),
    "the connection is reset": (RESET, 69, 0, 0),
    "cut off in the head": (b"HTTP/1.1 200 OK\r\nConte", 65, 0, 0),
    "cut off in the body": (head("200 OK", "Content-Length: 9999") + START, 69, 1, 1),
    "a greeting of SSH": (b"SSH-2.0-OpenSSH_9.2p1\r\n", 69, 0, 0),
    "a status line without end": ([b"HTTP/1.1 200 ", Endless(b"x" * 8192)], 69, 0, 0),
    "a header without end": ([b"HTTP/1.1 200 OK\r\nX: ", Endless(b"x" * 8192)], 69, 0, 0),
    # libcurl since 8.17 counts them, too: 5,000 short ones are fewer bytes than that.
    "short headers without end": ([b"HTTP/1.1 200 OK\r\n", Endless(b"X: y\r\n" * 999)], 69, 0, 0, "headers"),
    "headers without end": ([b"HTTP/1.1 200 OK\r\n", Endless(b"X: %0100d\r\n" % 0 * 99)], 69, 0, 0, "256 KiB of headers"),
    "cookies without end": ([b"HTTP/1.1 200 OK\r\n", Endless(b"Set-Cookie: a=%0100d\r\n" % 0 * 99)], 69, 0, 0, "256 KiB of headers"),
    "links in headers without end": ([b"HTTP/1.1 200 OK\r\n", Endless(b'Link: <%0100d>; rel="payment"\r\n' % 0 * 99)], 69, 0, 0, "256 KiB"),
    "interim answers without end": ([Endless(head("103 Early Hints", f"X: {0:0100}") * 99)], 69, 0, 0, "256 KiB of headers"),
    "trailers without end": ([chunked(chunk(ONE), end=b"0\r\n"), Endless(b"X: %0100d\r\n" % 0 * 99)], 69, 1, 1, "256 KiB of headers"),
    "a redirect to itself": (answer("302 Go", b"", "Location: /feed"), 69, 0, 0),
    "a redirect to a file": (answer("302 Go", b"", "Location: file:///etc/passwd"), 69, 0, 0),
    "a redirect to another protocol": (answer("302 Go", b"", "Location: gopher://127.0.0.1:1/x"), 69, 0, 0),
    "a redirect without a place": (answer("302 Go", b""), 69, 0, 0),
    "a redirect whose place is a megabyte": (answer("302 Go", b"", "Location: /" + "x" * 2**20), 69, 0, 0),
    "404": (answer("404 No", b"no"), 69, 0, 0),
    "500 with a feed": (answer("500 No", ONE), 69, 0, 0),
    "204": (head("204 No Content"), 65, 0, 0),
    "206": (answer("206 Partial", ONE[:80], "Content-Range: bytes 0-79/9999"), 65, 0, 0),
    "an encoding that is none": (feed(ONE, "Content-Encoding: x-none"), 0, 1, 1),
    "an encoding thirty times": (feed(ONE, "Content-Encoding: " + ", ".join(["gzip"] * 30)), 0, 1, 1),
    "packed, but damaged": (feed(bomb(ONE, b" ", 0)[:30] + b"\xff" * 60, "Content-Encoding: gzip"), 65, 0, 0, "damaged"),
    # Bodies without end, or that become very large.
    "an attribute without end": (open_end(START, b'<item a="', Endless(b"x" * 65536)), 0, 1, 1),
    "elements in elements without end": (open_end(START, Endless(b"<a>" * 9999)), 0, 1, 1, "deep"),
    "a bomb": (feed(bomb(START, b" ", 80), "Content-Encoding: gzip"), 0, 1, 1, "larger than 64 MiB"),
    # XML.
    "a billion laughs": (feed(rss(item("<description>&e39;</description>"), LAUGHS)), 0, 1, 1),
    "one large entity, very often": (feed(rss(item(f"<description>{'&e;' * 50000}</description>"), QUADRATIC)), 0, 1, 1),
    "an entity that is a file": (feed(rss(item("<description>&f;</description>"),
                                          '<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd">]>')), 0, 1, 1),
    "a definition that is a file": (feed(rss(item(), '<!DOCTYPE rss SYSTEM "file:///etc/passwd">')), 0, 1, 1),
    "a definition from elsewhere": (feed(rss(item(), '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://elsewhere/x.dtd"> %p;]>')), 0, 1, 1),
    "a part that is a file": (feed(rss(item('<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'))), 0, 1, 1),
    "a base that is a file": (feed(rss(item("", "flattr/thing/1"), attributes=' xml:base="file:///etc/"')), 0, 1, 0),
    "a base on another host": (feed(rss(item("", "submit/auto?url=http%3A%2F%2Fx&amp;user_id=a"),
                                        attributes=' xml:base="https://flattr.com/"')), 0, 1, 1),
    "an encoding that nobody knows": (feed(ONE.replace(b'"1.0"', b'"1.0" encoding="x-none"')), 0, 1, 1),
    "bytes that are no UTF-8": (feed(ONE.replace(b"One", b"\xff\xfe\xc0\xaf")), 0, 1, 1),
    "characters that XML has not": (feed(ONE.replace(b"One", b"&#0;&#x1b;&#xFFFF;&#x110000;&#xD800;")), 0, 1, 1),
    "a million links in one item": (feed(rss("<item>" + f'<atom:link rel="payment" href="{LINK}"/>' * 100_000 + "</item>")), 0, 1, 1),
    "a hundred thousand different links": (feed(rss("<item><guid>1</guid>" + "".join(
        f'<atom:link rel="payment" href="https://flattr.com/t/{n}"/>' for n in range(1, 100_000)) + "</item>")), 0, 1, 1000, "more than 1000 of one kind"),
    "a hundred thousand namespaces": (feed(rss(item("".join(f'<a xmlns:n{n}="u:{n}"/>' for n in range(100_000))))), 0, 1, 1),
    # HTML in it.
    "HTML a hundred thousand deep": (feed(rss(item(f"<description>{'&lt;b&gt;' * 100_000}</description>"))), 0, 1, 1),
    "HTML of a hundred thousand links": (feed(rss("<item><guid>1</guid><description>" + "".join(
        f"&lt;a href='https://flattr.com/t/{n}'&gt;" for n in range(1, 100_000)) + "</description></item>")), 0, 1, 1000, "searched only in part"),
    "scripts as links": (feed(rss("".join(item("", link) for link in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//")))), 0, 4, 0),
    # What a terminal must not be sent.
    "escapes everywhere": (feed(rss(item().replace("One", "&#x9b;31m&#x202e;&#x2028;\x7f").replace(">1<", ">&#x9b;&#x2028;1<"))), 0, 1, 1),
    "escapes in a place": (answer("302 Go", b"", "Location: http://127.0.0.1:1/" + ESCAPES), 69, 0, 0),
    "escapes in a status": (head("404 " + ESCAPES) + b"", 69, 0, 0),
    # JSON and lists.
    "JSON a hundred thousand deep": (feed(b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * 100_000), 65, 0, 0),
    "JSON with an item that is a number": (feed(b'{"version":"https://jsonfeed.org/version/1","items":[7,{"id":1},null]}'), 0, 1, 0),
    "a list that names itself": (feed(b'<opml version="2.0"><body><outline xmlUrl="/feed"/></body></opml>'), 65, 0, 0),
    "a list of files": (feed(b'<opml version="2.0"><body><outline xmlUrl="file:///etc/passwd"/><outline xmlUrl="/etc/passwd"/></body></opml>'), 69, 0, 0, "file:///etc/passwd: neither"),
    "a page that names itself": (feed(page('<link rel="alternate" type="application/rss+xml" href="/feed"/>')), 65, 0, 0),
    "a page that names a file": (feed(page('<link rel="alternate" type="application/rss+xml" href="file:///etc/passwd"/>')), 65, 0, 0),
    "a page without end": (open_end(page("")[:40], Endless(b"<link rel=alternate href=x>" * 999)), 65, 0, 0),
}

# These keep it busy for longest, and are long to make …


def busy():
    return {
        "blanks without end": (open_end(b"<rss>", Endless(b" " * 65536)), 65, 0, 0, "larger than 64 MiB"),
        "a text without end": (open_end(START, b"<item><title>", Endless(b"x" * 65536)), 0, 1, 1, "larger than 64 MiB"),
        "a comment without end": (open_end(START, b"<!--", Endless(b"x" * 65536)), 0, 1, 1, "larger than 64 MiB"),
        "a section without end": (open_end(START, b"<item><title><![CDATA[", Endless(b"x" * 65536)), 0, 1, 1),
        "a name without end": (open_end(START, b"<", Endless(b"x" * 65536)), 0, 1, 1),
        "attributes without end": (open_end(START, b"<item ", *[b" ".join(b'a%d="b"' % n for n in range(m, m + 9999)) + b" "
                                                                for m in range(0, 10**6, 9999)], Endless(b" " * 65536)), 0, 1, 1),
        "no element at all": (open_end(Endless(b"x" * 65536)), 65, 0, 0),
        "zeros": (open_end(Endless(b"\0" * 65536)), 65, 0, 0),
        "a bomb that nobody announces": (feed(bomb(START, b" ", 80)), 0, 1, 1, "larger than 64 MiB"),
        "a bomb in a bomb": (feed(bomb(bomb(START, b" ", 1000), b"", 0), "Content-Encoding: gzip"), 0, 1, 1, "larger than 64 MiB"),
        "two hundred thousand empty items": (feed(rss("<item/>" * 200_000)), 0, 100_000, 0, "more than 100000 items"),
        "JSON without end": (open_end(b'{"version":"https://jsonfeed.org/version/1","items":[', Endless(b'{"id":"1"},' * 999)), 0, 100_000, 0, "more than 100000 items"),
    }


# … and these last until it gives up.
SLOW = {
    "nothing": (Pause(600), 69, 0, 0),
    "a head byte by byte": (drip(head("200 OK", *["X: y"] * 999), 0.5), 69, 0, 0),
    "a body byte by byte": ([head("200 OK", "Content-Length: 9999")] + drip(START + b" " * 9999, 0.2), 69, 1, 1),
    "a chunk's extension without end": ([chunked(end=b"1;"), Endless(b"x" * 8192)], 69, 0, 0),
}
SLOW_SECONDS = 330


def run(server, name, row, limit):
    """Returns what a row took of memory, and what is wrong with it."""
    parts, status, items, links, *words = row
    server.answers = {"GET /feed": parts}
    wrong = []
    url = f"http://{server.address(server.socket)}/feed"
    with tempfile.TemporaryDirectory() as scratch:
        found, said, taken = podflattr(scratch + "/state", "scan", "--format=json", url)
        if name.startswith("escapes"):
            said += podflattr(scratch + "/state", "scan", url)[1]
    entries = [json.loads(line) for line in said.split(b"\n") if line.startswith(b'{"feed"')]
    told = " ".join(text for text in said.decode(errors="replace").split("\n") if not text.startswith('{"feed"'))
    if found != status:
        wrong.append(f"exit status {found}, not {status}: {told[-300:]}")
    if items is not None and len(entries) != items:
        wrong.append(f"{len(entries)} items, not {items}: {told[-300:]}")
    payments = [payment for entry in entries for payment in entry["payments"] if payment["kind"] != "other"]
    if len(payments) != links:
        wrong.append(f"{len(payments)} links, not {links}: {told[-300:]}")
    wrong += [f"nothing of '{word}': {told[-300:]}" for word in words if word not in told]
    wrong += measure(taken, limit)
    if b"root:" in said:
        wrong.append("shows a file of this machine")
    if steers(said):
        wrong.append("escapes on the terminal")
    return taken[0], [f"{name}: {fault}" for fault in wrong]


def main(arguments):
    server = Server()
    slow = "--slow" in arguments
    every = {**TABLE, **(busy() if slow or len(arguments) > 0 else {}), **SLOW}
    names = [name for name in arguments if name != "--slow"] or (every if slow else TABLE)
    return report(server, "feeds", [run(server, name, every[name], SLOW_SECONDS if name in SLOW else SECONDS) for name in names])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
