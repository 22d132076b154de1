#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Hours, days and the turn of a month, in seconds: the service's clock and the sandbox's run many times as fast.
load helper
load torture
load daemon
load masses

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

@test "feeds are asked when they are due, with jitter, and only for what is new; one that fails is asked less and less" {
    local from elapsed tries=1 waited=0
    live 3600 '2027-03-10 00:00'
    feed_write show 1 3
    watch_configured "$web/show.xml" "$web/none.xml"
    sed -i 's/^\[feeds\]/&\nrefresh = 1h/' "$PODFLATTR_CONFIG"
    from=$(now)
    daemon_start
    wait_for 90 asked_at_least show 13
    daemon_stop
    elapsed=$(($(now) - from + rate))
    # The waits are nine tenths of an hour at least; what fails waits five minutes and then ever twice as long.
    not_asked_more show $((elapsed / 3240 + 1)) "$elapsed"
    [ "$(asked show 200)" -eq 1 ]
    [ "$(asked show 304)" -eq $(($(asked show) - 1)) ]
    while ((waited += 270 << (tries - 1), waited <= elapsed)); do tries=$((tries + 1)); done
    not_asked_more none "$tries" "$elapsed"
    [ "$(asked none)" -ge 2 ]
}

# channel_feed_write NAME LAST: a feed whose channel alone has a payment link.
channel_feed_write() {
    {
        printf '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>%s</title>\n' "$1"
        printf '<atom:link rel="payment" href="https://flattr.com/submit/auto?user_id=maker&amp;url=https%%3A%%2F%%2F%s.example%%2F"/>\n' "$1"
        seq "$2" | sed "s|.*|<item><title>&</title><guid>tag:$1:&</guid><enclosure url=\"$web/$1-ep&.mp3\" type=\"audio/mpeg\" length=\"4170\"/></item>|"
        printf '</channel></rss>\n'
    } >"web/$1.xml"
}

arrivals_matched() {
    [ "$(store "SELECT count(*) FROM arrival WHERE state = 'matched'")" = "$1" ]
}

probe_is_after() {
    [ "$("$PODFLATTR" -q status --format=json | jq -r ".gate.next_probe | fromdate >= $1")" = true ]
}

gate_is() {
    status_is .gate.reason "$1"
}

@test "the month turns: a channel is paid once in each, and used up means are tried again" {
    live 1440 '2027-03-31 12:00'
    control PUT means '{"user":"demo","means":2}'
    local turn first
    turn=$(date -u -d '2027-04-01 00:00' +%s)
    channel_feed_write talk 4
    feed_write show 1 2
    watch_configured "$web/talk.xml" "$web/show.xml"
    daemon_start
    wait_for 20 items_are 6
    download pods talk-ep1.mp3
    wait_for 20 flattred_is 1
    download pods talk-ep2.mp3
    wait_for 20 arrivals_matched 2
    download pods show-ep1.mp3
    wait_for 20 flattred_is 2
    download pods show-ep2.mp3
    wait_for 20 gate_is no_means
    # Once nothing is tried any more before the turn, the means may be there.
    wait_for 60 probe_is_after "$turn"
    [ "$(entries_flattred)" -eq 2 ]
    control PUT means '{"user":"demo","means":100}'
    wait_for 90 flattred_is 3
    first=$(store "SELECT max(at) FROM event WHERE state = 'flattred'")
    ((first >= turn && first < turn + 6 * 3600)) || fail "flattred $((first - turn)) s after the turn: $(store 'SELECT * FROM event')"
    wait_for 20 gate_is null
    download pods talk-ep3.mp3
    wait_for 20 flattred_is 4
    download pods talk-ep4.mp3
    wait_for 20 arrivals_matched 6
    daemon_stop
    [ "$(control GET flattrs | jq -r '[.[].url] | sort | join(" ")')" = \
        'https://show.example/1 https://show.example/2 https://talk.example/ https://talk.example/' ]
    # Four that went well; the others were probes, which come less and less often.
    [ "$(requests 'POST /flattr')" -le 24 ]
}

@test "a rate limit that is reached is waited for, and never run into" {
    live 1440 '2027-03-10 00:00'
    control PUT rate-limit '{"limit":6,"window":3600}'
    feed_write show 1 20
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 items_are 20
    for episode in $(seq 20); do
        download pods "show-ep$episode.mp3"
    done
    wait_for 90 entries_flattred_are 20
    daemon_stop
    [ "$(store "SELECT count(*) FROM event WHERE answer LIKE '%rate%' OR reason = 'rate_limit'")" -eq 0 ] ||
        fail "$(store 'SELECT * FROM event')"
    control PUT rate-limit '{"limit":1000000,"window":3600}'
    flattred_is 20
    [ "$(requests 'POST /flattr')" -eq 20 ]
}

given_up() {
    [ "$(store "SELECT state || ' ' || reason FROM arrival")" = 'unmatched no_item' ] || grep -q 'no episode was found for a week' daemon.log
}

@test "a file whose episode no feed knows is looked for for a week, and then left to the user" {
    local from elapsed
    live 43200 '2027-03-10 00:00'
    feed_write show 1 2
    watch_configured "$web/show.xml"
    from=$(now)
    daemon_start
    wait_for 20 items_are 2
    download pods unheard-of.mp3
    wait_for 20 status_is .queue.unmatched 1
    wait_for 90 given_up
    elapsed=$(($(now) - from + rate))
    [ "$elapsed" -ge $((7 * 86400)) ]
    run -0 "$PODFLATTR" queue --state unmatched --format=json
    [ "$(jq -r .state <<<"$output")" = unmatched ] || fail "$output"
    # Every six hours for news, and for the file at most every five minutes at first and twice a day later.
    not_asked_more show $((elapsed / 19440 + 40)) "$elapsed"
    run -0 "$PODFLATTR" queue match pods/unheard-of.mp3 tag:show,2026:1
    wait_for 20 flattred_is 1
    daemon_stop
}
