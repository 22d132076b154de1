#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# When the service asks feeds, and how long it looks for an episode.
load helper
load torture
load daemon
load masses
load fast_clock

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

given_up() {
    [ "$(store "SELECT state || ' ' || reason FROM arrival")" = 'unmatched no_item' ] || grep -q 'no episode was found for a week' daemon.log
}

@test "the episode of a file is looked for for a week, and then left to the user" {
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
