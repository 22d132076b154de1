#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# The real gPodder, with our extension and the real podflattr: from a feed to the flattr.
load helper
load podcatcher

setup() {
    scratch_setup
    gpo_set_up
    sandbox_start --means 1000000 --rate-limit 1000000
    feed_server_start
    export PODFLATTR
    feed_write 'One & "one"' Two Three
    # What gPodder's feed says of payment is for a server of its own; here it is for the sandbox.
    sed -i -E "s|$feed_server/pay\?item=([0-9]+)&amp;user=ann|https://flattr.com/submit/auto?user_id=maker\&amp;url=https%3A%2F%2Ftiny.example%2F\1|" feed/feed.xml
    for episode in feed/episode*.mp3; do
        python3 -c 'import sys; sys.stdout.buffer.write((b"\xff\xfb\x90\x64" + bytes(413)) * 10)' >"$episode"
    done
}

# The hook runs beside gPodder, which does not wait for it.
hooks_told() {
    "$PODFLATTR" -q status >/dev/null
    [ "$(sqlite3 "$PODFLATTR_STATE_DIR/queue.db" 'SELECT count(*) FROM arrival' 2>/dev/null)" = "$1" ]
}

flattrs_are() {
    is "$(control GET flattrs | jq -r 'if all(.[]; .accepted == 1) then [.[].url] | sort | join(" ") else "paid twice" end')" "$1"
}

service_ready() {
    is "$("$PODFLATTR" -q status --format=json | jq -r .daemon.pid)" "$service"
}

@test "gPodder downloads, and the service flattrs what has a payment link" {
    "$PODFLATTR" -q daemon >daemon.log 2>&1 3>&- &
    service=$!
    background+=("$service")
    wait_for 20 service_ready
    gpo_run subscribe "$feed_server/feed.xml"
    gpo_run download
    wait_for 60 flattrs_are 'https://tiny.example/1 https://tiny.example/3'
    wait_for 20 hooks_told 3
    gpo_run update
    gpo_run download
    kill -TERM "$service"
    wait "$service"
    run -0 "$PODFLATTR" queue --format=json
    # gPodder lets its hooks run side by side, so any may come first.
    [ "$(jq -r 'select(.guid == "tag:tiny,1") | [.source, .state, .guid, .feed, .file] | @csv' <<<"$output")" = \
        "\"hook\",\"flattred\",\"tag:tiny,1\",\"$feed_server/feed.xml\",\"$GPODDER_HOME/Downloads/Tiny/episode1.mp3\"" ] || fail "$output"
    flattrs_are 'https://tiny.example/1 https://tiny.example/3'
}

@test "gPodder downloads while no service runs, and send flattrs it later" {
    gpo_run subscribe "$feed_server/feed.xml"
    gpo_run download
    wait_for 60 hooks_told 3
    flattrs_are ''
    run -0 "$PODFLATTR" send
    flattrs_are 'https://tiny.example/1 https://tiny.example/3'
    run -0 "$PODFLATTR" send
    flattrs_are 'https://tiny.example/1 https://tiny.example/3'
}
