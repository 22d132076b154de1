#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# scan with many sources: their order, lists of feeds, an interrupt, and the line of progress.

bats_require_minimum_version 1.5.0
load helper
load network

# A web server for the files in www; a request for a name with "hold" in it waits until the file "release" is there, and
# leaves a file "asked" behind. Sets web, its address.
web_start() {
    mkdir -p www
    mkfifo web.ready
    python3 - >web.ready 3>&- <<'TXT' &
import functools, http.server, os, threading, time
released = threading.Event()
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if "hold" in self.path:
            open("asked", "w").close()
            while not os.path.exists("release"):
                released.wait(0.02)
        if self.path == "/headers":
            return self.headers_tell()
        super().do_GET()
    def headers_tell(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=\"windows-1251\"")
        self.send_header("Link", "</pay>; rel=payment")
        self.send_header("Link", "<https://b.example/>; rel=\"x Payment\"")
        self.end_headers()
        self.wfile.write(b"<rss><channel><title>T</title><item><title>\xd0\xe0\xe4\xe8\xee</title></item></channel></rss>")
    def log_message(self, *arguments):
        pass
handler = functools.partial(Handler, directory="www")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
TXT
    background+=($!)
    read -r web <web.ready
}

# feed NAME [ITEMS]: writes www/NAME.xml, with items NAME-1, NAME-2 …
feed() {
    awk -v name="$1" -v items="${2-2}" 'BEGIN {
        printf "<rss xmlns:a=\"http://www.w3.org/2005/Atom\"><channel><title>%s</title>\n", name
        for (i = 1; i <= items; i++)
            printf "<item><title>%s-%d</title><guid>%s-%d</guid><a:link rel=\"payment\" href=\"https://flattr.com/submit/auto?url=http%%3A%%2F%%2Fa.example%%2F%s-%d&amp;user_id=ann\"/></item>\n", name, i, name, i, name, i
        print "</channel></rss>"
    }' >"www/$1.xml"
}

# opml FILE URL ...: writes a list of feeds.
opml() {
    local file=$1 url
    shift
    {
        printf '<opml version="2.0"><body><outline text="all">\n'
        for url in "$@"; do printf '<outline text="x" xmlUrl="%s"/>\n' "$url"; done
        printf '</outline></body></opml>\n'
    } >"$file"
}

titles() { jq -r .title <<<"$output" | tr '\n' ' '; }

@test "feeds are printed in the order given, however late the first one comes" {
    web_start
    for name in hold a b c; do feed $name; done
    "$PODFLATTR" -q scan --format=json "$web/hold.xml" "$web/a.xml" www/b.xml "$web/c.xml" >out 3>&- &
    scan=$!
    background+=("$scan")
    wait_for 60 test -e asked
    [ ! -s out ]
    touch release
    wait "$scan"
    output=$(<out)
    [ "$(titles)" = "hold-1 hold-2 a-1 a-2 b-1 b-2 c-1 c-2 " ]
}

@test "sixty feeds come in order, and the first failure decides the exit status" {
    web_start
    urls=() expected=
    for ((i = 1; i <= 60; i++)); do
        feed "f$i" 1
        urls+=("$web/f$i.xml")
        expected+="f$i-1 "
    done
    urls[20]=$web/missing.xml
    run --separate-stderr "$PODFLATTR" scan --format=json "${urls[@]}" nowhere.xml
    exits 69
    [ "$(titles)" = "${expected/f21-1 /}" ]
    [[ $stderr == *"missing.xml: the server answered with HTTP status 404"*"nowhere.xml: No such file"* ]]
}

@test "a big feed that waits for its turn is not lost, and each is in its place" {
    web_start
    feed hold
    feed big 5000
    feed z
    "$PODFLATTR" -q scan --format=json "$web/hold.xml" "$web/big.xml" "$web/z.xml" >out 3>&- &
    scan=$!
    background+=("$scan")
    wait_for 60 test -e asked
    touch release
    wait "$scan"
    [ "$(wc -l <out)" -eq 5004 ]
    is "$(sed -n '3p;5002p' out | jq -r .title | tr '\n' ' ')" "big-1 big-5000 "
    is "$(sed -n '5004p' out | jq -r .title)" z-2
}

@test "many big feeds that rest do not keep the feeds of a list from being read" {
    web_start
    feed inner
    opml www/hold.opml inner.xml
    urls=()
    for ((i = 1; i <= 20; i++)); do
        feed "big$i" 2500
        urls+=("$web/big$i.xml")
    done
    "$PODFLATTR" -q scan --format=json "$web/hold.opml" "${urls[@]}" >out 3>&- &
    scan=$!
    background+=("$scan")
    wait_for 60 test -e asked
    touch release
    wait "$scan"
    [ "$(wc -l <out)" -eq 50002 ]
    is "$(head -1 out | jq -r .title)" inner-1
}

@test "a list of feeds stands for the feeds in it, each once, in its place" {
    web_start
    for name in a b c d; do feed $name 1; done
    opml www/list.opml a.xml "$web/b.xml" a.xml list.opml
    opml local.opml "$web/c.xml" www/d.xml "$web/b.xml"
    run --separate-stderr "$PODFLATTR" -q scan --format=json www/d.xml "$web/list.opml" local.opml
    exits 0
    [ "$(titles)" = "d-1 a-1 b-1 c-1 d-1 " ]
}

@test "a list on the web names no files of this machine" {
    web_start
    feed a 1
    opml www/list.opml "file://$PWD/www/a.xml" a.xml
    run --separate-stderr "$PODFLATTR" -q scan --format=json "$web/list.opml"
    exits 0
    is "$(jq -r .feed <<<"$output")" "$web/a.xml"
}

@test "a web page stands for the first feed that it names, and says so" {
    web_start
    feed a 1
    feed b 1
    cat >www/page.html <<'TXT'
<!DOCTYPE html><html><head><link rel=stylesheet href=x.css>
<link rel="alternate" type="text/html" hreflang="de" href="de.html"><LINK REL="Home Alternate" TYPE="application/rss+xml; x=y" HREF="a.xml">
<link rel="alternate" type="application/atom+xml" href="b.xml"></head><body><p>Hello</body></html>
TXT
    run --separate-stderr "$PODFLATTR" scan --format=json "$web/page.html"
    exits 0
    [ "$(titles)" = "a-1 " ]
    is "$(jq -r .feed <<<"$output")" "$web/a.xml"
    [[ $stderr == *"$web/page.html is a web page; reading the feed that it names: $web/a.xml"* ]]
    # One that names itself is read once, and is no feed.
    sed 's/a\.xml/round.html/' www/page.html >www/round.html
    run -65 --separate-stderr "$PODFLATTR" scan --format=json "$web/round.html"
    [ -z "$output" ]
}

@test "a charset and links that only the HTTP headers name are read" {
    web_start
    # shellcheck disable=SC2154 # web_start sets it
    run --separate-stderr "$PODFLATTR" -q scan --format=json "$web/headers"
    exits 0
    jq -e '.title == "\u0420\u0430\u0434\u0438\u043e" and [.channel_payments[].url] == ["'"$web"'/pay","https://b.example/"]' \
        <<<"$output"
}

@test "a list that another includes stands in its place, and one that includes itself ends" {
    web_start
    for name in a b c d e f; do feed $name 1; done
    cp "$PF_SOURCE/tests/data/opml/include.opml" www/all.opml
    printf '<opml><body><outline xmlUrl="b.xml"/><outline type="include" url="all.opml"/></body></opml>' >www/more.opml
    run --separate-stderr "$PODFLATTR" -q scan --format=json "$web/all.opml"
    exits 0
    [ "$(titles)" = "a-1 b-1 c-1 d-1 f-1 " ]
    # The same from files.
    run --separate-stderr "$PODFLATTR" -q scan --format=json www/all.opml
    exits 0
    [ "$(titles)" = "a-1 b-1 c-1 d-1 f-1 " ]
}

@test "a web page's own payment link is shown when its feed is read in its place" {
    web_start
    feed a 1
    printf '<html><head><link rel=alternate type=application/rss+xml href=a.xml><link rel=payment href=pay></head></html>' \
        >www/page.html
    run --separate-stderr "$PODFLATTR" scan --format=json "$web/page.html"
    exits 0
    [ "$(titles)" = "a-1 " ]
    [[ $stderr == *"$web/page.html: the page's own payment link: $web/pay"* ]]
}

@test "lists that name only one another are an error" {
    web_start
    opml www/0.opml 1.opml
    opml www/1.opml 0.opml
    run --separate-stderr "$PODFLATTR" scan "$web/0.opml"
    exits 65
    [[ $stderr == *"1.opml: nothing new"*"no feed in these lists"* ]]
}

@test "lists within lists are followed three deep, and circles end" {
    web_start
    feed deep 1
    feed deeper 1
    opml www/0.opml 1.opml 0.opml
    opml www/1.opml 2.opml 0.opml
    opml www/2.opml deep.xml 3.opml
    opml www/3.opml deeper.xml
    run --separate-stderr "$PODFLATTR" scan --format=json "$web/0.opml"
    exits 65
    [ "$(titles)" = "deep-1 " ]
    [[ $stderr == *"3.opml: not followed"* ]]
}

@test "an interrupt keeps and prints what was read, and ends with 75" {
    web_start
    for name in a hold b; do feed $name; done
    "$PODFLATTR" scan --submit --format=json "$web/a.xml" "$web/hold.xml" "$web/b.xml" >out 2>errors 3>&- &
    scan=$!
    background+=("$scan")
    wait_for 60 test -e asked
    wait_for 60 queued_feeds
    kill -INT "$scan"
    status=0
    wait "$scan" || status=$?
    output=$(<errors)
    exits 75
    is "$(jq -r .submitted out | sort -u)" queued
    is "$(head -2 out | jq -r .title | tr '\n' ' ')" "a-1 a-2 "
    [[ $(<out) != *hold* ]]
    grep -q "interrupted: 1 source was not read to the end\|interrupted: 2 sources were not" errors
    [ "$("$PODFLATTR" queue --format=json | wc -l)" -eq "$(wc -l <out)" ]
}

@test "an interrupt while a page's feed is on its way keeps what was read" {
    web_start
    feed a
    feed hold
    printf '<html><link rel="alternate" type="application/rss+xml" href="hold.xml"></html>\n' >www/page.html
    "$PODFLATTR" scan --submit --format=json "$web/a.xml" "$web/page.html" >out 2>errors 3>&- &
    scan=$!
    background+=("$scan")
    wait_for 60 test -e asked
    wait_for 60 queued_feeds
    kill -INT "$scan"
    status=0
    wait "$scan" || status=$?
    output=$(<errors)
    exits 75
    is "$(jq -r .title out | tr '\n' ' ')" "a-1 a-2 "
    grep -q 'is a web page; reading the feed that it names' errors
    grep -q 'interrupted: 1 source was not read to the end' errors
}

queued_feeds() { [ "$("$PODFLATTR" queue --format=json | wc -l)" -ge 2 ]; }

@test "progress is drawn on a terminal, and nowhere else" {
    web_start
    feed a
    run --separate-stderr "$PODFLATTR" scan "$web/a.xml" nowhere.xml
    [[ $stderr != *$'\r'* ]]
    feed hold
    python3 - "$PODFLATTR" "$web/hold.xml" "$web/a.xml" nowhere.xml <<'TXT'
import os, pty, re, subprocess, sys
master, slave = pty.openpty()
scan = subprocess.Popen([sys.argv[1], "scan"] + sys.argv[2:], stdout=subprocess.DEVNULL, stderr=slave)
os.close(slave)
seen = b""
while not re.search(rb"\r\x1b\[K2 of 3 feeds, [0-9.]+.{1,3}[a-zB]+, 1 failing", seen):
    seen += os.read(master, 1000)
open("release", "w").close()
try:
    while piece := os.read(master, 1000):
        seen += piece
except OSError:
    pass
assert scan.wait() == 66, seen
assert b"\r\x1b[Kpodflattr: 4 episodes" in seen, seen
TXT
}

@test "a password in a feed's URL is never printed" {
    web_start
    feed a
    url=http://ann:s3cr3t@${web#http://}
    run "$PODFLATTR" -v -v scan --submit --format=json "$url/a.xml" "$url/missing.xml"
    exits 69
    [[ $output == *missing.xml* ]]
    [[ $output != *s3cr3t* ]]
    run "$PODFLATTR" queue --format=json
    [[ $output != *s3cr3t* ]]
}

# In a network of its own. The list is on the private address, so that a connection to it is there when the public server
# sends podflattr to it.
lead_into_private_network() {
    mkfifo led.ready
    python3 - >led.ready <<'TXT' &
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        port = self.server.server_port
        open("asked", "a").write(f"{self.path} {self.client_address[1]}\n")
        if self.path == "/led":
            self.send_response(302)
            self.send_header("Location", f"http://10.9.8.7:{port}/secret.xml")
            body = b""
        else:
            self.send_response(200)
            body = f'<opml><body><outline xmlUrl="http://203.0.113.1:{port}/led"/></body></opml>'.encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass
server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
TXT
    background+=($!)
    read -r port <led.ready
    "$PODFLATTR" scan "http://10.9.8.7:$port/list.opml" 2>told
}

@test "a redirect into a private network is refused, also where a connection is open already" {
    in_network lead_into_private_network
    cat told asked
    exits 69
    grep -q 'a redirect led to an address in a private network' told
    [ "$(cut -d ' ' -f 1 asked | tr '\n' ' ')" = "/list.opml /led " ]
}

# Likewise: a list and a page on a public address name a feed on a private one, and the user the list and a feed there.
name_private_network() {
    secret_start
    for source in list page; do
        status=0
        "$PODFLATTR" scan "http://203.0.113.1:$port/$source" 2>>told || status=$?
        echo "$status"
    done >far
    "$PODFLATTR" scan --format=json "http://10.9.8.7:$port/list" >near 2>>told
    # What the user names besides is the user's.
    "$PODFLATTR" scan --format=json "http://203.0.113.1:$port/list" "http://10.9.8.7:$port/secret" >>near 2>>told
}

@test "lists and pages on the web do not lead into a private network; those in it may" {
    in_network name_private_network
    exits 0
    cat told asked
    is "$(tr '\n' ' ' <far)" '69 69 '
    [ "$(grep -c 'names an address in a private network, which is refused' told)" -eq 2 ]
    is "$(jq -r .title near | tr '\n' ' ')" 'Secret Secret '
    [ "$(grep -c 10.9.8.7/secret asked)" -eq 2 ]
}

# scan_rests: whether the process in the file "pid" has worked, and works no more.
scan_rests() {
    local used before=${worked-}
    used=$(awk '{ print $14 + $15 }' "/proc/$(<pid)/stat")
    worked=$used
    [ "$used" -gt 2 ] && [ "$used" = "$before" ]
}

@test "what waits for a slow source takes little memory" {
    # The sanitizers keep freed memory for a while.
    export ASAN_OPTIONS=${ASAN_OPTIONS+$ASAN_OPTIONS:}quarantine_size_mb=1
    mkfifo slow.xml
    local i
    for i in {1..12}; do
        python3 -c "
print('<rss><channel><title>Fat</title>')
for i in range(30):
    print(f'<item><guid>{i}</guid><description>' + 'x' * 1000000 + '</description></item>')
print('</channel></rss>')" >"fat$i.xml"
    done
    python3 -c '
import resource, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=open("scanned", "wb"))
open("pid", "w").write(str(child.pid))
child.wait()
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' \
        "$PODFLATTR" -q scan --format=json slow.xml fat{1..12}.xml >peak 3>&- &
    local scanning=$!
    background+=("$scanning")
    # All others have been begun, and have read as far as they may, when none of them reads any more.
    exec 4>slow.xml
    wait_for 30 scan_rests
    echo '<rss><channel><title>Slow</title><item><guid>slow</guid></item></channel></rss>' >&4
    exec 4>&-
    wait "$scanning"
    is "$(jq -r .guid scanned | sed -n 1p)" slow
    [ "$(wc -l <scanned)" -eq $((1 + 12 * 30)) ]
    # 360 MB of texts; 16 MB are kept, and what each of the twelve had read when it was stopped.
    [ "$(<peak)" -lt 120000 ] || fail "$(<peak) KiB"
}

@test "a list of more feeds than can be is cut off, and that is said" {
    {
        printf '<opml version="2.0"><body>'
        seq -f '<outline xmlUrl="missing/%.0f.xml"/>' 0 100000
        printf '</body></opml>\n'
    } >many.opml
    run --separate-stderr "$PODFLATTR" scan --format=json many.opml
    exits 66
    [ -z "$output" ]
    [[ $stderr == *"many.opml: "*"more than 100000 feeds in a list; the rest was left out"* ]]
    [[ $stderr == *"many.opml: more than 100000 feeds in lists; skipping those from "*"/missing/99999.xml on"* ]]
}
