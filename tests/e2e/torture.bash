# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests that torture the queue share; loaded after helper.bash. They move the clock, of podflattr and of the sandbox
# alike, and begin in the middle of a month, so that nothing turns on the day on which they run.

# sandbox_start_at DATE-TIME [ARGUMENT ...]: starts a sandbox without a limit of means and requests; both clocks begin at that
# moment of the present month, such as "10 12:00". Sets base_offset, by which they are moved then.
sandbox_start_at() {
    base_offset=$(($(date -u -d "$(date -u +%Y-%m)-$1" +%s) - $(date +%s)))
    sandbox_start --means 1000000 --rate-limit 1000000 "${@:2}"
    export PODFLATTR_CLOCK_OFFSET=$base_offset
    set_sandbox_clock
}

set_sandbox_clock() {
    control POST clock "{\"offset\":$PODFLATTR_CLOCK_OFFSET}" >clock.log
}

# later SECONDS: moves both clocks.
later() {
    PODFLATTR_CLOCK_OFFSET=$((PODFLATTR_CLOCK_OFFSET + $1))
    set_sandbox_clock
}

# link PAGE [USER]: an auto-submit link to https://PAGE.
link() {
    printf 'https://flattr.com/submit/auto?url=https%%3A%%2F%%2F%s&amp;user_id=%s' "${1//\//%2F}" "${2-ann}"
}

# feed LINK ...: prints a feed with an episode for each link.
feed() {
    local number=0
    echo '<rss version="2.0" xmlns:p="http://www.w3.org/2005/Atom"><channel><title>Feed</title>'
    for link in "$@"; do
        number=$((number + 1))
        echo "<item><title>Episode $number</title><guid>$link</guid><p:link rel='payment' href='$link'/></item>"
    done
    echo '</channel></rss>'
}

# store SQL: asks the queue's database; one line a row, columns between bars.
store() {
    sqlite3 -batch "$PODFLATTR_STATE_DIR/queue.db" "$1"
}

# drain PROGRAM: sends till nothing waits, hours passing between the runs. Fails when something still waits after four days.
drain() {
    local runs status
    for ((runs = 0; runs < 12; runs++)); do
        status=0
        "$1" -q send >>drain.log 2>&1 || status=$?
        [ "$status" -ne 0 ] || return 0
        [ "$status" -eq 75 ] || fail "send ended with $status: $(tail -n 5 drain.log)"
        later $((8 * 3600))
    done
    fail "entries still wait: $(store 'SELECT id, state, reason, next_attempt, doubt FROM entry')"
}

# store_is_sound: the database is whole, its tally is that of its entries, and nobody is left `sending`.
store_is_sound() {
    local found
    found=$(store "PRAGMA integrity_check; PRAGMA foreign_key_check;
        SELECT 'tally', t.state, t.entries FROM tally t
        WHERE t.entries <> (SELECT count(*) FROM entry e WHERE e.state = t.state);
        SELECT 'sending', id FROM entry WHERE state = 'sending';
        SELECT 'no story', id FROM entry WHERE id NOT IN (SELECT entry FROM event)")
    [ "$found" = ok ] || fail "the store: $found"
}

# paid_once PREFIX COUNT: the server accepted so many links that begin with PREFIX, each of them exactly once.
paid_once() {
    local counts
    counts=$(control GET flattrs | jq -c --arg prefix "$1" \
        'map(select(.url | startswith($prefix))) | [length, (map(.url) | unique | length), all(.accepted == 1)]')
    [ "$counts" = "[$2,$2,true]" ] || fail "accepted by the server: $counts instead of [$2,$2,true]"
}
