#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What servers do on the way to a feed that browsers put up with, and what nobody should.
bats_require_minimum_version 1.5.0
load helper

setup() {
    scratch_setup
    odd_start
}

# odd_start: a server that answers every path in a way of its own, with a feed of one episode, and is a proxy as well: it
# answers for http://public.example/ what it has at that path. Writes down each request's path and cookie in the file
# asked. Sets odd.
odd_start() {
    : >asked
    mkfifo odd.ready
    python3 - >odd.ready 3>&- <<'TXT' &
import gzip, http.server, socketserver
FEED = b"<rss version='2.0'><channel><title>Odd</title><item><title>One</title><guid>1</guid></item></channel></rss>"
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass
    def end(self, status=200, body=FEED, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        cookie = self.headers.get("Cookie")
        with open("asked", "a") as asked:
            asked.write(f"{self.path} {cookie}\n")
        path = self.path.removeprefix("http://public.example")
        if path.startswith("/coded/"):
            self.end(Content_Encoding=path[7:])
        elif path == "/coded-twice":
            self.end(Content_Encoding="gzip, aws-chunked", body=gzip.compress(FEED))
        elif path == "/page":
            self.end(body=b"<html><head><link rel='alternate' type='application/feed+json' href='/feed.json'></head></html>")
        elif path == "/feed.json":
            self.end(body=b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1"}]}')
        elif path == "/packed":
            self.end(body=gzip.compress(FEED))
        elif path == "/packed-twice":
            self.end(Content_Encoding="gzip", body=gzip.compress(gzip.compress(FEED)))
        elif path == "/packed-cut":
            self.end(body=gzip.compress(FEED)[:-20])
        elif path == "/bomb":
            self.end(body=gzip.compress(FEED[:40] + b" " * 100_000_000))
        elif path == "/cookie":
            if cookie == "k=1":
                self.end()
            else:
                self.end(302, b"", Location="/cookie", Set_Cookie="k=1; Path=/")
        elif path == "/to-loopback":
            self.end(302, b"", Location="http://127.0.0.1:%d/secret" % self.server.server_port)
        elif path == "/to-name":
            self.end(302, b"", Location="http://router.lan/secret")
        elif path.startswith(("/trailers", "/interim", "/headers")):
            line = b"T: " + b"a" * 900 + b"\r\n"
            self.wfile.write(b"HTTP/1.1 %s\r\n" % (b"103 Early Hints" if path == "/interim" else b"200 OK"))
            if path.startswith("/trailers"):
                self.wfile.write(b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n" % (len(FEED), FEED))
            try:
                while True:
                    self.wfile.write(line * 50 + (b"\r\nHTTP/1.1 103 Early Hints\r\n" if path == "/interim" else b""))
            except OSError:
                self.close_connection = True
        else:
            self.end()
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
server = Server(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
TXT
    background+=($!)
    read -r odd <odd.ready
}

# gives_one SOURCE: scan finds the episode there.
gives_one() {
    run --separate-stderr "$PODFLATTR" scan --format=json "$1"
    exits 0
    is "$(jq -r .guid <<<"$output")" 1
}

@test "an unknown content encoding is ignored" {
    local name
    for name in UTF-8 none aws-chunked gzip; do gives_one "$odd/coded/$name"; done
    gives_one "$odd/coded-twice"
}

@test "a feed that is packed is unpacked, whoever said so, also a file" {
    gives_one "$odd/packed"
    gives_one "$odd/packed-twice"
    printf '<rss version="2.0"><channel><item><guid>1</guid></item></channel></rss>' | gzip >feed.xml
    gives_one feed.xml
    head -c 40 feed.xml >cut.xml
    run "$PODFLATTR" scan cut.xml
    exits 69
    [[ $output == *"cut.xml: its gzip data broke off"* ]]
    printf '\037\213nonsense' >damaged.xml
    run "$PODFLATTR" scan damaged.xml
    exits 65
    [[ $output == *"damaged"* ]]
    run "$PODFLATTR" scan "$odd/packed-cut"
    exits 69
}

@test "what is unpacked is bounded" {
    run "$PODFLATTR" scan "$odd/bomb"
    exits 65
    [[ $output == *"larger than 64 MiB"* ]]
}

@test "a cookie is kept for one fetch and no other" {
    gives_one "$odd/cookie"
    : >asked
    run -0 "$PODFLATTR" scan "$odd/cookie" "$odd/plain"
    grep -qxF '/cookie k=1' asked
    grep -qxF '/plain None' asked
}

@test "endless headers, trailers and interim answers are cut off, soon and in little memory" {
    local path
    for path in trailers headers interim; do
        run timeout 20 "$PODFLATTR" scan "$odd/$path"
        exits 69
        [[ $output == *"more than 256 KiB of headers"* ]]
    done
    # libflattr's users are as safe.
    PODFLATTR_TOKEN=x run timeout 20 "$PODFLATTR" --api "$odd/trailers" whoami
    exits 69
    [[ $output == *"the answer is too long"* ]]
}

@test "a JSON Feed is a feed, also one that a page names" {
    cat >feed.json <<'TXT'
{"version":"https://jsonfeed.org/version/1.1","title":"Odd","items":[{"id":"1","title":"One","content_html":"<a rel='payment' href='https://flattr.com/t/1'>thanks</a>"}]}
TXT
    run --separate-stderr "$PODFLATTR" scan --format=json feed.json
    exits 0
    is "$(jq -r '.feed_title + " " + .guid + " " + .payments[0].key' <<<"$output")" 'Odd 1 thing:1'
    gives_one "$odd/page"
}

@test "behind a proxy, only the user leads into a private network" {
    export http_proxy=$odd no_proxy='' NO_PROXY=''
    gives_one http://public.example/feed
    gives_one "$odd/feed"
    gives_one http://router.lan/feed
    local path
    for path in to-loopback to-name; do
        run "$PODFLATTR" scan "http://public.example/$path"
        exits 69
        [[ $output == *"a redirect led to an address in a private network"* ]]
    done
    run -1 grep -q secret asked
    # What is not to go through the proxy does not.
    : >asked
    no_proxy='nothing.example, 127.0.0.1' gives_one "$odd/feed"
    grep -qxF '/feed None' asked
}
