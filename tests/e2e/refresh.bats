#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the service makes of what servers say of feeds: that they have moved, are gone, have not changed, or want to be left
# alone for a while; and of subscriptions that name feeds instead of being one.
bats_require_minimum_version 1.5.0
load helper
load daemon
load network

setup() {
    scratch_setup
    sandbox_start --means 100000 --rate-limit 100000
    fickle_start
}

# fickle_start: a web server for ./web that answers some paths in a way of its own, and writes down every request as
# "PATH STATUS BYTES" in the file asked, as "PATH USER-AGENT" in the file agents. Sets web.
fickle_start() {
    mkdir -p web
    : >asked
    mkfifo fickle.ready
    python3 - >fickle.ready 3>&- <<'TXT' &
import functools, http.server, os
class Handler(http.server.SimpleHTTPRequestHandler):
    sent = 0
    def do_GET(self):
        name, _, rest = self.path[1:].partition("/")
        if name in ("301", "308", "302"):
            return self.end(int(name), Location="/" + rest)
        if name == "410" or (name == "may-be-gone" and os.path.exists("gone")):
            return self.end(410)
        if name == "busy":
            return self.end(503, **{"Retry-After": "7200"})
        if name == "may-be-gone":
            self.path = "/may-be-gone/" + rest
            with open("web/" + rest, "rb") as file:
                return self.end(200, file.read())
        if name == "tagged":
            if self.headers["If-None-Match"] == '"v1"':
                return self.end(304, ETag='"v1"')
            with open("web/" + rest, "rb") as file:
                return self.end(200, file.read(), ETag='"v1"')
        try:
            with open("web/" + self.path[1:], "rb") as file:
                self.end(200, file.read())
        except OSError:
            self.end(404)
    def end(self, status, body=b"", **headers):
        with open("agents", "a") as agents:
            agents.write(f"{self.path} {self.headers['User-Agent']}\n")
        with open("asked", "a") as asked:
            asked.write(f"{self.path} {status} {len(body)}\n")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
TXT
    background+=($!)
    read -r web <fickle.ready
}

# asked PATH: how often it was asked for.
asked() {
    awk -v path="$1" '$1 == path { n++ } END { print n + 0 }' asked
}

asked_is() {
    [ "$(asked "$1")" -eq "$2" ]
}

# later SECONDS: the service once more, so much later; returns when it has asked for the feed clock.xml, which is due, as
# are all others by then that are ever to be asked.
later() {
    local before
    before=$(asked /clock.xml)
    PODFLATTR_CLOCK_OFFSET=$1 daemon_start
    wait_for 20 asked_is /clock.xml $((before + 1))
    wait_for 20 status_is '.feeds.known > 0' true
    daemon_stop
}

# first_look FEED ...: the service with these feeds, and clock.xml, until all have been asked.
first_look() {
    local url
    feed_write clock 1 1
    watch_configured "$@" "$web/clock.xml"
    printf '[feeds]\nrefresh = 5m\n' >>"$PODFLATTR_CONFIG"
    daemon_start
    for url in "$@"; do wait_for 20 grep -qF "${url#"$web"} " asked; done
    wait_for 20 asked_is /clock.xml 1
    daemon_stop
}

@test "a feed that has moved for good is asked where it is now, and its old address's rule holds" {
    feed_write show 1 2
    feed_write other 1 1
    first_look "$web/301/308/show.xml" "$web/302/other.xml"
    [ "$(sort asked)" = "$(sort <<TXT
/301/308/show.xml 301 0
/308/show.xml 308 0
/show.xml 200 $(stat -c %s web/show.xml)
/302/other.xml 302 0
/other.xml 200 $(stat -c %s web/other.xml)
/clock.xml 200 $(stat -c %s web/clock.xml)
TXT
    )" ]
    printf '[feed %s]\nrule = never\n' "$web/301/308/show.xml" >>"$PODFLATTR_CONFIG"
    : >asked
    PODFLATTR_CLOCK_OFFSET=90000 daemon_start
    wait_for 20 asked_is /show.xml 1
    wait_for 20 asked_is /other.xml 1
    asked_is /301/308/show.xml 0
    asked_is /308/show.xml 0
    # What is only elsewhere for a while is asked where it was.
    asked_is /302/other.xml 1
    download pods show-ep1.mp3
    wait_for 20 status_is .queue.dropped 1
    download pods other-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
    is "$(control GET flattrs | jq -r '.[0].url')" https://other.example/1
}

@test "a feed that is gone for good is asked seldom, and is followed again when it is there; one that is missing is asked" {
    feed_write back 1 1
    touch gone
    first_look "$web/410/a.xml" "$web/missing.xml" "$web/may-be-gone/back.xml"
    run -0 "$PODFLATTR" status
    [[ $output == *"/410/a.xml"*"gone for good"* ]]
    later 90000 # a day
    asked_is /410/a.xml 1
    wait_for 20 asked_is /missing.xml 2
    rm gone
    later 700000 # eight days
    wait_for 20 asked_is /410/a.xml 2
    wait_for 20 asked_is /may-be-gone/back.xml 2
    wait_for 20 grep -qF 'may-be-gone/back.xml: the feed is back' daemon.log
    later 8640000 # a hundred days: from now on once a month
    wait_for 20 asked_is /410/a.xml 3
    wait_for 20 grep -qF 'asked once a month' daemon.log
    later 9400000 # nine days later
    asked_is /410/a.xml 3
}

@test "after a start with the clock a month ahead, feeds are asked as usual" {
    feed_write show 1 1
    feed_write clock 1 1
    watch_configured "$web/show.xml" "$web/clock.xml"
    later 2592000
    wait_for 20 asked_is /show.xml 1
    later 0
    wait_for 20 asked_is /show.xml 2
}

@test "a feed that says that it has moved is followed, once there is a feed" {
    feed_write old 1 1
    feed_write new 1 2
    sed -i "s|</title>|&<itunes:new-feed-url xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>$web/new.xml</itunes:new-feed-url>|" web/old.xml
    cp web/old.xml web/stray.xml
    sed -i "s|/new.xml|/nowhere.xml|" web/stray.xml
    first_look "$web/old.xml" "$web/stray.xml"
    grep -qF "moved permanently to $web/new.xml" daemon.log
    grep -qF "moved to $web/nowhere.xml, but there is no feed there" daemon.log
    : >asked
    later 90000
    wait_for 20 asked_is /new.xml 1
    wait_for 20 asked_is /stray.xml 1
    asked_is /old.xml 0
    run "$PODFLATTR" scan "$web/old.xml"
    exits 0
    [[ $output == *"says that it has moved to $web/new.xml"* ]]
    printf '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>Old</title><itunes:new-feed-url>%s</itunes:new-feed-url></channel></rss>' "$web/new.xml" >web/empty.xml
    run "$PODFLATTR" scan "$web/empty.xml"
    exits 0
    [[ $output == *"Episode 2 of new"* ]]
}

@test "two feeds that say of each other that they have moved there are left alone" {
    local from to
    for from in one two; do
        [ "$from" = one ] && to=two || to=one
        feed_write $from 1 1
        sed -i "s|</title>|&<itunes:new-feed-url xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>$web/$to.xml</itunes:new-feed-url>|" web/$from.xml
    done
    first_look "$web/one.xml"
    grep -qF 'the feed there says the opposite' daemon.log
    asked_is /one.xml 1
    asked_is /two.xml 1
}

@test "further pages of a feed are read when an episode is missing, as far as needed and not without end" {
    local page
    for page in 1 2 3 4; do
        feed_write page$page $page $page show
        sed -i "s|</title>|&<atom:link rel='next' href='page$((page % 4 + 1)).xml'/>|" web/page$page.xml
        sed -i "s|//page$page.example|//show.example|; s|page$page|show|g; s|show.xml|page$((page % 4 + 1)).xml|" web/page$page.xml
    done
    first_look "$web/page1.xml"
    asked_is /page2.xml 0
    daemon_start
    mkdir pods/show
    download pods/show show-ep3.mp3
    wait_for 20 flattred_is 1
    asked_is /page2.xml 1
    asked_is /page3.xml 1
    asked_is /page4.xml 0
    # What is on no page has them all read, and them that go round no more than may be.
    download pods/show show-ep9.mp3
    wait_for 20 asked_is /page3.xml 13
    daemon_stop
    : >asked
    later 90000
    asked_is /page2.xml 0
}

@test "send asks the feeds that are due, where no service runs" {
    feed_write show 1 1 'The Show'
    configure '[feeds]' "subscriptions = $web/show.xml"
    "$PODFLATTR" hook "/pods/The Show/show-ep1.mp3"
    run "$PODFLATTR" send
    wait_for 1 asked_is /show.xml 1
    PODFLATTR_CLOCK_OFFSET=4000 run "$PODFLATTR" send
    is "$("$PODFLATTR" -q queue --format=json | jq -r .state)" flattred
}

@test "a file that was given up is found when its feed is there again, where no service runs" {
    local day
    configure '[feeds]' "subscriptions = $web/late.xml"
    "$PODFLATTR" hook --feed "$web/late.xml" --guid tag:late,2026:1 /pods/late-ep1.mp3
    # The first try is on a clock that is a month ahead, which keeps it from nothing.
    for day in 30 0 1 3 7 9; do
        PODFLATTR_CLOCK_OFFSET=$((day * 86400)) run "$PODFLATTR" send
    done
    is "$("$PODFLATTR" -q queue --state unmatched --format=json | jq -r .state)" unmatched
    feed_write late 1 1
    PODFLATTR_CLOCK_OFFSET=$((12 * 86400)) run "$PODFLATTR" send
    is "$("$PODFLATTR" -q queue --format=json | jq -r .state)" flattred
}

@test "a file that matches nothing has feeds asked for it three times, not for a week" {
    local offset
    feed_write show 1 1
    configure '[feeds]' "subscriptions = $web/show.xml" 'refresh = 30d'
    "$PODFLATTR" hook '/pods/Voice memo.mp3'
    for offset in 0 310 700 1200 1900 3000 5000 8000 13000 20000 40000 80000 150000 300000 500000 600000; do
        PODFLATTR_CLOCK_OFFSET=$offset run "$PODFLATTR" send
    done
    [ "$(asked /show.xml)" -ge 2 ]
    [ "$(asked /show.xml)" -le 3 ]
    is "$("$PODFLATTR" -q queue --state unmatched --format=json | jq -r .reason)" not_found
}

@test "music in a watched folder, all day long, does not have feeds asked for each song" {
    local song
    feed_write show 1 1
    configure '[feeds]' "subscriptions = $web/show.xml" 'refresh = 30d'
    for ((song = 0; song < 14; song++)); do
        "$PODFLATTR" hook "/pods/Song $song.mp3"
        PODFLATTR_CLOCK_OFFSET=$((song * 700)) run "$PODFLATTR" send
    done
    # When it became known, and three times on each of what may be two days.
    [ "$(asked /show.xml)" -ge 3 ]
    [ "$(asked /show.xml)" -le 7 ]
    # What is not looked for out of turn is looked for in its turn.
    PODFLATTR_CLOCK_OFFSET=$((31 * 86400)) run "$PODFLATTR" send
    is "$("$PODFLATTR" -q queue --state unmatched --format=json | jq -r .reason | sort | uniq -c | xargs)" '14 not_found'
}

@test "a feed that has not changed costs no byte, and its episodes are known" {
    feed_write show 1 2
    first_look "$web/tagged/show.xml"
    later 90000
    [ "$(grep -c '^/tagged/show.xml 304 0$' asked)" -eq 1 ]
    PODFLATTR_CLOCK_OFFSET=180000 daemon_start
    download pods show-ep2.mp3
    wait_for 20 flattred_is 1
    daemon_stop
    [ "$(grep -c '^/tagged/show.xml 200 ' asked)" -eq 1 ]
}

@test "a server that asks for a pause gets it, and others are asked as usual" {
    first_look "$web/busy/a.xml" "$web/missing.xml"
    later 6000
    asked_is /busy/a.xml 1
    wait_for 20 asked_is /missing.xml 2
    later 16000
    wait_for 20 asked_is /busy/a.xml 2
}

@test "looking for a file's episode does not disturb a server that asked for a pause" {
    feed_write show 1 1
    watch_configured "$web/busy/a.xml" "$web/show.xml"
    daemon_start
    wait_for 20 asked_is /busy/a.xml 1
    wait_for 20 asked_is /show.xml 1
    daemon_stop
    PODFLATTR_CLOCK_OFFSET=400 daemon_start
    download pods unknown.mp3
    wait_for 20 asked_is /show.xml 2
    daemon_stop
    asked_is /busy/a.xml 1
}

@test "the service sends the contact that the configuration names now" {
    for name in one two; do feed_write "$name" 1 1; done
    watch_configured "$web/one.xml"
    printf 'contact = ann@listener.example\n' >>"$PODFLATTR_CONFIG.contact"
    sed -i '/^\[feeds\]/r '"$PODFLATTR_CONFIG.contact" "$PODFLATTR_CONFIG"
    daemon_start
    wait_for 20 asked_is /one.xml 1
    grep -qx '/one.xml podflattr/.* (+ann@listener.example)' agents
    sed -i "s|ann@listener|bob@listener|; s|^subscriptions = .*|&$web/two.xml|" "$PODFLATTR_CONFIG"
    kill -HUP "$daemon_pid"
    wait_for 20 asked_is /two.xml 1
    grep -qx '/two.xml podflattr/.* (+bob@listener.example)' agents
    daemon_stop
}

# mute_start: a server that accepts and never answers. Sets mute (its address).
mute_start() {
    mkfifo mute.ready
    python3 - >mute.ready 3>&- <<'TXT' &
import socket
server = socket.create_server(("127.0.0.2", 0), backlog=200)
print(f"http://127.0.0.2:{server.getsockname()[1]}", flush=True)
connections = []
while True:
    connections.append(server.accept())
TXT
    background+=($!)
    read -r mute <mute.ready
}

@test "a host that never answers keeps only its own feeds waiting, however many they are" {
    mute_start
    feed_write show 1 1
    feed_write other 1 1
    mapfile -t feeds < <(seq -f "$mute/%g.xml" 70)
    watch_configured "${feeds[@]}" "$web/show.xml"
    daemon_start
    wait_for 20 asked_is /show.xml 1
    media other.mp3
    run -0 "$PODFLATTR" hook --feed "$web/other.xml" --guid tag:other,2026:1 other.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "the feeds of a page and of a list on the web, named as subscriptions, become known" {
    for name in one two three; do feed_write "$name" 1 1; done
    printf '<!DOCTYPE html><link rel=alternate type="application/rss+xml" href="one.xml"><link rel=alternate type="application/atom+xml" href="two.xml"><link rel=alternate type="application/rss+xml" href="file://%s/web/clock.xml">\n' "$PWD" >web/page.html
    printf '<opml><body><outline text="x"><outline xmlUrl="three.xml"/><outline xmlUrl="file://%s/web/clock.xml"/></outline></body></opml>\n' "$PWD" >web/list.opml
    watch_configured "$web/page.html" "$web/list.opml"
    daemon_start
    wait_for 20 known_feeds_are 5
    download pods one-ep1.mp3
    download pods two-ep1.mp3
    download pods three-ep1.mp3
    wait_for 20 flattred_is 3
    daemon_stop
    [ "$(sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" "SELECT count(*) FROM feed WHERE url LIKE 'file:%'")" -eq 0 ]
}

# subscribe_to ADDRESS COMMAND ...: in a network of its own, the service with a list and a page at an address as its
# subscriptions, until the command is true; fails when it never is.
subscribe_to() {
    secret_start
    watch_configured "http://$1:$port/list" "http://$1:$port/page"
    daemon_start
    wait_for 20 "${@:2}"
    daemon_stop
    "$PODFLATTR" -q status --format=json >after
}

@test "lists and pages on the web do not lead the service into a private network" {
    in_network subscribe_to 203.0.113.1 status_is '.feeds.faults | length' 2
    exits 0
    jq -e '.feeds.faults | all(tostring | contains("private network"))' after
    run ! grep 10.9.8.7 asked
}

@test "lists and pages in a private network may lead the service there" {
    in_network subscribe_to 10.9.8.7 known_feeds_are 4
    exits 0
    jq -e '.feeds.faults == []' after
    grep -qx 10.9.8.7/secret asked
    grep -qx 10.9.8.7/secret/2 asked
}
