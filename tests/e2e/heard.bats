#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# With trigger = play an episode is thanked for when enough of it was heard: in pieces, from a file or as a stream, whoever
# tells of it.
load helper
load daemon

setup() {
    scratch_setup
    sandbox_start --means 100000 --rate-limit 100000
    web_start
    feed_write show 1 4
    watch_configured "$web/show.xml"
    printf 'trigger = play\n' >>"$PODFLATTR_CONFIG"
}

# heard SECONDS DURATION FILE [OPTION ...]: tells of a piece that was heard, as on another day: what was heard at the same
# time counts once.
days=0
heard() {
    PODFLATTR_CLOCK_OFFSET=$((days * 86400)) "$PODFLATTR" hook --event played --heard "$1" --duration "$2" "${@:4}" "$3"
    days=$((days + 1))
}

# send_later: a run of podflattr on the day after the last one.
send_later() {
    PODFLATTR_CLOCK_OFFSET=$((days * 86400)) "$PODFLATTR" send
}

@test "an episode that is heard in pieces over days adds up, and is paid when that is enough" {
    download pods show-ep1.mp3
    heard 1000.9 3600 pods/show-ep1.mp3
    send_later
    flattred_is 0
    heard 1000 3600 pods/show-ep1.mp3
    send_later
    flattred_is 0
    heard 900 3600 pods/show-ep1.mp3
    send_later
    flattred_is 1
    is "$(control GET flattrs | jq -r '.[0].url')" https://show.example/1
    is "$("$PODFLATTR" queue export | jq .heard)" 2900
    # Whatever is heard of it later is kept with it.
    heard 300 3600 pods/show-ep1.mp3
    send_later
    flattred_is 1
    is "$("$PODFLATTR" queue export | jq .heard)" 3200
}

@test "a stream counts by its address, with a file that was heard of the same episode" {
    download pods show-ep1.mp3
    heard 1800 3600 pods/show-ep1.mp3
    heard 1200 3600 "$web/show-ep1.mp3?session=1"
    send_later
    flattred_is 1
    is "$("$PODFLATTR" queue export | jq -r '[.heard, .file] | @csv')" "3000,\"$web/show-ep1.mp3?session=1\""
    download pods show-ep2.mp3
    heard 1 60 "file://$PWD/pods/show-ep2.mp3"
    heard 58 60 pods/show-ep2.mp3 --position 59
    send_later
    flattred_is 2
}

@test "a position is not what was heard, and a jump to the end adds nothing" {
    download pods show-ep1.mp3
    download pods show-ep2.mp3
    heard 3 3600 pods/show-ep1.mp3 --position 3600
    heard 0 3600 pods/show-ep1.mp3
    send_later
    flattred_is 0
    # A player that counts nothing knows where it has stopped.
    "$PODFLATTR" hook --event played --position 3500 --duration 3600 pods/show-ep2.mp3
    send_later
    flattred_is 1
    is "$(control GET flattrs | jq -r '.[0].url')" https://show.example/2
}

@test "what two programs report as heard at the same time was heard once" {
    local now
    now=$(date +%s)
    download pods show-ep1.mp3
    "$PODFLATTR" hook --event played --heard 1600 --duration 3600 --started $((now - 1600)) pods/show-ep1.mp3
    "$PODFLATTR" hook --event played --heard 1600 --duration 3600 --started $((now - 1600)) --title 'Episode 1' pods/show-ep1.mp3
    "$PODFLATTR" send
    flattred_is 0
    days=1
    heard 1400 3600 pods/show-ep1.mp3
    send_later
    flattred_is 1
    is "$("$PODFLATTR" queue export | jq .heard)" 3000
}

@test "what was heard three months ago does not count" {
    download pods show-ep1.mp3
    heard 1800 3600 pods/show-ep1.mp3
    send_later
    days=91
    heard 1800 3600 pods/show-ep1.mp3
    send_later
    flattred_is 0
    heard 1200 3600 pods/show-ep1.mp3
    send_later
    flattred_is 1
}

@test "with trigger = download, what is heard of what was paid goes into the report's minutes" {
    sed -i '/^trigger/d' "$PODFLATTR_CONFIG"
    printf '[report]\nbudget = 10 EUR\nweight = minutes\n' >>"$PODFLATTR_CONFIG"
    sed -i 's/^api.*/api = none/' "$PODFLATTR_CONFIG"
    unset PODFLATTR_API
    download pods show-ep1.mp3
    "$PODFLATTR" hook --feed "$web/show.xml" --guid tag:show,2026:1 pods/show-ep1.mp3
    "$PODFLATTR" send || true
    "$PODFLATTR" hook --event played --heard 600 --duration 3600 pods/show-ep1.mp3
    "$PODFLATTR" send || true
    is "$("$PODFLATTR" queue export | jq -c '[.heard, .state]')" '[600,"owed"]'
    is "$("$PODFLATTR" report --format=json | jq .shows[0].minutes)" 10
}

@test "what a player plays and is no episode is forgotten at once" {
    daemon_start
    wait_for 20 known_feeds_are 1
    "$PODFLATTR" hook --event played --heard 50 --duration 60 /films/kiss-and-tell.mkv
    "$PODFLATTR" hook --event played --heard 50 --duration 60 https://video.example/watch
    "$PODFLATTR" hook --event played --heard 50 --duration 60 "$web/show-ep2.mp3"
    wait_for 20 flattred_is 1
    daemon_stop
    status_is .queue.unmatched 0
    is "$(sqlite3 state/queue.db "SELECT count(*) FROM arrival")" 1
    run ! grep -aqr 'kiss-and-tell' state
}
