#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A synchronisation server as gpodder.net's API (version 2) and Nextcloud's GPodder Sync describe it, for one user: ann, whose
password is in sync/password. sync_server.py FOLDER prints its port. FOLDER/devices.json is an object of devices with the feeds
of each, FOLDER/actions.json the list of episode actions, each with `uploaded` (seconds) beside what the API has. FOLDER/requests
gets a line a request. With FOLDER/status, which has a number in it, that is the answer to all."""

import base64
import http.server
import json
import pathlib
import sys
import time
import urllib.parse

folder = pathlib.Path(sys.argv[1])


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def is_ann(self):
        word = "ann:" + (folder / "password").read_text()
        return self.headers.get("Authorization") == "Basic " + base64.b64encode(word.encode()).decode()

    def do_GET(self):
        path, _, query = self.path.partition("?")
        since = int(urllib.parse.parse_qs(query).get("since", ["0"])[0])
        with (folder / "requests").open("a") as requests:
            requests.write(path + "\n")
        if (folder / "status").exists():
            return self.answer(int((folder / "status").read_text()), {})
        if not self.is_ann():
            return self.answer(401, {"message": "who are you?"})
        devices = json.loads((folder / "devices.json").read_text())
        parts = path.strip("/").split("/")
        if path == "/api/2/devices/ann.json":
            return self.answer(200, [{"id": name, "caption": name, "type": "mobile", "subscriptions": len(feeds)} for name, feeds in devices.items()])
        if parts[:4] == ["api", "2", "subscriptions", "ann"] and len(parts) == 5:
            name = urllib.parse.unquote(parts[4])[: -len(".json")]
            return self.answer(200, {"add": devices[name], "remove": [], "timestamp": int(time.time())})
        if path == "/cloud/index.php/apps/gpoddersync/subscriptions":
            return self.answer(200, {"add": sorted({feed for feeds in devices.values() for feed in feeds}), "remove": [], "timestamp": int(time.time())})
        if path in ("/api/2/episodes/ann.json", "/cloud/index.php/apps/gpoddersync/episode_action"):
            actions = [action for action in json.loads((folder / "actions.json").read_text()) if action["uploaded"] >= since]
            return self.answer(200, {"actions": actions, "timestamp": int(time.time())})
        return self.answer(404, {})

    def log_message(self, *arguments):
        pass


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
