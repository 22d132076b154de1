#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The ledger: what came and cannot be flattred is owed, and podflattr is at home without any server.

bats_require_minimum_version 1.5.0
load helper
load daemon

guid=917393e3-1b1e-5cef-ace4-edaa54e1f810
auto='https://flattr.com/submit/auto?user_id=maker&amp;url=https%3A%2F%2Flinked.example%2F'

# show_write NAME LAST [LINK]: writes web/NAME.xml with the episodes 1 to LAST, each with that payment link.
show_write() {
    mkdir -p web
    {
        printf '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>The %s show</title><podcast:guid>%s</podcast:guid>\n' "$1" "$guid"
        local n
        for ((n = 1; n <= $2; n++)); do
            printf '<item><title>Episode %s</title><guid>tag:%s.example,2026:%s</guid><itunes:duration>10:00</itunes:duration>' "$n" "$1" "$n"
            printf '<enclosure url="%s/%s-ep%s.mp3" type="audio/mpeg" length="4170"/>' "$web" "$1" "$n"
            [ -z "${3-}" ] || printf '<atom:link rel="payment" href="%s%s"/>' "$3" "$n"
            printf '</item>\n'
        done
        printf '</channel></rss>\n'
    } >"web/$1.xml"
}

# entries FILTER: of the queue, as jq makes them of each entry, sorted: feeds answer in any order.
entries() {
    "$PODFLATTR" queue --format=json | jq -r "$1" | sort | tr '\n' ' '
}

entries_are() {
    is "$(entries "$1")" "$2 "
}

@test "without a server, episodes are owed, and every command works" {
    unset PODFLATTR_API
    web_start
    show_write linked 2 "$auto"
    show_write bare 1
    watch_configured "$web/linked.xml" "$web/bare.xml"
    for file in linked-ep1 linked-ep2 bare-ep1 linked-ep1; do
        "$PODFLATTR" hook --feed "$web/${file%-*}.xml" --guid "tag:${file%-*}.example,2026:${file: -1}" "/pods/$file.mp3"
    done
    run "$PODFLATTR" send
    exits 0
    [[ $output == *"no server is configured"*"3 episodes are owed"*"podflattr report"* ]]
    entries_are '"\(.show_title)/\(.title)/\(.state)/\(.reason)/\(.show)"' \
        "The bare show/Episode 1/owed/no_link/$guid The linked show/Episode 1/owed/no_server/$guid The linked show/Episode 2/owed/no_server/$guid"
    "$PODFLATTR" queue show 3 --format=json | jq -e '.seconds == 600 and .heard == 0'
    run "$PODFLATTR" doctor
    exits 0
    [[ $output != *warn* && $output != *FAIL* && $output == *"server"*"none, so nothing is sent"* ]]
    status_is '[.server, .queue.owed, .next] | @csv' ',3,'
    run "$PODFLATTR" status
    exits 0
    [[ $output == *"server      none"*"3 owed"* ]]
    for command in login logout whoami 'api user'; do
        # shellcheck disable=SC2086 # words
        run "$PODFLATTR" $command
        exits 78
        [[ $output == *"needs a server"*"none is configured"*"[flattr] of $PODFLATTR_CONFIG"* ]]
    done
    run -0 "$PODFLATTR" login --help
    run -0 "$PODFLATTR" -q queue --state owed
    is "${#lines[@]}" 4
}

# one_guid_write N: writes web/same.xml with N episodes, newest first, of one GUID.
one_guid_write() {
    show_write same "$1"
    sed -i -E 's|<guid>[^<]*:([0-9]+)</guid>|<guid>same</guid><pubDate>0\1 Mar 2026 10:00:00 GMT</pubDate>|' web/same.xml
    { sed -n 1p web/same.xml && grep '^<item>' web/same.xml | tac && tail -n 1 web/same.xml; } >same.new
    mv same.new web/same.xml
}

@test "a feed that gives every item one GUID: each episode counts once, by its enclosure" {
    unset PODFLATTR_API
    web_start
    one_guid_write 4
    watch_configured "$web/same.xml"
    # An address may differ in its query from the feed's.
    for file in ep3.mp3 ep1.mp3 'ep4.mp3?from=x' ep2.mp3 ep3.mp3; do
        "$PODFLATTR" hook --feed "$web/same.xml" --guid same --enclosure "$web/same-$file" "/pods/${file%%.*}/file.mp3"
    done
    run "$PODFLATTR" send
    exits 0
    entries_are '"\(.title)/\(.state)"' 'Episode 1/owed Episode 2/owed Episode 3/owed Episode 4/owed'
    # The next one takes the GUID from the one that had it.
    one_guid_write 5
    touch -d tomorrow web/same.xml # or the web server says that it has not changed within this second
    export PODFLATTR_CLOCK_OFFSET=86400
    for n in 4 5 1; do
        "$PODFLATTR" hook --feed "$web/same.xml" --guid same --enclosure "$web/same-ep$n.mp3" "/pods/$n/again.mp3"
    done
    run "$PODFLATTR" send
    exits 0
    entries_are '"\(.title)/\(.state)"' 'Episode 1/owed Episode 2/owed Episode 3/owed Episode 4/owed Episode 5/owed'
}

@test "a server or a link that comes later sends nothing from before" {
    unset PODFLATTR_API
    web_start
    show_write linked 1 "$auto"
    show_write bare 1
    mkdir pods
    "$PODFLATTR" hook --feed "$web/linked.xml" --guid tag:linked.example,2026:1 pods/l1.mp3
    "$PODFLATTR" hook --feed "$web/bare.xml" --guid tag:bare.example,2026:1 pods/b1.mp3
    "$PODFLATTR" send
    sandbox_start
    show_write bare 1 "$auto"
    PODFLATTR_CLOCK_OFFSET=90000 "$PODFLATTR" hook --feed "$web/bare.xml" --guid tag:bare.example,2026:1 pods/again.mp3
    PODFLATTR_CLOCK_OFFSET=90000 "$PODFLATTR" hook --feed "$web/linked.xml" --guid tag:linked.example,2026:1 pods/again2.mp3
    PODFLATTR_CLOCK_OFFSET=90000 "$PODFLATTR" send
    run "$PODFLATTR" scan --send "$web/bare.xml" "$web/linked.xml"
    exits 0
    is "$(requests 'POST /flattr')" 0
    entries_are .state 'owed owed'
    run "$PODFLATTR" queue retry 1
    exits 65
    [[ $output == *"is owed: there is nothing to send for it"* ]]
}

@test "the service without a server sends nothing, until one is configured" {
    web_start
    show_write linked 3 "$auto"
    watch_configured "$web/linked.xml"
    sandbox_start
    local server=$PODFLATTR_API
    unset PODFLATTR_API
    daemon_start
    wait_for 20 known_feeds_are 1
    download pods linked-ep1.mp3
    wait_for 20 entries_are .state owed
    grep -q 'owed #1, no_server: linked-ep1.mp3' daemon.log
    printf '[flattr]\napi = %s\n' "$server" >>"$PODFLATTR_CONFIG"
    kill -HUP "$daemon_pid"
    wait_for 20 grep -q 'configuration reloaded' daemon.log
    download pods linked-ep2.mp3
    wait_for 20 entries_are .state 'flattred owed'
    is "$(flattred)" 1
    # And none again.
    sed -i 's|^api = .*|api = none|' "$PODFLATTR_CONFIG"
    kill -HUP "$daemon_pid"
    reloaded_twice() { is "$(grep -c 'configuration reloaded' daemon.log)" 2; }
    wait_for 20 reloaded_twice
    download pods linked-ep3.mp3
    wait_for 20 entries_are .state 'flattred owed owed'
    is "$(flattred)" 1
    daemon_stop
}

@test "what is queued by hand without a server waits for one, and says so" {
    unset PODFLATTR_API
    web_start
    show_write linked 2 "$auto"
    show_write bare 1
    run "$PODFLATTR" add 'https://flattr.com/submit/auto?user_id=maker&url=https://linked.example/9'
    exits 0
    [[ $output == *"no server is configured"* ]]
    # An episode that was only read of is owed nothing.
    run "$PODFLATTR" scan --submit --limit 1 "$web/linked.xml" "$web/bare.xml"
    exits 0
    [[ $output == *"it waits for a server, and none is configured"* ]]
    entries_are .state 'queued queued'
    run "$PODFLATTR" send
    exits 75
    [[ $output == *"2 waiting for a server"* ]]
    sandbox_start
    run -0 "$PODFLATTR" send
    is "$(flattred)" 2
}

@test "a held episode is owed when its delay ends or the user releases it, and not when dropped" {
    unset PODFLATTR_API
    web_start
    show_write bare 3
    configure '[policy]' 'delay = 1h'
    for n in 1 2 3; do
        "$PODFLATTR" hook --feed "$web/bare.xml" --guid "tag:bare.example,2026:$n" "/pods/$n.mp3"
    done
    run "$PODFLATTR" send
    exits 0
    entries_are '"\(.state)/\(.reason)"' 'held/delay held/delay held/delay'
    "$PODFLATTR" queue release 1
    "$PODFLATTR" queue drop 3
    entries_are '"\(.state)/\(.reason)"' 'dropped/user held/delay owed/no_link'
    export PODFLATTR_CLOCK_OFFSET=3700
    entries_are '"\(.state)/\(.reason)"' 'dropped/user owed/no_link owed/no_link'
}

@test "the ledger is exported, imported and salvaged with the queue" {
    unset PODFLATTR_API
    web_start
    show_write bare 3
    "$PODFLATTR" hook --event played --progress 90 --feed "$web/bare.xml" --guid tag:bare.example,2026:1 /pods/1.mp3
    "$PODFLATTR" hook --feed "$web/bare.xml" --guid tag:bare.example,2026:2 /pods/2.mp3
    "$PODFLATTR" send
    "$PODFLATTR" queue export >exported
    "$PODFLATTR" --state-dir elsewhere queue import exported
    "$PODFLATTR" --state-dir elsewhere queue import exported | grep -q '0 added, 0 updated, 2 already known'
    "$PODFLATTR" --state-dir elsewhere queue export | jq -c 'del(.events)' >imported
    jq -c 'del(.events)' exported | diff - imported
    jq -se '.[0] | .owed == "no_link" and .url == null and .seconds == 600 and .heard == 540' imported
    for bad in '.owed = null' '.owed = "why"' '.state = "queued"' '.url = null | .owed = "no_server"'; do
        jq -c "$bad" exported >wrong
        run "$PODFLATTR" queue import wrong
        exits 65
    done
    python3 - <<'END'
import sqlite3
database = sqlite3.connect("state/queue.db")
database.execute("PRAGMA writable_schema = ON")
database.execute("UPDATE sqlite_schema SET sql = replace(sql, 'entry_state', 'entry_other') WHERE name = 'entry_state'")
database.commit()
END
    run ! "$PODFLATTR" doctor
    run "$PODFLATTR" doctor --repair
    [[ $output == *"all 2 entries were recovered"* ]]
    "$PODFLATTR" queue export | jq -c 'del(.events)' | diff - imported
}
