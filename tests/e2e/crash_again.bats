#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# podflattr dies again while it cleans up after a death; afterwards nothing may be lost and nothing paid twice. PF_STRIDE says
# how many crash points are taken at a stride, PF_LIVES how often it dies at points drawn by lot, PF_SEED which.
load helper
load torture
load crash

setup() { crash_setup; }

@test "killed at every point of the send that cleans up after a crash" {
    number=1
    lives=0
    while :; do
        a_new_life "m$number"
        # 45 writes into it, requests are under way.
        die_at 45 scan --send feed.xml
        [ -z "$alive" ]
        later 7200
        die_at "$number" send
        all_is_well "m$number"
        lives=$((lives + 1))
        [ -z "$alive" ] || break
        number=$((number + ${PF_STRIDE:-6}))
    done
    echo "# $lives of $number points" >&3
    [ "$number" -gt 40 ]
    four_paid_once_in_each "$lives"
}

@test "killed three times in a row, at random points" {
    RANDOM=${PF_SEED:-7}
    for ((life = 1; life <= ${PF_LIVES:-6}; life++)); do
        a_new_life "t$life"
        die_at $((RANDOM % 90 + 1)) scan --send feed.xml
        later $((RANDOM % 3 * 3600))
        die_at $((RANDOM % 40 + 1)) scan --send feed.xml
        later $((RANDOM % 3 * 3600))
        die_at $((RANDOM % 40 + 1)) send
        all_is_well "t$life"
    done
    four_paid_once_in_each "${PF_LIVES:-6}"
}

# a_damaged_queue: one without its first page, and with a -wal that alone knows that four of its entries were paid, and has
# the fifth one.
a_damaged_queue() {
    local -a links
    mapfile -t links < <(seq -f 'https://flattr.com/submit/auto?url=https%%3A%%2F%%2Fb.example%%2F%g&user_id=ann' 5)
    "$PODFLATTR" -q add "${links[@]:0:4}" >add.txt
    # As long as somebody reads it as it was, the -wal is not written into it.
    mkfifo opened
    python3 - <<'END' 3>&- &
import signal, sqlite3
database = sqlite3.connect("state/queue.db", isolation_level=None)
database.execute("BEGIN")
database.execute("SELECT count(*) FROM tally").fetchall()
open("opened", "w").close()
signal.pause()
END
    : <opened
    "$PODFLATTR" -q send
    "$PODFLATTR" -q add "${links[4]}" >add.txt
    { kill -KILL "$!" && wait "$!"; } 2>bash.log || true
    printf '\xA5%.0s' {1..4096} | dd of=state/queue.db bs=4096 conv=notrunc status=none
    [ -s state/queue.db-wal ]
    mv state whole
}

@test "killed at every point of a repair: what only the -wal has is kept, and nothing is paid twice" {
    local faults=$PF_BUILD/tests/faults/.libs/libfaults.so
    [ -e "$faults" ] || fail "$faults was not built"
    # The sanitizer's library wants to be the first one.
    export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
    a_damaged_queue
    # In another month the server would take a second payment.
    later $((31 * 24 * 3600))
    number=0
    while number=$((number + 1)); do
        rm -rf state
        cp -a whole state
        # Where the disk takes no write any more, the -wal stays beside the database.
        LD_PRELOAD=$faults FAULTS_PATH='state/queue.db$' FAULTS_WRITE=sector:4096 die_at "$number" doctor --offline --repair
        [ -z "$alive" ] || break
        run -0 "$PODFLATTR_CRASH" doctor --offline --repair
        "$PODFLATTR_CRASH" -q send
        is "$number: $(store "SELECT group_concat(state || ' ' || ifnull(reason, '')) FROM entry")" \
            "$number: flattred ,flattred ,flattred ,flattred ,flattred "
        paid_once https://b.example/ 5
    done
    echo "# $number points" >&3
    [ "$number" -gt 4 ]
}
