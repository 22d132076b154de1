#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long a podcatcher waits for its hook, the whole program, 200 times. Exits with 1 when a target is missed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=bench.bash
. "$here/bench.bash"

times=()
nothing=()
for ((i = 1; i <= 200; i++)); do
    : >"$i.mp3"
    start=${EPOCHREALTIME/[.,]/}
    "$PODFLATTR" -q hook --feed http://127.0.0.1:9/feed.xml --guid "$i" --title "Episode $i" "$i.mp3"
    stop=${EPOCHREALTIME/[.,]/}
    /bin/true
    times+=("$((stop - start))")
    nothing+=("$((${EPOCHREALTIME/[.,]/} - stop))")
done
hook=$(median "${times[@]}")
head_row 'a hook'
row 'the whole program (median of 200)' "$(awk "BEGIN { printf \"%.1f\", $hook / 1000 }")" ms '<' 10
plain_row '                  (worst of 200)' "$(printf '%s\n' "${times[@]}" | sort -g | awk 'END { printf "%.1f", $1 / 1000 }')" ms
# What a busy or slow machine takes for any program is in the figures above.
plain_row 'beside a program that does nothing (/bin/true, medians)' "$(ratio "$hook" "$(median "${nothing[@]}")")" times
exit "$missed"
