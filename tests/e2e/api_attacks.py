#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a server of the API may do, right, wrong or hostile, each beside the verdict that podflattr must come to.

api_attacks.py [--slow] [NAME ...]: runs all rows, or those named, and prints what is wrong. A row is one run of `send` with
one entry, against a server that answers with exactly the bytes that the table has. What `send` says, keeps and takes of
memory and time is looked at in each. --slow: also the rows that last until podflattr gives up.
"""
import json
import os
import pathlib
import shutil
import sqlite3
import sys
import tempfile
import time

from attacks import (ESCAPES, RESET, SECONDS, Endless, Pause, Server, answer, bomb, chunk, chunked, drip, head, measure,
                     podflattr, report, steers)

TOKEN = "a-token-that-nobody-else-may-see"
PAGE = "https://x.example/1"

THING = {"type": "thing", "id": 7, "url": PAGE, "link": "https://f.example/thing/7", "title": "One"}
OK = {"message": "ok", "description": "done", "thing": THING}


def error(status, code, *lines, **more):
    return answer(status, {"error": code, "error_description": "because", **more}, *lines)


OK_BODY = json.dumps(OK).encode()
HERE = "/rest/v2/flattr"
NO_ANSWER = "75 queued no_answer doubt open"
OTHER_THING = "75 queued another_thing doubt open"
BAD_ANSWER = "75 queued bad_answer doubt open"
NOT_THE_API = "75 queued not_the_api - open"
REFUSED = "75 queued refused - open"
SERVER_ERROR = "75 queued server_error doubt open"
REDIRECT = "75 queued redirect doubt open"
PAID = "0 flattred - - open"


# NAME: (what the answer to POST /flattr is made of, "EXIT STATE REASON DOUBT GATE" …); some leave two verdicts to libcurl.
TABLE = {
    # Right answers, also in forms that a proxy or another library makes of them.
    "right": (answer("200 OK", OK), PAID),
    "right, with a trailing blank megabyte": (answer("200 OK", OK_BODY + b" " * 900_000), PAID),
    "right, as HTTP/1.0 without a length": (head("200 OK", version="HTTP/1.0") + OK_BODY, PAID),
    "right, in chunks with extensions": (chunked(chunk(OK_BODY, b";name=value;x=\"y\"")), PAID),
    "right, with trailers": (chunked(chunk(OK_BODY), end=b"0\r\nX: y\r\n\r\n"), PAID),
    "right, after interim answers": (head("100 Continue") + head("103 Early Hints", "Link: </x>") + answer("200 OK", OK), PAID),
    "right, as text/html": (head("200 OK", "Content-Type: text/html", f"Content-Length: {len(OK_BODY)}") + OK_BODY, PAID),
    "right, with a second answer behind it": (answer("200 OK", OK) + error("403 No", "no_means"), PAID),
    "right, with lines ended by LF alone": (answer("200 OK", OK).replace(b"\r\n", b"\n"), PAID),
    "right, with escapes in the title": (answer("200 OK", {**OK, "thing": {**THING, "title": ESCAPES}}), PAID),
    "right, byte by byte": (drip(answer("200 OK", OK), 0.002), PAID),
    # A yes that is none.
    "200 without a body": (answer("200 OK", b""), BAD_ANSWER),
    "200 with an empty object": (answer("200 OK", {}), BAD_ANSWER),
    "200 with null": (answer("200 OK", b"null"), BAD_ANSWER),
    "200 with a list of it": (answer("200 OK", [OK]), BAD_ANSWER),
    "200 with another message": (answer("200 OK", {**OK, "message": "queued"}), BAD_ANSWER),
    "200 about another page": (answer("200 OK", {**OK, "thing": {**THING, "url": "https://y.example/1"}}), OTHER_THING),
    "200 about the same page of a look-alike": (answer("200 OK", {**OK, "thing": {**THING, "url": "https://x.example.evil/1"}}), OTHER_THING),
    "200 about a page that is no text": (answer("200 OK", {**OK, "thing": {**THING, "url": 7}}), PAID),
    "200 with a thing that is a list": (answer("200 OK", {**OK, "thing": [THING]}), PAID),
    "200 with a thing and no message": (answer("200 OK", {"thing": THING}), PAID),
    "200 about a thing of another number and page": (answer("200 OK", {**OK, "thing": {"id": 8, "url": "https://x.example/"}}), OTHER_THING),
    "200 with a number as message": (answer("200 OK", {**OK, "message": 0}), BAD_ANSWER),
    "200 that is cut off in JSON": (answer("200 OK", OK_BODY[:-3]), BAD_ANSWER),
    "200 with something behind the JSON": (answer("200 OK", OK_BODY + b"{}"), BAD_ANSWER),
    "200 with bytes that are no UTF-8": (answer("200 OK", OK_BODY.replace(b"One", b"\xff\xfe")), BAD_ANSWER),
    "200 nested a hundred thousand deep": (answer("200 OK", b"[" * 100_000), BAD_ANSWER),
    "200 with a login page": (answer("200 OK", b"<html>log in</html>"), BAD_ANSWER),
    "200 that is packed, unasked": (head("200 OK", "Content-Encoding: gzip", "Connection: close") + bomb(OK_BODY, b" ", 0), BAD_ANSWER),
    "201": (answer("201 Created", {"message": "made"}), BAD_ANSWER),
    "202": (answer("202 Accepted", b""), BAD_ANSWER),
    "204": (head("204 No Content"), BAD_ANSWER),
    "206": (answer("206 Partial", OK_BODY[:20], "Content-Range: bytes 0-19/99"), BAD_ANSWER),
    # No answer, or half of one.
    "the connection is closed": (b"", NO_ANSWER),
    "the connection is reset": (RESET, NO_ANSWER),
    "cut off in the head": (b"HTTP/1.1 200 OK\r\nContent-Le", BAD_ANSWER, NO_ANSWER),
    "cut off in the body": (answer("200 OK", OK)[:-5], NO_ANSWER),
    "cut off in a chunk": (chunked(chunk(OK_BODY))[:-20], NO_ANSWER),
    "cut off before the last chunk": (chunked(chunk(OK_BODY), end=b""), NO_ANSWER),
    "a packed answer that is a bomb": (head("200 OK", "Content-Encoding: gzip", "Connection: close") + bomb(b"", b" ", 200), BAD_ANSWER),
    # Streams without end.
    "a status line without end": ([b"HTTP/1.1 200 ", Endless(b"x" * 8192)], NO_ANSWER),
    "a header without end": ([b"HTTP/1.1 200 OK\r\nX: ", Endless(b"x" * 8192)], NO_ANSWER),
    "headers without end": ([b"HTTP/1.1 200 OK\r\n", Endless(b"X: y\r\n" * 999)], NO_ANSWER),
    "cookies without end": ([b"HTTP/1.1 200 OK\r\n", Endless(b"Set-Cookie: a=b\r\n" * 499)], NO_ANSWER),
    "interim answers without end": ([Endless(head("103 Early Hints", "X: y") * 99)], NO_ANSWER),
    "continuations without end": ([Endless(head("100 Continue") * 99)], NO_ANSWER),
    "a body without end": ([head("200 OK"), Endless(b"{" * 8192)], NO_ANSWER),
    "chunks of one byte without end": ([chunked(end=b""), Endless(chunk(b" ") * 999)], NO_ANSWER),
    "trailers without end": ([chunked(chunk(OK_BODY), end=b"0\r\n"), Endless(b"X: y\r\n" * 999)], NO_ANSWER),
    # Against the rules of HTTP.
    "a greeting of SSH": (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", NO_ANSWER),
    "a body without a head": (OK_BODY, NO_ANSWER),
    "a head of zeros": (b"\0" * 4096, NO_ANSWER),
    "two lengths": (head("200 OK", "Content-Length: 5", f"Content-Length: {len(OK_BODY)}", "Connection: close") + OK_BODY, PAID, NO_ANSWER),
    "a length below zero": (head("200 OK", "Content-Length: -1", "Connection: close") + OK_BODY, NO_ANSWER),
    "a length beyond all numbers": (head("200 OK", "Content-Length: " + "9" * 40, "Connection: close") + OK_BODY, PAID, NO_ANSWER),
    "a chunk's size beyond all numbers": (chunked(b"f" * 40 + b"\r\n" + OK_BODY), NO_ANSWER),
    "a chunk's size that is none": (chunked(b"zz\r\n" + OK_BODY), NO_ANSWER),
    "another protocol": (head("101 Switching Protocols", "Upgrade: x", "Connection: upgrade") + OK_BODY, SERVER_ERROR, NO_ANSWER),
    "a status of two digits": (head("20 OK", f"Content-Length: {len(OK_BODY)}") + OK_BODY, NO_ANSWER),
    "a status of 000": (answer("000 OK", OK), NO_ANSWER),
    "a status of 999": (answer("999 OK", OK), SERVER_ERROR),
    "a zero in a header": (answer("200 OK", OK, "X: a\0b"), NO_ANSWER),
    # Refusals: the code decides, not the status.
    "no_means": (error("401 No", "no_means"), "75 queued no_means - no_means"),
    "unauthorized": (error("401 No", "unauthorized"), "77 queued unauthorized - unauthorized"),
    "401 without a code": (answer("401 No", {}), REFUSED),
    "401 of a proxy": (answer("401 No", b"<html>log in</html>", 'WWW-Authenticate: Basic realm="wifi"'), NOT_THE_API),
    "407 of a proxy": (answer("407 No", b"<html>log in</html>", 'Proxy-Authenticate: Basic realm="wifi"'), NOT_THE_API),
    "flattr_once": (error("403 No", "flattr_once"), "0 flattred flattr_once - open"),
    "flattr_once with 500": (error("500 No", "flattr_once"), "0 flattred flattr_once - open"),
    "flattr_owner": (error("403 No", "flattr_owner"), "0 owned flattr_owner - open"),
    "insufficient_scope": (error("403 No", "insufficient_scope"), "77 queued insufficient_scope - insufficient_scope"),
    "rate_limit_exceeded": (error("403 No", "rate_limit_exceeded"), "75 queued rate_limit_exceeded - rate_limit"),
    "rate limits beyond all numbers": (
        error("403 No", "rate_limit_exceeded", "X-RateLimit-Limit: 9", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 9223372036854775807"),
        "75 queued rate_limit_exceeded - rate_limit"),
    "rate limits that are no numbers": (
        error("403 No", "rate_limit_exceeded", "X-RateLimit-Limit: a", "X-RateLimit-Remaining: -1", "X-RateLimit-Reset: 1e9"),
        "75 queued rate_limit_exceeded - rate_limit"),
    "an unknown code": (error("403 No", "full_moon"), REFUSED),
    "a code that is a number": (answer("403 No", {"error": 403}), REFUSED),
    "a code in a list": (answer("403 No", {"error": ["flattr_once"]}), REFUSED),
    "a code in another case": (error("403 No", "Flattr_Once"), REFUSED),
    "a code with a zero in it": (answer("403 No", b'{"error":"flattr_once\\u0000x"}'), NOT_THE_API),
    "404 of no API": (answer("404 No", b"<html>no such page</html>"), NOT_THE_API),
    "not_found, but for all one knows of no API": (error("404 No", "not_found"), NOT_THE_API),
    "not_found of the API": (
        error("404 No", "not_found", "X-RateLimit-Limit: 9", "X-RateLimit-Remaining: 8", "X-RateLimit-Reset: 2000000000"),
        "0 failed not_found - open"),
    "validation": (error("400 No", "validation"), "0 failed validation - open"),
    "escapes in a refusal": (error("400 No", "validation", error_description=ESCAPES), "0 failed validation - open"),
    "429 for the age of the world": (answer("429 No", b"", "Retry-After: 99999999999999999999"), "75 queued rate_limit - rate_limit"),
    "503 until yesterday": (answer("503 No", b"", "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT"), "75 queued server_error doubt unreachable"),
    "503 for less than no time": (answer("503 No", b"", "Retry-After: -5"), SERVER_ERROR),
    "502 of a proxy": (answer("502 No", b"<html>bad gateway</html>"), SERVER_ERROR),
    # Elsewhere.
    "301": (answer("301 Go", b"", "Location: http://elsewhere/rest/v2/flattr"), REDIRECT),
    "302 to a file": (answer("302 Go", b"", "Location: file:///etc/passwd"), REDIRECT),
    "302 to itself": (answer("302 Go", b"", f"Location: {HERE}"), REDIRECT),
    "303": (answer("303 Go", b"", "Location: http://elsewhere/"), REDIRECT),
    "307": (answer("307 Go", b"", "Location: http://elsewhere/rest/v2/flattr"), REDIRECT),
    "308": (answer("308 Go", b"", "Location: //elsewhere/"), REDIRECT),
    "300 with a yes": (answer("300 Choose", OK), REDIRECT),
    "304": (head("304 Not Modified"), REDIRECT),
    "200 with another place": (answer("200 OK", OK, "Location: http://elsewhere/", "Refresh: 0;url=http://elsewhere/"), PAID),
}



def flattr(thing=None, **more):
    return {"type": "flattr", "thing": thing or THING, "owner": {"username": "ann"}, "created_at": int(time.time()), **more}


def flattrs(*made):
    return answer("200 OK", list(made))


IN_DOUBT = "75 queued no_answer doubt open"
# An entry may have been paid: NAME: (the answer to GET /user/flattrs of ann, verdict …). In the same month,
# an empty list may have it sent again, which the server refuses if it was paid.
QUESTIONS = {
    "it is in the list": (flattrs(flattr()), PAID),
    "it is in the list, without a name": (flattrs(flattr(owner=None)), PAID),
    "it is in somebody else's list": (flattrs(flattr(owner={"username": "bob"})), IN_DOUBT),
    "the list is an object": (answer("200 OK", {"flattrs": [flattr()]}), IN_DOUBT),
    "the list is a page": (answer("200 OK", b"<html>log in</html>"), IN_DOUBT),
    "the list is cut off": (flattrs(flattr())[:-1], IN_DOUBT),
    "the list is elsewhere": (answer("302 Go", b"", "Location: http://elsewhere/"), IN_DOUBT),
    "the list is of numbers": (answer("200 OK", [1, 2]), "75 queued not_the_api doubt open"),  # as an empty one: asked once more
    "the list has no end": (flattrs(flattr({**THING, "id": 8, "url": "https://y.example/"}, created_at=4_000_000_000)), IN_DOUBT),
    "nobody answers": (b"", IN_DOUBT),
}

# These last until podflattr gives up waiting.
SLOW = {
    "a chunk's extension without end": ([chunked(end=b"1;"), Endless(b"x" * 8192)], NO_ANSWER),
    "nothing": (Pause(600), NO_ANSWER),
    "a head byte by byte": ([Pause(0)] + drip(head("200 OK", *["X: y"] * 999), 0.5), NO_ANSWER),
    "a body byte by byte": ([head("200 OK", "Content-Length: 9999")] + drip(b"{" * 9999, 0.5), NO_ANSWER),
    "an interim answer a second": ([head("102 Processing"), Pause(1)] * 600, NO_ANSWER),
}


def verdict(state, status):
    with sqlite3.connect(state + "/queue.db") as database:
        entry, reason, doubt = database.execute("SELECT state, reason, doubt FROM entry").fetchone()
        gate = database.execute("SELECT reason FROM gate").fetchone()
    return f"{status} {entry} {reason or '-'} {'doubt' if doubt else '-'} {gate[0] if gate and gate[0] else 'open'}"


def leaks(state):
    """The files under the state folder that the token is in."""
    return [path.name for path in pathlib.Path(state).rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]


def run(server, name, row, template, limit):
    """Returns what is wrong with one row."""
    parts, *expected = row
    server.answers = {"POST " + HERE: parts}
    server.asked = 0
    wrong = []
    with tempfile.TemporaryDirectory() as scratch:
        state = shutil.copytree(template, scratch + "/state")
        status, said, taken = podflattr(state, "-v", "-v", "send")
        if "escapes" in name:
            said += podflattr(state, "queue", "show", "1")[1] + podflattr(state, "queue", "list")[1] + podflattr(state, "status")[1]
        found = verdict(state, status)
        if found not in expected:
            wrong.append(f"{found}, not {' or '.join(expected)}: {said.decode(errors='replace')[-400:]}")
        if server.asked != 1:
            wrong.append(f"sent {server.asked} times")
        wrong += measure(taken, limit)
        if steers(said):
            wrong.append("escapes on the terminal")
        if TOKEN.encode() in said or leaks(state):
            wrong.append("the token is shown or kept")
    return taken[0], [f"{name}: {fault}" for fault in wrong]


def ask(server, name, row, template):
    """Returns what is wrong with what is made of one answer about a doubt."""
    parts, *expected = row
    server.answers = {"POST " + HERE: b"", "GET /rest/v2/user": answer("200 OK", {"type": "user", "username": "ann"})}
    wrong = []
    with tempfile.TemporaryDirectory() as scratch:
        state = shutil.copytree(template, scratch + "/state")
        podflattr(state, "send")
        del server.answers["POST " + HERE]
        server.answers["GET /rest/v2/user/flattrs?count=100&page=1"] = parts
        for page in range(2, 1002):
            server.answers[f"GET /rest/v2/user/flattrs?count=100&page={page}"] = parts if "no end" in name else flattrs()
        offset = os.environ.pop("PODFLATTR_CLOCK_OFFSET", "0")
        os.environ["PODFLATTR_CLOCK_OFFSET"] = str(int(offset) + 120)
        status, said, taken = podflattr(state, "-v", "send")
        os.environ["PODFLATTR_CLOCK_OFFSET"] = offset
        found = verdict(state, status)
        if found.replace("unreachable", "open") not in expected:
            wrong.append(f"{found}, not {' or '.join(expected)}: {said.decode(errors='replace')[-400:]}")
        wrong += measure(taken, SECONDS)
    return taken[0], [f"asked about a doubt, {name}: {fault}" for fault in wrong]


def main(arguments):
    server = Server()
    os.environ.update(PODFLATTR_API=f"http://{server.address(server.socket)}/rest/v2", PODFLATTR_TOKEN=TOKEN)
    every = {**TABLE, **SLOW}
    names = [name for name in arguments if name != "--slow"] or (every if "--slow" in arguments else TABLE)
    with tempfile.TemporaryDirectory() as template:
        podflattr(template, "add", "https://flattr.com/submit/auto?user_id=ann&url=https%3A%2F%2Fx.example%2F1")
        results = [run(server, name, every[name], template, 150 if name in SLOW else SECONDS) for name in names]
        results += [ask(server, name, row, template) for name, row in QUESTIONS.items()]
    return report(server, "behaviours of a server", results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
