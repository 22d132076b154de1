# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For tests that run in a network of their own; loaded after helper.bash.

# in_network FUNCTION [ARGUMENT ...]: what `run` does, in a network of its own, which is as network_setup leaves it. Any line of
# the function that fails ends it, and what it has started ends with it. Skips the test where no network can be made.
in_network() {
    unshare --user --map-root-user --net true 2>/dev/null || skip "needs a network of its own"
    export -f "${1?}"
    # shellcheck disable=SC2016 # the variables are those of the other shell
    run timeout 60 unshare --user --map-root-user --net bash -euo pipefail -c '
        . "$PF_SOURCE/tests/e2e/helper.bash"
        . "$PF_SOURCE/tests/e2e/daemon.bash"
        . "$PF_SOURCE/tests/e2e/network.bash"
        network_setup
        "$@"' - "$@"
}

# network_setup: a scratch directory, and on the one machine of the network a public address, 203.0.113.1, and a private
# one, 10.9.8.7.
network_setup() {
    scratch_setup
    trap scratch_teardown EXIT
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
