#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How fast feeds are read, beside xmllint and Python's podcastparser, and in how much memory; and how fast many are fetched,
# beside curl. BENCH_MEGABYTES (50) says how big the feed is that is read, BENCH_FETCHED (2000) how many are fetched. Exits with 1 when
# a target is missed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=bench.bash
. "$here/bench.bash"

megabytes=${BENCH_MEGABYTES:-50}
fetched=${BENCH_FETCHED:-2000}
declare -A figure

# measure ARGUMENT ...: runs bench_feeds.py; sets figure[NAME] for each line that it prints.
measure() {
    local name value
    PYTHONDONTWRITEBYTECODE=1 python3 "$here/bench_feeds.py" "$@" >figures
    figure=()
    while read -r name value; do
        figure[$name]=$value
    done <figures
}

# peer NAME FIGURE TARGET: a row for the ratio to a peer that was there.
peer() {
    if [ "${2-}" ]; then
        row "          computing time to that of $1" "$2" '' '<' "$3"
    else
        skip "          computing time to that of $1" 'it is missing'
    fi
}

head_row feeds
measure parse "$megabytes"
plain_row "a feed of $megabytes MB, items of 2.6 KB, read" "${figure[rate]}" MB/s
peer 'xmllint --sax' "${figure[xmllint]-}" 2
peer podcastparser "${figure[podcastparser]-}" 0.2
row '          peak memory, more than for a feed of 10 KB' "${figure[memory]}" MiB '<' 4
row '          with links in its HTML too: not searched; ratio' "${figure[linked]}" '' '<' 1.2
plain_row '          with links in its HTML alone: searched; ratio' "${figure[searched]}" ''
measure fetch "$fetched"
plain_row "$fetched feeds fetched: podflattr scan" "${figure[seconds]}" s
plain_row '                     curl --parallel --parallel-max 16' "${figure[curl]}" s
row "          time to that of curl (median of 15 pairs)" "${figure[ratio]}" '' '<' 1.5
measure refresh "$fetched"
plain_row "$fetched feeds fetched by the service: at first" "${figure[first]}" s
plain_row '                                     once more' "${figure[second]}" s
row '                                     unchanged then (304)' "${figure[unchanged]}" '' '>=' "$fetched"
exit "$missed"
