#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How fast a month's report is over a ledger of 100,000 episodes of 2,000 shows in 36 months, in each of its forms, and what
# memory it takes. The best of five runs counts. Exits with 1 when a target is missed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=bench.bash
. "$here/bench.bash"
# shellcheck source-path=SCRIPTDIR source=../e2e/torture.bash
. "$here/../e2e/torture.bash"

entries=100000
shows=2000
end=$(date -d 2026-12-01T00:00:00Z +%s)
start=$(date -d 2023-12-01T00:00:00Z +%s)

"$PODFLATTR" status >/dev/null
store "PRAGMA synchronous = OFF;
    BEGIN;
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $entries)
    INSERT INTO entry (key, state, reason, owed, priority, feed, guid, title, file, source, created, updated, show, show_title, seconds)
    SELECT 'owed:' || i, 'owed', 'no_link', 'no_link', 1, 'https://podcast' || (i * 7 % $shows) || '.example/feed.xml',
        'urn:episode:' || i, 'Episode ' || i || ' of a podcast', '/home/ann/Podcasts/' || (i * 7 % $shows) || '/' || i || '.mp3',
        'watch', $start + i * ($end - $start) / $entries, $start + i * ($end - $start) / $entries,
        'podcast' || (i * 7 % $shows) || '.example/feed.xml', 'Podcast ' || (i * 7 % $shows), 600 + i % 5000 FROM n;
    COMMIT;
    PRAGMA wal_checkpoint(TRUNCATE);" >fill.log

# best FORMAT: the shortest of five runs, in seconds.
best() {
    for _ in 1 2 3 4 5; do
        stopwatch "$PODFLATTR" report --month 2026-11 --budget 100EUR --format "$1"
        echo
    done | sort -g | head -n 1
}

# memory FORMAT: the most that it takes, in MiB.
memory() {
    python3 - "$PODFLATTR" report --month 2026-11 --budget 100EUR --format "$1" <<'END'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print("%.1f" % (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
END
}

head_row "report over $entries episodes of $shows shows in 36 months"
for format in text html json csv; do
    row "$format" "$(best "$format")" s '<' 0.5
    row "$format, memory" "$(memory "$format")" MiB '<' 64
done
exit "$missed"
