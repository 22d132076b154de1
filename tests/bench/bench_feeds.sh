#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How fast feeds are read, beside xmllint, and in how much memory; and how fast many are fetched, beside curl.
# BENCH_MEGABYTES (50) says how big the feed is that is read, BENCH_FETCHED (1000) how many are fetched. Exits with 1 when
# a target is missed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=bench.bash
. "$here/bench.bash"

megabytes=${BENCH_MEGABYTES:-50}
fetched=${BENCH_FETCHED:-1000}
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

head_row feeds
measure parse "$megabytes"
plain_row "a feed of $megabytes MB read" "${figure[rate]}" MB/s
if [ "${figure[ratio]-}" ]; then
    row "rate of podflattr scan to that of xmllint --sax (median of 3)" "${figure[ratio]}" '' '>=' 0.5
else
    skip 'the rate of xmllint --sax' 'xmllint is missing'
fi
row '          peak memory' "${figure[memory]}" MiB '<' 24
measure fetch "$fetched"
plain_row "$fetched feeds fetched: podflattr scan" "${figure[seconds]}" s
plain_row '                     xargs -P 16 curl' "${figure[curl]}" s
row "rate of podflattr to curl's (median of 3 pairs)" "${figure[ratio]}" '' '>=' 0.8
measure refresh "$fetched"
plain_row "$fetched feeds fetched by the service: at first" "${figure[first]}" s
plain_row '                                     once more' "${figure[second]}" s
row '                                     unchanged then (304)' "${figure[unchanged]}" '' '>=' "$fetched"
exit "$missed"
