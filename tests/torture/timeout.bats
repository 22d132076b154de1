#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that takes longer than podflattr waits: a minute, so not for make check.

load ../e2e/helper
load ../e2e/torture

@test "an answer that does not come within a minute leaves a doubt, and the flattr is found later" {
    sandbox_start_at '10 12:00'
    feed "$(link slow.example/1)" "$(link slow.example/2)" >feed.xml
    fault /flattr delay 1 '"seconds":70'
    fault /flattr slow 1 '"seconds":90'
    run "$PODFLATTR" scan --send feed.xml
    exits 75
    # The first one's wait may be over by the time that the second one's minute is.
    [ "$(store "SELECT count(*) FROM event WHERE what = 'answer' AND state = 'queued' AND reason = 'no_answer'")" -eq 2 ] ||
        fail "$(store 'SELECT * FROM entry; SELECT * FROM event')"
    # The late one is carried out after all, when nobody waits for it any more.
    two_are_paid() { [ "$(control GET flattrs | jq length)" -eq 2 ]; }
    wait_for 60 two_are_paid
    drain "$PODFLATTR"
    store_is_sound
    paid_once https://slow.example/ 2
    [ "$(requests 'POST /flattr')" -eq 2 ]
    [ "$(store 'SELECT DISTINCT state FROM entry')" = flattred ]
}
