# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of crash points share; loaded after helper and torture. A crash point stands before each write to the store,
# BEGIN and COMMIT included, and around each request.

# crash_setup: a sandbox whose clock can be moved, for the program that dies on demand.
crash_setup() {
    scratch_setup
    : "${PODFLATTR_CRASH:?run these through make check}"
    sandbox_start_at '10 12:00'
}

# a_new_life NAME: an empty store and a feed of six episodes of its own; the first answer to come gets lost.
a_new_life() {
    export PODFLATTR_STATE_DIR=$BATS_TEST_TMPDIR/state/$1
    if [ "$PODFLATTR_CLOCK_OFFSET" -ne "$base_offset" ]; then
        PODFLATTR_CLOCK_OFFSET=$base_offset
        set_sandbox_clock
    fi
    feed "$(link "$1.example/1")" "$(link "$1.example/2")" "$(link "$1.example/own" demo)" "$(link "$1.example/3")" \
        https://flattr.com/thing/999999999 "$(link "$1.example/4")" >feed.xml
    control DELETE faults >faults.log
    fault /flattr lost-reply >faults.log
}

# die_at NUMBER COMMAND ...: runs podflattr until that crash point. Sets alive: whether it ended before it got there. No call of
# it may be part of a condition, in which the shell goes on after what fails.
die_at() {
    local number=$1 status=0
    shift
    { PODFLATTR_CRASH_AT=$number "$PODFLATTR_CRASH" -q "$@" >died.log 2>&1; } 2>bash.log || status=$?
    alive=
    # shellcheck disable=SC2034 # for the tests
    case $status in
    137) ;;
    0 | 75) alive=yes ;;
    *) fail "ended with $status on its way to crash point $number: $(<died.log)" ;;
    esac
}

# all_is_well NAME: what a_new_life() began has come to its right end.
all_is_well() {
    local ends
    "$PODFLATTR_CRASH" -q scan --submit feed.xml >again.log 2>&1 || fail "$(cat again.log)"
    drain "$PODFLATTR_CRASH"
    store_is_sound
    ends=$(store "SELECT group_concat(replace(key, 'https://$1.example/', '') || ':' || state || ':' || ifnull(reason, ''), ' ')
        FROM (SELECT * FROM entry ORDER BY id)")
    [ "${ends//xflattr_once/}" = "1:flattred: 2:flattred: own:owned:flattr_owner 3:flattred: thing:999999999:failed:not_found 4:flattred:" ] ||
        fail "$1: $ends; $(store 'SELECT entry, at, what, state, reason, answer FROM event')"
}

# four_paid_once_in_each COUNT: in each of so many lives the server accepted four links, each of them once.
four_paid_once_in_each() {
    control GET flattrs | jq -e --argjson count "$1" 'all(.accepted == 1) and
        (group_by(.url | split("/")[2]) | length == $count and all((map(.url) | unique | length) == 4 and length == 4))'
}
