#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How fast the queue is with a million entries in it, and how fast entries go out beside curl posting the same bodies one by
# one over one connection. PF_BENCH_ENTRIES says how many entries instead of 1000000. Exits with 1 when a target is missed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=bench.bash
. "$here/bench.bash"
# shellcheck source-path=SCRIPTDIR source=../e2e/torture.bash
. "$here/../e2e/torture.bash"

entries=${PF_BENCH_ENTRIES:-1000000}

# pages NAME COUNT: writes NAME.xml, a feed of that many episodes.
pages() {
    local links=() i
    for ((i = 1; i <= $2; i++)); do
        links+=("https://flattr.com/submit/auto?url=https%3A%2F%2F$1.example%2F$i&amp;user_id=ann")
    done
    feed "${links[@]}" >"$1.xml"
}

# Nine in ten entries are flattred, with their stories; one in ten is due.
fill() {
    "$PODFLATTR" status >/dev/null
    store "PRAGMA synchronous = OFF;
        BEGIN;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $entries)
        INSERT INTO entry (key, period, url, state, attempts, next_attempt, priority, feed, guid, title, source, created, updated,
            thing_id, thing_link, thing_title)
        SELECT 'https://podcast' || (i % 500) || '.example/episodes/' || i, '',
            'https://flattr.com/submit/auto?url=https%3A%2F%2Fpodcast' || (i % 500) || '.example%2Fepisodes%2F' || i || '&user_id=ann',
            iif(i % 10, 'flattred', 'queued'), i % 10 > 0, iif(i % 10, NULL, 1600000000 + i), i % 2,
            'https://podcast' || (i % 500) || '.example/feed.xml', 'urn:episode:' || i, 'Episode ' || i || ' of a podcast', 'scan',
            1500000000 + i, 1600000000 + i, iif(i % 10, i, NULL), iif(i % 10, 'https://flattr.com/t/' || i, NULL),
            iif(i % 10, 'Episode ' || i || ' of a podcast', NULL) FROM n;
        INSERT INTO event (entry, at, what, state) SELECT id, created, 'added', 'queued' FROM entry;
        INSERT INTO event (entry, at, what, state) SELECT id, created, 'sending', 'sending' FROM entry WHERE state = 'flattred';
        INSERT INTO event (entry, at, what, state, answer)
        SELECT id, updated, 'answer', 'flattred', 'done: 200' FROM entry WHERE state = 'flattred';
        COMMIT;
        PRAGMA wal_checkpoint(TRUNCATE);" >fill.log
}

# requests_of NAME COUNT: writes NAME.curl, the requests that podflattr makes of NAME.xml, for curl -K.
requests_of() {
    local i
    for ((i = 1; i <= $2; i++)); do
        [ "$i" -eq 1 ] || echo next
        printf 'url = "%s/flattr"\noutput = "/dev/null"\nsilent\nfail\nheader = "Authorization: Bearer %s"\n' "$api" "$PODFLATTR_TOKEN"
        printf 'header = "Content-Type: application/json"\nheader = "Accept: application/json"\n'
        printf 'data = "{\\"url\\":\\"https://flattr.com/submit/auto?url=https%%3A%%2F%%2F%s.example%%2F%s&user_id=ann\\"}"\n' "$1" "$i"
    done >"$1.curl"
}

accepted_of() {
    control GET flattrs | jq --arg prefix "https://$1.example/" 'map(select(.url | startswith($prefix))) | length'
}

echo "making $entries entries …"
fill
head_row "$entries entries"
times=()
for name in first second third; do
    pages "$name" 1000
    times+=("$(stopwatch "$PODFLATTR" -q scan --submit "$name.xml")")
done
row 'adding 1,000 in one scan --submit' "$(median "${times[@]}")" s '<' 1
row 'the next due entry found and taken (median of 2,000)' \
    "$("$PF_BUILD/tests/bench/bench_queue" "$PODFLATTR_STATE_DIR" 2000 | awk '{ printf "%.3f", $1 / 1000 }')" ms '<' 1
times=()
for _ in 1 2 3 4 5 6 7; do
    times+=("$(stopwatch "$PODFLATTR" status)")
done
row 'status (the whole program, median of 7)' "$(median "${times[@]}" | awk '{ printf "%.1f", $1 * 1000 }')" ms '<' 50
store 'PRAGMA wal_checkpoint(TRUNCATE)' >fill.log
row 'size of the database' "$(stat -c %s "$PODFLATTR_STATE_DIR/queue.db" | awk '{ printf "%.0f", $1 / 1e6 }')" MB '<' 600

# What was due has served; what follows is sent beside a million entries all the same.
store "UPDATE entry SET state = 'dropped' WHERE state = 'queued'"
sandbox_start --means 1000000 --rate-limit 1000000
ratios=()
for pair in one two three; do
    pages "ours$pair" 2000
    requests_of "curl$pair" 2000
    "$PODFLATTR" -q scan --submit "ours$pair.xml" >submit.log
    theirs=$(stopwatch curl -K "curl$pair.curl")
    ours=$(stopwatch "$PODFLATTR" send)
    [ "$(accepted_of "ours$pair") $(accepted_of "curl$pair")" = '2000 2000' ] || fail "not all were accepted"
    ratios+=("$(ratio "$theirs" "$ours")")
    plain_row 'sending 2,000: podflattr' "$(awk -v s="$ours" 'BEGIN { printf "%.0f", 2000 / s }')" 1/s
    plain_row '               curl' "$(awk -v s="$theirs" 'BEGIN { printf "%.0f", 2000 / s }')" 1/s
done
row "rate of podflattr to curl's (median of 3 pairs)" "$(median "${ratios[@]}")" '' '>=' 0.5
exit "$missed"
