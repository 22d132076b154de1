#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# What the service does when the month turns, and when the server's limit of requests is reached.
load helper
load torture
load daemon
load masses
load fast_clock

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
    is "$("$PODFLATTR" -q status --format=json | jq -r ".gate.next_probe | fromdate >= $1")" true
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
    # The server has it before the answer is here.
    wait_for 20 entries_flattred_are 3
    first=$(store "SELECT max(at) FROM event WHERE state = 'flattred'")
    ((first >= turn && first < turn + 6 * 3600)) || fail "flattred $((first - turn)) s after the turn: $(store 'SELECT * FROM event')"
    wait_for 20 gate_is null
    download pods talk-ep3.mp3
    wait_for 20 flattred_is 4
    download pods talk-ep4.mp3
    wait_for 20 arrivals_matched 6
    daemon_stop
    is "$(control GET flattrs | jq -r '[.[].url] | sort | join(" ")')" \
        'https://show.example/1 https://show.example/2 https://talk.example/ https://talk.example/'
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

user_was_asked() { [ "$(requests 'GET /user')" -eq 1 ]; }

@test "asking whose token it is counts against the rate limit" {
    scratch_setup
    sandbox_start
    control PUT rate-limit '{"limit":2,"window":3600}'
    fault /user delay 1 '"seconds":2'
    web_start
    feed_write show 1 2
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 items_are 2
    download pods show-ep1.mp3
    wait_for 20 user_was_asked
    # While that is under way there would be one left, and afterwards there is none.
    download pods show-ep2.mp3
    wait_for 20 gate_is rate_limit
    wait_for 20 arrivals_matched 2
    daemon_stop
    is "$(store "SELECT count(*) FROM event WHERE answer LIKE '%rate%'")" 0
    control PUT rate-limit '{"limit":1000000,"window":3600}'
    is "$(requests 'POST /flattr')" 1
}
