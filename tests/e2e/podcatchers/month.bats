#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# A month of real downloads, of shows that nobody can flattr: the statement has every one of them.
load ../helper
load ../podcatcher

# show NAME EPISODES CHANNEL [ITEM]: writes feed/NAME.xml, with elements in the channel or in each item that say how it can be paid.
show() {
    local number
    {
        printf '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:podcast="https://podcastindex.org/namespace/1.0">'
        printf '<channel><title>Show %s</title><link>https://%s.example/</link><description>d</description>%s\n' "$1" "$1" "$3"
        for ((number = 1; number <= $2; number++)); do
            printf '<item><title>%s, number %s</title><guid isPermaLink="false">tag:%s,%s</guid>' "$1" "$number" "$1" "$number"
            printf '<pubDate>%02d Jan 2027 10:00:00 GMT</pubDate><enclosure url="%s/%s-%s.mp3" length="4170" type="audio/mpeg"/>%s</item>\n' \
                "$number" "$feed_server" "$1" "$number" "${4-}"
            python3 -c 'import sys; open(sys.argv[1], "wb").write((b"\xff\xfb\x90\x64" + bytes(413)) * 10)' "feed/$1-$number.mp3"
        done
        printf '</channel></rss>\n'
    } >"feed/$1.xml"
}

# shows N: feeds of N episodes, and more of the first.
shows() {
    show funding $(($1 + 1)) '<podcast:funding url="https://opencollective.example/funding">Join in</podcast:funding>'
    show value "$1" '<podcast:value type="lightning" method="keysend"><podcast:valueRecipient name="Ann" type="lnaddress" address="ann@wallet.example" split="100"/></podcast:value>'
    show paypal "$1" '<atom:link rel="payment" href="https://www.paypal.me/paypalshow"/>'
    show episode "$1" '' '<podcast:funding url="https://opencollective.example/episode">For this one</podcast:funding>'
    show nothing "$1" ''
}

# day DAY: from now on podflattr takes it to be that day of January 2027, and time goes on from noon.
day() {
    PODFLATTR_CLOCK_OFFSET=$(($(date -u -d "2027-01-$1T12:00:00Z" +%s) - $(date +%s)))
    export PODFLATTR_CLOCK_OFFSET
}

# entries N: so many episodes are in the ledger.
entries() {
    "$PODFLATTR" -q send
    is "$("$PODFLATTR" -q queue --state owed --format=json | wc -l)" "$1"
}

@test "a month of gPodder's downloads is a statement with every show and its way to be paid, and adds up to the budget" {
    unset PODFLATTR_API
    export PODFLATTR
    printf '[flattr]\napi = none\n[report]\nbudget = 10EUR\nminimum = 1.00\n' >"$PODFLATTR_CONFIG"
    gpo_set_up
    feed_server_start
    shows 1
    printf '<opml version="2.0"><body>%s</body></opml>' \
        "$(for name in funding value paypal episode nothing; do
            printf '<outline type="rss" text="Show %s" xmlUrl="%s/%s.xml"/>' "$name" "$feed_server" "$name"
        done)" >shows.opml
    day 03
    gpo_run import shows.opml
    gpo_run update
    gpo_run download
    wait_for 30 entries 6
    shows 2
    day 20
    gpo_run update
    gpo_run download
    wait_for 30 entries 11
    run -0 --separate-stderr "$PODFLATTR" report --format=json
    is "$(jq -c '[.month, .episodes, (.shows | length)]' <<<"$output")" '["2027-01",11,5]'
    is "$(jq -r '.shows | sort_by(.title) | .[] | "\(.title | sub("Show "; "")): \(.episodes) \(.share) \(.ways[0].method) \(.ways[0].address)"' <<<"$output")" \
        'episode: 2 1.82 funding https://opencollective.example/episode
funding: 3 2.72 funding https://opencollective.example/funding
nothing: 2 1.82 page https://nothing.example/
paypal: 2 1.82 payment https://www.paypal.me/paypalshow
value: 2 1.82 lightning ann@wallet.example'
    is "$(jq '[.shows[].share | tonumber * 100 | round] | add' <<<"$output")" 1000
    # Without its feeds the statement is as it was, but for what they say.
    printf 'no database' >"$PODFLATTR_STATE_DIR/feeds.db"
    rm -f "$PODFLATTR_STATE_DIR"/feeds.db-*
    run -0 --separate-stderr "$PODFLATTR" report --format=json
    is "$(jq -c '[.episodes, (.shows | length), ([.shows[].ways[]] | length)]' <<<"$output")" '[11,5,0]'
    [[ $stderr == *'feeds.db cannot be used'*'starting a new one'* ]] || fail "$stderr"
}
