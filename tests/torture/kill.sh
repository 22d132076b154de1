#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/torture/kill.sh KILLS ENTRIES [SEED]: podflattr is killed so many times, at moments drawn by lot, while so many entries
# are queued and sent; answers are slow, and some get lost. In the end each link must have been accepted exactly once.
# Draws the same moments for the same seed. Wants the environment that `make check` and `make torture` give.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../e2e/helper.bash
. "$here/../e2e/helper.bash"
# shellcheck source-path=SCRIPTDIR source=../e2e/torture.bash
. "$here/../e2e/torture.bash"

[ $# -ge 2 ] || {
    echo "usage: $0 KILLS ENTRIES [SEED]" >&2
    exit 64
}
kills=$1
entries=$2
seed=${3-$((($(date +%s) ^ $$) & 32767))}
RANDOM=$seed
portions=20
echo "kill: $kills kills, $entries entries, seed $seed"

BATS_TEST_TMPDIR=$(mktemp -d)
scratch_setup
trap 'scratch_teardown; rm -rf "$BATS_TEST_TMPDIR"' EXIT
sandbox_start_at '10 12:00'

# The entries come in portions, so that there is something to queue and to send until the last kill.
for ((portion = 0; portion < portions; portion++)); do
    links=()
    for ((i = portion; i < entries; i += portions)); do
        links+=("$(link "kill.example/$i")")
    done
    feed ${links[@]+"${links[@]}"} >"feed$portion.xml"
done

# What the server does, again and again: it takes its time, and now and then its answer gets lost on the way.
spoil() {
    {
        fault /flattr delay 23 '"seconds":0.03'
        fault /flattr lost-reply 1
        fault /flattr delay 17 '"seconds":0.03'
        fault /flattr status 1 '"status":502'
    } >faults.log
}

# How long the program takes to do nothing: kills come between its start and some times that.
start=$EPOCHREALTIME
"$PODFLATTR" status >/dev/null
stop=$EPOCHREALTIME
span=$(((${stop/[.,]/} - ${start/[.,]/}) * 3))
((span >= 40000)) || span=40000

killed=0
for ((runs = 0; killed < kills && runs < 10 * kills; runs++)); do
    ((runs % 10 != 0)) || spoil
    ((runs % 5 != 0)) || later 300
    microseconds=$((((RANDOM << 15) | RANDOM) % span + 1000))
    printf -v moment '0.%06d' "$microseconds"
    status=0
    { timeout --signal=KILL "$moment" "$PODFLATTR" -q scan --send "feed$((killed * portions / kills)).xml" >run.log 2>&1; } \
        2>bash.log || status=$?
    case $status in
    137) killed=$((killed + 1)) ;;
    0 | 75) ;;
    *) fail "run $runs ended with $status: $(cat run.log)" ;;
    esac
done
((killed == kills)) || fail "only $killed of $kills kills met a running program"

"$PODFLATTR" -q scan --submit feed*.xml >run.log 2>&1 || fail "$(cat run.log)"
control DELETE faults >faults.log
sent_under_fire=$(control GET flattrs | jq length)
drain "$PODFLATTR"
store_is_sound
paid_once https://kill.example/ "$entries"
[ "$(store "SELECT state, count(*) FROM entry GROUP BY state")" = "flattred|$entries" ] ||
    fail "$(store 'SELECT state, reason, count(*) FROM entry GROUP BY state, reason')"
echo "kill: ok: $killed kills in $((runs)) runs; $sent_under_fire of $entries were accepted meanwhile," \
    "$(store "SELECT count(*) FROM event WHERE what = 'interrupted'") interrupted, $(store \
        "SELECT count(*) FROM event WHERE what = 'asked'") asked about, every link accepted exactly once"
