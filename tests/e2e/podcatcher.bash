# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A feed on loopback and gPodder's command line, set up in the test's scratch folder. Load after helper.

# feed_server_start: serves the folder feed/ on a free port; sets feed_server to its address.
feed_server_start() {
    mkdir -p feed
    mkfifo feed_server.ready
    python3 - >feed_server.ready 2>feed_server.log 3>&- <<'TXT' &
import functools, http.server
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory="feed")
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
TXT
    background+=("$!")
    local port
    read -r port <feed_server.ready
    feed_server=http://127.0.0.1:$port
}

# feed_write TITLE ...: makes feed/feed.xml, with an episode for each title: the first has the GUID tag:tiny,1, the enclosure
# /episode1.mp3 and, as every episode with an odd number has, a payment link, /pay?item=1.
feed_write() {
    local number=0 title
    {
        printf '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>\n'
        printf '<title>Tiny</title><link>%s/</link><description>d</description>\n' "$feed_server"
        for title; do
            number=$((number + 1))
            printf 'sound %s' "$number" >"feed/episode$number.mp3"
            jq -rn --arg title "$title" '"<item><title>\($title | @html)</title>"'
            printf '<guid isPermaLink="false">tag:tiny,%s</guid><pubDate>Tue, 0%s Jun 2026 12:00:00 GMT</pubDate>\n' "$number" "$number"
            printf '<enclosure url="%s/episode%s.mp3" length="7" type="audio/mpeg"/>\n' "$feed_server" "$number"
            ((number % 2 == 0)) ||
                printf '<atom:link rel="payment" href="%s/pay?item=%s&amp;user=ann"/>\n' "$feed_server" "$number"
            printf '</item>\n'
        done
        printf '</channel></rss>\n'
    } >feed/feed.xml
}

# gpo_set_up: a gPodder of the test's own in gpodder/, with our extension enabled.
gpo_set_up() {
    command -v gpo >/dev/null || skip "gpo is missing"
    export GPODDER_HOME=$BATS_TEST_TMPDIR/gpodder
    mkdir -p "$GPODDER_HOME/Extensions"
    cp "$PF_SOURCE/plugins/gpodder/zz_podflattr.py" "$GPODDER_HOME/Extensions/"
    gpo_run extension enable zz_podflattr
}

# gpo_run COMMAND ...: runs gpo without a terminal.
gpo_run() {
    timeout 120 gpo "$@" </dev/null 3>&-
}

# noting_podflattr: sets PODFLATTR to a program that leaves its words, each ended by NUL, in calls/.
noting_podflattr() {
    mkdir -p calls
    export CALLS=$PWD/calls
    cat >noting <<'TXT'
#!/bin/sh
printf '%s\0' "$@" >"$CALLS/.$$"
readlink /proc/self/fd/0 >>"$CALLS/stdin"
mv "$CALLS/.$$" "$CALLS/$$"
exit "${NOTING_STATUS:-0}"
TXT
    chmod +x noting
    export PODFLATTR=$PWD/noting
}

# called TIMES
called() {
    local calls
    shopt -s nullglob
    calls=(calls/[0-9]*)
    [ "${#calls[@]}" -eq "$1" ]
}

# was_called WORD ...: one of the calls had exactly these words.
was_called() {
    local call
    printf '%s\0' "$@" >expected
    for call in calls/[0-9]*; do
        ! cmp -s expected "$call" || return 0
    done
    echo "no call was like this:"
    tr '\0' '\n' <expected
    for call in calls/[0-9]*; do
        printf '%s:\n' "$call"
        tr '\0' '\n' <"$call"
    done
    return 1
}
