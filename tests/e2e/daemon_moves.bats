#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Files that come in odd ways: each episode is flattred, and once.
load helper
load daemon
load masses

setup() {
    scratch_setup
    away_from_month_turn
    sandbox_start --means 1000000 --rate-limit 1000000
    web_start
}

@test "a file in a folder four deep, made in one go, is flattred" {
    feed_write show 1 20
    watch_configured "$web/show.xml"
    media one.mp3
    daemon_start
    wait_for 20 items_are 20
    for i in $(seq 20); do
        mkdir -p "pods/$i/b/c/d" && cp one.mp3 "pods/$i/b/c/d/show-ep$i.mp3"
    done
    wait_for_flattred 20
    daemon_stop
    flattred_is 20
}

@test "a file that is renamed while it is written, and afterwards, is flattred once" {
    feed_write show 1 6
    # The size that each file has in the end speaks for its name.
    sed -i "s/length=\"[0-9]*\"/length=\"$(media_bytes 15 | wc -c)\"/" web/show.xml
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 items_are 6
    mkdir pods/late
    for i in 1 2 3 4 5; do
        exec 7>"pods/show-ep$i.mp3.part"
        media_bytes 5 >&7
        mv "pods/show-ep$i.mp3.part" "pods/show-ep$i.partial"
        media_bytes 5 >&7
        mv "pods/show-ep$i.partial" "pods/show-ep$i.mp3"
        media_bytes 5 >&7
        exec 7>&-
        mv "pods/show-ep$i.mp3" "pods/late/show-ep$i.mp3"
        mv "pods/late/show-ep$i.mp3" "pods/late/My name for $i.mp3"
    done
    wait_for_flattred 5
    media_bytes 15 >pods/show-ep6.mp3.partial
    mv pods/show-ep6.mp3.partial pods/show-ep6.mp3
    wait_for_flattred 6
    daemon_stop
    flattred_is 6
    [ "$(requests 'POST /flattr')" -eq 6 ]
}

@test "hard links, made in the folder or into it, are flattred once" {
    feed_write show 1 3
    watch_configured "$web/show.xml"
    mkdir pods/other
    daemon_start
    wait_for 20 items_are 3
    media show-ep1.mp3
    ln show-ep1.mp3 pods/show-ep1.mp3
    ln show-ep1.mp3 pods/other/show-ep1.mp3
    download pods show-ep2.mp3
    ln pods/show-ep2.mp3 pods/other/show-ep2.mp3
    wait_for_flattred 2
    download pods show-ep3.mp3
    wait_for_flattred 3
    daemon_stop
    flattred_is 3
    [ "$(requests 'POST /flattr')" -eq 3 ]
}

last_arrival_has() {
    [ "$(sqlite3 "$PODFLATTR_STATE_DIR/queue.db" 'SELECT size FROM arrival ORDER BY id DESC LIMIT 1')" = "$1" ]
}

@test "a file that is written in a hundred steps is taken once it has settled, and only once" {
    feed_write show 1 2
    sed -i '/ep1.mp3/s/length="[0-9]*"/length="41700"/' web/show.xml
    watch_configured "$web/show.xml"
    sed -i 's/^settle = .*/settle = 1s/' "$PODFLATTR_CONFIG"
    daemon_start
    wait_for 20 items_are 2
    media_bytes 1 >frame
    for _ in $(seq 100); do
        cat frame >>pods/show-ep1.mp3
    done
    wait_for_flattred 1
    # A machine that stands still for a second in between may see the file settled before it is whole.
    wait_for 20 last_arrival_has 41700
    download pods show-ep2.mp3
    wait_for_flattred 2
    daemon_stop
    flattred_is 2
    [ "$(requests 'POST /flattr')" -eq 2 ]
}

@test "a queue that is moved away under the service ends it with status 74, and nothing more is sent" {
    watch_configured
    daemon_start
    mkdir elsewhere
    mv "$PODFLATTR_STATE_DIR"/queue.db* elsewhere
    "$PODFLATTR" -q add 'https://flattr.com/submit/auto?url=https%3A%2F%2Fa.example%2F1&user_id=ann'
    daemon_has_ended() { ! kill -0 "$daemon_pid" 2>/dev/null || grep -q "^State:.*Z" "/proc/$daemon_pid/status"; }
    wait_for 30 daemon_has_ended
    status=0
    wait "$daemon_pid" || status=$?
    is "$status" 74
    grep -q 'was moved or deleted while it was in use' daemon.log
    is "$(requests 'POST /flattr')" 0
    # The next one serves the queue that is at its place.
    "$PODFLATTR" -q send
    is "$(requests 'POST /flattr')" 1
}

@test "a file that is linked under another show's name is paid once" {
    feed_write one 1 1
    feed_write two 1 1
    watch_configured "$web/one.xml" "$web/two.xml"
    daemon_start
    download pods one-ep1.mp3
    wait_for 20 flattred_is 1
    ln pods/one-ep1.mp3 pods/two-ep1.mp3
    matched() {
        is "$(sqlite3 -batch "$PODFLATTR_STATE_DIR/queue.db" "SELECT count(*) FROM arrival WHERE state = 'matched' AND entry = 1")" 2
    }
    wait_for 20 matched
    download pods two-ep1.mp3.new
    mv pods/two-ep1.mp3.new pods/two-ep1.mp3
    wait_for 20 flattred_is 2
    daemon_stop
}
