#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever goes wrong while the server is asked about an entry that may have been paid.
load helper
load torture
load faults

setup() { faults_setup; }

# a_doubt_arises NAME: a new life whose first entry was paid, as nobody knows. Where a machine is so slow that the same run has
# come to ask about it, there is no doubt any more, so it is done again. Not for a condition, in which failures would be lost.
a_doubt_arises() {
    local try
    for try in 1 2 3 4 5; do
        lives=$((lives + 1))
        a_new_life "$1.$try"
        order /flattr lost-reply
        talk scan --send feed.xml
        [ "$(first_entry)" != "queued no_answer" ] || return 0
        [ "$(first_entry)" = "flattred null" ] || break
        all_is_well
    done
    fail "no doubt: $(first_entry): $(cat talk.now)"
}

@test "asking about a doubt: no fault is taken for an answer" {
    number=0
    lives=0
    while IFS='|' read -r order verdict _; do
        case $verdict in
        " flattred"*) expected="flattred null" ;;
        *) expected="queued no_answer" ;;
        esac
        number=$((number + 1))
        a_doubt_arises "d$number"
        asked=$(posts)
        later 7200
        order /user/flattrs "${order% }"
        talk send
        [ "$(first_entry)" = "$expected" ] || fail "$order: $(first_entry)"
        [ "$(posts)" -eq "$asked" ] || fail "$order: sent again"
        all_is_well
        [ "$(posts)" -eq "$asked" ] || fail "$order: sent again, later"
    done < <(faults_of_post)
    paid_once https://d $((3 * lives))
    token_is_secret
}

@test "whose account a token is of is asked once, as soon as it has paid: when it is revoked, nobody can say" {
    a_new_life p
    order /user 'status,"status":503'
    talk scan --send feed.xml
    paid_once https://p 3
    is "$(store 'SELECT count(*) FROM person')" 0
    is "$(gate)" null
    talk add https://p.example.org/4
    talk send
    is "$(store 'SELECT count(*) FROM person')" 1
    asked=$(requests 'GET /user')
    talk add https://p.example.org/5
    talk send
    is "$(requests 'GET /user')" "$asked"
}

list_is_asked_for() { [ "$(requests 'GET /user/flattrs')" -gt 0 ]; }

@test "what the user drops while the server is asked about it stays dropped, and is not sent again" {
    a_new_life u
    order /flattr 'status,"status":503'
    talk scan --send feed.xml
    is "$(first_entry)" 'queued server_error'
    later 7200
    order /user/flattrs 'delay,"seconds":4'
    "$PODFLATTR" -q send >send.log 2>&1 3>&- &
    sending=$!
    background+=("$sending")
    wait_for 20 list_is_asked_for
    kill -STOP "$sending"
    "$PODFLATTR" -q queue drop 1
    kill -CONT "$sending"
    wait "$sending" || true
    is "$(first_entry)" 'dropped user'
    is "$(store "SELECT count(*) FROM event WHERE entry = 1 AND what = 'sending'")" 1
}
