#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make bench: measures podflattr against its targets, beside its peers where there are any; a line for each figure. The
# measurements are the files bench_NAME.sh beside this one, and BENCH="NAME ..." runs these alone; each says at its head
# what it measures and how it is set. Exits with 1 when a target is missed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
status=0
for name in ${BENCH:-queue report match daemon hook feeds}; do
    [ -x "$here/bench_$name.sh" ] || {
        echo "bench.sh: there is no measurement '$name'" >&2
        exit 64
    }
    printf -- '--- %s\n' "$name"
    "$here/bench_$name.sh" || status=1
done
exit "$status"
