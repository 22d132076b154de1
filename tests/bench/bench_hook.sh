#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long a podcatcher waits for its hook, the whole program, 200 times. Exits with 1 when a target is missed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=bench.bash
. "$here/bench.bash"

times=()
for ((i = 1; i <= 200; i++)); do
    : >"$i.mp3"
    start=${EPOCHREALTIME/[.,]/}
    "$PODFLATTR" -q hook --feed http://127.0.0.1:9/feed.xml --guid "$i" --title "Episode $i" "$i.mp3"
    times+=("$((${EPOCHREALTIME/[.,]/} - start))")
done
# Half of it and more is the linking of libcurl's and GIO's libraries, which a hook needs little of.
head_row 'a hook'
row 'the whole program (median of 200)' "$(median "${times[@]}" | awk '{ printf "%.1f", $1 / 1000 }')" ms '<' 10
plain_row '                  (worst of 200)' "$(printf '%s\n' "${times[@]}" | sort -g | awk 'END { printf "%.1f", $1 / 1000 }')" ms
exit "$missed"
