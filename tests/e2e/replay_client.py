# SPDX-License-Identifier: GPL-2.0-or-later
"""replay_client.py READY FILE...: sends the requests that clients of others send (method, path, headers, body, as their
sources make them) to a flattr-sandbox, and compares each answer. READY is the line that the sandbox prints.

A file is {"headers": sent with each request, "exchanges": [{"call", "request", "headers", "body", "status", "answer",
"location"}]}. In all texts {TOKEN}, {CLIENT}, {SECRET}, {BASIC} (both of these for Basic authentication) and {CODE} (a new
one) stand for what the sandbox gives, and {API} for its address. An answer's object holds at least what is named, a list as many items; "*" is
anything but null. In the scene "alice" owns thing 1, http://e.org/theirs, and the token is of "demo"."""
import base64
import http.client
import json
import sys
import urllib.parse

ready = json.load(open(sys.argv[1]))
API = urllib.parse.urlsplit(ready["api"])
faults = 0


def send(method, path, headers, body):
    connection = http.client.HTTPConnection(API.netloc)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body.encode())))
    connection.endheaders(body.encode() if body is not None else None)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read().decode()


def new_code():
    """What the person's browser comes back with."""
    form = urllib.parse.urlencode({"client_id": ready["client_id"], "response_type": "code", "decision": "allow",
                                   "scope": "flattr,thing"})
    _, headers, _ = send("POST", "/oauth/authorize", {"Content-Type": "application/x-www-form-urlencoded"}, form)
    return urllib.parse.parse_qs(urllib.parse.urlsplit(headers["Location"]).query)["code"][0]


def fill(text):
    if "{CODE}" in text:
        text = text.replace("{CODE}", new_code())
    pair = base64.b64encode(f"{ready['client_id']}:{ready['client_secret']}".encode()).decode()
    for name, value in (("{TOKEN}", ready["access_token"]), ("{CLIENT}", ready["client_id"]),
                        ("{SECRET}", ready["client_secret"]), ("{BASIC}", pair), ("{API}", ready["api"])):
        text = text.replace(name, value)
    return text


def difference(wanted, given, where="answer"):
    """Returns what is not as wanted; None when all is."""
    if wanted == "*":
        return None if given is not None else f"{where} is null"
    if isinstance(wanted, str):
        wanted = fill(wanted)
    if isinstance(wanted, dict) and isinstance(given, dict):
        for name, value in wanted.items():
            found = difference(value, given.get(name), f"{where}.{name}")
            if found:
                return found
        return None
    if isinstance(wanted, list) and isinstance(given, list) and len(wanted) == len(given):
        return next((found for index, value in enumerate(wanted)
                     if (found := difference(value, given[index], f"{where}[{index}]"))), None)
    return None if wanted == given else f"{where} is {given!r} instead of {wanted!r}"


def replay(exchange, headers):
    method, path = fill(exchange["request"]).split(" ", 1)
    sent = {name: fill(value) for name, value in {**headers, **exchange.get("headers", {})}.items() if value}
    body = fill(exchange["body"]) if "body" in exchange else None
    status, got, text = send(method, path, sent, body)
    if status != exchange["status"]:
        return f"answered {status} instead of {exchange['status']}: {text}"
    if "location" in exchange and got.get("Location") != fill(exchange["location"]):
        return f"leads to {got.get('Location')}"
    if "answer" not in exchange:
        return None if text == "" else f"has a body: {text}"
    return difference(exchange["answer"], json.loads(text))


def main():
    global faults
    send("PUT", "/_sandbox/thing", {"Content-Type": "application/json"},
         json.dumps({"url": "http://e.org/theirs", "user": "alice", "title": "A thing of hers"}))
    count = 0
    for name in sys.argv[2:]:
        record = json.load(open(name))
        for exchange in record["exchanges"]:
            fault = replay(exchange, record["headers"])
            count += 1
            if fault:
                faults += 1
                print(f"{name}: {exchange['call']}: {fault}")
    print(f"{count} requests, {faults} answered otherwise")


main()
