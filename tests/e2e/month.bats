#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Months turn and clocks jump: never twice for the same debt, and nothing stuck for ever. PF_STRIDE says how
# many of the 48 pairs of a state and a jump are taken at a stride; one that is odd meets each state and each jump.

load helper
load torture

# five_links NAME: writes feed.xml with five links of that name.
five_links() {
    feed "$(link "$1.example/1")" "$(link "$1.example/2")" "$(link "$1.example/3")" "$(link "$1.example/4")" \
        "$(link "$1.example/5")" >feed.xml
}

# podflattr that may leave entries waiting.
try() {
    local status=0
    "$PODFLATTR" -q "$@" >try.log 2>&1 || status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 75 ] || fail "$* ended with $status: $(cat try.log)"
}

order() { fault "$@" >faults.log; }

five_minutes_to_midnight='01 00:00 UTC 1 month -300 seconds'

@test "a request whose answer is lost as the month ends is not silently sent again" {
    sandbox_start_at "$five_minutes_to_midnight"
    five_links one
    order /flattr delay 1 '"seconds":0'
    order /flattr lost-reply
    try scan --send feed.xml
    [ "$(requests 'POST /flattr')" -eq 5 ]
    [ "$(store "SELECT count(*) FROM entry WHERE reason = 'no_answer'")" -eq 1 ]
    later 600
    drain "$PODFLATTR"
    [ "$(requests 'POST /flattr')" -eq 5 ]
    paid_once https://one.example/ 5
    [ "$(store "SELECT DISTINCT state FROM entry")" = flattred ]
}

# What the first run meets; $1 names the state that it leaves the entries in.
first_run() {
    case $1 in
    queued) try scan --submit feed.xml ;;
    lost) order /flattr lost-reply 5 && try scan --send feed.xml ;;
    refused) order /flattr status 5 '"status":503' && try scan --send feed.xml ;;
    no_means)
        control PUT means '{"user":"demo","means":2}' >order.log
        try scan --send feed.xml
        ;;
    rate_limit)
        control PUT rate-limit '{"limit":2,"window":3600}' >order.log
        try scan --send feed.xml
        ;;
    unreachable) PODFLATTR_API=http://127.0.0.1:1/rest/v2 try scan --send feed.xml ;;
    esac
    control DELETE faults >order.log
    control PUT means '{"user":"demo","means":1000000}' >order.log
    control PUT rate-limit '{"limit":1000000,"window":3600}' >order.log
}

# jump CLIENT-SECONDS SERVER-SECONDS: moves the clocks, perhaps each by itself.
jump() {
    PODFLATTR_CLOCK_OFFSET=$((base_offset + $1))
    control POST clock "{\"offset\":$((base_offset + $2))}" >order.log
}

@test "whatever waits when a clock jumps goes out, and once" {
    sandbox_start_at '10 12:00'
    day=86400
    number=0
    for state in queued lost refused no_means rate_limit unreachable; do
        for jumps in "$day 0" "-$day 0" "0 $day" "0 -$day" "$((25 * day)) 0" "-$((20 * day)) 0" "0 $((25 * day))" \
            "$((25 * day)) $((25 * day))"; do
            number=$((number + 1))
            ((number % ${PF_STRIDE:-5} == 0)) || continue
            export PODFLATTR_STATE_DIR=$BATS_TEST_TMPDIR/state/$number
            five_links "j$number"
            jump 0 0
            first_run "$state"
            # shellcheck disable=SC2086 # two words
            jump $jumps
            for ((runs = 0; runs < 6; runs++)); do
                try send
                waiting=$(store "SELECT count(*) FROM entry WHERE state NOT IN ('flattred', 'held')")
                [ "$waiting" -ne 0 ] || break
                PODFLATTR_CLOCK_OFFSET=$((PODFLATTR_CLOCK_OFFSET + 8 * 3600))
            done
            store_is_sound
            [ "$waiting" -eq 0 ] || fail "$state, clocks by $jumps: $(store 'SELECT id, state, reason, next_attempt, updated, doubt
                FROM entry; SELECT * FROM gate; SELECT * FROM event')"
            # What may have been paid in another month is the user's to decide, and nothing else is.
            held=$(store "SELECT count(*) FROM entry WHERE state = 'held' AND reason = 'unknown' AND doubt IS NOT NULL")
            case $state:$jumps in
            refused:"$((25 * day)) "* | refused:"-$((20 * day)) "*) expected=5 ;;
            *) expected=0 ;;
            esac
            [ "$held" -le "$expected" ] || fail "$state, clocks by $jumps: $held held"
            paid_once "https://j$number.example/" $((5 - held))
        done
    done
}

@test "used-up means are tried again ten minutes after the month has turned, and not before" {
    sandbox_start_at "$five_minutes_to_midnight"
    five_links purse
    control PUT means '{"user":"demo","means":0}'
    try scan --send feed.xml
    later 300
    try send
    [ "$(requests 'POST /flattr')" -eq 1 ]
    control PUT means '{"user":"demo","means":100}'
    later 601
    try send
    [ "$(requests 'POST /flattr')" -eq 6 ]
    paid_once https://purse.example/ 5
}

@test "what is in doubt when the month turns is asked about, and sent when the server lists others and not this one" {
    sandbox_start_at "$five_minutes_to_midnight"
    five_links doubt
    order /flattr lost-reply
    order /flattr status 1 '"status":502'
    try scan --send feed.xml
    [ "$(requests 'POST /flattr')" -eq 5 ]
    later 600
    drain "$PODFLATTR"
    [ "$(requests 'POST /flattr')" -eq 6 ]
    paid_once https://doubt.example/ 5
}

@test "what is in doubt when the month turns is held when the server does not list flattrs" {
    sandbox_start_at "$five_minutes_to_midnight"
    five_links doubt
    order /flattr lost-reply
    order /flattr status 1 '"status":502'
    try scan --send feed.xml
    later 600
    order /user/flattrs status 5 '"status":404,"error":"not_found"'
    try send
    [ "$(requests 'POST /flattr')" -eq 5 ]
    paid_once https://doubt.example/ 4
}

@test "a client twenty days behind does not pay again when the server's month has turned and it lists no flattrs" {
    sandbox_start_at "$five_minutes_to_midnight"
    five_links behind
    jump -$((20 * 86400)) 0
    order /flattr lost-reply
    order /flattr delay 1 '"seconds":0'
    order /user/flattrs status 50 '"status":404,"error":"not_found"'
    try scan --send feed.xml
    jump -$((20 * 86400 - 7200)) 7200
    try send
    try send
    paid_once https://behind.example/ 5
}

@test "a queue that was restored from a backup asks about what waits in it, and pays nothing twice" {
    sandbox_start_at "$five_minutes_to_midnight"
    five_links backup
    control PUT means '{"user":"demo","means":0}' >order.log
    try scan --send feed.xml
    cp -r "$PODFLATTR_STATE_DIR" backup
    control PUT means '{"user":"demo","means":100}' >order.log
    try send --now
    paid_once https://backup.example/ 5
    # The folder lives on; only the database is put back, in the next month.
    rm -f "$PODFLATTR_STATE_DIR"/queue.db*
    cp backup/queue.db* "$PODFLATTR_STATE_DIR"/
    echo another >"$PODFLATTR_STATE_DIR/generation"
    later 7200
    drain "$PODFLATTR"
    paid_once https://backup.example/ 5
    [ "$(store "SELECT DISTINCT state FROM entry")" = flattred ]
}
