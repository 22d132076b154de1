# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Hours, days and the turn of a month, in seconds: the clocks of podflattr and of the sandbox run many times as fast; loaded
# after helper, torture, daemon and masses.

# fast_clock RATE DATE: all programs that are started from now on live at that date, and their clock runs RATE times as
# fast as the real one.
fast_clock() {
    rate=$1
    since=$(date +%s)
    export PODFLATTR_CLOCK_RATE=$rate@$since
    export PODFLATTR_CLOCK_OFFSET=$(($(date -u -d "$2" +%s) - since))
}

# now: the time by that clock, seconds since the epoch.
now() {
    echo $((since + PODFLATTR_CLOCK_OFFSET + ($(date +%s) - since) * rate))
}

live() {
    scratch_setup
    fast_clock "$@"
    sandbox_start --means 1000000 --rate-limit 1000000
    web_start
}

# asked NAME [STATUS]: how often the web server was asked for a feed, and has answered so.
asked() {
    grep -c "GET /$1.xml HTTP/[0-9.]*\" ${2-}" web.log || true
}

asked_at_least() {
    [ "$(asked "$1")" -ge "$2" ]
}

# not_asked_more NAME MOST ELAPSED: a failing test says how long it took.
not_asked_more() {
    [ "$(asked "$1")" -le "$2" ] || fail "$1 was asked for $(asked "$1") times in $3 s, $2 at most were due: $(cat web.log)"
}
