# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the measurements share. Each is a program that sources this file, and then is in a scratch folder that goes with it.

# shellcheck source-path=SCRIPTDIR source=../e2e/helper.bash
. "$here/../e2e/helper.bash"

missed=0
umask 077
BATS_TEST_TMPDIR=$(mktemp -d)
scratch_setup
trap 'scratch_teardown; rm -rf "$BATS_TEST_TMPDIR"' EXIT

# head_row TEXT: prints the table's head.
head_row() {
    printf '%-62s %10s %-6s %2s %-6s\n' "$1" measured unit '' target
}

# row WHAT FIGURE UNIT RELATION TARGET: prints a row of the table. RELATION is < or >=.
row() {
    local verdict
    verdict=$(awk -v a="$2" -v relation="$4" -v b="$5" 'BEGIN { print (relation == "<" ? a < b : a >= b) ? "ok" : "MISSED" }')
    # shellcheck disable=SC2034 # it is the exit status of who sources this
    [ "$verdict" = ok ] || missed=1
    printf '%-62s %10s %-6s %2s %-6s %s\n' "$1" "$2" "$3" "$4" "$5" "$verdict"
}

# plain_row WHAT FIGURE UNIT: prints a row without a target.
plain_row() {
    printf '%-62s %10s %-6s\n' "$1" "$2" "$3"
}

# skip WHAT WHY: says that something was not measured.
skip() {
    printf '%-62s not measured: %s\n' "$1" "$2"
}

# stopwatch COMMAND ...: how long it takes, in seconds. Its output goes to the file stopwatch.log.
stopwatch() {
    local start=$EPOCHREALTIME
    "$@" >stopwatch.log 2>&1 || {
        cat stopwatch.log >&2
        return 1
    }
    local stop=$EPOCHREALTIME
    awk -v us="$((${stop/[.,]/} - ${start/[.,]/}))" 'BEGIN { printf "%.4f", us / 1000000 }'
}

# ratio A B: A divided by B.
ratio() {
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

median() {
    printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"
}
