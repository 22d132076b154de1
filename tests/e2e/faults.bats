#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever goes wrong between send and the server: the verdict is right, nothing is lost, nothing is accepted twice, and nobody
# but the server gets to see the token.
load helper
load torture
load faults

setup() { faults_setup; }

@test "send: every fault gets its verdict, and in the end all is flattred once" {
    after 1 send
}

sent_one() { [ "$(posts)" -ge "$1" ]; }

@test "stopped in the middle of a request: it ends within five seconds, and only what was sent is in doubt" {
    a_new_life term
    order /flattr 'delay,"seconds":0' 1
    order /flattr 'delay,"seconds":30' 4
    "$PODFLATTR" -v -v scan --submit feed.xml >talk.log 2>&1
    "$PODFLATTR" -q add 'https://flattr.com/submit/auto?url=https%3A%2F%2Fterm.example%2F4&user_id=ann' \
        'https://flattr.com/submit/auto?url=https%3A%2F%2Fterm.example%2F5&user_id=ann' \
        'https://flattr.com/submit/auto?url=https%3A%2F%2Fterm.example%2F6&user_id=ann' \
        'https://flattr.com/submit/auto?url=https%3A%2F%2Fterm.example%2F7&user_id=ann'
    "$PODFLATTR" -v -v send >>talk.log 2>&1 3>&- &
    sender=$!
    background+=("$sender")
    wait_for 10 sent_one 5
    run grep -caF -e "$PODFLATTR_TOKEN" "/proc/$sender/cmdline"
    [ "$output" = 0 ]
    began=$EPOCHREALTIME
    kill -TERM "$sender"
    status=0
    wait "$sender" || status=$?
    took=$((${EPOCHREALTIME/[.,]/} - ${began/[.,]/}))
    [ "$status" -eq 75 ] || fail "exit status $status: $(cat talk.log)"
    [ "$took" -lt 5000000 ] || fail "it took $took microseconds"
    [ "$(store "SELECT group_concat(state || ' ' || ifnull(reason, '-') || ' ' || (doubt IS NOT NULL), '|')
        FROM (SELECT * FROM entry ORDER BY state, doubt IS NULL)")" = \
        "flattred - 0|queued no_answer 1|queued no_answer 1|queued no_answer 1|queued no_answer 1|queued - 0|queued - 0" ] ||
        fail "$(store 'SELECT * FROM entry')"
    [ "$(gate)" = null ] || fail "our own end is taken for the server's: $(gate)"
    control DELETE faults >order.log
    drain "$PODFLATTR"
    store_is_sound
    paid_once https://term.example/ 7
    token_is_secret
}
