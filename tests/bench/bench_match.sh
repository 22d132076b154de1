#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How fast known items are written, and how fast the item of a file is found among them, in time of the processor.
# PF_BENCH_ENTRIES says how many items instead of 1000000. Exits with 1 when a target is missed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=bench.bash
. "$here/bench.bash"

entries=${PF_BENCH_ENTRIES:-1000000}
head_row "$entries known items"
# In memory where there is room: a feed is flushed to disk twice, and 20,000 flushes take minutes.
folder=$PWD/feeds
if [ -w /dev/shm ] && (($(df --output=avail -k /dev/shm | tail -n 1) > entries * 2)); then
    folder=$(mktemp -d /dev/shm/podflattr.XXXXXX)
    trap 'scratch_teardown; rm -rf "$BATS_TEST_TMPDIR" "$folder"' EXIT
fi
found=$("$PF_BUILD/tests/bench/bench_match" "$folder" "$((entries / 100))" 2000)
read -r written bytes median <<<"$found"
row 'known items written' "$written" '1/s' '>=' 1000
row 'size of the feed store, an item' "$bytes" B '<' 600
row "a file's item found (median of 2,000)" "$(awk -v us="$median" 'BEGIN { printf "%.3f", us / 1000 }')" ms '<' 1
exit "$missed"
