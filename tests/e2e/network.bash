# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For tests that run in a network of their own: `unshare --user --map-root-user --net bash -c FUNCTION`, whose function
# reads this file.

# network_setup: a scratch directory, and on the one machine of the network a public address, 203.0.113.1, and a private
# one, 10.9.8.7.
network_setup() {
    # shellcheck source=tests/e2e/helper.bash
    . "$PF_SOURCE/tests/e2e/helper.bash"
    scratch_setup
    ip link set lo up
    ip address add 203.0.113.1/32 dev lo
    ip address add 10.9.8.7/32 dev lo
}

# secret_start: a web server on both addresses with a list and a page, /list and /page, which name the feeds /secret and
# /secret/2 on the private one; all else is a feed.
# Writes what it is asked for as "ADDRESS/PATH" into the file asked. Sets port.
secret_start() {
    rm -f secret.ready
    mkfifo secret.ready
    python3 - >secret.ready <<'TXT' &
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        secret = f"http://10.9.8.7:{self.server.server_port}/secret"
        open("asked", "a").write(self.headers["Host"].split(":")[0] + self.path + "\n")
        if self.path == "/list":
            body = f'<opml><body><outline xmlUrl="{secret}"/></body></opml>'
        elif self.path == "/page":
            body = f'<html><head><link rel="alternate" type="application/rss+xml" href="{secret}/2"/></head></html>'
        else:
            body = "<rss><channel><title>T</title><item><title>Secret</title><guid>1</guid></item></channel></rss>"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())
    def log_message(self, *arguments):
        pass
server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
TXT
    background+=($!)
    # shellcheck disable=SC2034 # for the tests
    read -r port <secret.ready
}
