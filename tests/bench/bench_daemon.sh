#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How soon the service flattrs a file that was finished, what it costs beside a pipeline of inotifywait, xmllint and curl,
# and what it costs while nothing happens. BENCH_FEEDS (10000) feeds are known, of BENCH_ITEMS (20) items; BENCH_FILES
# (500) are finished one after the other, BENCH_BURST (1000) at once; BENCH_IDLE (60) says for how many seconds nothing
# happens. Exits with 1 when a target is missed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=bench.bash
. "$here/bench.bash"

feeds=${BENCH_FEEDS:-10000}
items=${BENCH_ITEMS:-20}
burst=${BENCH_BURST:-1000}
declare -A figure

# measure ARGUMENT ...: runs bench_daemon.py with an empty queue; sets figure[NAME] for each line that it prints.
measure() {
    local name value
    rm -rf "$PODFLATTR_STATE_DIR"/queue.db* pods
    PYTHONDONTWRITEBYTECODE=1 python3 "$here/bench_daemon.py" "$@" >figures
    while read -r name value; do
        figure[$name]=$value
    done <figures
}

head_row "$feeds known feeds"
"$PF_BUILD/tests/bench/bench_known" "$PODFLATTR_STATE_DIR" "$feeds" "$items"
measure latency "${BENCH_FILES:-500}" "$feeds" "$items"
row 'file closed to POST received: median' "${figure[median]}" ms '<' 10
row '                              99th percentile' "${figure[percentile99]}" ms '<' 50
plain_row '                              worst' "${figure[worst]}" ms
measure cpu "$burst" "$feeds" "$items"
plain_row "computing time, a file of $burst at once: the service" "${figure[service]}" ms
if [ "${figure[ratio]-}" ]; then
    plain_row '               inotifywait, xmllint and curl' "${figure[pipeline]}" ms
    row "computing time of the pipeline to the service's" "${figure[ratio]}" '' '>=' 10
else
    skip 'computing time of a pipeline' 'inotifywait, xmllint or curl is missing'
fi
measure idle "${BENCH_IDLE:-60}"
row "wake-ups in ${BENCH_IDLE:-60} idle seconds" "${figure[wakeups]}" '' '<' 1
row 'private memory' "${figure[dirty]}" MiB '<' 12
# Pages of programs and libraries count as its own only until another program uses them too, and can be dropped at any time.
plain_row 'pages of files that no other program uses just now' "${figure[clean]}" MiB
exit "$missed"
